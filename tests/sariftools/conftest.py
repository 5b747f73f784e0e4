"""The installed program, as the end-to-end tests have it."""

from tests.e2e.conftest import program, tree

__all__ = ["program", "tree"]
