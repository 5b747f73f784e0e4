"""The database that safety is given answers as the matcher of the scanner advisories does."""

from __future__ import annotations

import json
import random
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.specifiers import SpecifierSet
from packaging.version import Version

from devsecops_advisories.versions import affected
from devsecops_safety.database import affects, specifiers, version, write
from devsecops_safety.index import Advisories, Advisory, load
from tests.safety.samples import TODAY

NUMBERS = ("0", "1", "1.0", "1.5rc1", "2.dev3", "2", "2.0.post1", "1!0.5", "no-version", "*")
EVENTS = st.lists(st.tuples(st.sampled_from("iflm"), st.sampled_from(NUMBERS)), max_size=5).map(tuple)
ASKED = (
    "0",
    "0.9",
    "1",
    "1.0.1",
    "1.5b1",
    "1.5rc1",
    "1.5",
    "2.dev1",
    "2.0a1",
    "2",
    "2.post1",
    "3",
    "1!0.4",
    "1!1",
)


def says(advisory: Advisory, text: str) -> bool:
    """Answer as safety 3.8.1 does: without asking for pre-releases (safety.safety.is_vulnerable)."""
    return any(SpecifierSet(one).contains(text) for one in specifiers(advisory))


def of(ranges: tuple[tuple[tuple[str, str], ...], ...], listed: tuple[str, ...] = ()) -> Advisory:
    return Advisory("X-1", (), "unknown", None, "", None, ranges, listed)


@settings(max_examples=300)
@given(st.lists(EVENTS, max_size=2).map(tuple), st.lists(st.sampled_from(ASKED), max_size=2).map(tuple))
def test_any_events_give_the_same_answers(
    ranges: tuple[tuple[tuple[str, str], ...], ...], listed: tuple[str, ...]
) -> None:
    advisory = of(ranges, listed)
    for text in ASKED:
        assert says(advisory, text) == affected("PyPI", text, ranges, listed), (specifiers(advisory), text)
        assert affects(advisory, text) == says(advisory, text)


def test_a_local_version_errs_towards_affected() -> None:
    assert says(of(((("i", "1+a"), ("f", "2+b")),)), "2")
    assert not says(of(((("i", "1"), ("f", "2")),)), "2+c")


def test_every_advisory_answers_for_the_versions_around_its_ends(seed: str) -> None:
    index = load(TODAY)
    rng, asked = random.Random(seed), 0
    for name in sorted(index.packed):
        for advisory in index.of(name):
            texts = {text for events in advisory.ranges for _, text in events} | set(advisory.listed)
            known = sorted(at for text in texts if (at := version(text)) is not None)
            near = [f"{at.public}{tail}" for at in known if not at.dev for tail in (".dev1", ".0")]
            for text in rng.sample(near, min(4, len(near))):
                if version(text) is not None:
                    asked += 1
                    theirs = affected("PyPI", text, advisory.ranges, advisory.listed)
                    assert says(advisory, text) == theirs, f"seed {seed}: {advisory.id} {text}"
    assert asked > 5_000


def test_both_files_name_the_same_specifiers_and_only_the_wanted_packages(tmp_path: Path) -> None:
    write(tmp_path / "db", load(TODAY), {"django", "jinja2", "no-such-package"})
    plain, full = (
        json.loads((tmp_path / "db" / name).read_text()) for name in ("insecure.json", "insecure_full.json")
    )
    assert plain["meta"]["schema_version"] == full["meta"]["schema_version"] == "2.0.0"
    assert set(plain["vulnerable_packages"]) == set(full["vulnerable_packages"]) == {"django", "jinja2"}
    for name, entries in full["vulnerable_packages"].items():
        assert {spec for entry in entries for spec in entry["specs"]} == set(
            plain["vulnerable_packages"][name]
        )
        assert [entry["ids"] for entry in entries] == [
            [{"type": "pyup", "id": one.id}] for one in load(TODAY).of(name)
        ]


def test_no_package_is_no_advisory() -> None:
    empty = Advisories(load(TODAY).data, {})
    assert empty.of("django") == ()
    assert Version("0") == version("0")
