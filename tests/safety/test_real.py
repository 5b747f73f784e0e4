"""The real safety 3.8.1, through the launcher and through the program."""

from __future__ import annotations

import json
import random
import socket
import subprocess
from pathlib import Path
from typing import Any

import pytest

from devsecops.api import ReadyTool
from devsecops.tools import ready
from devsecops_safety import launcher
from devsecops_safety.database import version
from devsecops_safety.index import load
from devsecops_safety.scanner import Safety
from tests.conftest import RunDevsecops, clean_environment
from tests.safety.samples import DATA, FILES, TODAY, lay_out, run
from tests.safety.test_parse import GOLDEN, parse

pytestmark = pytest.mark.e2e
POLICY = (
    '[data]\nmax_age_days = 9999\n[scanners.bandit]\nrequired = "off"\n[scanners.safety]\nrequired = "yes"\n'
)


@pytest.fixture(scope="session")
def cache(devsecops_bin: Path, tool_cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The cache of tools with safety in it, which no default asks for."""
    env = clean_environment(tmp_path_factory.mktemp("home"), tool_cache)
    command = [str(devsecops_bin), "tools", "sync", "safety"]
    done = subprocess.run(
        command, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return tool_cache


@pytest.fixture
def tool(cache: Path, monkeypatch: pytest.MonkeyPatch) -> ReadyTool:
    spec = Safety().spec.tool
    assert spec is not None
    with monkeypatch.context() as patch:
        patch.setenv("DEVSECOPS_CACHE", str(cache))
        return ready(spec, offline=True, say=pytest.fail)


def test_the_real_tool_still_says_what_the_golden_report_says(tmp_path: Path, tool: ReadyTool) -> None:
    context = lay_out(tmp_path / "real", tool)
    said = Safety().parse(context, [run(context, Safety().plan(context))])
    assert said == parse(lay_out(tmp_path / "golden"), GOLDEN)
    assert (DATA / "report.json").is_file()


TRY = """
import runpy, sys
names = runpy.run_path(sys.argv[1], run_name="launcher")
def attempts():
    import socket, subprocess, os
    yield lambda: socket.create_connection(("127.0.0.1", int(sys.argv[2])), 2)
    yield lambda: socket.getaddrinfo("localhost", 80)
    yield lambda: socket.socketpair()
    yield lambda: subprocess.run([sys.executable, "-c", "print(1)"])
    yield lambda: os.system("true")
    yield lambda: os.fork() or os._exit(0)
def count():
    done = 0
    for attempt in attempts():
        try:
            attempt()
            done += 1
        except PermissionError as error:
            assert "is not allowed here" in str(error), error
    return done
before = count()
names["block"]()
print(before, count())
"""


def test_inside_the_launcher_no_socket_and_no_process_can_be_had(tool: ReadyTool) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = str(server.getsockname()[1])
        argv = (str(tool.python), "-I", "-c", TRY, launcher.__file__, port)
        done = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=60)
        assert done.stdout.split()[-2:] == ["6", "0"], done.stdout + done.stderr
        server.settimeout(1)
        server.accept()[0].close()
        server.settimeout(0.2)
        with pytest.raises(TimeoutError):
            server.accept()


def test_a_library_that_calls_out_ends_the_launcher(tmp_path: Path, tool: ReadyTool) -> None:
    context = lay_out(tmp_path, tool)
    (planned,) = Safety().plan(context)
    text, before = Path(launcher.__file__).read_text(), "    from safety.formatter import"
    assert text.count(before) == 1
    with socket.create_server(("127.0.0.1", 0)) as server:
        call = f"    import socket; socket.create_connection({server.getsockname()!r}, 2)\n"
        (tmp_path / "launcher.py").write_text(text.replace(before, call + before))
        argv = [tmp_path / "launcher.py" if word.endswith("launcher.py") else word for word in planned.argv]
        done = subprocess.run(argv, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60)
        server.settimeout(0.2)
        with pytest.raises(TimeoutError):
            server.accept()
    assert done.returncode == 1
    assert "PermissionError: socket." in done.stderr
    assert not (Path(context.scratch) / "safety.json").exists()


def pins(seed: str, count: int) -> list[tuple[str, str]]:
    """Draw pins of affected packages, on both sides of the ends of their ranges, each package once."""
    index, rng = load(TODAY), random.Random(seed)
    drawn: list[tuple[str, str]] = []
    for name in rng.sample(sorted(index.packed), 3 * count):
        texts = {t for one in index.of(name) for events in one.ranges for _, t in events if t != "0"}
        texts |= {text for one in index.of(name) for text in one.listed}
        texts = {text for text in texts if version(text) is not None} | {"0.0.1"}
        drawn.append((name, rng.choice(sorted(texts))))
    return drawn[:count]


def what(folder: Path, scanner: str) -> dict[tuple[Any, ...], dict[str, Any]]:
    result = json.loads((folder / "results" / f"{scanner}.json").read_bytes())
    assert result["status"] == "complete", result
    assert result["control"]["found"] is True
    found = {}
    for one in result["findings"]:
        at = one["location"]["at"]
        kept = {
            name: one.get(name) for name in ("severity", "score", "weakness", "basis", "message", "remedy")
        }
        kept |= one["evidence"] | {"purl": one["location"]["purl"], "region": at["region"]}
        found[one["rule"]["id"], at["path"], at["region"]["start_line"]] = kept
    assert len(found) == len(result["findings"])
    return found


def test_it_finds_the_same_advisories_on_plain_pins(
    run_devsecops: RunDevsecops, cache: Path, tmp_path: Path, seed: str
) -> None:
    drawn = pins(seed, 120)
    assert len(drawn) >= 60
    tree = tmp_path / "tree"
    (tree / "more" / "requirements").mkdir(parents=True)
    for name, part in (("requirements.txt", drawn[:80]), ("more/requirements/dev.txt", drawn[40:])):
        (tree / name).write_text("".join(f"{package}=={text}\n" for package, text in part))
    (tmp_path / "policy.toml").write_text(POLICY)
    out = tmp_path / "out"
    args = ("scan", tree, "--policy", tmp_path / "policy.toml", "--output", out, "--as-of", TODAY)
    done = run_devsecops(*args, env={"DEVSECOPS_CACHE": str(cache)})
    assert done.returncode == 1, done.stderr
    ours, theirs = what(out, "safety"), what(out, "advisories")
    assert ours == theirs, f"seed {seed}"
    assert len({key[1:] for key in ours}) >= 40
    data = [
        json.loads((out / "results" / f"{name}.json").read_bytes())["tool"]["data"]
        for name in ("safety", "advisories")
    ]
    assert data[0] == data[1]


def test_a_scan_with_the_line_of_policy_and_one_without(
    run_devsecops: RunDevsecops, cache: Path, tmp_path: Path
) -> None:
    tree = tmp_path / "tree"
    for name, text in FILES.items():
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        (tree / name).write_text(text)
    (tmp_path / "on.toml").write_text(POLICY)
    (tmp_path / "off.toml").write_text(POLICY.partition("[scanners.safety]")[0])
    env = {"DEVSECOPS_CACHE": str(cache)}
    for word in ("on", "off"):
        args = ("scan", tree, "--policy", tmp_path / f"{word}.toml", "--output", tmp_path / word)
        assert run_devsecops(*args, "--as-of", TODAY, env=env).returncode == 1
    off = json.loads((tmp_path / "off" / "verdict.json").read_bytes())["statement"]
    assert "safety" not in [one["name"] for one in off["scanners"]]
    assert not any(reason.get("scanner") == "safety" for reason in off["reasons"] + off["warnings"])
    on = json.loads((tmp_path / "on" / "verdict.json").read_bytes())["statement"]
    (summary,) = [one for one in on["scanners"] if one["name"] == "safety"]
    assert summary["required"] is True
    assert (summary["status"], summary["findings"]) == ("partial", 12)
    assert summary["tool"]["version"] == "3.8.1"
    assert summary["tool"]["data"]["date"] == "2024-10-10"
    gaps = {unit for reason in on["reasons"] if reason.get("scanner") == "safety" for unit in reason["units"]}
    assert {"requirements.txt#thing", "requirements.txt#flask", "requirements.txt#-r base.txt"} <= gaps
    rows = (tmp_path / "on" / "ledger.jsonl").read_text()
    assert "safety does not evaluate markers" in rows


def test_old_data_is_incomplete_for_safety_too(
    run_devsecops: RunDevsecops, cache: Path, tmp_path: Path
) -> None:
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree" / "requirements.txt").write_text("devsecops-nothing==1 ; python_version > '3'\n")
    others = "".join(f'[scanners.{n}]\nrequired = "off"\n' for n in ("bandit", "advisories", "semgrep"))
    (tmp_path / "policy.toml").write_text(others + '[scanners.safety]\nrequired = "yes"\n')
    args = ("scan", tmp_path / "tree", "--policy", tmp_path / "policy.toml", "--output", tmp_path / "out")
    done = run_devsecops(*args, "--as-of", TODAY, "--offline", env={"DEVSECOPS_CACHE": str(cache)})
    assert done.returncode == 3, done.stdout
    statement = json.loads((tmp_path / "out" / "verdict.json").read_bytes())["statement"]
    assert [(r["code"], r["scanner"]) for r in statement["reasons"]] == [("data-stale", "safety")]
    # The row of the marker is one of a package, no unit of the engine.
    assert [one["status"] for one in statement["scanners"]] == ["complete"]
