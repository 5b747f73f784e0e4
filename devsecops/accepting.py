"""What stands beside a policy and accepts findings: waivers, and the inline marks that count under it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from devsecops.findings.marks import marked, trusted_marks
from devsecops.model import Finding, Reason
from devsecops.policy import Loaded
from devsecops.subject.since import Since, changes_to
from devsecops.waivers.apply import apply
from devsecops.waivers.file import read_waivers
from devsecops.waivers.model import Waived, Waiver


@dataclass(frozen=True, slots=True)
class Accepted:
    """`by` maps the id of a finding to the waiver or the mark that accepts it."""

    by: Mapping[str, str]
    waived: Mapping[str, Waived]
    notices: tuple[Reason, ...]
    """What is to be said about waivers."""


def waivers_beside(loaded: Loaded) -> tuple[Waiver, ...]:
    """Return the waivers that stand beside a policy. Raises UsageError: what is wrong in their file."""
    name = loaded.policy.waivers.file
    data = loaded.beside(name)
    return () if data is None else read_waivers(data, f"{name} beside {loaded.in_force.source}")


def accept(
    findings: Sequence[Finding],
    waivers: Sequence[Waiver],
    loaded: Loaded,
    *,
    head: str | None,
    root: Path,
    today: str,
    looked: Collection[str] | None,
) -> Accepted:
    """Return what accepts the findings of a tree.

    Args:
        findings: completed and named.
        waivers: those beside the policy.
        loaded: the policy that is in force.
        head: the commit that was judged; None when it was not a commit.
        root: of the repository that knows the commits.
        today: the UTC day that is judged, YYYY-MM-DD.
        looked: paths of the files that were looked at; None: all of them.
    """
    since = changes_to(root, head)
    applied = apply(
        waivers,
        findings,
        today=today,
        max_days=loaded.policy.waivers.max_days,
        warn_days=loaded.policy.waivers.warn_days,
        history=since,
        looked=looked,
    )
    names = {name: waived.waiver for name, waived in applied.by_finding.items()}
    return Accepted({**_marks(findings, loaded, since), **names}, applied.by_finding, applied.notices)


def _marks(findings: Sequence[Finding], loaded: Loaded, since: Since) -> dict[str, str]:
    """Return the inline marks that count: those of the tree that the policy was read from."""
    if not any(marked(finding) for finding in findings):
        return {}
    change = since(loaded.rev) if loaded.tree == "revision" and loaded.rev is not None else None
    forbidden = loaded.policy.waivers.forbid_marks
    return trusted_marks(findings, change, own=loaded.tree == "own", forbidden=forbidden)
