"""Rules of a run: one descriptor for each rule that has a result."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from devsecops.encode import markdown, one_line, visible
from devsecops.findings.severity import confidence_rank, rank
from devsecops.model import Finding, Rule, RuleRef
from devsecops.sarif.severity import LEVELS, score
from devsecops.sarif.shape import Configuration, Descriptor, Message

_NAME = 255
_SHORT = 1024
"""GitHub's limits, in characters."""
_HELP = 20_000
_WORD = re.compile(r"[A-Za-z0-9]+")
_URI = re.compile(r"https?://[!-~]+")
_PROBLEM = {"error": "error", "warning": "warning", "note": "recommendation"}


def rule_id(ref: RuleRef) -> str:
    """Return ``<tool>/<id>``."""
    return one_line(f"{ref.tool}/{ref.id}")


def pascal(text: str) -> str:
    """Return the words of `text` in PascalCase; empty when it has none."""
    name = "".join(word[0].upper() + word[1:] for word in _WORD.findall(text))[:_NAME]
    return name if not name or name[0].isalpha() else f"Rule{name}"[:_NAME]


def sentence(text: str) -> str:
    """Return `text` on one line, within GitHub's limit, ending with a mark."""
    line = " ".join(visible(text).split())
    if len(line) > _SHORT - 1:
        line = line[: _SHORT - 4] + "..."
    return line if line[-1:] in {".", "!", "?"} else f"{line}."


def _name(rule: Rule) -> str:
    own = {pascal(rule.id).lower(), pascal(f"{rule.tool} {rule.id}").lower(), ""}
    names = (pascal(text) for text in (rule.name, rule.summary))
    return next((name for name in names if name.lower() not in own), pascal(f"rule {rule.tool} {rule.id}"))


def _help(rule: Rule) -> Message:
    text = visible(rule.help or rule.summary).strip()[:_HELP] or "The tool gives no advice for this rule."
    lines = [markdown(line) for line in text.split("\n")]
    uri = _help_uri(rule)
    more = f"\n\n[More about this rule](<{uri}>)" if uri else ""
    return Message(text=text, markdown="\n".join(lines) + more)


def _help_uri(rule: Rule) -> str | None:
    uri = rule.help_uri
    return uri if _URI.fullmatch(uri) and not set(uri) & set('<>"`\\') and len(uri) < 2000 else None


def _properties(rule: Rule, findings: Sequence[Finding]) -> dict[str, Any]:
    worst = max(findings, key=lambda one: (rank(one.severity), one.score or 0.0))
    sure = max((one.confidence for one in findings), key=confidence_rank)
    weakness = sorted({one.weakness for one in findings if one.weakness} | {rule.weakness or ""} - {""})
    judged = any(one.kind != "quality" for one in findings)
    tags = ["security"] if judged else ["maintainability"]
    for name in weakness[:9]:  # GitHub keeps ten tags
        kind, _, number = name.partition("-")
        tags.append(f"external/cwe/cwe-{int(number):03d}" if _is_cwe(kind, number) else one_line(name))
    own: dict[str, Any] = {
        "tool": visible(rule.tool), "id": visible(rule.id), "severity": rule.severity,
        "confidence": rule.confidence,
    }  # fmt: skip
    for key in ("name", "summary", "help", "weakness"):
        if value := getattr(rule, key):
            own[key] = visible(value)[:_HELP]
    out: dict[str, Any] = {
        "devsecops": own,
        "precision": sure,
        "problem.severity": _PROBLEM[LEVELS[worst.severity]],
        "tags": tags,
    }
    number_ = score(worst.severity, worst.score)
    if judged and number_ is not None:
        out["security-severity"] = f"{number_:.1f}"
    return out


def _is_cwe(kind: str, number: str) -> bool:
    return kind == "CWE" and number.isascii() and number.isdecimal() and len(number) < 6


def descriptor(rule: Rule | None, findings: Sequence[Finding]) -> Descriptor:
    """Return the descriptor of the rule of `findings` (at least one), by the worst of them."""
    ref = findings[0].rule
    rule = rule or Rule(tool=ref.tool, id=ref.id)
    worst = max((one.severity for one in findings), key=rank)
    summary = sentence(rule.summary or rule.name or findings[0].message or f"Rule {ref.id} of {ref.tool}")
    return Descriptor(
        id=rule_id(ref),
        name=_name(rule),
        short_description=Message(text=summary),
        full_description=Message(text=summary),
        default_configuration=Configuration(level=LEVELS[worst]),
        help_uri=_help_uri(rule),
        help=_help(rule),
        properties=_properties(rule, findings),
    )
