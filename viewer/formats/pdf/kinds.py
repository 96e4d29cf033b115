"""PDFs, by how they begin."""

from viewer.formats.document import Kind

PDF = Kind("pdf", "PDF", media_type="application/pdf")
HEADER = b"%PDF-"
HEADER_WITHIN = 1024
"""A PDF may start with junk of up to this length (ISO 32000, implementation note 13)."""
