"""What `devsecops plugin new` writes: a package with a scanner, or a check, that passes `plugin check`."""

from __future__ import annotations

import keyword
import re
import sys
from importlib.util import find_spec
from pathlib import Path

from devsecops.errors import UsageError

_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*\Z")
_LONGEST = 40

_PYPROJECT = """\
[build-system]
requires = ["hatchling>=1.27"]
build-backend = "hatchling.build"

[project]
name = "devsecops-{name}"
version = "0.1.0"
description = "A {what} for devsecops."
requires-python = ">=3.11"
dependencies = ["devsecops>={version}"]

[project.entry-points.devsecops]
{name} = "{module}"

[tool.hatch.build.targets.wheel]
include = ["{module}.py"]
"""
_PLUGIN = '''\
"""{name}: a debug switch that is on."""

import re

from devsecops import api

ON = re.compile(r"\\s*debug\\s*=\\s*(1|on|true|yes)\\s*", re.IGNORECASE)
RULE = api.Rule(
    tool="{name}",
    id="DEBUG-ON",
    summary="A debug switch is on.",
    help="Set it to false, and switch it on only where you develop.",
    weakness="CWE-489",
    severity="high",
    confidence="high",
)
# Planted among the real files. A run in which it is not found does not count.
CANARY = api.Canary(
    label="ini",
    files={{"canary.ini": "[app]\\ndebug = yes\\n"}},
    expects=(api.Expect(rule="DEBUG-ON", file="canary.ini", line=2),),
)


def look(unit, text):
    for number, line in enumerate(text.splitlines(), 1):
        if ON.fullmatch(line):
            yield api.finding_at(unit, number, RULE, kind="config")


class Scanner:
    spec = api.Spec(
        name="{name}",
        kind="config",
        reads=api.Reads(suffixes=(".ini",)),
        controls=(CANARY,),
    )

    def scan(self, ctx):
        return api.scan_texts(ctx, look, rules=[RULE], version="0.1.0")


@api.hookimpl
def devsecops_scanners():
    return [Scanner()]
'''
_TEST = """\
from pathlib import Path

from devsecops.testing import check, scan

PLUGIN = Path(__file__).with_name("{module}.py")


def test_it_finds_what_it_is_for_and_nothing_else():
    files = {{"app.ini": "[app]\\ndebug = On\\n", "other.ini": "[app]\\ndebug = off\\n"}}
    result = scan(PLUGIN, files)
    assert result.status == "complete"
    found = [(f.rule.id, f.location.path) for f in result.findings]
    assert found == [("DEBUG-ON", "app.ini")]


def test_it_keeps_the_contract():
    assert [(one.name, one.wrong) for one in check(PLUGIN) if not one.passed] == []
"""
_CHECK = '''\
"""{name}: nothing at all may be open in some folders, whatever its severity."""

from devsecops import api

FOLDERS = ("payments/", "app/payments/")


class Check:
    name = "{name}"

    def check(self, report):
        waived = {{one.finding for one in report.judged if one.waiver}}
        found = [
            finding.id
            for finding in report.findings
            if finding.id not in waived and path_of(finding).startswith(FOLDERS)
        ]
        if found:
            yield api.Objection(
                message=f"{{len(found)}} open in {{' or '.join(FOLDERS)}}",
                findings=tuple(found),
                remedy="Repair them, or waive each with a reason.",
            )


def path_of(finding):
    at = getattr(finding.location, "at", finding.location)
    return getattr(at, "path", "")


@api.hookimpl
def devsecops_checks():
    return [Check()]
'''
_TEST_CHECK = """\
from pathlib import Path

from devsecops.testing import check, objections, sample_report

PLUGIN = Path(__file__).with_name("{module}.py")


def test_it_objects_to_what_is_open_in_its_folders_and_to_nothing_else():
    elsewhere = sample_report(hostile=False, findings=3, folder="app")
    assert objections(PLUGIN, elsewhere) == ()
    here = sample_report(hostile=False, findings=3, folder="payments")
    (one,) = objections(PLUGIN, here)
    assert len(one.findings) == 3


def test_it_keeps_the_contract():
    assert [(one.name, one.wrong) for one in check(PLUGIN) if not one.passed] == []
"""


def files_of(name: str, *, check: bool = False) -> dict[str, str]:
    """Return the files of a new plugin: path -> text. It has a scanner, or a check instead."""
    from devsecops import __version__

    module = name.replace("-", "_")
    plugin, test, what = (_CHECK, _TEST_CHECK, "check") if check else (_PLUGIN, _TEST, "scanner")
    texts = {"pyproject.toml": _PYPROJECT, f"{module}.py": plugin, f"test_{module}.py": test}
    values = {"name": name, "module": module, "version": __version__, "what": what}
    return {path: text.format(**values) for path, text in texts.items()}


def check_name(name: str, taken: set[str]) -> None:
    """Raise UsageError when a plugin cannot be called `name`; `taken` are the names there are."""
    if not _NAME.match(name) or len(name) > _LONGEST:
        raise UsageError(
            f"plugin new {name}: a name has lower-case letters and digits, in words joined by one dash, "
            f"at most {_LONGEST} in all."
        )
    if name in taken:
        raise UsageError(f"plugin new {name}: there is a plugin or a scanner of that name.")
    module = name.replace("-", "_")
    if keyword.iskeyword(module) or module in sys.builtin_module_names or find_spec(module) is not None:
        raise UsageError(f"plugin new {name}: Python has a word or a module {module} already.")


def write(name: str, parent: Path, *, check: bool = False) -> Path:
    """Write the files into the new folder `parent/name`, and return it. Nothing is overwritten.

    Raises:
        UsageError: the folder exists or cannot be made.
    """
    folder = parent / name
    try:
        folder.mkdir()
        for path, text in files_of(name, check=check).items():
            with open(folder / path, "x", encoding="utf-8") as file:
                file.write(text)
    except FileExistsError:
        raise UsageError(f"plugin new {name}: {folder} exists; nothing was written.") from None
    except OSError as error:
        raise UsageError(f"plugin new {name}: {folder} cannot be written: {error.strerror}.") from None
    return folder
