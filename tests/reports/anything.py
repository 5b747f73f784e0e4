"""Any report that the types allow, and any that the gate makes: with hostile text everywhere."""

from __future__ import annotations

import types
from typing import Any, Literal, Union, get_args, get_origin

import msgspec
from hypothesis import strategies as st

from devsecops.model import Judged, Report
from tests.gate.worlds import worlds
from tests.reports import sample

MARK = "Zz"
"""Stands at both ends of every text, so that it is seen where a text of a stranger has got to."""
HOSTILE = (
    sample.EVIL, "`", "```", "\n```\n", "``````````", "|", "\n\n# x\n", "\n- [ ] x", "<b>", "<!--", "]]>",
    "&amp;", "@team", "#12", "https://evil.example", "www.evil.example", "a@evil.example", "[x](y)",
    "![x](y)", "**", "~~", "\\", "\x00", "\ufffe", "\ud800", "\u202e", "\u2028", "\r", "\U0001f600",
    "e\u0301", " ", "\t", "<?xml", "\x85",
)  # fmt: skip
texts = st.one_of(
    st.text(alphabet=st.characters(), max_size=40),
    st.lists(st.sampled_from(HOSTILE), max_size=6).map("".join),
    st.builds(lambda piece, times: piece * times, st.sampled_from(HOSTILE), st.sampled_from([100, 1500])),
).map(lambda text: f"{MARK}{text}{MARK}")

sendable = texts.map(lambda text: text.encode("utf-8", "replace").decode("utf-8"))
"""Texts that can cross the border to a worker."""


def value(kind: Any) -> st.SearchStrategy[Any]:
    """Return a strategy for any value of a type of the model."""
    origin, args = get_origin(kind), get_args(kind)
    if origin is Literal:
        return st.sampled_from(args)
    if origin in (Union, types.UnionType):
        return st.one_of([value(arg) for arg in args])
    if origin is tuple:
        return st.lists(value(args[0]), max_size=2).map(tuple)
    if origin is dict:
        return st.dictionaries(value(args[0]), value(args[1]), max_size=1)
    if kind is str:
        return texts
    if kind is int:
        return st.integers(min_value=-1, max_value=10**7)
    if kind is float:
        return st.floats(allow_nan=False, allow_infinity=False, min_value=-1, max_value=10**6)
    if kind is bool:
        return st.booleans()
    if kind in (None, type(None)):
        return st.none()
    if not issubclass(kind, msgspec.Struct):
        raise TypeError(f"no strategy for {kind!r}")
    return st.deferred(
        lambda: st.builds(kind, **{f.name: value(f.type) for f in msgspec.structs.fields(kind)})
    )


@st.composite
def any_reports(draw: st.DrawFn) -> Report:
    """Return a report of any values, with an opinion about each finding."""
    report: Report = draw(value(Report))
    judged = [
        Judged(
            finding=finding.id,
            state="new",
            group=draw(texts),
            waiver=draw(st.none() | texts),
            justification=draw(texts),
            until=draw(texts),
            counted=draw(st.booleans()),
            why=draw(texts),
        )
        for finding in report.findings
    ]
    return msgspec.structs.replace(report, judged=tuple(judged))


def _judged(world: dict[str, Any]) -> Report:
    return sample.report(*world.pop("results"), ledger=tuple(world.pop("ledger")), **world)


judged_reports = worlds.map(_judged)
"""Reports as the gate makes them."""
