"""Archives that are no zip: their kinds by libmagic's name."""

from viewer.documents import Kind

TAR = Kind("tar", "Archive (tar)")
GZIP = Kind("gzip", "Compressed file (gzip)")
ARCHIVES = {"application/x-tar": TAR, "application/gzip": GZIP, "application/x-gzip": GZIP}
