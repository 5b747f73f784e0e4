"""Why bandit gave up on a file. Its report says only that it did; the file's bytes say why."""

from __future__ import annotations

import io
import re
import tokenize
from typing import Literal

Why = Literal["syntax-error", "recursion", "encoding", "unreadable", "tool-error"]

_SYNTAX = "syntax error while parsing AST from file"
_EXCEPTION = "exception while scanning file"
_DEEP = 90
"""Nesting, or links in one chain, from which on the failure is put down to bandit's recursion."""
_CHAIN = 250
_LARGE = 4 * 1024 * 1024

CRASH = re.compile(r"Bandit internal error running: (\w{1,80}) on file (\S{1,200}) at line (\d{1,9})")
"""What bandit logs, and nowhere else says, when one of its tests crashes at one node."""


def explain(reason: str, data: bytes | None, interpreter: str) -> tuple[Why, str]:
    """Return why bandit dropped a file with `reason`, and what to do about it. `data` is its content."""
    if data is None or reason not in (_SYNTAX, _EXCEPTION):
        return "unreadable", "bandit could not open the file"
    wrong = _encoding(data)
    if wrong:
        return "encoding", f"{wrong}; save it as UTF-8 or declare its encoding"
    if reason == _SYNTAX:
        return "syntax-error", f"it is not valid for the Python that runs bandit ({interpreter})"
    if _is_deep(data):
        return "recursion", "its code is nested or chained too deeply for bandit; break it up"
    return "tool-error", "bandit raised an exception on it"


def _encoding(data: bytes) -> str:
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "it is UTF-16"
    if b"\0" in data:
        return "it holds a NUL byte"
    try:
        name, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        data.decode(name)
    except (SyntaxError, UnicodeDecodeError, LookupError):
        return "its bytes do not fit its encoding"
    return ""


def _is_deep(data: bytes) -> bool:
    """Tell whether brackets or blocks nest deeply, or one statement chains many operators or branches."""
    if len(data) > _LARGE:
        return False
    depth = blocks = chain = branches = 0
    try:
        for token in tokenize.tokenize(io.BytesIO(data).readline):
            if token.type == tokenize.OP:
                depth += (token.string in "([{") - (token.string in ")]}")
                chain += token.string not in ",:;=()[]{}"
            elif token.type == tokenize.NEWLINE:
                depth = chain = 0
            elif token.type in (tokenize.INDENT, tokenize.DEDENT):
                blocks += 1 if token.type == tokenize.INDENT else -1
            elif token.type == tokenize.NAME and token.string == "elif":
                branches += 1
            if depth >= _DEEP or blocks >= _DEEP or chain >= _CHAIN or branches >= _CHAIN:
                return True
    except (tokenize.TokenError, SyntaxError, ValueError):
        return True  # it parsed for bandit; what even the tokenizer refuses is nested too deeply
    return False
