"""Stand-ins and sample documents for `make demo` and the tests; no part of either service."""
