"""The pages of the rule pack, docs/rules/: one for each rule, from the rule itself and its targets."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[1]
RULES = ROOT / "plugins" / "devsecops_semgrep" / "rules"
TARGETS = ROOT / "tests" / "semgrep" / "rules"
_LANGUAGES = {"python": "Python", "javascript": "JavaScript and TypeScript", "dockerfile": "Dockerfile"}
_MARK = re.compile(r"^\s*(?:#|//|\{?/\*)\s*(ruleid|ok|todoruleid|todook):")
_LONGEST = 30
_INDEX = """\
# The rule pack

Written by `scripts/rule_pages.py` from the rules, which semgrep runs. Severity is impact x likelihood;
confidence is how often such a finding is right. Each rule is tested with at least three flaws and three safe
look-alikes.
"""


def pages() -> dict[str, str]:
    """Return the text of every page by its path under docs/."""
    rules = {file: yaml.safe_load(file.read_text())["rules"][0] for file in sorted(RULES.glob("*/*.yaml"))}
    out = {f"rules/{file.stem}.md": _page(file, rule) for file, rule in rules.items()}
    out["rules/README.md"] = _INDEX + "".join(_section(folder, rules) for folder in _LANGUAGES)
    return out


def _section(folder: str, rules: dict[Path, dict[str, Any]]) -> str:
    here = {file: rule for file, rule in rules.items() if file.parent.name == folder}
    rows = [
        f"| [{rule['id']}]({rule['id']}.md) | {rule['metadata']['cwe']} | {severity(rule)} "
        f"| {rule['metadata']['confidence']} |\n"
        for rule in here.values()
    ]
    head = "\n| rule | weakness | severity | confidence |\n|---|---|---|---|\n"
    return f"\n## {_LANGUAGES[folder]}: {len(rows)} rules\n{head}{''.join(rows)}"


def severity(rule: dict[str, Any]) -> str:
    """Return a rule's severity, as the scanner does."""
    from devsecops_semgrep.scanner import SEVERITY

    metadata = rule["metadata"]
    return SEVERITY.get((metadata["impact"], metadata["likelihood"]), "low")


def _page(file: Path, rule: dict[str, Any]) -> str:
    wrong, _, remedy = rule["message"].partition("\nFix: ")
    metadata = rule["metadata"]
    number = metadata["cwe"].partition("-")[2]
    remedy = remedy.strip()
    facts = [
        ("severity", severity(rule)),
        ("confidence", metadata["confidence"]),
        ("weakness", f"[{metadata['cwe']}](https://cwe.mitre.org/data/definitions/{number}.html)"),
        ("OWASP", metadata["owasp"]),
        ("language", _LANGUAGES[file.parent.name]),
        ("about", ", ".join(metadata.get("technology", []))),
        ("how", "follows data from its source" if rule.get("mode") == "taint" else "matches code"),
    ]
    table = "| | |\n|---|---|\n" + "".join(f"| {name} | {value} |\n" for name, value in facts if value)
    parts = [
        f"# {rule['id']}\n\n{wrong.strip()}\n\n**What to do:** {remedy[0].upper()}{remedy[1:]}\n\n{table}",
        *(
            f"## {title}\n\n```{_fence(file)}\n{example}\n```\n"
            for title, mark in (("Found", "ruleid"), ("Not found", "ok"))
            if (example := _example(file, mark))
        ),
    ]
    return "\n".join(parts)


def _fence(file: Path) -> str:
    return file.parent.name


def _example(file: Path, mark: str) -> str:
    """Return the shortest piece of a target that holds a mark, without the marks."""
    found = [
        piece
        for target in sorted(TARGETS.joinpath(file.parent.name).glob(f"{file.stem}.*"))
        for piece in _pieces(target.read_text().splitlines())
        if {match[1] for line in piece if (match := _MARK.match(line))} == {mark}
    ]
    texts = ["\n".join(line for line in piece if not _MARK.match(line)).strip("\n") for piece in found]
    return min((text for text in texts if text.count("\n") < _LONGEST), key=len, default="")


def _pieces(lines: list[str]) -> Iterator[list[str]]:
    """Cut a file where an empty line is followed by one that is not indented."""
    piece: list[str] = []
    for place, line in enumerate(lines):
        if piece and line[:1].strip() and not lines[place - 1].strip():
            yield piece
            piece = []
        piece.append(line)
    yield piece
