"""Readers of manifests: from text to dependencies, each with its line."""
