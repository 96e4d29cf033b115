"""Archives: their kinds by libmagic's name."""

from viewer.formats.document import Kind

ZIP = Kind("zip", "Archive (zip)")
TAR = Kind("tar", "Archive (tar)")
GZIP = Kind("gzip", "Compressed file (gzip)")
ARCHIVES = {"application/x-tar": TAR, "application/gzip": GZIP, "application/x-gzip": GZIP}
"""Those that are no zip."""
