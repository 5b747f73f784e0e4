"""pyproject.toml and Pipfile: what a Python project asks for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from devsecops_advisories.manifests.lines import Place
from devsecops_advisories.manifests.model import Manifest
from devsecops_advisories.manifests.pep508 import add_requirement, can_hold, pinned

Lines = Mapping[Place, int]


def table(value: object) -> dict[str, Any]:
    """Return `value` when it is a table, else an empty one."""
    return value if isinstance(value, dict) else {}


def items(value: object) -> list[Any]:
    """Return `value` when it is an array, else an empty one."""
    return value if isinstance(value, list) else []


def _strings(manifest: Manifest, value: object, place: Place, lines: Lines) -> None:
    if value is not None and not isinstance(value, list):
        manifest.skip("", lines.get(place, 1), "unparsable", text=".".join(map(str, place)))
    for number, text in enumerate(items(value)):
        line = lines.get((*place, number), lines.get(place, 1))
        if isinstance(text, str):
            add_requirement(manifest, text, line)
        elif not (isinstance(text, dict) and "include-group" in text):
            manifest.skip("", line, "unparsable", text=str(text))


def _poetry_version(wanted: str) -> str:
    """Return the PEP 440 specifier that a bare Poetry version stands for; else the text as it is."""
    return (
        f"=={wanted}" if wanted[:1].isdigit() and not any(sign in wanted for sign in ",*|<>=~^ ") else wanted
    )


def _entry(manifest: Manifest, name: str, wanted: object, line: int, *, poetry: bool) -> None:
    """Add one entry of a Poetry or Pipenv table."""
    if isinstance(wanted, list):
        for one in wanted:
            _entry(manifest, name, one, line, poetry=poetry)
        return
    details = table(wanted)
    marker = details.get("markers")
    version = details.get("version", "*") if isinstance(wanted, dict) else wanted
    if any(word in details for word in ("git", "hg", "svn", "bzr", "ref", "url", "file", "path")):
        manifest.skip(name, line, "url")
    elif isinstance(marker, str) and not can_hold(marker):
        manifest.skip(name, line, "marker")
    elif not isinstance(version, str):
        manifest.skip(name, line, "unparsable", text=name)
    else:
        specifier = _poetry_version(version.strip()) if poetry else version.strip()
        pin = pinned(specifier)
        if pin is not None:
            manifest.pin(name, pin, line)
        else:
            manifest.skip(name, line, "unpinned", specifier="" if specifier == "*" else specifier)


def _entries(manifest: Manifest, raw: object, place: Place, lines: Lines, *, poetry: bool) -> None:
    for name, wanted in table(raw).items():
        if not (poetry and name.lower() == "python"):
            _entry(manifest, name, wanted, lines.get((*place, name), 1), poetry=poetry)


def _dynamic(manifest: Manifest, project: dict[str, Any], tool: dict[str, Any], lines: Lines) -> None:
    known = table(table(tool.get("setuptools")).get("dynamic"))
    for word in ("dependencies", "optional-dependencies"):
        if word in items(project.get("dynamic")) and word not in known:
            poetry = table(tool.get("poetry"))
            if not (word == "dependencies" and "dependencies" in poetry):
                manifest.skip("", lines.get(("project", "dynamic"), 1), "dynamic", text=f"dynamic {word}")


def read_pyproject(manifest: Manifest, raw: dict[str, Any], lines: Lines) -> None:
    """Add what a pyproject.toml asks for; what only builds it (`build-system`) is not counted."""
    project, tool = table(raw.get("project")), table(raw.get("tool"))
    _strings(manifest, project.get("dependencies"), ("project", "dependencies"), lines)
    groups: list[tuple[Place, object]] = [
        (("project", "optional-dependencies"), project.get("optional-dependencies")),
        (("dependency-groups",), raw.get("dependency-groups")),
        (("tool", "pdm", "dev-dependencies"), table(tool.get("pdm")).get("dev-dependencies")),
    ]
    for place, group in groups:
        for name, value in table(group).items():
            _strings(manifest, value, (*place, name), lines)
    uv = table(tool.get("uv"))
    _strings(manifest, uv.get("dev-dependencies"), ("tool", "uv", "dev-dependencies"), lines)
    poetry = table(tool.get("poetry"))
    for word in ("dependencies", "dev-dependencies"):
        _entries(manifest, poetry.get(word), ("tool", "poetry", word), lines, poetry=True)
    for name, group in table(poetry.get("group")).items():
        place = ("tool", "poetry", "group", name, "dependencies")
        _entries(manifest, table(group).get("dependencies"), place, lines, poetry=True)
    _dynamic(manifest, project, tool, lines)


def read_pipfile(manifest: Manifest, raw: dict[str, Any], lines: Lines) -> None:
    """Add what a Pipfile asks for, of every category."""
    for category, group in raw.items():
        if category not in ("source", "requires", "pipenv", "scripts"):
            _entries(manifest, group, (category,), lines, poetry=False)
