"""SARIF 2.1.0 at the edge: `write` makes it of a report, `read` makes findings of anybody's."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from devsecops.model import Kind, Report
    from devsecops.sarif.reader import SarifRun


def write(report: Report) -> bytes:
    """Return the report as SARIF 2.1.0, one run per scanner: the same findings give the same bytes."""
    from devsecops.sarif.writer import write as do

    return do(report)


def read(
    data: bytes, *, scanner: str = "", kind: Kind = "sast", root: str | None = None
) -> tuple[SarifRun, ...]:
    """Return what a SARIF 2.1.0 log says, one value per run. See `devsecops.sarif.reader.read`.

    Raises:
        ValueError: it is not SARIF 2.1.0, or holds something that may be a finding and cannot be read.
    """
    from devsecops.sarif.reader import read as do

    return do(data, scanner=scanner, kind=kind, root=root)
