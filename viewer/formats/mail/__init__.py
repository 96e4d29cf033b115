"""E-mails: what is in one, whatever kind of file it came in."""
