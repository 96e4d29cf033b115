"""Fuzzing of what looks at hostile bytes: `make fuzz`."""
