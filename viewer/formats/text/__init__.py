"""Plain text, data and tables."""
