"""From a login of the policy to what shows who asks: each kind by our own requests."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from devsecops.api import read_json
from devsecops_zap.asking import Answer, cookies
from devsecops_zap.config import Basic, Cookie, Form, Header, Json, Login, OAuth2
from devsecops_zap.login.errors import LoginError
from devsecops_zap.login.forms import hidden_fields
from devsecops_zap.login.way import HOPS, Gained, Way
from devsecops_zap.pointer import pointed

_LONGEST = 16_000


_NAMES = ("username", "client_id")
_PRIVATE = ("password", "value", "client_secret")


def references(login: Login, *, names: bool = True) -> tuple[str, ...]:
    """Return the secrets that a login names, sorted; with or without the names of who logs in."""
    holders = (login, getattr(login, "oauth2", None))
    keys = (*_PRIVATE, *_NAMES) if names else _PRIVATE
    found = {getattr(holder, key, None) for holder in holders for key in keys}
    return tuple(sorted(ref for ref in found if ref))


def gain(login: Login, way: Way) -> Gained:
    """Log in. Asks the target, a token endpoint or a command where the kind needs it.

    Raises:
        LoginError: it did not work; the text says where it failed and holds no secret.
    """
    if isinstance(login, Form):
        return _form(login, way)
    if isinstance(login, Json):
        return _json(login, way)
    if isinstance(login, Basic):
        pair = f"{way.secret(login.username)}:{way.secret(login.password)}"
        return _headed("Authorization", "Basic " + base64.b64encode(pair.encode()).decode())
    if isinstance(login, Cookie):
        return _cookied({login.name: way.secret(login.value)})
    return _headed(login.name, login.prefix + _token(login, way))


def _token(login: Header, way: Way) -> str:
    if login.value is not None:
        return way.secret(login.value).strip()
    if login.oauth2 is not None:
        return _oauth2(login.oauth2, way)
    token = way.run(login.command or ()).decode("utf-8", "replace").strip()
    if not token or len(token.splitlines()) > 1:
        raise LoginError("the token command does not print one line", "let it print the token alone")
    return token


def _oauth2(endpoint: OAuth2, way: Way) -> str:
    """Ask by client credentials (RFC 6749, 4.4): by basic authentication, then in the form (2.3.1)."""
    name, secret = way.secret(endpoint.client_id), way.secret(endpoint.client_secret)
    asked = {"grant_type": "client_credentials", **({"scope": endpoint.scope} if endpoint.scope else {})}
    pair = f"{quote(name, safe='')}:{quote(secret, safe='')}"
    basic = {"Authorization": "Basic " + base64.b64encode(pair.encode()).decode()}
    json_please = {"Accept": "application/json"}
    answer = way.post_elsewhere(endpoint.url, asked, {**json_please, **basic})
    if answer.status in (400, 401):
        inside = {**asked, "client_id": name, "client_secret": secret}
        answer = way.post_elsewhere(endpoint.url, inside, json_please)
    if answer.status != 200:
        raise LoginError(
            f"the token endpoint answers {answer.status}", "see client_id, client_secret and scope"
        )
    return _text(_object(answer, "the token endpoint"), "/access_token", "the token endpoint's answer")


def _json(login: Json, way: Way) -> Gained:
    data = {
        **login.extra,
        login.username_field: way.secret(login.username),
        login.password_field: way.secret(login.password),
    }
    answer = way.post(login.url, data, {"Accept": "application/json"}, as_json=True)
    if answer.status >= 400:
        raise LoginError(
            f"{login.url} answers {answer.status} to the login", "see user, password and the fields' names"
        )
    if login.token is not None:
        token = _text(_object(answer, login.url), login.token, f"the answer of {login.url}")
        return _headed("Authorization", f"Bearer {token}")
    return _cookied(cookies([answer]), login.url)


def _form(login: Form, way: Way) -> Gained:
    page = login.page or login.url
    first = way.get(page)
    kept = cookies([first])
    fields = hidden_fields(first.text, login.password_field, login.csrf)
    if login.csrf is not None and not fields.get(login.csrf):
        raise LoginError(
            f"{page} (status {first.status}) holds no field {login.csrf}", "see page and csrf of the login"
        )
    data = {
        **fields,
        **login.extra,
        login.username_field: way.secret(login.username),
        login.password_field: way.secret(login.password),
    }
    origin = str(way.pinned.origin)
    answer = way.post(login.url, data, {**_cookie(kept), "Referer": f"{origin}{page}", "Origin": origin})
    if answer.status >= 400:
        raise LoginError(
            f"{login.url} answers {answer.status} to the login", "see user, password and the fields' names"
        )
    return _cookied(_followed(way, login.url, answer, cookies([answer], kept)), login.url)


def _followed(way: Way, target: str, answer: Answer, kept: dict[str, str]) -> dict[str, str]:
    """Go where the login redirects to, within the target: some set the cookie only there."""
    for _ in range(HOPS):
        onward = way.onward(target, answer)
        if onward is None:
            break
        target = onward
        answer = way.get(target, _cookie(kept))
        kept = cookies([answer], kept)
    return kept


def _cookie(kept: Mapping[str, str]) -> dict[str, str]:
    return {"Cookie": "; ".join(f"{name}={value}" for name, value in kept.items())} if kept else {}


def _cookied(kept: Mapping[str, str], url: str = "") -> Gained:
    if not kept:
        raise LoginError(f"{url} set no cookie", "see user, password and the fields' names")
    for name, value in kept.items():
        if not _fits(name + value) or ";" in value:
            raise LoginError(f"the cookie {name!a} cannot be sent", "give its value alone, without ;")
    return Gained(cookies=tuple(sorted(kept.items())))


def _headed(name: str, value: str) -> Gained:
    if not _fits(value):
        raise LoginError(f"the value of {name} does not fit into a header", "give the token alone")
    return Gained(header=(name, value))


def _fits(value: str) -> bool:
    return value.isascii() and value.isprintable() and 0 < len(value) <= _LONGEST


def _object(answer: Answer, where: str) -> Any:
    try:
        return read_json(answer.body)
    except ValueError:
        raise LoginError(f"{where} (status {answer.status}) does not answer with JSON", "see url") from None


def _text(found: Any, pointer: str, where: str) -> str:
    value = pointed(found, pointer)
    if not isinstance(value, str) or not value:
        raise LoginError(f"{where} holds no token at {pointer}", "see what it answers, and correct it")
    return value
