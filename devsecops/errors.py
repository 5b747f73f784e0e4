"""Errors that end a command with a documented exit code and one sentence that says what to do."""

from __future__ import annotations


class DevsecopsError(Exception):
    """Base; `exit_code` is what the command line returns for it."""

    exit_code = 4


class UsageError(DevsecopsError):
    """Usage or configuration is wrong: exit 2."""

    exit_code = 2


class IncompleteError(DevsecopsError):
    """The question could not be answered: exit 3."""

    exit_code = 3


class Interrupted(IncompleteError):  # noqa: N818
    """SIGINT or SIGTERM came: exit 3."""


class Plain(Exception):  # noqa: N818
    """Base of exceptions of plugins whose text is a sentence for the user."""
