"""The report writers."""
