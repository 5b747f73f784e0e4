"""The index can be trusted, or it is refused with its cause and the remedy."""

from __future__ import annotations

import hashlib
import runpy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from devsecops.api import Attested, ToolError
from devsecops_advisories import index
from devsecops_advisories.build import build_part
from devsecops_advisories.records import read_facts, write_facts
from devsecops_advisories.scanner import Advisories

FACTS = Path(__file__).parents[1] / "data/osv-pypi.json.xz"
SCRIPT = Path(__file__).parents[2] / "scripts/build_advisories.py"


def test_the_embedded_index_is_what_the_facts_give() -> None:
    built: bytes = runpy.run_path(str(SCRIPT))["index_of"](FACTS.read_bytes())
    assert built == index.embedded_path().read_bytes()
    assert len(built) < 1_000_000


def test_the_facts_are_facts_alone_and_their_bytes_do_not_depend_on_order() -> None:
    records = read_facts(FACTS.read_bytes())
    assert write_facts(reversed(records)) == FACTS.read_bytes()
    assert all(" " not in text for r in records for text in (r.id, r.word, *r.aliases, *r.vectors))
    assert build_part("PyPI", reversed(records))[1] == build_part("PyPI", records)[1]


def test_the_control_is_found(scan: Any) -> None:
    controls = Advisories.spec.controls
    assert not isinstance(controls, Attested)
    parsed = scan(controls[0].files)
    (found,) = parsed.findings
    (expected,) = controls[0].expects
    assert found.rule.id == expected.rule
    assert found.location.at.path == expected.file
    assert found.location.at.region.start_line == expected.line


def _empty(data: bytes) -> bytes:
    facts, blob = index.parse(data, "2026-11-24").parts["PyPI"]
    none = index.PartFacts("PyPI", facts.date, 0, 0, 0, len(blob), facts.sha256)
    return index.write({"PyPI": (none, blob)})


def _flip(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


@pytest.mark.parametrize(
    ("damage", "cause"),
    [
        (lambda data: b"", "empty"),
        (lambda data: data[:30], "truncated"),
        (lambda data: data[:100], "truncated"),
        (lambda data: data[:-1], "truncated"),
        (lambda data: data + b"x", "longer"),
        (lambda data: _flip(data, 80), "digest"),
        (lambda data: _flip(data, len(data) - 9), "digest"),
        (lambda data: b"PK" + data, "format"),
        (_empty, "empty"),
    ],
    ids=[
        "nothing",
        "no header",
        "half a header",
        "a byte less",
        "a byte more",
        "header",
        "part",
        "format",
        "none",
    ],
)
def test_a_damaged_index_is_refused(scan: Any, damage: Callable[[bytes], bytes], cause: str) -> None:
    path = index.user_path()
    path.parent.mkdir(parents=True)
    path.write_bytes(damage(index.embedded_path().read_bytes()))
    with pytest.raises(ToolError, match=rf"{cause}.*devsecops advisories update"):
        scan({"requirements.txt": "jinja2==2.10\n"})
    assert Advisories().data() is None


def test_every_byte_is_verified() -> None:
    data = index.embedded_path().read_bytes()
    for at in (*range(130), *range(130, len(data), 997)):
        with pytest.raises(ToolError):
            index.parse(_flip(data, at), "2026-11-24")


def test_an_index_from_the_future_or_missing_is_refused(
    scan: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ToolError, match=r"2024-10-10, which is after 2024-10-09.*advisories update"):
        scan({"requirements.txt": ""}, today="2024-10-09")
    monkeypatch.setattr(index, "embedded_path", lambda: tmp_path / "gone.bin")
    with pytest.raises(ToolError, match=r"missing.*advisories update"):
        scan({"requirements.txt": ""})


def test_the_data_is_named_with_its_date_and_digest(scan: Any) -> None:
    digest = hashlib.sha256(index.embedded_path().read_bytes()).hexdigest()
    data = scan({"requirements.txt": ""}).data
    assert (data.digest, data.date) == (digest, "2024-10-10")
    assert Advisories().data() == data
