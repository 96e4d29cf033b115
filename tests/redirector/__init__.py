"""The redirector, from its rules to its pages."""
