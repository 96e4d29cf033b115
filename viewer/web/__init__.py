"""Everything that uses Flask: pages, the API, access control, and the display of problems."""
