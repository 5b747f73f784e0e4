"""Downloads from a real server that breaks off, lies, refuses or sends elsewhere."""

from __future__ import annotations

import time
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from devsecops.api import ToolError
from devsecops_zap.sources.download import allowed, fetch, shown
from tests.zap.serving import Fault, Files, cut, status, whole

DATA = bytes(range(256)) * 400
DIGEST = sha256(DATA).hexdigest()


@pytest.fixture
def files() -> Iterator[Files]:
    with Files() as served:
        served.content["/a.jar"] = DATA
        yield served


def get(
    files: Files, folder: Path, path: str = "/a.jar", size: int | None = len(DATA), within: float = 30
) -> Path:
    target = folder / "target"
    deadline = time.monotonic() + within
    fetch(files.url + path, target, sha256=DIGEST, deadline=deadline, size=size, most=1 << 20)
    assert target.read_bytes() == DATA
    assert [one.name for one in folder.iterdir()] == ["target"]
    return target


def test_one_request_brings_the_file(files: Files, tmp_path: Path) -> None:
    get(files, tmp_path)
    assert files.asked == [("/a.jar", None)]


def test_what_broke_off_goes_on_where_it_was(files: Files, tmp_path: Path) -> None:
    files.faults = [cut(1000), cut(5000)]
    get(files, tmp_path)
    assert [wanted for _, wanted in files.asked] == [None, "bytes=1000-", "bytes=6000-"]


def test_it_goes_on_in_a_later_run(files: Files, tmp_path: Path) -> None:
    files.faults = [cut(1000), cut(0), cut(0), cut(0)]
    with pytest.raises(ToolError, match=f"ended after 1000 of {len(DATA)} bytes"):
        get(files, tmp_path)
    assert (tmp_path / "target.part").stat().st_size == 1000
    assert not (tmp_path / "target").exists()
    get(files, tmp_path, size=None)
    assert files.asked[-1] == ("/a.jar", "bytes=1000-")


@pytest.mark.parametrize("fault", [whole, status(416), status(503)], ids=["all again", "416", "503"])
def test_a_server_that_cannot_go_on_starts_again(files: Files, tmp_path: Path, fault: Fault) -> None:
    files.faults = [cut(1000), fault]
    get(files, tmp_path)


def test_the_start_of_another_file_is_given_up(files: Files, tmp_path: Path) -> None:
    (tmp_path / "target.part").write_bytes(b"x" * 500)
    get(files, tmp_path)
    assert [wanted for _, wanted in files.asked] == ["bytes=500-", None]
    (tmp_path / "target").unlink()
    (tmp_path / "target.part").write_bytes(b"x" * (len(DATA) + 5))
    get(files, tmp_path)


def test_another_file_is_refused_and_not_kept(files: Files, tmp_path: Path) -> None:
    files.content["/a.jar"] = DATA[:-1] + b"!"
    with pytest.raises(ToolError, match="is not the file"):
        get(files, tmp_path)
    assert list(tmp_path.iterdir()) == []
    assert len(files.asked) == 1


def test_more_than_was_said_is_refused(files: Files, tmp_path: Path) -> None:
    files.content["/a.jar"] = DATA * 2
    with pytest.raises(ToolError, match="is larger than"):
        get(files, tmp_path)
    assert len(files.asked) == 1


@pytest.mark.parametrize(("code", "tries"), [(404, 1), (403, 1), (500, 4)])
def test_a_refusal_is_told(files: Files, tmp_path: Path, code: int, tries: int) -> None:
    files.faults = [status(code)] * 9
    with pytest.raises(ToolError, match=rf"/a\.jar answered {code}"):
        get(files, tmp_path)
    assert len(files.asked) == tries


def test_a_redirect_is_followed_on_loopback_and_nowhere_else(files: Files, tmp_path: Path) -> None:
    files.content["/old.jar"] = b"x"
    files.faults = [status(302, Location="/a.jar")]
    get(files, tmp_path, "/old.jar")
    (tmp_path / "target").unlink()
    files.faults = [status(302, Location="http://example.test/a.jar")]
    with pytest.raises(ToolError, match=r"http://example\.test is refused"):
        get(files, tmp_path, "/old.jar")
    for location in ("file:///etc/passwd", "ftp://127.0.0.1/x"):
        files.faults = [status(302, Location=location)] * 4
        with pytest.raises(ToolError):
            get(files, tmp_path, "/old.jar")


def test_it_ends_in_time(files: Files, tmp_path: Path) -> None:
    def slow(request: object, data: bytes, start: int) -> bool:
        time.sleep(2)
        return False

    files.faults = [slow] * 9
    began = time.monotonic()
    with pytest.raises(ToolError):
        get(files, tmp_path, within=0.4)
    assert time.monotonic() - began < 3


def test_a_folder_that_is_not_there_is_told(files: Files, tmp_path: Path) -> None:
    with pytest.raises(ToolError, match="cannot be written"):
        get(files, tmp_path / "none")


@pytest.mark.parametrize(
    "url",
    [
        "http://example.test/x",
        "ftp://127.0.0.1/x",
        "file:///x",
        "https:///x",
        "x",
        "http://127.0.0.1.example.test/",
    ],
)
def test_plain_http_is_for_loopback_only(url: str) -> None:
    with pytest.raises(ToolError, match=r"refused|cannot be read"):
        allowed(url)


def test_what_is_shown_holds_no_credentials() -> None:
    assert shown("https://user:secret@example.test/a/b.jar?token=x") == "https://example.test/a/b.jar"
    with pytest.raises(ToolError) as caught:
        fetch(
            "http://user:secret@127.0.0.1:9/a?token=secret", Path("/nonexistent/x"), sha256="0" * 64,
            deadline=time.monotonic() + 5, size=None, most=10,
        )  # fmt: skip
    assert "secret" not in str(caught.value)
