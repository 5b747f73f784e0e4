"""What every source comes to: a ZAP that can be started."""

from __future__ import annotations

import re

import msgspec

from devsecops.api import ToolError

MAIN = "org.zaproxy.zap.ZAP"
_VERSION = re.compile(r"(\d+)\.(\d+)\.(\d+)")


class Zap(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A ZAP on this machine. All paths are absolute."""

    source: str
    version: str
    java: str
    java_version: str
    """As Java says it, such as ``17.0.15``."""
    install_dir: str
    class_path: tuple[str, ...] = ()
    """Its jars when it was put together; else `jar` names the others."""
    jar: str = ""
    addons: tuple[str, ...] = ()
    """More add-on files: each daemon gets them in its home."""

    def start(self) -> tuple[str, ...]:
        """Return what follows Java's own options on a command line, up to ZAP's."""
        if self.class_path:
            return ("-cp", ":".join(self.class_path), MAIN)
        return ("-jar", self.jar)


class Java(msgspec.Struct, frozen=True, kw_only=True):
    """Which Java a ZAP runs on: feature versions, both included."""

    least: int
    most: int | None
    jre: str
    """Name of the lock beside this package of one that fits."""

    def fits(self, version: int) -> bool:
        """Tell whether a feature version can run it."""
        return self.least <= version and (self.most is None or version <= self.most)

    def __str__(self) -> str:
        if self.most is None:
            return f"Java {self.least} or newer"
        return f"Java {self.least} to {self.most}"


def java_for(version: str) -> Java:
    """Return what the ZAP `version` runs on.

    2.16 and later are built for Java 17, 2.12 for 11, earlier ones for 8 and end at once on 25. Nothing below
    11 is taken: a name can be pinned (``jdk.net.hosts.file``) from Java 9 on only.

    Raises:
        ToolError: it is no version of ZAP that can be driven.
    """
    match = _VERSION.match(version)
    if match is None or (int(match[1]), int(match[2])) < (2, 11):
        raise ToolError(f"ZAP {version} cannot be driven; use 2.11.1 or a newer one")
    minor = (int(match[1]), int(match[2]))
    if minor < (2, 12):
        return Java(least=11, most=17, jre="jre-17")
    return Java(least=17 if minor >= (2, 16) else 11, most=None, jre="jre-25")
