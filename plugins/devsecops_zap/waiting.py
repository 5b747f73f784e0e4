"""To wait for a deployment: until the target answers, and with the version that is expected.

Nothing here needs ZAP, so that one boots meanwhile.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping

import msgspec

from devsecops.api import Problem, ToolError, read_json
from devsecops_zap.asking import NoAnswerError, ask
from devsecops_zap.config import VersionCheck
from devsecops_zap.fence import Pinned
from devsecops_zap.pointer import pointed

PAUSE_S = 0.5
ANSWER_S = 5.0
IN_A_ROW = 3
"""Answers of the expected version that are needed: while it is rolled out, old ones answer in between."""
GATEWAY = frozenset({502, 503, 504})
"""What stands before a target answers so while there is no target."""
_HEADER = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}")
_SHA = re.compile(r"[0-9a-f]{7,64}")
_MOST = 200
NO_HEADERS: Mapping[str, str] = {}


class Expected(msgspec.Struct, frozen=True, kw_only=True):
    """Where a target says its version, and which it has to be. `version` None: whichever it is."""

    check: VersionCheck
    version: str | None = None

    def __str__(self) -> str:
        where = self.check.header if self.check.header is not None else self.check.pointer
        return f"{where} of {self.check.path}"

    def met(self, said: str | None) -> bool:
        """Return whether this is the version. Of two commit ids one may be cut short, to 7 digits."""
        if self.version is None or said is None or said == self.version:
            return self.version is None or said is not None
        short, long = sorted((said.lower(), self.version.lower()), key=len)
        return bool(_SHA.fullmatch(short) and _SHA.fullmatch(long)) and long.startswith(short)


class Ready(msgspec.Struct, frozen=True, kw_only=True):
    """The target is there. `version` is what it says, where it is asked; `seconds` what it took."""

    version: str | None
    seconds: float


def expected(text: str | None, check: VersionCheck | None, base: str = "") -> Expected | None:
    """Return what ``--expect-version`` and the policy's version check come to; None: neither is there.

    Args:
        text: ``HEADER=VERSION``, ``/json/pointer=VERSION``, or VERSION where the policy says where it stands.
        check: the policy's.
        base: the target's base path, which is asked where the policy names no path.

    Raises:
        ToolError: it is none of these.
    """
    if text is None:
        return None if check is None else Expected(check=check)
    where, equals, version = text.rpartition("=") if text.startswith("/") else text.partition("=")
    if not equals and check is not None:
        where, version = "", text
    elif not equals or not where:
        raise ToolError(
            f"--expect-version {text}: the policy does not say where the target has its version; "
            "write HEADER=VERSION or /json/pointer=VERSION"
        )
    version = version.strip()
    if not version or not version.isprintable() or len(version) > _MOST:
        raise ToolError(
            "--expect-version names no version; write what the target has to answer, such as its commit"
        )
    if not where:
        assert check is not None
        return Expected(check=check, version=version)
    path = check.path if check is not None else f"{base}/"
    if where.startswith("/"):
        return Expected(check=VersionCheck(path=path, pointer=where), version=version)
    if not _HEADER.fullmatch(where):
        raise ToolError(
            f"--expect-version {text}: {where} is not the name of a header; a JSON pointer begins with /"
        )
    return Expected(check=VersionCheck(path=path, header=where), version=version)


class _Look(msgspec.Struct, frozen=True, kw_only=True):
    """One look at the target: `why` there is nothing there, or what it says of itself."""

    why: str | None = None
    version: str | None = None


def _look(pinned: Pinned, want: Expected | None, base: str, headers: Mapping[str, str]) -> _Look:
    path = want.check.path if want is not None else f"{base}/"
    try:
        # What it says of its version is believed, so it has to be itself.
        answer = ask(pinned, path, headers=headers, within_s=ANSWER_S, verified=want is not None)
    except NoAnswerError as error:
        return _Look(why=str(error))
    if answer.status in GATEWAY:
        return _Look(why=f"{pinned.origin} answers {answer.status}")
    if want is None:
        return _Look()
    if want.check.header is not None:
        return _Look(version=_clean(answer.header(want.check.header)))
    try:
        found = pointed(read_json(answer.body), want.check.pointer or "")
    except ValueError:
        found = None
    return _Look(version=_clean(found))


def _clean(value: object) -> str | None:
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    text = str(value).strip()
    return text[:_MOST] if text and text.isprintable() else None


def until_ready(
    pinned: Pinned,
    want: Expected | None,
    *,
    base: str = "",
    headers: Mapping[str, str] = NO_HEADERS,
    wait_s: float = 0.0,
    cancelled: Callable[[], bool] = lambda: False,
    say: Callable[[str], None] = lambda _: None,
) -> Ready | Problem:
    """Ask the target until it is there as expected. It is asked once, even when nothing is to be waited.

    Args:
        pinned: the target and its only addresses.
        want: the version, or where it stands; None: any answer but that of a gateway will do.
        base: its base path, which is asked when no version is.
        headers: sent along.
        wait_s: how long.
        cancelled: asked at each turn.
        say: gets a line when what is seen changes.

    Returns:
        What it says, or why it is not scanned: ``version-mismatch`` when another version answers,
        ``phase-unfinished`` when none does or it says no version.
    """
    began = time.monotonic()
    met, told = 0, ""
    while True:
        seen = _look(pinned, want, base, headers)
        met = met + 1 if seen.why is None and (want is None or want.met(seen.version)) else 0
        if met >= (IN_A_ROW if want is not None and want.version is not None else 1):
            return Ready(version=seen.version, seconds=time.monotonic() - began)
        problem = _problem(pinned, want, seen)
        if not met:
            if time.monotonic() - began >= wait_s:
                return problem
            if problem.message != told:
                told = problem.message
                say(f"waiting: {told}")
        if cancelled():
            return Problem(code="interrupted", message="the run was ended while the target was waited for")
        if not met:
            time.sleep(min(PAUSE_S, max(0.0, began + wait_s - time.monotonic())))


def _problem(pinned: Pinned, want: Expected | None, seen: _Look) -> Problem:
    if seen.why is not None:
        return Problem(
            code="phase-unfinished",
            message=f"the target was not scanned: {seen.why}",
            remedy="See whether it is up and this machine may reach it; --wait waits for a deployment.",
        )
    if seen.version is None:
        return Problem(
            code="version-mismatch",
            message=f"the target was not scanned: it says no version ({want})",
            remedy="Correct where its version stands: --expect-version, or [dast.targets.NAME.version].",
        )
    expected = want.version if want is not None else ""
    return Problem(
        code="version-mismatch",
        message=f"the target was not scanned: it is version {ascii(seen.version)[1:-1]}, not {expected}",
        remedy="Deploy the version that is expected, or wait longer for it (--wait).",
    )


def changed(
    pinned: Pinned, want: Expected | None, ready: Ready, headers: Mapping[str, str] = NO_HEADERS
) -> Problem | None:
    """Ask once more, at the end; return what is wrong when another version answers than was ready."""
    if want is None or ready.version is None:
        return None
    seen = _look(pinned, want, "", headers)
    if seen.why is not None or seen.version == ready.version:
        return None
    said = "no version" if seen.version is None else f"version {ascii(seen.version)[1:-1]}"
    return Problem(
        code="version-mismatch",
        message=f"the target changed while it was scanned: from version {ready.version} to {said}",
        remedy="Scan again, and deploy nothing meanwhile.",
    )
