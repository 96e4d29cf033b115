"""Web pages, and the HTML of mails, cleaned."""
