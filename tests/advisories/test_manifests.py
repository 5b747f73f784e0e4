"""Each format: the line of every pin, and a row for every dependency that is not judged."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devsecops.api import Package, Parsed
from devsecops_advisories.manifests.lines import json_lines, toml_lines
from devsecops_advisories.manifests.pep508 import can_hold
from devsecops_advisories.manifests.read import NAMES, read_manifest
from devsecops_advisories.scanner import SPEC

UV = 'source = { registry = "https://example.invalid/simple" }\n'


def lines(parsed: Parsed) -> set[tuple[str, int, str]]:
    """Return (path, line, package) of every finding."""
    out = set()
    for found in parsed.findings:
        assert isinstance(found.location, Package)
        assert found.location.at.region is not None
        place = found.location.at
        out.add((place.path, found.location.at.region.start_line, found.evidence["package"]))
    return out


def rows(parsed: Parsed) -> dict[str, tuple[str, str]]:
    return {row.unit.id: (row.state, row.why) for row in parsed.cover}


def test_requirements_by_pips_rules(scan: Any) -> None:
    text = """\
# jinja2==2.10
--index-url https://example.invalid/simple
Jinja2[i18n] == 2.10 \\
    --hash=sha256:00 \\
    --hash=sha256:11  # why
django>=2
pyyaml===5.1 ; python_version >= "3.8"
enum34==1.1.6; python_version < "3"
flask @ https://example.invalid/flask.whl
-e git+https://example.invalid/x.git#egg=x
./local
urllib3==1.26.*
-r more.pip
--no-index -r gone.txt
-c bounds.pip
requests
-r ../outside.txt
what is this
"""
    parsed = scan(
        {
            "requirements.txt": text,
            "more.pip": "\nwerkzeug==2.3.0\n-r requirements.txt\n",
            "bounds.pip": "# c\nrequests==2.19.0\nabsent<3\n",
        },
        units=("requirements.txt",),
    )
    assert lines(parsed) == {
        ("requirements.txt", 3, "jinja2"),
        ("requirements.txt", 7, "pyyaml"),
        ("more.pip", 2, "werkzeug"),
        ("bounds.pip", 2, "requests"),
    }
    assert rows(parsed) == {
        "requirements.txt": ("unresolved", "unpinned"),
        "requirements.txt#django": ("unresolved", "unpinned"),
        "requirements.txt#urllib3": ("unresolved", "unpinned"),
        "requirements.txt#enum34": ("excluded", "marker"),
        "requirements.txt#flask": ("unresolved", "url"),
        "requirements.txt#-e git+https://example.invalid/x.git#egg=x": ("unresolved", "url"),
        "requirements.txt#./local": ("unresolved", "url"),
        "requirements.txt#-r gone.txt": ("unresolved", "include"),
        "requirements.txt#-r ../outside.txt": ("unresolved", "include"),
        "requirements.txt#what is this": ("unresolved", "unparsable"),
    }


def test_what_pip_would_install_is_not_hidden_behind_an_odd_line_break(scan: Any) -> None:
    assert lines(scan({"requirements.txt": "\n# note\u2028jinja2==2.10\r\npyyaml==5.1"})) == {
        ("requirements.txt", 2, "jinja2"),
        ("requirements.txt", 3, "pyyaml"),
    }
    assert lines(scan({"requirements.txt": "jinja2==2.10".encode("utf-16")})) != set()


def test_a_text_that_is_only_named_constraints_is_no_manifest() -> None:
    assert not any("constraints" in name for name in NAMES)


PYPROJECT = """\
[build-system]
requires = ["jinja2==2.10"]

[project]
name = "x"
dependencies = [
  # jinja2==2.10
  "jinja2==2.10",  "requests",
  'pyyaml == 5.1; sys_platform == "linux"',
]

[project.optional-dependencies]
web = ["werkzeug==2.3.0"]

[dependency-groups]
dev = [
  {include-group = "more"},
  "pillow==10.0.0",
]
more = []

[tool.poetry.dependencies]
python = "^3.11"
aiohttp = "3.9.1"
flask = {version = "^1.0", extras = ["x"]}
own = {path = "../own"}
"""


def test_pyproject(scan: Any) -> None:
    parsed = scan({"a/pyproject.toml": PYPROJECT})
    assert lines(parsed) == {
        ("a/pyproject.toml", 8, "jinja2"),
        ("a/pyproject.toml", 9, "pyyaml"),
        ("a/pyproject.toml", 13, "werkzeug"),
        ("a/pyproject.toml", 18, "pillow"),
        ("a/pyproject.toml", 24, "aiohttp"),
    }
    assert rows(parsed) == {
        "a/pyproject.toml": ("unresolved", "unpinned"),
        "a/pyproject.toml#requests": ("unresolved", "unpinned"),
        "a/pyproject.toml#flask": ("unresolved", "unpinned"),
        "a/pyproject.toml#own": ("unresolved", "url"),
    }


def test_a_lock_beside_it_resolves_what_it_names_and_allows(scan: Any) -> None:
    lock = f'version = 1\n\n[[package]]\nname = "requests"\nversion = "2.19.0"\n{UV}'
    files = {
        "uv.lock": lock + '[[package]]\nname = "me"\nsource = { editable = "sub" }\n',
        "pyproject.toml": '[project]\nname = "me"\ndependencies = ["requests>2", "absent"]\n',
        "requirements.txt": "requests>=3\n",
        "sub/pyproject.toml": '[project]\nname = "sub"\ndependencies = ["requests"]\n',
        "other/requirements.txt": "requests\n",
        "pip/requirements.in": "jinja2\n",
        "pip/requirements.txt": "jinja2==2.10\n",
    }
    parsed = scan(files)
    assert lines(parsed) == {("uv.lock", 4, "requests"), ("pip/requirements.txt", 1, "jinja2")}
    assert rows(parsed) == {
        "uv.lock": ("scanned", ""),
        "pyproject.toml": ("unresolved", "unpinned"),
        "pyproject.toml#absent": ("unresolved", "unpinned"),
        "requirements.txt": ("unresolved", "unpinned"),
        "requirements.txt#requests": ("unresolved", "unpinned"),
        "sub/pyproject.toml": ("scanned", ""),
        "other/requirements.txt": ("unresolved", "unpinned"),
        "other/requirements.txt#requests": ("unresolved", "unpinned"),
        "pip/requirements.in": ("scanned", ""),
        "pip/requirements.txt": ("scanned", ""),
    }


@pytest.mark.parametrize(
    ("name", "text", "line", "gaps"),
    [
        (
            "poetry.lock",
            '# made\n[[package]]\nname = "other"\nversion = "1"\n\n'
            '[[package]]\nname = "Jinja2"\nversion = "2.10"\n'
            '[package.dependencies]\nx = "*"\n[[package]]\nname = "g"\nversion = "1"\n'
            '[package.source]\ntype = "git"\nurl = "u"\n',
            7,
            {"poetry.lock#g": ("unresolved", "url")},
        ),
        (
            "uv.lock",
            f'[[package]]\nname = "jinja2"\nversion = "2.10"\n{UV}[[package]]\nname = "g"\nversion = "1"\n'
            'source = { git = "https://example.invalid" }\n',
            2,
            {"uv.lock#g": ("unresolved", "url")},
        ),
        (
            "pylock.toml",
            'lock-version = "1.0"\n'
            '[[packages]]\nname = "jinja2"\nversion = "2.10"\n\n[[packages]]\nname = "g"\n'
            'vcs = { type = "git", url = "u" }\n',
            3,
            {"pylock.toml#g": ("unresolved", "url")},
        ),
        (
            "Pipfile.lock",
            '{\n "_meta": {},\n'
            ' "default": {\n  "jinja2": {\n   "hashes": [],\n   "version": "==2.10"\n  }\n },\n'
            ' "develop": {"g": {"git": "u", "ref": "r"}}\n}',
            4,
            {"Pipfile.lock#g": ("unresolved", "url")},
        ),
        (
            "Pipfile",
            '[[source]]\nurl = "u"\n[packages]\njinja2 = "==2.10"\n[dev-packages]\ng = "*"\n',
            4,
            {"Pipfile#g": ("unresolved", "unpinned")},
        ),
    ],
)
def test_locks(scan: Any, name: str, text: str, line: int, gaps: dict[str, tuple[str, str]]) -> None:
    parsed = scan({name: text})
    assert lines(parsed) == {(name, line, "jinja2")}
    assert {key: value for key, value in rows(parsed).items() if key != name} == gaps


LOCK_3 = """\
{
  "lockfileVersion": 3,
  "packages": {
    "": {"name": "me", "dependencies": {"devsecops-control": "^0.1"}},
    "node_modules/devsecops-control": {
      "version": "0.1.0",
      "resolved": "https://example.invalid/a.tgz"
    },
    "node_modules/a/node_modules/@s/b": {"version": "1.2.3"},
    "node_modules/w": {"resolved": "packages/w", "link": true},
    "packages/w": {"version": "1.0.0"}
  }
}
"""
LOCK_1 = """\
{"lockfileVersion": 1, "dependencies": {
  "a": {"version": "1.0.0", "dependencies": {
    "devsecops-control": {"version": "0.1.0"}}},
  "g": {"version": "git+https://example.invalid/g.git#1"}
}}
"""


def test_npm_without_its_data_is_a_gap_with_the_remedy(scan: Any) -> None:
    parsed = scan({"package-lock.json": LOCK_3})
    assert rows(parsed) == {
        "package-lock.json": ("unresolved", "no-data"),
        "package-lock.json#devsecops-control": ("unresolved", "no-data"),
        "package-lock.json#@s/b": ("unresolved", "no-data"),
    }
    assert "devsecops advisories update --ecosystem npm" in parsed.cover[0].note


def test_npm_lines() -> None:
    def pins(name: str, text: str) -> list[tuple[str, int, str | None]]:
        manifest = read_manifest(name, text.encode(), lambda path: None, frozenset())
        return [(d.name, d.line, d.version) for d in manifest.dependencies]

    assert pins("package-lock.json", LOCK_3) == [("devsecops-control", 5, "0.1.0"), ("@s/b", 9, "1.2.3")]
    assert pins("package-lock.json", LOCK_1) == [
        ("a", 2, "1.0.0"),
        ("g", 4, None),
        ("devsecops-control", 3, "0.1.0"),
    ]
    package = '{\n"dependencies": {\n"a": "1.2.3",\n"b": "^1",\n"c": "npm:real@2.0.0",\n"d": "o/r"}}'
    assert pins("package.json", package) == [
        ("a", 3, "1.2.3"),
        ("b", 4, None),
        ("real", 5, "2.0.0"),
        ("d", 6, None),
    ]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("pyproject.toml", b"[project"),
        ("pyproject.toml", b"\xff\xfe"),
        ("pyproject.toml", b"a = " + b"[" * 100_000),
        ("uv.lock", b"package = 3"),
        ("package-lock.json", b"[" * 100_000),
        ("package-lock.json", b'{"a": 1, "a": 2}'),
        ("package-lock.json", b'{"packages": []}'),
        ("Pipfile.lock", b""),
        ("Pipfile.lock", b'{"default": 1}'),
        ("package.json", b"NaN"),
    ],
)
def test_a_broken_manifest_is_a_failed_row(scan: Any, name: str, content: bytes) -> None:
    assert rows(scan({name: content})) == {name: ("failed", "syntax-error")}


@pytest.mark.parametrize(
    "line",
    [
        " " * 10_000_000,
        "a" * 10_000_000,
        "a;" + "(" * 1_000_000,
        "a==1" + " #" * 5_000_000,
        "a==" + "9" * 9999,
        "-r" + "/.." * 1_000_000,
        "-r '",
        "a @ " + "x" * 5_000_000,
        "-" * 1_000_000,
    ],
    ids=range(9),
)
def test_a_hostile_line_ends_in_rows(scan: Any, line: str) -> None:
    parsed = scan({"requirements.txt": f"{line}\njinja2==2.10\n"})
    assert lines(parsed) == {("requirements.txt", 2, "jinja2")}
    assert all(len(row.unit.id) < 400 for row in parsed.cover)


@given(st.lists(st.text(max_size=40), max_size=6))
def test_every_requirement_line_is_a_dependency_or_an_option(texts: list[str]) -> None:
    text = "\n".join(texts)
    manifest = read_manifest("requirements.txt", text.encode(), lambda path: None, frozenset())
    seen = {d.line for d in manifest.dependencies}
    for number, line in enumerate(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"), 1):
        plain = line.strip()
        if plain and plain.isalnum() and plain.isascii() and "\\" not in text:
            assert number in seen
    assert all(d.version is None or d.why is None for d in manifest.dependencies)


@pytest.mark.parametrize(
    ("marker", "holds"),
    [
        ('python_version < "3"', False),
        ("'2.7' == python_version", False),
        ('python_version < "3" or sys_platform == "win32"', True),
        ('(python_version < "3" or python_full_version < "2.7.9") and extra == "x"', False),
        ('python_version < "3.8" and sys_platform == "win32"', True),
        ('python_version in "2.6 2.7"', False),
        ('python_version not in "2.7"', True),
    ],
)
def test_a_marker_drops_a_dependency_only_when_no_python_3_satisfies_it(marker: str, holds: bool) -> None:
    assert can_hold(marker) is holds


def test_lines_of_toml_and_json() -> None:
    toml = '# c\na.b = [1, # x\n "s",\n {k = 1.5}]\n[[t]]\nn = """\n[[t]]\n"""\n[t.s]\nx = 1\n[[t]]\n'
    toml += '"q r" = 2020-01-01 10:00:00\n'
    found = toml_lines(toml)
    assert found["a", "b", 1] == 3
    assert found["a", "b", 2, "k"] == 4
    assert found["t", 0, "s", "x"] == 10
    assert found["t", 1, "q r"] == 12
    text = json.dumps({"a": {"b\n": [1, {"c": None}]}, "d": ""}, indent=1)
    places = json_lines(text)
    assert places["a", "b\n"] == 3
    assert places["a", "b\n", 1, "c"] == 6
    assert places["d",] == 10


def test_the_spec_names_what_can_be_read() -> None:
    assert set(SPEC.reads.names) == set(NAMES)
