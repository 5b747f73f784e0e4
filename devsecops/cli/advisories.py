"""`devsecops advisories`: the data that dependencies are judged by."""

from __future__ import annotations

import argparse

SUMMARY = "Replace the advisory data that dependencies are judged by."
_SIGNS = {
    "npm": ("package.json", "package-lock.json", "npm-shrinkwrap.json"),
    "PyPI": ("pyproject.toml", "Pipfile", "Pipfile.lock", "poetry.lock", "uv.lock", "pylock.toml"),
}
_LEFT_OUT = frozenset((".git", "node_modules", ".tox", "__pycache__", ".venv"))


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verbs and their options."""
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
    update = verbs.add_parser("update", help="fetch OSV records and replace the index, all or nothing")
    update.add_argument(
        "--ecosystem",
        action="append",
        default=[],
        metavar="NAME",
        help="PyPI or npm; may be repeated (default: those found in PATH)",
    )
    update.add_argument(
        "--from",
        dest="source",
        metavar="SOURCE",
        help="a zip or folder of OSV records, or an https URL of such a zip (default: OSV's public export)",
    )
    update.add_argument("path", nargs="?", default=".", metavar="PATH", help="the tree (default: here)")


def ecosystems_in(path: str) -> tuple[str, ...]:
    """Return the ecosystems that the tree at `path` has manifests of; PyPI when there are none.

    Raises:
        UsageError: `path` is no folder.
    """
    import os
    from pathlib import Path

    from devsecops.errors import UsageError

    if not Path(path).is_dir():
        raise UsageError(f"{path} is not a folder: name the tree whose ecosystems are wanted")
    found: set[str] = set()
    for _, folders, files in os.walk(path):
        folders[:] = [name for name in folders if name not in _LEFT_OUT]
        names = set(files)
        found.update(ecosystem for ecosystem, signs in _SIGNS.items() if names.intersection(signs))
        if any(name.endswith((".txt", ".in")) and "requirements" in name for name in files):
            found.add("PyPI")
    return tuple(sorted(found)) or ("PyPI",)


def run(args: argparse.Namespace) -> int:
    """Replace the index; return 0.

    Raises:
        UsageError: there is no such ecosystem or source.
        IncompleteError: it could not be replaced; the old one is untouched.
    """
    import datetime
    import sys
    from pathlib import Path

    from devsecops.contract import Refresh
    from devsecops.errors import IncompleteError, UsageError
    from devsecops.registry import discover, refresh

    ecosystems = tuple(dict.fromkeys(args.ecosystem))
    unknown = [name for name in ecosystems if name not in _SIGNS]
    if unknown:
        raise UsageError(f"--ecosystem {unknown[0]} is not known: it must be PyPI or npm")
    source = args.source
    if source is not None and "://" not in source:
        if not Path(source).exists():
            raise UsageError(f"--from {source} does not exist: name a zip, a folder or an https URL")
        source = str(Path(source).resolve())
    if not ecosystems and source is None:
        ecosystems = ecosystems_in(args.path)
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    print(f"reading {source or 'the public OSV export'} ...", file=sys.stderr)
    try:
        request = Refresh(ecosystems=ecosystems, source=source, today=today)
        said = refresh(discover(), "advisories", request)
    except ValueError as error:
        raise IncompleteError(f"the advisory data was not replaced: {error}") from None
    print(said)
    return 0
