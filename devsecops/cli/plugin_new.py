"""What `devsecops plugin new` writes: a package with one scanner that passes `devsecops plugin check`."""

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
description = "A scanner for devsecops."
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


def files_of(name: str) -> dict[str, str]:
    """Return the files of a new plugin: path -> text."""
    from devsecops import __version__

    module = name.replace("-", "_")
    texts = {"pyproject.toml": _PYPROJECT, f"{module}.py": _PLUGIN, f"test_{module}.py": _TEST}
    return {path: text.format(name=name, module=module, version=__version__) for path, text in texts.items()}


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


def write(name: str, parent: Path) -> Path:
    """Write the files into the new folder `parent/name`, and return it. Nothing is overwritten.

    Raises:
        UsageError: the folder exists or cannot be made.
    """
    folder = parent / name
    try:
        folder.mkdir()
        for path, text in files_of(name).items():
            with open(folder / path, "x", encoding="utf-8") as file:
                file.write(text)
    except FileExistsError:
        raise UsageError(f"plugin new {name}: {folder} exists; nothing was written.") from None
    except OSError as error:
        raise UsageError(f"plugin new {name}: {folder} cannot be written: {error.strerror}.") from None
    return folder
