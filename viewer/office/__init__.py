"""The client of the LibreOffice converters."""
