"""Everything that knows Flask: pages, API, who is let in, and how failures are told."""
