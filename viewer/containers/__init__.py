"""What reads the parts of documents: one module a family, behind the `Container` of documents.py."""
