"""Archives: zip, tar, gzip."""
