"""Inline marks: comments in which the code itself says that a finding is known. Pure.

Tools are told to ignore them; they are read here, after the raw scan. A mark never covers more than its tool
would let it cover (bandit 1.9.4 and semgrep 1.182.0, both measured), and in doubt less. Whether one that
covers a finding counts is decided by where its line stands: `trusted_marks`.
"""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Collection, Iterable
from functools import cached_property
from typing import Literal

import msgspec

from devsecops.change import Change
from devsecops.findings.alike import MASKED
from devsecops.findings.complete import SourceText, file_of
from devsecops.findings.route import Route
from devsecops.model import Finding, Package, Region, Value

MARK, LINE, REASON = "inline mark", "inline mark line", "inline mark reason"
"""Names of the evidence of a finding that a mark covers."""
NO_REASON = "inline mark without effect"
"""Name of the evidence that our own mark gives no reason."""
LABEL = "inline: "
"""What the name of a mark starts with where a waiver's name may stand."""
MarkKind = Literal["nosec", "nosemgrep", "devsecops"]

_ANY = re.compile(r"nosec|nosem|devsecops:", re.IGNORECASE)
_NOSEC = re.compile(r"#\s*nosec\b:?(?P<tests>[^#]*)")
_NOSEM = re.compile(r" nosem(?:grep)?\b(?P<ids>[:=].*)?", re.IGNORECASE)
_OURS = re.compile(r"devsecops:\s*ignore\[(?P<rules>[^\]]+)\](?P<reason>.*)")
_LEAD = re.compile(r"""(?:"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`(?:\\.|[^`\\])*`|(?!#|//|/\*|<!--)[^"'`])*""")
_LEADERS = ("#", "//", "/*", "<!--")
_PYTHON = (".py", ".pyi", ".pyw")
_SHEBANG = re.compile(r"#!.*(?:python|pypy)")
_TEST = re.compile(r"[Bb]\d+|\w*_\w*|ciphers|eval|ftplib|marshal|md5|pickle|random|telnetlib|trojansource")
"""What names a test of bandit: an id, or a name, of which few are a single word."""
_SPAN_LINES = 200


class Mark(Value, frozen=True, kw_only=True):
    """A mark that covers a finding. `text` is canonical: what it names, sorted; `line` is where it stands."""

    text: str
    line: int
    reason: str = ""


class Marks:
    """The marks in one file.

    Args:
        source: its text.
        path: its path; suffix or first line tell Python.
    """

    def __init__(self, source: SourceText, path: str) -> None:
        self._source = source
        self._is_python = path.lower().endswith(_PYTHON) or _SHEBANG.match(source.line(1)) is not None

    def on(self, finding: Finding, name: str = "") -> Finding:
        """Return `finding` with the evidence of the mark that covers it, and of no other.

        `name` is what its rule is called beside its id.
        """
        at = file_of(finding.location)
        mark = None if at is None or at.region is None else self._mark(finding, at.region, name)
        plain = unmarked(finding)
        if mark is None:
            return plain
        said = {MARK: mark.text, LINE: str(mark.line)} | ({REASON: mark.reason} if mark.reason else {})
        if mark.text == NO_REASON:
            said = {NO_REASON: f"devsecops: ignore[...] on line {mark.line} gives no reason"}
        return msgspec.structs.replace(plain, evidence={**plain.evidence, **said})

    def _mark(self, finding: Finding, region: Region, name: str) -> Mark | None:
        first = region.start_line
        last = min(max(region.end_line or first, first), first + _SPAN_LINES)
        if not any(_ANY.search(self._source.line(n)) for n in range(first - 1, last + 1)):
            return None
        places = [n for n in (first, first - 1) if n == first or self._alone(n)]
        ours = next((m for n in places if (m := self._ours(finding, n))), None)
        if ours is not None and ours.text != NO_REASON:
            return ours
        theirs = None
        if finding.rule.tool == "bandit":
            theirs = next((m for n in range(first, last + 1) if (m := self._nosec(n))), None)
            theirs = theirs if theirs is not None and _names(theirs, {finding.rule.id, name}) else None
        elif finding.rule.tool == "semgrep":
            theirs = next((m for n in places if (m := self._nosem(n)) and _names(m, {finding.rule.id})), None)
        return theirs or ours

    def _ours(self, finding: Finding, line: int) -> Mark | None:
        match = _OURS.search(self._comment(line))
        if match is None:
            return None
        rules = {word.strip() for word in match["rules"].split(",")} - {""}
        known = {finding.rule.id}
        if isinstance(finding.location, Package):
            known |= set(re.split(r"[,\s]+", finding.evidence.get("aliases", ""))) - {""}
        if rules.isdisjoint(known | {f"{finding.rule.tool}/{name}" for name in known}):
            return None
        reason = re.sub(r"\s*(?:\*/|-->)\s*$", "", match["reason"]).strip(" \t:-")
        if not re.search(r"\w", reason):
            return Mark(text=NO_REASON, line=line)
        return Mark(text=f"devsecops: ignore[{', '.join(sorted(rules))}]", line=line, reason=reason)

    def _nosec(self, line: int) -> Mark | None:
        """Return bandit's mark on a line; without tests it means all of them."""
        match = _NOSEC.search(self._comment(line))
        if match is None:
            return None
        tests = sorted({word for word in re.findall(r"\w+", match["tests"]) if _TEST.fullmatch(word)})
        return Mark(text=f"nosec {', '.join(tests)}".rstrip(), line=line)

    def _nosem(self, line: int) -> Mark | None:
        """Return semgrep's mark on a line; without a colon it means all rules."""
        match = _NOSEM.search(self._comment(line))
        if match is None:
            return None
        if match["ids"] is None:
            return Mark(text="nosemgrep", line=line)
        ids = sorted(set(re.split(r"[,\s]+", match["ids"].lstrip(" :=\t"))) - {""})
        return Mark(text=f"nosemgrep: {', '.join(ids)}", line=line)

    def _alone(self, line: int) -> bool:
        return self._source.line(line).lstrip().startswith(_LEADERS)

    def _comment(self, line: int) -> str:
        """Return the comment of a line with its leader; a mark in a string is none."""
        if self._is_python:
            return self._python.get(line, "")
        text = self._source.line(line)
        if _ANY.search(text) is None:
            return ""
        rest = text[match.end() :] if (match := _LEAD.match(text)) else ""
        return rest if rest.startswith(_LEADERS) else ""

    @cached_property
    def _python(self) -> dict[int, str]:
        """The comments of a Python file by their line, as far as it can be read: as bandit does."""
        found: dict[int, str] = {}
        try:
            for token in tokenize.generate_tokens(io.StringIO(self._source.text, newline=None).readline):
                if token.type == tokenize.COMMENT:
                    found[token.start[0]] = token.string
        except (tokenize.TokenError, SyntaxError):
            pass
        return found


def _names(mark: Mark, rule: set[str]) -> bool:
    """Tell whether a mark of a tool names the finding's rule, or none at all."""
    _, listed, names = mark.text.partition(" ")
    return not listed or not rule.isdisjoint(names.split(", "))


def unmarked(finding: Finding) -> Finding:
    """Return `finding` without evidence of a mark: only what is read here may say that there is one."""
    foreign = finding.evidence.keys() & {MARK, LINE, REASON, NO_REASON}
    if not foreign:
        return finding
    evidence = {name: text for name, text in finding.evidence.items() if name not in foreign}
    return msgspec.structs.replace(finding, evidence=evidence)


def marked(finding: Finding) -> str | None:
    """Return the name of the mark that covers `finding`, such as ``inline: nosec B602``; None without one."""
    mark = finding.evidence.get(MARK)
    return None if mark is None else f"{LABEL}{mark}"


def mark_kind(mark: str) -> MarkKind:
    """Return whose mark it is: of bandit, of semgrep, or ours. `mark` is its name or its evidence."""
    word = mark.removeprefix(LABEL)
    if word.startswith("nosemgrep"):
        return "nosemgrep"
    return "nosec" if word.startswith("nosec") else "devsecops"


def trusted_marks(
    findings: Iterable[Finding],
    change: Change | None,
    *,
    own: bool,
    forbidden: Collection[str] = (),
) -> dict[str, str]:
    """Return finding id -> name of its mark, for the marks that count.

    Args:
        findings: of the head.
        change: from the revision that the policy was read from to the judged head; None: there is none.
        own: the policy is that of the judged tree itself, so all marks in it count.
        forbidden: kinds of marks that the policy forbids.
    """
    route = None if change is None else Route(change, {}, {})
    found: dict[str, str] = {}
    for finding in findings:
        name = marked(finding)
        if name is None or mark_kind(name) in forbidden:
            continue
        if own or (route is not None and _stood(finding, route)):
            found[finding.id] = name
    return found


def _stood(finding: Finding, route: Route) -> bool:
    """Tell whether the lines of the finding and of its mark are all unchanged, as one block."""
    at = file_of(finding.location)
    line = finding.evidence.get(LINE, "")
    # A masked name is not the file's: whether that one changed is not known.
    if at is None or at.region is None or MASKED in at.path or not line.isdecimal():
        return False
    first = min(at.region.start_line, int(line))
    last = max(at.region.start_line, at.region.end_line or 0, int(line))
    return route.back.lines(at.path, first, last) is not None
