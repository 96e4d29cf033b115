"""The redirector, which redirects the internal links of Mosaic to the viewer."""
