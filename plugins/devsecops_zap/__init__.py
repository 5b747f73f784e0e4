"""ZAP: flaws of a running service."""
