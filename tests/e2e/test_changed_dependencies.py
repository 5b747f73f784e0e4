"""Locks and manifests in a change: what a manifest means can change without it."""

from __future__ import annotations

import pytest

from tests.e2e.program import Program
from tests.e2e.pulls import Pull

pytestmark = pytest.mark.e2e

POLICY = """\
[scanners.advisories]
required = "yes"
[scanners.bandit]
required = "off"
[scanners.semgrep]
required = "off"
"""
MANIFEST = '[project]\nname = "x"\nversion = "1"\ndependencies = ["jinja2>=2"]\n'
AS_OF = ("--as-of", "2024-10-20")


def lock(version: str) -> str:
    return (
        'version = 1\n\n[[package]]\nname = "x"\nversion = "1"\nsource = { virtual = "." }\n'
        'dependencies = [{ name = "jinja2" }]\n\n'
        f'[[package]]\nname = "jinja2"\nversion = "{version}"\n'
        'source = { registry = "https://index.example/simple" }\n'
    )


@pytest.fixture
def pull(program: Program) -> Pull:
    """A base whose one dependency is locked to a version without a known flaw."""
    return Pull.start(program, {"pyproject.toml": MANIFEST, "uv.lock": lock("3.1.4"), "a.txt": ""}, POLICY)


def test_a_version_that_is_lowered_in_the_lock_alone(pull: Pull) -> None:
    pull.put({"uv.lock": lock("2.4.1")})
    seen = pull.judge(*AS_OF)
    assert seen.done.code == 1, seen.done
    assert seen.states
    assert set(seen.states.values()) == {"new"}
    assert seen.done.last_line.startswith(f"FAIL: change of 1 file since {pull.since}: ")


def test_a_lock_that_is_removed_leaves_a_gap(pull: Pull) -> None:
    """The manifest is untouched, and its dependencies have no version any more."""
    pull.remove("uv.lock")
    seen = pull.judge(*AS_OF)
    assert seen.done.code == 3, seen.done
    assert seen.done.last_line == (
        f"INCOMPLETE: change of 1 file since {pull.since}: 1 manifest has dependencies without a version"
    )
    assert "pyproject.toml" in seen.done.out.decode()


def test_a_gap_that_is_old_is_no_reason(program: Program) -> None:
    """The same dependency without a version, on the base as well: told, not counted."""
    pull = Pull.start(program, {"pyproject.toml": MANIFEST, "a.txt": ""}, POLICY)
    pull.put({"a.txt": "more\n"})
    seen = pull.judge(*AS_OF)
    assert seen.done.code == 0, seen.done
    pull.put({"pyproject.toml": MANIFEST.replace('"]', '", "flask"]')})
    touched = pull.judge(*AS_OF)
    assert touched.done.code == 3, touched.done


def test_old_flaws_of_dependencies_stay_old(program: Program) -> None:
    pull = Pull.start(program, {"pyproject.toml": MANIFEST, "uv.lock": lock("2.4.1")}, POLICY)
    pull.put({"uv.lock": "# a line more\n" + lock("2.4.1"), "requirements.txt": "idna==3.10\n"})
    seen = pull.judge(*AS_OF)
    assert seen.done.code == 0, seen.done
    assert set(seen.states.values()) == {"unchanged"}
