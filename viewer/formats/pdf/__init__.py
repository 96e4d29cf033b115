"""PDF files: sound or damaged, and the files embedded in them."""
