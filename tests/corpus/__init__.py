"""A run of any folder's files through the whole running stack."""
