"""What a change does to the files that judge it: each is a finding, and has no effect on its own verdict."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import devsecops.subject.globs as globs
from devsecops import __version__
from devsecops.change import Change, FileChange
from devsecops.contract import Spec
from devsecops.findings.complete import complete
from devsecops.findings.identity import name_findings
from devsecops.findings.redact import redact
from devsecops.model import Control, Cover, File, Finding, Rule, RuleRef, ScanResult, Tool, Unit
from devsecops.policy import Policy

NAME, TOOL = "change", "devsecops"
_POLICY = ("policy-changed", "the policy or what it names")
_CONFIG = ("scanner-config-changed", "the configuration of a scanner")
_KINDS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("waivers-changed", "waivers", (".devsecops/waivers.toml",)),
    ("baseline-changed", "the baseline", (".devsecops/baseline.json",)),
    (*_POLICY, (".devsecops/**", "devsecops.toml")),
    (
        "buildspec-changed",
        "what the build runs",
        ("**/*buildspec*.yml", "**/*buildspec*.yaml", "**/buildspecs/**", "**/.codebuild/**"),
    ),
)
"""Rule, what it is about, path patterns; the first that matches names the finding."""


@dataclass(frozen=True, slots=True)
class Watched:
    """The result of looking, and its rows of the ledger."""

    result: ScanResult
    rows: tuple[Cover, ...]


def watch(
    change: Change, policy: Policy, source: str, specs: Iterable[Spec], known: Mapping[str, Unit]
) -> Watched | None:
    """Return a finding for each such file that the change touches; None when it touches none.

    `source` is where the policy in force was read; `known` are the units of the head by their ids.
    """
    kinds = _compiled(policy, source, specs)
    sides = ((path, file) for file in change.files for path in dict.fromkeys((file.head, file.base)))
    found = [(path, file, *kind) for path, file in sides if path and (kind := _kind(path, kinds)) is not None]
    if not found:
        return None
    findings = name_findings([complete(_finding(*one, source), None) for one in found])
    rows = tuple(
        Cover(unit=known.get(name) or Unit(kind="file", id=name), scanner=NAME, state="scanned")
        for name in sorted({redact(path) for path, *_ in found})
    )
    result = ScanResult(
        scanner=NAME,
        kind="config",
        status="complete",
        tool=Tool(name=TOOL, version=__version__),
        control=Control(kind="attested", found=True, detail="git's difference"),
        findings=findings,
        rules=tuple(_rule(rule, about) for rule, about in sorted({(one[2], one[3]) for one in found})),
        cover=rows,
    )
    return Watched(result, rows)


Kind = tuple[str, str, re.Pattern[str]]


def _compiled(policy: Policy, source: str, specs: Iterable[Spec]) -> list[Kind]:
    strips = sorted({f"**/{name}" for spec in specs for name in spec.strips})
    own = [name.removeprefix("./") for name in policy.plugins.files if not name.startswith("/")]
    # REV:PATH; a policy from elsewhere is no file of this repository.
    own += [source.partition(":")[2]] if ":" in source and not source.startswith("/") else []
    return [
        *((rule, about, globs.compile_globs(patterns)) for rule, about, patterns in _KINDS),
        (*_POLICY, _exactly(own)),
        (*_CONFIG, globs.compile_globs(strips)),
    ]


def _exactly(paths: Sequence[str]) -> re.Pattern[str]:
    return re.compile("|".join(re.escape(path) for path in paths if path) or r"(?!)")


def _kind(path: str, kinds: Sequence[Kind]) -> tuple[str, str] | None:
    return next(((rule, about) for rule, about, pattern in kinds if pattern.fullmatch(path)), None)


def _finding(path: str, file: FileChange, rule: str, about: str, source: str) -> Finding:
    verb = "adds" if file.base is None else "removes" if file.head is None else "edits"
    if file.base != path and file.head == path and file.base is not None:
        verb = "moves here"
    elif file.head != path and file.base == path and file.head is not None:
        verb = "moves away"
    return Finding(
        scanner=NAME,
        rule=RuleRef(tool=TOOL, id=rule),
        kind="config",
        severity="low",
        confidence="high",
        basis="devsecops: it has no effect on this verdict",
        message=f"The change {verb} {path}: {about}. This verdict does not use it; it goes by {source}.",
        location=File(path=path),
    )


def _rule(rule: str, about: str) -> Rule:
    return Rule(
        tool=TOOL,
        id=rule,
        name=rule,
        summary=f"The change touches {about}.",
        help="Read it with care: once it is on the base, later changes are judged by it.",
        severity="low",
        confidence="high",
    )
