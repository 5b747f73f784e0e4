"""Replacing the index: verified and complete, or the old one stays as it was."""

from __future__ import annotations

import io
import json
import threading
import zipfile
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from devsecops.api import Refresh, ToolError
from devsecops_advisories import fetch, index
from devsecops_advisories.scanner import Advisories


def record(identifier: str, name: str, ecosystem: str = "PyPI", day: str = "2026-11-01") -> dict[str, Any]:
    events = [{"introduced": "0"}, {"fixed": "2.0.0"}]
    return {
        "id": identifier,
        "modified": f"{day}T00:00:00Z",
        "details": "prose",
        "aliases": ["CVE-2026-1"],
        "database_specific": {"severity": "MODERATE", "cwe_ids": ["CWE-79"]},
        "affected": [
            {
                "package": {"ecosystem": ecosystem, "name": name},
                "ranges": [{"type": "SEMVER", "events": events}],
            }
        ],
    }


def archive(*contents: bytes | dict[str, Any]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as out:
        for number, content in enumerate(contents):
            data = content if isinstance(content, bytes) else json.dumps(content).encode()
            out.writestr(f"{number}.json", data)
    return file.getvalue()


GOOD = archive(record("GHSA-1", "left"), record("GHSA-2", "right", "npm"))


class _Site(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body, length, status = GOOD, len(GOOD), 200
        if self.path == "/truncated":
            body = GOOD[:100]
        elif self.path == "/cut":
            body = GOOD[:100]
            length = len(body)
        elif self.path == "/garbage":
            body = b"<html>not found</html>"
            length = len(body)
        elif self.path == "/404":
            status = 404
        elif self.path == "/away":
            self.send_response(302)
            self.send_header("Location", "http://example.invalid/all.zip")
            self.end_headers()
            return
        self.send_response(status)
        self.send_header("Content-Length", str(length))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        del format, args


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Site)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def refresh(source: str, *ecosystems: str, deadline_s: float = 60) -> str:
    request = Refresh(source=source, ecosystems=ecosystems, today="2026-11-24", deadline_s=deadline_s)
    return Advisories().refresh(request)


LOCK = (
    '{"packages": {\n"node_modules/right": {"version": "1.9.0"},\n"node_modules/ok": {"version": "1.0.0"}}}'
)


def test_update_over_http_then_npm_is_judged(scan: Any, site: str) -> None:
    said = refresh(f"{site}/all.zip", "npm")
    assert "npm: 1 advisories of 1 packages, 2026-11-01" in said
    parsed = scan({"package-lock.json": LOCK, "requirements.txt": "jinja2==2.10\nleft==1.0\n"})
    found = {f.rule.id: f for f in parsed.findings}
    # PyPI was not asked for: its records are still those of before.
    assert set(found) == {"GHSA-2", "PYSEC-2019-217", "PYSEC-2021-66"}
    one = found["GHSA-2"]
    assert (one.severity, one.weakness, one.remedy) == ("medium", "CWE-79", "upgrade right to 2.0.0 or later")
    assert one.location.purl == "pkg:npm/right@1.9.0"
    assert all(row.state == "scanned" for row in parsed.cover)
    assert parsed.data.date == "2024-10-10"
    assert scan({"package-lock.json": LOCK}).data.date == "2026-11-01"


def test_update_from_a_zip_and_a_folder_gives_the_same_bytes(tmp_path: Path) -> None:
    (tmp_path / "all.zip").write_bytes(GOOD)
    refresh(str(tmp_path / "all.zip"))
    first = index.user_path().read_bytes()
    folder = tmp_path / "records"
    folder.mkdir()
    for number, one in enumerate((record("GHSA-2", "right", "npm"), record("GHSA-1", "left"))):
        (folder / f"{number}.json").write_text(json.dumps(one))
    refresh(str(folder))
    assert index.user_path().read_bytes() == first
    assert {path.name for path in index.user_path().parent.iterdir()} == {"index.bin", "lock"}


BOMB = archive(*[b" " * 15_000_000 + b"{}"] * 3)
DOUBLE = archive(b"0" * 17_000_000)


@pytest.mark.parametrize(
    ("content", "cause"),
    [
        (GOOD[:-30], "not a complete zip"),
        (b"", "not a complete zip"),
        (GOOD.replace(b"PK\x01\x02", b"PK\x01\x03", 1), "not a complete zip"),
        (archive(record("A", "a"), b"{"), "not an OSV record"),
        (archive(record("A", "a"), b'{"id": "", "modified": "2026-11-01"}'), "without an id"),
        (
            archive(record("A", "a"), b'{"id": "B", "modified": "2026-11", "affected": [1]}'),
            "not an OSV record",
        ),
        (archive(record("A", "a", "Go")), "no record of PyPI"),
        (archive(), "no record of PyPI"),
        (archive(record("A", "a", day="2027-01-01")), "after 2026-11-24"),
        (BOMB, "times its size"),
        (DOUBLE, "too large"),
    ],
)
def test_a_bad_source_leaves_the_old_index(tmp_path: Path, content: bytes, cause: str) -> None:
    (tmp_path / "good.zip").write_bytes(GOOD)
    refresh(str(tmp_path / "good.zip"))
    before = index.user_path().read_bytes()
    (tmp_path / "all.zip").write_bytes(content)
    with pytest.raises(ToolError, match=cause):
        refresh(str(tmp_path / "all.zip"))
    assert index.user_path().read_bytes() == before


@pytest.mark.parametrize(
    ("path", "cause"),
    [
        ("/404", "answered 404"),
        ("/truncated", "100 of"),
        ("/cut", "not a complete zip"),
        ("/garbage", "not a complete zip"),
        ("/away", "must be https"),
    ],
)
def test_a_bad_answer_writes_nothing(site: str, path: str, cause: str) -> None:
    with pytest.raises(ToolError, match=cause):
        refresh(site + path)
    assert not index.user_path().exists()


@pytest.mark.parametrize(
    "source",
    [
        "http://example.invalid/all.zip",
        "http://127.evil.invalid/all.zip",
        "ftp://127.0.0.1/all.zip",
        "file:///etc/passwd",
    ],
)
def test_only_https_or_loopback(source: str) -> None:
    with pytest.raises(ToolError, match="must be https"):
        refresh(source)


def test_bounds_of_a_download(site: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ToolError, match="in the time it was given"):
        refresh(f"{site}/all.zip", deadline_s=-1)
    monkeypatch.setattr(fetch, "LARGEST_DOWNLOAD", 50)
    with pytest.raises(ToolError, match="larger than"):
        refresh(f"{site}/all.zip")


def test_a_second_update_waits_for_the_first(tmp_path: Path) -> None:
    import time

    (tmp_path / "all.zip").write_bytes(GOOD)
    with (
        index.locked(index.user_path().parent, time.monotonic() + 1),
        pytest.raises(ToolError, match="another update"),
    ):
        refresh(str(tmp_path / "all.zip"), deadline_s=0.3)


def test_an_update_mends_a_damaged_index(scan: Callable[..., Any], tmp_path: Path) -> None:
    index.user_path().parent.mkdir(parents=True)
    index.user_path().write_bytes(b"damaged")
    (tmp_path / "all.zip").write_bytes(GOOD)
    refresh(str(tmp_path / "all.zip"), "PyPI")
    assert [f.rule.id for f in scan({"requirements.txt": "left==1.0\n"}).findings] == ["GHSA-1"]
