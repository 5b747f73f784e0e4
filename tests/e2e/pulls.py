"""A pull request in a real git repository, and what the installed program says of it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.e2e.program import Done, Program
from tests.subject.repos import Repo

POLICY = """\
[scanners.bandit]
required = "yes"
[scanners.advisories]
required = "off"
[scanners.semgrep]
required = "off"
"""
RULE = "B324"
"""Of bandit, severity high: md5. Nothing else that these trees hold is a finding."""
FLAWED_LINE = 5
CLEAN = "def add(one, two):\n    return one + two\n"

Files = Mapping[Any, str | bytes]
"""Path, or its bytes -> content."""
States = dict[tuple[str, str, int], str]


def flaw(name: str, salt: str = "") -> str:
    """Return a module with one flaw, in line 5; code and neighbours are of this name only."""
    return (
        f"import hashlib\n\n\ndef digest_{name}(data, {name}):\n"
        f"    return hashlib.md5(data + {name} + {salt or name}_salt).hexdigest()\n"
    )


@dataclass(frozen=True, slots=True)
class Seen:
    """A run that ended, and what became of every finding."""

    done: Done

    @property
    def states(self) -> States:
        """Return (rule, path, line) -> state of the findings of all scanners but the one of changes.

        Of several at one place the states are joined by a plus.
        """
        out: States = {}
        for scanner, place, state in self._all():
            if scanner != "change":
                out[place] = f"{out[place]}+{state}" if place in out else state
        return out

    @property
    def watched(self) -> dict[str, str]:
        """Return path -> rule of what the change did to the files that judge it."""
        return {path: rule for scanner, (rule, path, _), _ in self._all() if scanner == "change"}

    @property
    def waivers(self) -> dict[str, str | None]:
        """Return path -> what accepts a finding there; one for each path."""
        told = {one["finding"]: one.get("waiver") for one in self._judged().get("judged", ())}
        return {path: told[name] for name, path in self._paths().items()}

    @property
    def ids(self) -> list[str]:
        """Return the ids of all findings."""
        return sorted(self._paths())

    def _paths(self) -> dict[str, str]:
        return {finding["id"]: _place(finding)["path"] for _, finding in self._findings()}

    @property
    def gone(self) -> dict[str, str]:
        """Return path -> state of findings that only the base has."""
        compared = self._judged()["compared"]
        return {one["finding"]["location"]["path"]: one["state"] for one in compared.get("gone", ())}

    def _judged(self) -> dict[str, Any]:
        data: dict[str, Any] = json.loads((self.done.output / "judged.json").read_bytes())
        return data

    def _all(self) -> list[tuple[str, tuple[str, str, int], str]]:
        states = {one["finding"]: one["state"] for one in self._judged().get("judged", ())}
        out = []
        for scanner, finding in self._findings():
            at = _place(finding)
            line = (at.get("region") or {"start_line": 0})["start_line"]
            out.append((scanner, (finding["rule"]["id"], at["path"], line), states[finding["id"]]))
        assert len(out) == len(states)
        return out

    def _findings(self) -> list[tuple[str, dict[str, Any]]]:
        files = sorted((self.done.output / "results").iterdir())
        results = [json.loads(file.read_bytes()) for file in files]
        return [(result["scanner"], one) for result in results for one in result.get("findings", ())]


def _place(finding: dict[str, Any]) -> dict[str, Any]:
    place: dict[str, Any] = finding["location"].get("at") or finding["location"]
    return place


@dataclass(slots=True)
class Pull:
    """A repository with a base, `main`, and a branch that is checked out: `feature`."""

    program: Program
    repo: Repo
    env: dict[str, str] = field(default_factory=dict)

    @classmethod
    def start(cls, program: Program, files: Files, policy: str = POLICY) -> Pull:
        """Commit `files` and the policy as the base."""
        pull = cls(program, Repo(program.folder / "repo"))
        if policy:
            pull.repo.put(".devsecops/policy.toml", policy)
        for name, data in files.items():
            pull.repo.put(name, data)
        pull.repo.commit()
        pull.repo.git("checkout", "-q", "-b", "feature")
        return pull

    @property
    def since(self) -> str:
        """What the base is called in the last line."""
        return f"commit {self.rev('main')[:10]}"

    def rev(self, name: str) -> str:
        return self.repo.git("rev-parse", name).decode().strip()

    def put(self, files: Files) -> None:
        for name, data in files.items():
            self.repo.put(name, data)

    def remove(self, name: str) -> None:
        path = self.repo.root / name
        shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()

    def move(self, old: str, new: str) -> None:
        path = self.repo.root / new
        path.parent.mkdir(parents=True, exist_ok=True)
        (self.repo.root / old).rename(path)

    def judge(self, *args: str | Path, base: str = "main", commit: bool = True) -> Seen:
        """Commit what is on disk and judge it."""
        if commit:
            self.repo.commit()
        words: Sequence[str | Path] = ("--base", base, "--offline", *args)
        return Seen(self.program.scan(self.repo.root, *words, env=self.env))


def new(path: str, line: int = FLAWED_LINE) -> States:
    """A flaw that counts."""
    return {(RULE, path, line): "new"}


def old(path: str, line: int = FLAWED_LINE) -> States:
    """A flaw that was there before."""
    return {(RULE, path, line): "unchanged"}


def passed(pull: Pull, seen: Seen, files: int) -> None:
    """The change passes, and the last line says that it was a change."""
    assert seen.done.code == 0, seen.done
    lead = f"PASS: change of {files} file{'s' * (files != 1)} since {pull.since}: "
    assert seen.done.last_line.startswith(lead), seen.done


def failed(pull: Pull, seen: Seen, files: int, worst: str, flaws: int = 1) -> None:
    """The change fails for `flaws` flaws, the worst of them at `worst`."""
    assert seen.done.code == 1, seen.done
    many = flaws > 1
    assert seen.done.last_line == (
        f"FAIL: change of {files} file{'s' * (files != 1)} since {pull.since}: "
        f"{flaws} finding{'s' * many} at or above high ({'worst: ' * many}bandit/{RULE} {worst})"
    ), seen.done
