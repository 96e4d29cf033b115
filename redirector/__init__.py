"""The redirector: takes the internal URL that Mosaic holds and sends the browser to the viewer."""
