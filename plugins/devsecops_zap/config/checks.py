"""What a ``[dast]`` table must be beyond its types: targets, logins and ZAP that can work together."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Mapping
from pathlib import PurePosixPath
from typing import Any

from devsecops_zap.addresses import AddressError, Origin, read_url
from devsecops_zap.config.errors import ConfigError, nearest
from devsecops_zap.config.logins import Form, Header, Json, Login
from devsecops_zap.config.sources import Attach, Installed, Package
from devsecops_zap.config.values import TECHNOLOGIES, Dast, TargetTable
from devsecops_zap.fence import Limits, RefusedError, Resolved, leaves, pin

CREDENTIALS = frozenset(
    {"authorization", "proxy-authorization", "cookie", "x-api-key", "x-auth-token", "api-key"}
)
OURS = frozenset({"host", "content-length", "transfer-encoding", "connection", "upgrade", "te", "expect"})
_ALIAS = re.compile(r"[a-z0-9][a-z0-9_.-]{0,39}")
_SECRET = re.compile(r"(env:[A-Za-z_][A-Za-z0-9_]*|file:.+)")
_MOST_PATTERN = 500

Fail = Callable[[str, str, str], ConfigError]


def check(dast: Dast, raw: Mapping[str, Any]) -> None:
    """Check the table; `raw` is what was written. Raises ConfigError."""

    def fail(key: str, what: str, remedy: str) -> ConfigError:
        full = f"dast.{key}"
        return ConfigError(dast.source, dast.line(full), full, what, remedy)

    if not dast.targets:
        raise fail("targets", "there is no target", "add [dast.targets.NAME] with url")
    _targets(dast, fail)
    for name, login in dast.auth.items():
        _login(f"auth.{name}", login, fail)
    _zap(dast, raw, fail)
    _work(dast, raw, fail)


def _targets(dast: Dast, fail: Fail) -> None:
    seen: dict[Origin, str] = {}
    for alias, target in dast.targets.items():
        key = f"targets.{alias}"
        if not _ALIAS.fullmatch(alias):
            raise fail(key, f"{alias!r} is not an alias", "use lower-case letters, digits, dots and dashes")
        origin = _origin(target, key, fail)
        if origin in seen:
            raise fail(f"{key}.url", f"it has the origin of {seen[origin]}", "give an origin one alias only")
        seen[origin] = alias
        _addresses(dast, target, origin, key, fail)
        _seeds(target, origin, key, fail)
        if target.auth is not None and target.auth not in dast.auth:
            known = nearest(target.auth, dast.auth) if dast.auth else f"add [dast.auth.{target.auth}]"
            raise fail(f"{key}.auth", f"there is no login {target.auth}", known)
        if target.version and (target.version.header is None) == (target.version.pointer is None):
            raise fail(f"{key}.version", "one of header and pointer is needed", "write one of them")
        _headers(target, key, fail)


def _origin(target: TargetTable, key: str, fail: Fail) -> Origin:
    try:
        url = read_url(target.url)
    except AddressError as error:
        raise fail(f"{key}.url", str(error), 'write url = "https://HOST:PORT"') from None
    if url.query or "#" in target.url or re.search(r"//|/\.|%", url.path):
        remedy = "leave query, fragment, .. and % out; begin elsewhere by urls"
        raise fail(f"{key}.url", "only a plain path may follow the port", remedy)
    return url.origin


def _addresses(dast: Dast, target: TargetTable, origin: Origin, key: str, fail: Fail) -> None:
    for index, text in enumerate(target.private):
        try:
            ipaddress.ip_network(text)
        except ValueError as error:
            what = f"{text!r} is not a network ({error})"
            raise fail(f"{key}.private[{index}]", what, "write a network such as 10.1.0.0/16") from None

    def nothing(name: str) -> Resolved:
        raise OSError(name)

    limits = Limits(private=target.private, forbidden=dast.forbidden)
    try:
        pin(origin, limits, nothing if origin.address else lambda _: Resolved(addresses=("127.0.0.1",)))
    except RefusedError as error:
        private = "private address" in str(error)
        if origin.address is not None or not private:
            remedy = "list its network under private" if private else "name another target"
            raise fail(f"{key}.url", str(error).partition(";")[0], remedy) from None


def _seeds(target: TargetTable, origin: Origin, key: str, fail: Fail) -> None:
    for index, text in enumerate(target.urls):
        if leaves(origin, text) is not None:
            raise fail(f"{key}.urls[{index}]", f"{text!r} is not of this target", "write a path of it")
    if target.openapi is not None:
        url = "://" in target.openapi
        if url and leaves(origin, target.openapi) is not None:
            remedy = "give a file of the tree, or a URL of the target"
            raise fail(f"{key}.openapi", "a document is not fetched from elsewhere", remedy)
        path = PurePosixPath(target.openapi)
        if not url and (path.is_absolute() or ".." in path.parts):
            raise fail(f"{key}.openapi", "it is outside of the tree", "write a path relative to its root")
    for index, glob in enumerate(target.exclude):
        if not glob.startswith("/") or re.search(r"[?#\s]|\*\*\*", glob):
            remedy = "write a path with * or ** in it, such as /admin/**"
            raise fail(f"{key}.exclude[{index}]", f"{glob!r} is not a path pattern", remedy)


def _headers(target: TargetTable, key: str, fail: Fail) -> None:
    for name, value in target.headers.items():
        if name.lower() in OURS:
            remedy = "remove it; the URL decides where a request goes"
            raise fail(f"{key}.headers.{name}", "this header is the client's own", remedy)
        if name.lower() in CREDENTIALS and not _SECRET.fullmatch(value):
            remedy = "write env:NAME or file:PATH, or use [dast.auth.NAME]"
            raise fail(f"{key}.headers.{name}", "a credential stands in the policy", remedy)


def _login(key: str, login: Login, fail: Fail) -> None:
    for name in ("logged_in", "logged_out"):
        pattern: str | None = getattr(login, name)
        if pattern is None:
            continue
        try:
            re.compile(pattern)
        except re.error as error:
            raise fail(f"{key}.{name}", f"not a pattern ({error})", "write a regular expression") from None
        if len(pattern) > _MOST_PATTERN:
            raise fail(f"{key}.{name}", "the pattern is too long", f"use {_MOST_PATTERN} characters at most")
    if login.logged_in is None and login.logged_out is None:
        remedy = 'add logged_in = "PATTERN" (or logged_out): what only an answer to that user holds'
        raise fail(key, "nothing tells whether the login worked", remedy)
    if isinstance(login, Header):
        given = [name for name in ("value", "command", "oauth2") if getattr(login, name) is not None]
        if len(given) != 1:
            what = f"{' and '.join(given)} exclude each other" if given else "no token is named"
            raise fail(key, what, "write one of value, command and oauth2")
        if login.command is not None and not PurePosixPath(login.command[0]).is_absolute():
            raise fail(f"{key}.command", "the command is not absolute", "write its whole path")
        if login.oauth2 is not None:
            _url(login.oauth2.url, f"{key}.oauth2.url", fail)
    paths = [("check", login.check)]
    if isinstance(login, Form | Json):
        paths.append(("url", login.url))
    if isinstance(login, Form) and login.page is not None:
        paths.append(("page", login.page))
    for name, path in paths:
        if not path.startswith("/") or path.startswith("//") or "\\" in path:
            raise fail(
                f"{key}.{name}", f"{path!r} is not a path", "write a path of the target, such as /login"
            )


def _url(text: str, key: str, fail: Fail, *, secure: bool = True) -> None:
    """Check a URL that we ask ourselves: HTTPS, or this machine."""
    try:
        origin = read_url(text).origin
    except AddressError as error:
        raise fail(key, str(error), "write https://HOST/PATH") from None
    local = origin.host in ("localhost", "127.0.0.1", "::1")
    if secure and origin.scheme == "http" and not local:
        raise fail(key, "it would be asked without encryption", "write https://")


def _zap(dast: Dast, raw: Mapping[str, Any], fail: Fail) -> None:
    zap = dast.zap
    if isinstance(zap, Attach):
        _url(zap.url, "zap.url", fail, secure=False)
    if isinstance(zap, Installed) and not PurePosixPath(zap.path).is_absolute():
        raise fail("zap.path", f"{zap.path!r} is not absolute", "write the whole path of ZAP's folder")
    if isinstance(zap, Package) and (zap.url is None) != (zap.sha256 is None):
        raise fail("zap", "url and sha256 belong together", "write both, or neither")
    if isinstance(zap, Package) and zap.url is not None:
        _url(zap.url, "zap.url", fail)
    if dast.addons and isinstance(zap, Attach):
        raise fail(
            "addons", "a ZAP that runs already takes none", "install them there, or use another source"
        )
    for index, addon in enumerate(dast.addons):
        key = f"addons[{index}]"
        if (addon.file is None) == (addon.url is None):
            raise fail(key, "one of file and url is needed", "write one of them")
        if addon.url is not None:
            _url(addon.url, f"{key}.url", fail)
        if addon.file is not None and ".." in PurePosixPath(addon.file).parts:
            raise fail(
                f"{key}.file", "it is not beside the policy", "leave .. out, or write an absolute path"
            )


def _work(dast: Dast, raw: Mapping[str, Any], fail: Fail) -> None:
    effort = dast.effort
    if "active" in effort.phases and not any(target.attackable for target in dast.targets.values()):
        key = "phases" if "phases" in raw else "preset"
        remedy = f"write attackable = true in [dast.targets.{min(dast.targets)}], or leave active out"
        raise fail(key, "active is asked for and no target is attackable", remedy)
    if len(set(effort.phases)) != len(effort.phases):
        raise fail("phases", "a phase stands there twice", "name each once")
    if "seed" not in effort.phases:
        raise fail("phases", "without seed there is nothing to look at", "add seed")
    for index, word in enumerate(dast.technologies):
        if word not in TECHNOLOGIES:
            raise fail(f"technologies[{index}]", f"{word!r} is not known", nearest(word, TECHNOLOGIES))
    if dast.plan is not None and "phases" in raw:
        raise fail("plan", "plan and phases exclude each other", "remove one of them")
    for name in ("plan", "packaged_rules"):
        path: str | None = getattr(dast, name)
        if path is not None and (".." in PurePosixPath(path).parts or path.startswith("/")):
            raise fail(name, "it is not beside the policy", "write a path beside the policy")
