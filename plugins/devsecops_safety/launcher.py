"""Runs in safety's own environment: safety's `check`, without its login and without a network.

    python -I launcher.py DB REQUIREMENTS OUT

`DB` is a folder with a database in safety's format 2.0.0, `REQUIREMENTS` a file of pins; `OUT` gets the
report that ``safety check --save-json`` of safety 3.8.1 writes. The command itself asks its login server
before it does anything, even for a local database, so its library is called instead.
"""

from __future__ import annotations

import sys
from typing import Any

_REFUSED = ("socket.", "subprocess.", "os.exec", "os.fork", "os.posix_spawn", "os.system", "pty.spawn")


class _Platform:
    """Stands in for the vendor's platform: no key, no credentials, no client."""

    api_key = None
    http_client = None

    def get_authentication_type(self) -> None:
        """Return that there is none."""

    def is_using_auth_credentials(self) -> bool:
        """Return no: with credentials safety ignores the local database."""
        return False


class _Login:
    """Stands in for a login."""

    platform = _Platform()
    org = None
    stage = None


def block() -> None:
    """Refuse every socket and every process from here on: an audit hook cannot be taken away again."""

    def refuse(event: str, args: tuple[Any, ...]) -> None:
        if event.startswith(_REFUSED):
            raise PermissionError(f"{event} is not allowed here")

    sys.addaudithook(refuse)


def main(database: str, requirements: str, out: str) -> None:
    """Check the pins and write the report. Whatever safety raises ends the process."""
    block()
    from safety.formatter import SafetyFormatter
    from safety.safety import check, get_packages

    params: dict[str, Any] = {"files": [], "stdin": False, "continue_on_error": True, "project": None}
    params |= {"audit_and_monitor": False, "apply_remediations": False, "ignore_unpinned_requirements": True}
    with open(requirements, encoding="utf-8") as file:
        packages = list(get_packages([file], False))
    found, _ = check(
        auth=_Login(),
        packages=packages,
        db_mirror=database,
        ignore_vulns={},
        include_ignored=True,
        is_env_scan=False,
        telemetry=False,
        params=params,
    )
    report = SafetyFormatter("json", version="1.1").render_vulnerabilities([], found, {}, False, packages, [])
    with open(out, "w", encoding="utf-8") as file:
        file.write(report)


if __name__ == "__main__":
    main(*sys.argv[1:])
