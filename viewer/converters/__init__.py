"""Adapters that turn the bytes of some kinds into a PDF: `Converter` in documents.py."""
