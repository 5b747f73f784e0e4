"""devsecops.toml, the repository's wishes. Whoever opens a pull request writes it: it may only tighten."""

from __future__ import annotations

import msgspec

from devsecops.errors import UsageError
from devsecops.model import Value
from devsecops.policy.file import TABLES
from devsecops.policy.model import FailOn, Policy, ScannerRules
from devsecops.policy.parse import nearest, read_toml, tighter_fail_on

NAME = "devsecops.toml"


class Config(Value, frozen=True, kw_only=True):
    """What a repository asks of its own scan. `report` holds names of formats, never a path."""

    fail_on: FailOn | None = None
    also_require: tuple[str, ...] = ()
    report: tuple[str, ...] = ()


def read_config(data: bytes | None) -> Config:
    """Return what devsecops.toml asks for; nothing when there is none.

    Raises:
        UsageError: not TOML, an unknown key, a key that only the trusted policy may have, a wrong type.
    """
    if data is None:
        return Config()
    try:
        table = read_toml(data.decode("utf-8"), NAME)
    except UnicodeDecodeError:
        raise UsageError(f"{NAME} is not UTF-8 text.") from None
    known = [field.name for field in msgspec.structs.fields(Config)]
    trusted = _trusted_only() - set(known)
    for key in table:
        if key in trusted:
            raise UsageError(f"{NAME}: {key} may only stand in the trusted policy (.devsecops/policy.toml).")
        if key not in known:
            raise UsageError(f"{NAME}: unknown key {key}; {nearest(key, known)}.")
    try:
        config = msgspec.convert(table, Config)
    except msgspec.ValidationError as error:
        raise UsageError(f"{NAME}: {error}.") from None
    for name in config.report:
        if not name.replace("-", "").isalnum():
            raise UsageError(f"{NAME}: report names a format, never a path: {name!r}.")
    return config


def _trusted_only() -> set[str]:
    """Return the keys of a policy by their own names, wherever they stand in one."""
    return {field.encode_name for table in TABLES.values() for field in msgspec.structs.fields(table)}


def tighten(policy: Policy, config: Config) -> Policy:
    """Return the policy with the repository's wishes laid over it.

    Raises:
        UsageError: a looser `fail_on`.
    """
    if config.fail_on is not None and not tighter_fail_on(policy.gate.fail_on, config.fail_on):
        raise UsageError(
            f"{NAME}: fail_on = {config.fail_on!r} is looser than the policy's {policy.gate.fail_on!r}; "
            "a repository may only tighten it."
        )
    replace = msgspec.structs.replace
    scanners = dict(policy.scanners)
    for name in config.also_require:
        scanners[name] = replace(scanners.get(name, ScannerRules()), required="yes")
    gate = replace(policy.gate, fail_on=config.fail_on or policy.gate.fail_on)
    return replace(policy, gate=gate, scanners=dict(sorted(scanners.items())))
