"""The guard of the conversion tests."""

from tests.conversion.conftest import guard

__all__ = ["guard"]
