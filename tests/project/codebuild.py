"""A small CodeBuild: runs the phases of a buildspec in one real bash, by the rules of buildspec 0.2.

State carries over between commands. A phase fails with its first failing command or its `finally`; after
install and pre_build that ends the build, after build there is post_build still.
"""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

PHASES = ("install", "pre_build", "build", "post_build")
_DRIVER = """\
run() {  # PHASE COMMANDS FINALLY: files with one command each
  local failed=0 command
  for command in "$2"/*; do [ -e "$command" ] || continue; . "$command" || { failed=$?; break; }; done
  for command in "$3"/*; do [ -e "$command" ] || continue; . "$command" || failed=$?; done
  printf '%s %s\\n' "$1" "$failed" >>"$CODEBUILD_STATE/phases"
  return "$failed"
}
"""


@dataclass(frozen=True)
class Build:
    """What a build came to. `phases` maps each phase that ran to the code it ended with."""

    phases: dict[str, int]
    exported: dict[str, str]
    out: str

    @property
    def succeeded(self) -> bool:
        return not any(self.phases.values())


def read(path: Path) -> dict[str, Any]:
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert isinstance(document, dict)
    return document


def build(
    buildspec: Mapping[str, Any],
    source: Path,
    state: Path,
    env: Mapping[str, str],
    phases: Sequence[str] = PHASES,
) -> Build:
    """Run a build of `source`; `env` is the machine's and the project's, which wins over the buildspec's."""
    assert buildspec["version"] == 0.2
    assert buildspec["env"]["shell"] == "bash"
    state.mkdir()
    lines = [_DRIVER]
    for phase in [name for name in phases if name in buildspec["phases"]]:
        for part in ("commands", "finally"):
            folder = state / phase / part
            folder.mkdir(parents=True)
            for number, command in enumerate(buildspec["phases"][phase].get(part, [])):
                assert isinstance(command, str), f"YAML reads {command!r} as something else"
                (folder / f"{number:03}").write_text(command + "\n", encoding="utf-8")
        call = f'run {phase} "$CODEBUILD_STATE/{phase}/commands" "$CODEBUILD_STATE/{phase}/finally"'
        lines.append(f'[ -n "${{ended:-}}" ] || {call} || {"true" if phase == "build" else "ended=1"}')
    exported = buildspec["env"].get("exported-variables", [])
    lines += [f'printf "%s\\0" "${name}" >>"$CODEBUILD_STATE/exported"' for name in exported]
    script = state / "driver"
    script.write_text("\n".join(lines) + "\n", encoding="utf-8")
    variables = {name: str(value) for name, value in buildspec["env"].get("variables", {}).items()}
    done = subprocess.run(
        ["bash", script],
        cwd=source,
        env=variables | dict(env) | {"CODEBUILD_STATE": str(state)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        timeout=300,
        check=False,
    )
    values = (state / "exported").read_text(encoding="utf-8").split("\0")
    ran = [line.split() for line in (state / "phases").read_text(encoding="utf-8").splitlines()]
    return Build(
        phases={phase: int(code) for phase, code in ran},
        exported=dict(zip(exported, values, strict=False)),
        out=done.stdout,
    )
