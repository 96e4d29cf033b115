"""Adapters to the document systems; each implements `Source` of documents.py."""
