"""The index of the scanner advisories, read by its format: equal where whole, refused where not."""

from __future__ import annotations

import shutil
from pathlib import Path

import msgspec
import pytest

import devsecops_advisories.index as theirs
import devsecops_safety.index as ours
from devsecops.api import Refresh, ToolError
from devsecops_advisories.build import build_part
from devsecops_advisories.records import Affected, Record
from devsecops_safety.scanner import Safety
from tests.safety.samples import TODAY

WHOLE = theirs.embedded_path().read_bytes()


def test_both_readers_see_the_same_advisories_digest_and_date() -> None:
    mine, other = ours.load(TODAY), theirs.load(TODAY)
    packed = other.packages("PyPI")
    assert packed is not None
    assert mine.packed.keys() == packed.keys()
    for name in packed:
        assert [msgspec.structs.astuple(one) for one in mine.of(name)] == [
            msgspec.structs.astuple(one) for one in theirs.advisories(packed[name])
        ]
    assert (mine.data.digest, mine.data.date) == (other.digest, other.date())
    assert Safety().data() == mine.data


def test_an_updated_index_is_taken_and_its_other_parts_are_skipped() -> None:
    ranges = ((("i", "0"), ("f", "2")),)
    parts = {}
    for ecosystem, day in (("npm", "2026-10-01"), ("PyPI", "2026-11-01")):
        one = Affected(ecosystem=ecosystem, name="thing", ranges=ranges)
        parts[ecosystem] = build_part(
            ecosystem, [Record(id="X-1", modified=f"{day}T00:00:00Z", affected=(one,))]
        )
    theirs.user_path().parent.mkdir(parents=True)
    theirs.user_path().write_bytes(theirs.write(parts))
    index = ours.load(TODAY)
    assert index.data.date == "2026-11-01"
    assert [one.id for one in index.of("thing")] == ["X-1"]
    theirs.user_path().write_bytes(theirs.write({"npm": parts["npm"]}))
    with pytest.raises(ToolError, match="does not hold PyPI"):
        ours.load(TODAY)


@pytest.mark.parametrize(
    "data",
    [b"", b"x", WHOLE[:20], WHOLE[:100], WHOLE[:-1], WHOLE[: len(ours.MAGIC) + 36], WHOLE[100:]],
)
def test_a_damaged_index_is_refused(data: bytes) -> None:
    with pytest.raises(ToolError, match="devsecops advisories update"):
        ours.parse(data, TODAY)


@pytest.mark.parametrize(
    "at", [0, len(ours.MAGIC) + 1, len(ours.MAGIC) + 10, len(ours.MAGIC) + 60, len(WHOLE) - 9]
)
def test_one_flipped_bit_is_seen(at: int) -> None:
    flipped = bytearray(WHOLE)
    flipped[at] ^= 1
    with pytest.raises(ToolError):
        ours.parse(bytes(flipped), TODAY)


def test_data_from_the_future_is_refused() -> None:
    with pytest.raises(ToolError, match="after 2020-01-01"):
        ours.parse(WHOLE, "2020-01-01")


def test_a_missing_index_is_no_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    theirs.user_path().parent.mkdir(parents=True)
    theirs.user_path().symlink_to(tmp_path / "nowhere")
    assert Safety().data() is None
    shutil.rmtree(theirs.user_path().parent)
    monkeypatch.setattr(ours, "find_spec", lambda name: None)
    with pytest.raises(ToolError, match="there is no advisory index"):
        ours.load(TODAY)


def test_it_is_refreshed_by_the_scanner_that_owns_it() -> None:
    with pytest.raises(ToolError, match="devsecops advisories update"):
        Safety().refresh(Refresh())
