"""``[dast.zap]``: where ZAP comes from. Part of the trusted policy, like everything that is run."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

Text = Annotated[str, Meta(min_length=1)]
Sha256 = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}$")]
Secret = Annotated[str, Meta(pattern=r"^(env:[A-Za-z_][A-Za-z0-9_]*|file:[^\x00]+)$")]
"""A reference to a secret: a variable of the environment or a file, never the secret."""


class _Source(
    Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="source", tag=str.lower
):
    """Base of the four sources."""


class _Started(_Source, frozen=True, kw_only=True):
    """Base of a ZAP that we start."""

    java: Annotated[
        Text | None, Meta(description="The java command; else JAVA_HOME, PATH, or a locked one.")
    ] = None
    heap_mb: Annotated[Annotated[int, Meta(ge=128, le=65_536)], Meta(description="Java's heap.")] = 1_024


class Attach(_Source, frozen=True, kw_only=True):
    """A ZAP that runs already."""

    url: Annotated[Text, Meta(description="Where its API answers, such as http://127.0.0.1:8090.")]
    key: Annotated[Secret, Meta(description="Its API key: env:NAME or file:PATH.")]
    control_host: Annotated[Text, Meta(description="The name under which it reaches this machine.")] = (
        "127.0.0.1"
    )
    new_session: Annotated[bool, Meta(description="Whether the session that it holds may be dropped.")] = (
        False
    )


class Installed(_Started, frozen=True, kw_only=True):
    """A folder with ZAP, or its zap.sh."""

    path: Annotated[Text, Meta(description="An absolute path.")]


class Package(_Started, frozen=True, kw_only=True):
    """A release archive; without keys the one that this version of devsecops locks."""

    url: Annotated[Text | None, Meta(description="Another archive.")] = None
    sha256: Annotated[Sha256 | None, Meta(description="Its SHA-256.")] = None


class Artifacts(_Started, frozen=True, kw_only=True):
    """ZAP's core composed from published Java artifacts: no rules of ZAP's own."""

    core: Annotated[Literal["2.17.0", "2.11.1"], Meta(description="Which core.")] = "2.17.0"


ZapSource = Attach | Installed | Package | Artifacts


class Addon(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """[[dast.addons]]: an add-on for a ZAP that we start; either `file` or `url`."""

    file: Annotated[Text | None, Meta(description="Absolute, or beside the policy.")] = None
    url: Annotated[Text | None, Meta(description="By HTTPS.")] = None
    sha256: Annotated[Sha256, Meta(description="The SHA-256 of the file.")]
