"""Opening a document: fetch it, find or make its rendition, record the view, hand out a link."""
