"""Keeps fields as they were saved: LibreOffice would put in today's date and its own file name."""

from viewer.formats.office.saved_fields.document import SavedFields, keep_saved_fields

__all__ = ["SavedFields", "keep_saved_fields"]
