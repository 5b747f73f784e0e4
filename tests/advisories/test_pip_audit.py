"""pip-audit, asked about the same pins, against a responder that answers from the two truths alone."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections import defaultdict
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from packaging.utils import canonicalize_name
from packaging.version import Version

pytestmark = pytest.mark.e2e

LOCK = Path(__file__).with_name("pip-audit.lock")
_EVENTS = {"i": "introduced", "f": "fixed", "l": "last_affected"}


def _osv(record: dict[str, Any]) -> dict[str, Any]:
    """Return the record in the shape that OSV answers with."""
    affected = [
        {
            "package": {"ecosystem": part["ecosystem"], "name": canonicalize_name(part["name"])},
            "ranges": [
                {"type": "ECOSYSTEM", "events": [{_EVENTS[kind]: text} for kind, text in events]}
                for events in part.get("ranges", [])
            ],
            "versions": part.get("versions", []),
        }
        for part in record["affected"]
    ]
    gone = {"withdrawn": record["withdrawn"]} if record.get("withdrawn") else {}
    kept = {"id": record["id"], "aliases": record.get("aliases", []), "modified": record["modified"]}
    return {**kept, **gone, "affected": affected, "details": "none"}


@pytest.fixture
def responder(truths: Any) -> Iterator[str]:
    class Osv(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            query = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            name = canonicalize_name(query["package"]["name"])
            hits = truths.affecting(name, query["version"], withdrawn=True)
            body = json.dumps({"vulns": [_osv(record) for record in hits.values()]}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            del format, args

    server = ThreadingHTTPServer(("127.0.0.1", 0), Osv)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(scope="module")
def pip_audit(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from uv import find_uv_bin

    uv, venv = find_uv_bin(), tmp_path_factory.mktemp("pip-audit") / "venv"
    subprocess.run([uv, "venv", "-q", "--no-config", "--python", sys.executable, venv], check=True)
    python = venv / "bin/python"
    command = [uv, "pip", "sync", "-q", "--no-config", "--require-hashes", "--python", str(python), str(LOCK)]
    subprocess.run(command, check=True)
    return Path(venv / "bin/pip-audit")


def test_ids_aliases_fixed_and_withdrawn_equal_pip_audits(
    scan: Any, truths: Any, seed: str, responder: str, pip_audit: Path, tmp_path: Path
) -> None:
    rounds: list[dict[str, str]] = []
    for name, version in truths.pins(seed):
        if not _readable(version):
            continue  # no requirement can ask for it
        for one in rounds:
            if name not in one:
                one[name] = version
                break
        else:
            rounds.append({name: version})
    compared = 0
    for number, pins in enumerate(rounds):
        text = "".join(f"{name}=={version}\n" for name, version in pins.items())
        (tmp_path / f"{number}.txt").write_text(text)
        theirs = _run(pip_audit, tmp_path / f"{number}.txt", responder, tmp_path)
        ours: dict[str, dict[str, tuple[set[str], set[Version]]]] = defaultdict(dict)
        for found in scan({"requirements.txt": text}).findings:
            aliases = set(filter(None, found.evidence["aliases"].split(", ")))
            fixed = {Version(v) for v in found.evidence["fixed"].split(", ") if v}
            for identifier in {found.rule.id, *(a for a in aliases if a.startswith("PYSEC-"))}:
                ours[found.evidence["package"]][identifier] = (aliases | {found.rule.id}, fixed)
        assert set(theirs) == set(pins)
        for name, vulns in theirs.items():
            assert {v["id"] for v in vulns} == set(ours[name]), f"seed {seed}: {name} {pins[name]}"
            for v in vulns:
                names, fixed = ours[name][v["id"]]
                # pip-audit adds the aliases of every record that shares one of them.
                reach = set().union(*(other for other, _ in ours[name].values() if other & names))
                assert names <= {v["id"], *v["aliases"]} <= reach
                assert {Version(text) for text in v["fix_versions"]} == fixed
                compared += 1
    assert compared > 100


def _readable(version: str) -> bool:
    try:
        Version(version)
    except ValueError:
        return False
    return True


def _run(pip_audit: Path, pins: Path, url: str, scratch: Path) -> dict[str, list[dict[str, Any]]]:
    command = [str(pip_audit), "-r", str(pins), "--no-deps", "--disable-pip", "-s", "osv", "--osv-url", url]
    options = [
        "--format",
        "json",
        "--progress-spinner",
        "off",
        "--cache-dir",
        str(scratch / "cache"),
        "--strict",
    ]
    done = subprocess.run([*command, *options], capture_output=True, check=False, timeout=300)
    assert done.returncode in (0, 1), done.stderr.decode()
    answer = json.loads(done.stdout)
    return {canonicalize_name(d["name"]): d["vulns"] for d in answer["dependencies"]}
