"""The table of kinds: one real sample of each, and what must be seen of it. A new kind gets a row."""
