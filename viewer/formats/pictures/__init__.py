"""Pictures, scans and drawings."""
