"""The ledger: one row for each unit and each scanner that applies to it."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from devsecops.model import Cover


def ledger_bytes(rows: Iterable[Cover]) -> bytes:
    """Return the rows as JSON lines, sorted: the same rows give the same bytes."""
    lines = sorted(rows, key=lambda row: (row.unit.kind, row.unit.id, row.scanner or "", row.state, row.why))
    return b"".join(msgspec.json.encode(row, order="sorted") + b"\n" for row in lines)


def read_ledger(data: bytes) -> tuple[Cover, ...]:
    """Return the rows that `ledger_bytes` wrote.

    Raises:
        msgspec.DecodeError: a line is not a row.
    """
    return tuple(msgspec.json.decode(line, type=Cover) for line in data.splitlines())
