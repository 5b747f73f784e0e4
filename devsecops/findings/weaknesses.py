"""Our classes of weaknesses: what two tools mean alike, whichever number each of them gives it.

A class is as wide as its repair: what settles one finding of a class settles another at the same place. CWE
numbers alone do not say that. bandit 1.9.4 gives eval() CWE-78 and yaml.load() CWE-20, one number may stand
for several repairs (CWE-327: hash, cipher, protocol; CWE-703: assert, swallowed error), and ruff 0.17 gives
none. So rules whose number is wrong, missing or too coarse are named here, by tool.
"""

from __future__ import annotations

from devsecops.model import Finding

CLASSES: dict[str, tuple[int, ...]] = {
    "archive-extraction": (22,),
    "argument-injection": (88,),
    "assert": (617,),
    "authorisation": (862, 285, 306, 639, 863),
    "bind-all-interfaces": (1327, 605),
    "certificate": (295, 296, 297, 298, 299),
    "cipher": (327,),
    "cleartext": (319,),
    "code-evaluation": (95, 94, 96),
    "cookie-httponly": (1004,),
    "cookie-samesite": (1275,),
    "cookie-secure": (614,),
    "cors": (942,),
    "credential": (798, 259, 321),
    "csrf": (352,),
    "debug-mode": (489, 11, 215),
    "decompression": (409,),
    "deserialisation": (502,),
    "error-detail": (209,),
    "file-permission": (732, 276),
    "fixed-iv": (329, 1204),
    "fixed-salt": (760, 759),
    "format-string": (134,),
    "hash": (328, 916),
    "header-injection": (113, 93),
    "host-key": (322,),
    "import-of-old-library": (1104,),
    "kdf-iterations": (916,),
    "key-length": (326,),
    "ldap-injection": (90,),
    "log-injection": (117,),
    "mass-assignment": (915,),
    "mutable-base": (1357,),
    "no-timeout": (1088,),
    "nosql-injection": (943,),
    "open-redirect": (601,),
    "origin-check": (346,),
    "os-command": (78, 77),
    "path-traversal": (22, 23, 36, 73),
    "program-path": (426, 427),
    "prototype-pollution": (1321,),
    "randomness": (338, 330, 331, 335, 337, 340),
    "reflection": (470,),
    "regex": (1333,),
    "root-user": (250,),
    "rsa-padding": (780,),
    "secret-in-log": (532,),
    "session-expiry": (613,),
    "signature": (347,),
    "snmp-version": (319,),
    "snmp-security": (319,),
    "sql": (89, 564),
    "storage-permission": (732,),
    "swallowed-error": (390, 391),
    "temp-file": (377, 378, 379),
    "temp-path": (379,),
    "template-injection": (1336,),
    "timing": (208,),
    "tls-version": (757,),
    "trojan-source": (1007,),
    "unpinned-download": (494,),
    "upload": (434,),
    "url-from-outside": (918,),
    "wildcard": (155,),
    "xml": (611, 776, 827),
    "xpath-injection": (643, 91),
    "xss": (79, 80, 83, 87),
}
"""Class -> the CWE number that a group of it shows, then others that mean nothing else."""

_NOT_BY_NUMBER = frozenset(
    {
        "archive-extraction", "kdf-iterations", "snmp-security", "snmp-version", "storage-permission",
        "temp-path",
    }
)  # fmt: skip
"""Classes whose number belongs to another one: only rules lead to them."""

_FLAKE8_BANDIT: dict[str, tuple[int, ...]] = {
    "archive-extraction": (202,),
    "assert": (101,),
    "bind-all-interfaces": (104,),
    "certificate": (323, 501),
    "cipher": (304, 305),
    "cleartext": (312, 321, 401, 402, 415),
    "code-evaluation": (102, 307, 612),
    "credential": (105, 106, 107),
    "debug-mode": (201,),
    "deserialisation": (301, 302, 403, 506, 614),
    "file-permission": (103,),
    "hash": (303, 324),
    "host-key": (507,),
    "import-of-old-library": (413,),
    "key-length": (505,),
    "no-timeout": (113,),
    "os-command": (404, 601, 602, 603, 604, 605, 606),
    "program-path": (607,),
    "randomness": (311,),
    "snmp-security": (509,),
    "snmp-version": (508,),
    "sql": (608, 610, 611),
    "swallowed-error": (110, 112),
    "temp-file": (306,),
    "temp-path": (108,),
    "tls-version": (502, 503, 504),
    "trojan-source": (613,),
    "unpinned-download": (615,),
    "url-from-outside": (310,),
    "wildcard": (609,),
    "xml": (*range(313, 321), 405, 406, 407, 408, 409, 410, 411),
    "xss": (308, 701, 702, 703, 704),
}
"""Numbers of bandit's rules; ruff's S rules have the same ones for the same thing."""

_OTHERS: dict[str, dict[str, tuple[str, ...]]] = {
    "semgrep": {
        "archive-extraction": ("js-zip-slip", "py-archive-from-request", "py-tar-extract-no-filter"),
        "assert": ("py-assert-authorisation",),
        "credential": ("docker-secret-in-layer",),
        "kdf-iterations": ("py-kdf-few-iterations",),
        "mutable-base": ("docker-mutable-base",),
        "storage-permission": ("py-s3-public-access",),
        "tls-version": ("js-tls-old-version",),
    },
    "hadolint": {"mutable-base": ("DL3006", "DL3007"), "root-user": ("DL3002",)},
}  # fmt: skip

_BY_NUMBER = {
    f"CWE-{number}": name
    for name, numbers in CLASSES.items()
    if name not in _NOT_BY_NUMBER
    for number in numbers
}
_BY_RULE = {
    (tool, f"{letter}{number}"): name
    for tool, letter in (("bandit", "B"), ("ruff", "S"))
    for name, numbers in _FLAKE8_BANDIT.items()
    for number in numbers
} | {(tool, rule): name for tool, named in _OTHERS.items() for name, rules in named.items() for rule in rules}


def weakness_class(finding: Finding) -> str | None:
    """Return the class of a finding; None where nothing says which it is. A secret is a credential."""
    if finding.kind == "secrets":
        return "credential"
    named = _BY_RULE.get((finding.rule.tool, finding.rule.id))
    return named or _BY_NUMBER.get(finding.weakness or "")


def weakness_of(name: str) -> str:
    """Return the weakness that findings of class `name` share, ``CWE-<n>``. Raises KeyError for no class."""
    return f"CWE-{CLASSES[name][0]}"
