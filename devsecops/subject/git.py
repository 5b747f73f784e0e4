"""The one place that runs git: an absolute git, nothing of our environment, no code of the repository's.

A repository's configuration is as hostile as its files (a restored cache, an unpacked archive): whatever in
it can start a command is switched off, nothing is fetched, and only plumbing is used that applies no filter.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

from devsecops import paths
from devsecops.errors import IncompleteError, UsageError

DEADLINE_S = 120.0
_FOLDERS = ("/usr/bin", "/bin", "/usr/local/bin", "/opt/homebrew/bin", "/run/current-system/sw/bin")
_SETTINGS = (
    "core.fsmonitor=false",
    "core.hooksPath=/dev/null",
    "core.untrackedCache=false",
    "core.excludesFile=/dev/null",
    "core.attributesFile=/dev/null",
    "safe.bareRepository=explicit",
    "protocol.allow=never",
)
_ENVIRONMENT = {
    "PATH": "/usr/bin:/bin",
    "LC_ALL": "C",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
}


class GitError(IncompleteError):
    """git ended with an error; `said` is its stderr, made visible and redacted."""

    def __init__(self, message: str, said: str) -> None:
        super().__init__(message)
        self.said = said


@dataclass(frozen=True, slots=True)
class Git:
    """A repository with a work tree. `top` is its root, without a link in it.

    `consent` are the user's own ``safe.directory`` settings, passed on only when git asked for them.
    """

    top: bytes
    object_format: str = "sha1"
    shallow: bool = False
    consent: tuple[bytes, ...] = ()

    def argv(self, *args: str | bytes) -> list[str | bytes]:
        """Return the whole command line of git with `args`."""
        settings = [os.fsencode(s) for s in _SETTINGS] + [b"safe.directory=" + s for s in self.consent]
        options = [item for setting in settings for item in (b"-c", setting)]
        return [_executable(), "-C", self.top, "--no-pager", "--literal-pathspecs", *options, *args]

    def run(self, *args: str | bytes, ok: tuple[int, ...] = (0,), given: bytes = b"") -> bytes:
        """Return what git writes to stdout; `given` is its stdin.

        Raises:
            GitError: it ended otherwise than with one of `ok`, left something out, or took longer than
                the deadline.
        """
        code, out, said = run(self.argv(*args), given=given)
        self._check(code, said, ok)
        return out

    def lines(self, *args: str | bytes) -> Iterator[bytes]:
        """Yield what git writes to stdout line by line; however much it is, no more than a line is held.

        Raises:
            GitError: as `run`, before the first line.
        """
        import tempfile

        with tempfile.TemporaryFile() as file:
            code, _, said = run(self.argv(*args), stdout=file)
            self._check(code, said, (0,))
            file.seek(0)
            yield from file

    def _check(self, code: int, said: str, ok: tuple[int, ...]) -> None:
        if code not in ok or "could not open directory" in said:
            raise GitError(f"git cannot read the repository {shown(self.top)}: {said}", said)


def shown(path: str | bytes | os.PathLike[str]) -> str:
    """Return a path as it may stand in a sentence."""
    from devsecops.encode import visible
    from devsecops.findings.redact import redact

    return visible(redact(paths.to_text(os.fsencode(path))))


def environment() -> dict[str, str]:
    """Return all that git sees of an environment."""
    return dict(_ENVIRONMENT)


def run(
    argv: list[str | bytes],
    env: dict[str, str] | None = None,
    *,
    stdout: IO[bytes] | None = None,
    given: bytes = b"",
) -> tuple[int, bytes, str]:
    """Return the exit code, stdout unless it goes to a file, and stderr's first line, fit to be shown."""
    import subprocess

    from devsecops.encode import one_line
    from devsecops.findings.redact import redact

    try:
        done = subprocess.run(
            argv,
            env=environment() if env is None else env,
            stdin=None if given else subprocess.DEVNULL,
            input=given or None,
            stdout=subprocess.PIPE if stdout is None else stdout,
            stderr=subprocess.PIPE,
            timeout=DEADLINE_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return -1, b"", f"git did not end within {DEADLINE_S:g} s"
    lines = done.stderr.decode("utf-8", "replace").strip().splitlines()
    fatal = next((line for line in lines if line.startswith(("fatal:", "error:"))), lines[0] if lines else "")
    said = one_line(redact(fatal[:2000])).removeprefix("fatal: ").removeprefix("error: ")
    return done.returncode, done.stdout or b"", said or f"it ended with {done.returncode}"


def user(top: bytes) -> str:
    """Return who the user is by git's configuration: the address, else the name; empty without both."""
    env = environment() | {
        name: os.environ[name] for name in ("HOME", "XDG_CONFIG_HOME") if name in os.environ
    }
    del env["GIT_CONFIG_GLOBAL"]
    for key in ("user.email", "user.name"):
        code, out, _ = run(Git(top).argv("config", "--no-includes", "--get", key), env)
        if code == 0 and (name := out.decode("utf-8", "replace").strip()):
            return name
    return ""


@functools.cache
def _executable() -> str:
    for folder in _FOLDERS:
        path = f"{folder}/git"
        if os.access(path, os.X_OK):
            return path
    raise IncompleteError(f"git was not found in {', '.join(_FOLDERS)}; install it.")


def discover(path: bytes) -> Git | None:
    """Return the repository that the folder `path` (absolute, no link in it) is part of; None outside git.

    Raises:
        UsageError: a bare repository, a work tree that is elsewhere, or one that belongs to another user.
        IncompleteError: there is a ``.git`` that git cannot read.
    """
    folder = path
    passed = None
    while True:
        if os.path.lexists(os.path.join(folder, b".git")):  # noqa: PTH118 - bytes
            found = _open(folder)
            if found is not None:
                return found
            passed = passed or folder
        parent = os.path.dirname(folder)  # noqa: PTH120 - bytes
        if parent == folder:
            break
        folder = parent
    if passed is not None:
        raise _elsewhere(passed)
    if _is_bare(path):
        raise UsageError(f"{shown(path)} is a bare git repository; give a clone that has a work tree.")
    return None


def _open(folder: bytes) -> Git | None:
    """Open the repository whose root is `folder`; None when git says that the root is further up."""
    git = Git(folder)
    code, out, said = _probe(git)
    if code and "dubious ownership" in said:
        git = Git(folder, consent=_consent())
        if git.consent:
            code, out, said = _probe(git)
    if code and "dubious ownership" in said:
        raise UsageError(
            f"{shown(folder)} belongs to another user: run as its owner, "
            "or allow it with git config --global --add safe.directory and its path."
        )
    if code:
        raise IncompleteError(f"{shown(folder)} holds a .git that git cannot read: {said}; repair the clone.")
    inside, object_format, shallow, prefix = out.decode("utf-8", "replace").split("\n", 3)
    if inside != "true":
        raise _elsewhere(folder)
    if prefix.rstrip("\n"):
        return None
    return Git(folder, object_format, shallow == "true", git.consent)


def _elsewhere(folder: bytes) -> UsageError:
    return UsageError(
        f"{shown(folder)} is a git repository whose work tree is elsewhere; give the work tree's path."
    )


def _probe(git: Git) -> tuple[int, bytes, str]:
    asked = ("--is-inside-work-tree", "--show-object-format", "--is-shallow-repository", "--show-prefix")
    return run(git.argv("rev-parse", *asked))


def _consent() -> tuple[bytes, ...]:
    """Return the directories that the user's and the machine's configuration call safe."""
    env = {"PATH": _ENVIRONMENT["PATH"], "LC_ALL": "C"}
    env |= {name: os.environ[name] for name in ("HOME", "XDG_CONFIG_HOME") if name in os.environ}
    found: list[bytes] = []
    for scope in ("--system", "--global"):
        argv: list[str | bytes] = [_executable(), "-C", "/", "config", scope, "-z", "--get-all"]
        code, out, _ = run([*argv, "safe.directory"], env)
        found += out.split(b"\0")[:-1] if code == 0 else []
    return tuple(found)


def _is_bare(path: bytes) -> bool:
    names = (b"HEAD", b"objects", b"refs")
    return all(os.path.lexists(os.path.join(path, name)) for name in names)  # noqa: PTH118 - bytes
