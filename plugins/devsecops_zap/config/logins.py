"""``[dast.auth.NAME]``: how to log in. Secrets stand here only as ``env:NAME`` or ``file:PATH``."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from devsecops_zap.config.sources import Secret, Text

Command = Annotated[tuple[Text, ...], Meta(min_length=1)]


class OAuth2(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A token from an OAuth 2.0 client-credentials endpoint (RFC 6749, 4.4)."""

    url: Annotated[Text, Meta(description="The token endpoint.")]
    client_id: Annotated[Secret, Meta(description="env:NAME or file:PATH.")]
    client_secret: Annotated[Secret, Meta(description="env:NAME or file:PATH.")]
    scope: Annotated[str, Meta(description="Scopes, separated by spaces.")] = ""


class _Login(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag=str.lower):
    """Base of all logins: how to see that one is in. `check` and `logged_in` prove it, before and during."""

    check: Annotated[Text, Meta(description="A path that answers differently when logged in.")] = "/"
    logged_in: Annotated[Text | None, Meta(description="Only in answers to who is in; a pattern.")] = None
    logged_out: Annotated[Text | None, Meta(description="Only in answers to who is out; a pattern.")] = None


class _Posted(_Login, frozen=True, kw_only=True):
    """Base of logins that post a user name and a password."""

    url: Annotated[Text, Meta(description="Where it is posted to: a path of the target.")]
    username: Annotated[Secret, Meta(description="env:NAME or file:PATH.")]
    password: Annotated[Secret, Meta(description="env:NAME or file:PATH.")]
    username_field: Annotated[Text, Meta(description="Its name in the form or object.")] = "username"
    password_field: Annotated[Text, Meta(description="Its name in the form or object.")] = "password"
    extra: Annotated[dict[Text, str], Meta(description="More fields, not secret.")] = {}


class Form(_Posted, frozen=True, kw_only=True):
    """An HTML form."""

    page: Annotated[Text | None, Meta(description="The page with the form, when it has another path.")] = None
    csrf: Annotated[Text | None, Meta(description="The name of the field with the CSRF token.")] = None


class Json(_Posted, frozen=True, kw_only=True):
    """A JSON object; the answer sets a cookie, or holds a token that is sent as a bearer."""

    token: Annotated[
        Annotated[str, Meta(pattern=r"^(/[^/]*)+$")] | None, Meta(description="JSON pointer to the token.")
    ] = None


class Basic(_Login, frozen=True, kw_only=True):
    """HTTP basic authentication (RFC 7617)."""

    username: Annotated[Secret, Meta(description="env:NAME or file:PATH.")]
    password: Annotated[Secret, Meta(description="env:NAME or file:PATH.")]


class Header(_Login, frozen=True, kw_only=True):
    """A header with a token: from one of `value`, `command` and `oauth2`."""

    name: Annotated[
        Annotated[str, Meta(pattern=r"^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}$")],
        Meta(description="Which header."),
    ] = "Authorization"
    prefix: Annotated[str, Meta(description="What stands before the token.")] = "Bearer "
    value: Annotated[Secret | None, Meta(description="env:NAME or file:PATH.")] = None
    command: Annotated[Command | None, Meta(description="An absolute command that prints the token.")] = None
    oauth2: Annotated[OAuth2 | None, Meta(description="An endpoint that gives it.")] = None


class Cookie(_Login, frozen=True, kw_only=True):
    """A session cookie that somebody else got."""

    name: Annotated[
        Annotated[str, Meta(pattern=r"^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,200}$")], Meta(description="Its name.")
    ]
    value: Annotated[Secret, Meta(description="env:NAME or file:PATH.")]


Login = Form | Json | Basic | Header | Cookie
