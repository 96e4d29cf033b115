"""The viewer: shows a document to the people who may see it, and records who saw what."""
