"""Records from a zip, a folder or a URL, within bounds; and the update of the user's index."""

from __future__ import annotations

import time
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit

from devsecops.api import Refresh, ToolError
from devsecops_advisories import index
from devsecops_advisories.build import build_part
from devsecops_advisories.records import CONTROL, CONTROL_ID, ECOSYSTEMS, Record, read_record
from devsecops_advisories.versions import affected, normal_name

DEFAULT = "https://osv-vulnerabilities.storage.googleapis.com/{ecosystem}/all.zip"
LARGEST_DOWNLOAD = 1 << 30
LARGEST_RECORD = 16 << 20
LARGEST_TOTAL = 6 << 30
MOST_RECORDS = 2_000_000
HIGHEST_RATIO = 200
"""Of a zip's unpacked to its packed size; real exports are below 20."""


def _in_time(deadline: float) -> None:
    if time.monotonic() >= deadline:
        raise ToolError("the update did not end in the time it was given")


def _allowed(url: str) -> str:
    parts = urlsplit(url)
    host = parts.hostname or ""
    if host and (parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(host))):
        return url
    raise ToolError(f"{parts.scheme}://{host} is refused: the source must be https (http on loopback only)")


def _is_loopback(host: str) -> bool:
    """Return whether a host is this machine: ``127.evil.example`` is not."""
    from ipaddress import ip_address

    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def download(url: str, target: IO[bytes], deadline: float) -> None:
    """Write what `url` holds to `target`. `deadline` is on the monotonic clock.

    Raises:
        ToolError: it cannot be had, is incomplete or too large, or leaves https.
    """
    from http.client import HTTPException
    from urllib.error import HTTPError
    from urllib.request import HTTPRedirectHandler, Request, build_opener

    class Fenced(HTTPRedirectHandler):
        def redirect_request(self, req: Any, fp: Any, code: Any, msg: Any, headers: Any, newurl: str) -> Any:
            return super().redirect_request(req, fp, code, msg, headers, _allowed(newurl))

    request = Request(_allowed(url), headers={"User-Agent": "devsecops"})
    where = url.partition("?")[0]
    got = 0
    try:
        with build_opener(Fenced).open(
            request, timeout=max(0.1, min(30, deadline - time.monotonic()))
        ) as reply:
            expected = reply.headers.get("Content-Length")
            while chunk := reply.read1(1 << 18):
                got += len(chunk)
                if got > LARGEST_DOWNLOAD:
                    raise ToolError(f"{where} is larger than {LARGEST_DOWNLOAD >> 20} MB")
                _in_time(deadline)
                target.write(chunk)
    except HTTPError as error:
        error.close()
        raise ToolError(f"{where} answered {error.code}") from None
    except (OSError, HTTPException, ValueError) as error:
        raise ToolError(f"{where} cannot be read ({type(error).__name__}: {error})") from None
    if expected is not None and str(got) != expected:
        raise ToolError(f"{where} ended after {got} of {expected} bytes")


def read_zip(file: str | IO[bytes], name: str, deadline: float) -> Iterator[Record]:
    """Yield the records of a zip; every entry must be one.

    Raises:
        ToolError: it is damaged, too large when unpacked, or holds something else.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
            total = sum(entry.file_size for entry in entries)
            packed = sum(entry.compress_size for entry in entries)
            largest = max((entry.file_size for entry in entries), default=0)
            if len(entries) > MOST_RECORDS or total > LARGEST_TOTAL or largest > LARGEST_RECORD:
                raise ToolError(f"{name} is too large when unpacked")
            if total > 1 << 20 and total > HIGHEST_RATIO * packed:
                raise ToolError(f"{name} unpacks to more than {HIGHEST_RATIO} times its size")
            for entry in entries:
                _in_time(deadline)
                yield read_record(archive.read(entry), entry.filename)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError, ValueError):
        raise ToolError(f"{name} is not a complete zip of OSV records") from None


def _read_folder(folder: Path, deadline: float) -> Iterator[Record]:
    seen = 0
    for path in sorted(folder.rglob("*")):
        _in_time(deadline)
        if path.name == "all.zip":
            yield from read_zip(str(path), str(path), deadline)
        elif path.suffix == ".json" and path.is_file():
            seen += 1
            if seen > MOST_RECORDS or path.stat().st_size > LARGEST_RECORD:
                raise ToolError(f"{folder} holds too much")
            yield read_record(path.read_bytes(), path.name)


def read_source(source: str, deadline: float) -> list[Record]:
    """Return all records of a zip, a folder or a URL. `deadline` is on the monotonic clock.

    Raises:
        ToolError: it cannot be read, is incomplete, or goes beyond a bound.
    """
    import tempfile

    if "://" in source:
        with tempfile.TemporaryFile() as file:
            download(source, file, deadline)
            file.seek(0)
            return list(read_zip(file, source.partition("?")[0], deadline))
    path = Path(source)
    if path.is_dir():
        try:
            return list(_read_folder(path, deadline))
        except OSError as error:
            raise ToolError(f"{source} cannot be read ({error.strerror})") from None
    if not path.is_file():
        raise ToolError(f"{source} is no zip, folder or URL")
    return list(read_zip(source, source, deadline))


def _sources(request: Refresh) -> list[tuple[str, Sequence[str]]]:
    if request.source is not None:
        return [(request.source, request.ecosystems)]
    wanted = request.ecosystems or ("PyPI",)
    return [(DEFAULT.format(ecosystem=name), (name,)) for name in wanted]


def _in_records(records: Iterable[Record]) -> tuple[str, ...]:
    named = {item.ecosystem for record in records for item in record.affected}
    found = tuple(name for name in ECOSYSTEMS if name in named)
    if not found:
        raise ToolError(f"it holds no record of {' or '.join(ECOSYSTEMS)}")
    return found


def _kept(today: str) -> dict[str, tuple[index.PartFacts, bytes]]:
    # The update is the remedy for a damaged index: then the embedded one is what is kept.
    for path in (index.user_path(), index.embedded_path()):
        try:
            return dict(index.load(today, path).parts)
        except ToolError:
            continue
    return {}


def _prove(data: bytes, today: str) -> None:
    loaded = index.parse(data, today)
    for ecosystem in loaded.parts:
        packages = loaded.packages(ecosystem) or {}
        control = index.advisories(packages[normal_name(ecosystem, CONTROL)])[0]
        if control.id != CONTROL_ID or not affected(ecosystem, "0.1.0", control.ranges, control.listed):
            raise ToolError(f"the new {ecosystem} part does not answer its control")


def refresh(request: Refresh) -> str:
    """Replace the asked ecosystems in the user's index, all or nothing; return one sentence.

    Raises:
        ToolError: why not, in one sentence; the old index is untouched.
    """
    unknown = [name for name in request.ecosystems if name not in ECOSYSTEMS]
    if unknown:
        raise ToolError(f"ecosystem {unknown[0]!r} is not known: it must be one of {', '.join(ECOSYSTEMS)}")
    deadline = time.monotonic() + request.deadline_s
    today = request.today or time.strftime("%Y-%m-%d", time.gmtime())
    new: dict[str, tuple[index.PartFacts, bytes]] = {}
    for source, ecosystems in _sources(request):
        records = read_source(source, deadline)
        for name in ecosystems or _in_records(records):
            _in_time(deadline)
            new[name] = build_part(name, records)
    path = index.user_path()
    try:
        with index.locked(path.parent, deadline):
            data = index.write(_kept(today) | new)
            _prove(data, today)
            index.replace(path, data)
    except OSError as error:
        raise ToolError(f"{path} cannot be written ({error.strerror})") from None
    said = ", ".join(
        f"{name}: {facts.records - facts.withdrawn} advisories of {facts.packages} packages, {facts.date}"
        for name, (facts, _) in sorted(new.items())
    )
    return f"advisory index replaced ({said})"
