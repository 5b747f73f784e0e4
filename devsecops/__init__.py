"""devsecops: a security gate that cannot lie."""

__version__ = "0.1.0"
