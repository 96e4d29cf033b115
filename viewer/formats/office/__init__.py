"""Office files: what they are, what to tell about them, and what LibreOffice made of them."""
