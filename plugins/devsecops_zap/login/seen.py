"""Whether answers show that somebody is in: by the patterns of the login, in heads and bodies."""

from __future__ import annotations

import re
from collections.abc import Sequence

from devsecops_zap.asking import Answer
from devsecops_zap.config import Login

_MOST = 1 << 20


def shows_in(login: Login, answers: Sequence[Answer]) -> bool:
    """Return whether the answers, the last of them after its redirects, are those to who is logged in.

    Without `logged_in` it must hold nothing of `logged_out` and be no refusal.
    """
    if shows_out(login, answers):
        return False
    if login.logged_in is not None:
        return any(_holds(login.logged_in, answer) for answer in answers)
    return answers[-1].status < 300


def shows_out(login: Login, answers: Sequence[Answer]) -> bool:
    """Return whether one of the answers holds what only who is out gets to see."""
    pattern = login.logged_out
    return pattern is not None and any(_holds(pattern, answer) for answer in answers)


def _holds(pattern: str, answer: Answer) -> bool:
    look = re.compile(pattern)
    head = "\n".join(f"{name}: {value}" for name, value in answer.headers)
    return look.search(head) is not None or look.search(answer.text[:_MOST]) is not None
