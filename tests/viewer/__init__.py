"""The viewer's tests: each module holds the promises of the module of its name."""
