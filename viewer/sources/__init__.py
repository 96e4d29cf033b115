"""Adapters to the document systems: `Source` in documents.py."""
