"""One file by HTTPS: its size and sha256 are known before, and a download that broke off goes on."""

from __future__ import annotations

import time
from hashlib import file_digest
from ipaddress import ip_address
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit

from devsecops.api import ToolError

SILENCE_S = 30.0
"""How long a server may say nothing."""
TRIES = 4


class Broken(Exception):  # noqa: N818  # what became of one try
    """A try that got no whole file. `final` when another try would not."""

    def __init__(self, message: str, *, final: bool = False) -> None:
        super().__init__(message)
        self.final = final


def allowed(url: str) -> str:
    """Return the URL. Raises ToolError unless it is https, or http on loopback."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        raise ToolError("an address to download from cannot be read") from None
    if host and (parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(host))):
        return url
    raise ToolError(f"{parts.scheme}://{host} is refused: give an https URL (http on loopback only)")


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def shown(url: str) -> str:
    """Return the URL as it may be shown: without credentials and query."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def fetch(url: str, target: Path, *, sha256: str, deadline: float, size: int | None, most: int) -> None:
    """Download `url` to `target`, which is there only when it is whole and right.

    Args:
        url: https, or http on loopback; so must be where it redirects to.
        target: what came of a try stays beside it as ``NAME.part``.
        sha256: of the file.
        deadline: on the monotonic clock.
        size: of the file in bytes; None when it is not known.
        most: bytes that it may have at most.

    Raises:
        ToolError: it cannot be had, or is another file than the one that was named.
    """
    part = target.with_name(f"{target.name}.part")
    why = ""
    for _ in range(TRIES):
        before = _size(part)
        try:
            _try(url, part, deadline=deadline, size=size, most=most)
            _check(part, url, sha256, resumed=before > 0)
            part.replace(target)
            return
        except Broken as broken:
            why = str(broken)
            if broken.final or time.monotonic() >= deadline:
                break
        except OSError as error:
            raise ToolError(f"{target.parent} cannot be written ({error.strerror})") from None
    raise ToolError(why)


def _size(part: Path) -> int:
    try:
        return part.stat().st_size
    except OSError:
        return 0


def _check(part: Path, url: str, sha256: str, *, resumed: bool) -> None:
    with part.open("rb") as file:
        real = file_digest(file, "sha256").hexdigest()
    if real != sha256:
        part.unlink()
        # What was there before may have been the start of another file.
        raise Broken(
            f"{shown(url)} is not the file that was locked: sha256 {real[:12]}..., not {sha256[:12]}...",
            final=not resumed,
        )


def _try(url: str, part: Path, *, deadline: float, size: int | None, most: int) -> None:
    from http.client import HTTPException
    from urllib.error import HTTPError, URLError

    start = _size(part)
    if size is not None and start == size:
        return
    with part.open("ab", buffering=0) as file:
        if size is not None and start > size:
            file.truncate(0)
            start = 0
        try:
            with _open(url, start, deadline) as reply:
                if start and not _goes_on(reply, start):
                    file.truncate(0)
                    start = 0
                expected = reply.headers.get("Content-Length")
                got = _copy(reply, file, start, min(size or most, most), deadline, url)
        except HTTPError as error:
            error.close()
            if error.code == 416:
                file.truncate(0)
                raise Broken(f"{shown(url)} does not go on at byte {start}") from None
            raise Broken(f"{shown(url)} answered {error.code}", final=error.code < 500) from None
        except URLError as error:
            raise Broken(f"{shown(url)} cannot be reached ({error.reason})") from None
        except (HTTPException, TimeoutError, ConnectionError, ValueError) as error:
            raise Broken(f"{shown(url)} cannot be read ({type(error).__name__}: {error})") from None
    whole = size if size is not None else start + int(expected) if expected else None
    if whole is not None and got != whole:
        raise Broken(f"{shown(url)} ended after {got} of {whole} bytes")


def _open(url: str, start: int, deadline: float) -> Any:
    from urllib.request import HTTPRedirectHandler, Request, build_opener

    class Fenced(HTTPRedirectHandler):
        def redirect_request(self, req: Any, fp: Any, code: Any, msg: Any, headers: Any, newurl: str) -> Any:
            return super().redirect_request(req, fp, code, msg, headers, allowed(newurl))

    request = Request(allowed(url), headers={"User-Agent": "devsecops"})
    if start:
        request.add_header("Range", f"bytes={start}-")
    left = max(0.1, min(SILENCE_S, deadline - time.monotonic()))
    return build_opener(Fenced).open(request, timeout=left)


def _goes_on(reply: Any, start: int) -> bool:
    return reply.status == 206 and str(reply.headers.get("Content-Range", "")).startswith(f"bytes {start}-")


def _copy(reply: Any, file: IO[bytes], start: int, limit: int, deadline: float, url: str) -> int:
    """Write what is sent; return the size of the file then."""
    got = start
    while chunk := reply.read1(1 << 18):
        got += len(chunk)
        if got > limit:
            raise Broken(f"{shown(url)} is larger than the {limit} bytes it should have", final=True)
        if time.monotonic() >= deadline:
            raise Broken(f"{shown(url)} did not end in the time it was given", final=True)
        try:
            rest = memoryview(chunk)
            while rest:
                rest = rest[file.write(rest) :]
        except OSError as error:
            raise ToolError(f"what is downloaded cannot be written ({error.strerror})") from None
    return got
