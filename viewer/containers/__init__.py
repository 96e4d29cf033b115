"""Adapters that read what is inside the documents of some kinds: `Container` in documents.py."""
