"""Documents with their fields as they were saved: the office would put today's date and its own file."""

from viewer.formats.office.saved_fields.document import Saved, as_saved

__all__ = ["Saved", "as_saved"]
