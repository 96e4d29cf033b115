"""The shared package's tests."""
