"""Code that both services use."""
