"""The [dast] table: what a whole one says, and what a wrong one is answered: key, line, remedy."""

from __future__ import annotations

import re
import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devsecops_zap.config import (
    Artifacts,
    Attach,
    ConfigError,
    Dast,
    Form,
    Header,
    Package,
    read_dast,
    read_packaged,
)
from devsecops_zap.config.lines import key_lines

WHOLE = """\
schema = 1

[dast]
preset = "nightly"
forbidden = ["*.prod.example", "www.example", "10.9.0.0/16"]
threads = 6
technologies = ["Db.SQLite", "Language.Python"]
requests = 5000
delay_ms = 20

[dast.budgets]
spider = "90s"
active = "2h"

[dast.targets.staging]
url = "https://staging.example/api"
private = ["10.1.0.0/16"]
attackable = true
version = { header = "X-Version" }
auth = "user"
openapi = "api/openapi.yaml"
urls = ["/health", "https://staging.example/x"]
exclude = ["/admin/**"]
headers = { X-Scan = "devsecops", Authorization = "env:TOKEN" }

[dast.targets.shop]
url = "http://127.0.0.1:8080"

[dast.auth.user]
kind = "form"
url = "/login"
username = "env:SCAN_USER"
password = "file:/run/secrets/scan"
csrf = "csrf_token"
logged_in = "Log out"

[dast.auth.machine]
kind = "header"
logged_out = '"error": *"unauthorized"'
oauth2 = { url = "https://id.example/token", client_id = "env:ID", client_secret = "env:SECRET" }

[dast.zap]
source = "artifacts"
core = "2.11.1"

[[dast.addons]]
file = "rules.zap"
sha256 = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
"""


def read(text: str) -> Dast:
    return read_dast(tomllib.loads(text)["dast"], text=text, source="policy.toml")


def test_a_whole_table() -> None:
    dast = read(WHOLE)
    assert list(dast.targets) == ["staging", "shop"]
    assert dast.effort.phases == ("seed", "spider", "passive", "active")
    assert dast.effort.threads == 6
    assert dast.effort.strength == "medium"
    assert dast.effort.budgets == {"seed": 120.0, "spider": 90.0, "passive": 600.0, "active": 7_200.0}
    assert isinstance(dast.auth["user"], Form)
    assert isinstance(dast.auth["machine"], Header)
    assert dast.zap == Artifacts(core="2.11.1")
    assert dast.line("dast.targets.staging") == 15
    assert dast.line("dast.targets.staging.url") == 16
    assert dast.line("dast.targets.staging.url.deeper") == 16


def test_the_least_that_is_needed() -> None:
    dast = read('[dast.targets.a]\nurl = "http://127.0.0.1:1"\n')
    assert dast.effort.phases == ("seed", "spider", "passive")
    assert dast.zap == Package()
    assert not dast.targets["a"].attackable


def test_a_zap_that_runs_already() -> None:
    text = WHOLE[: WHOLE.index("[dast.zap]")]
    attach = '[dast.zap]\nsource = "attach"\nurl = "http://127.0.0.1:8090"\nkey = "file:key.txt"\n'
    assert read(text + attach).zap == Attach(url="http://127.0.0.1:8090", key="file:key.txt")


# ruff: noqa: E501
WRONG = {
    "unknown key": ("threads = 6", "thread = 6", "dast.thread", "the nearest is threads"),
    "unknown key of a target": ("attackable =", "atackable =", "dast.targets.staging.atackable", "attackable"),
    "unknown key of a login": ("csrf =", "csfr =", "dast.auth.user.csfr", "csrf"),
    "unknown key of a source": ('core = "2.11.1"', 'key = "env:K"', "dast.zap.key", "core"),
    "unknown key of a version": ("{ header =", "{ heder =", "dast.targets.staging.version.heder", "the nearest is header"),
    "unknown key of a budget": ("spider =", "spyder =", "dast.budgets.spyder", "the nearest is spider"),
    "unknown key of a token": ("client_id =", "client =", "dast.auth.machine.oauth2.client", "client_id"),
    "wrong type": ("threads = 6", 'threads = "six"', "dast.threads", "write a number"),
    "wrong type of a target": ("attackable = true", "attackable = 1", "dast.targets.staging.attackable", "true or"),
    "out of range": ("threads = 6", "threads = 0", "dast.threads", "write a number >= 1"),
    "preset": ('"nightly"', '"nigthly"', "dast.preset", "the nearest is nightly"),
    "no url": ('url = "http://127.0.0.1:8080"', "", "dast.targets.shop", "add url"),
    "no scheme": ('"http://127.0.0.1:8080"', '"127.0.0.1:8080"', "dast.targets.shop.url", "https://HOST:PORT"),
    "credentials in a URL": ("http://127", "http://me:pw@127", "dast.targets.shop.url", "HOST:PORT"),
    "an ambiguous address": ("127.0.0.1:8080", "2130706433:8080", "dast.targets.shop.url", "HOST:PORT"),
    "metadata": ("127.0.0.1:8080", "169.254.169.254", "dast.targets.shop.url", "name another target"),
    "metadata by name": ("127.0.0.1:8080", "metadata.goog", "dast.targets.shop.url", "name another target"),
    "private and not listed": ("127.0.0.1:8080", "10.0.0.1", "dast.targets.shop.url", "private"),
    "forbidden": ("127.0.0.1:8080", "a.prod.example", "dast.targets.shop.url", "name another target"),
    "a query in the URL": (":8080", ":8080/?a=b", "dast.targets.shop.url", "urls"),
    "dots in the base path": ("/api", "/api/../x", "dast.targets.staging.url", "leave"),
    "one origin, two names": ("http://127.0.0.1:8080", "https://STAGING.example:443", "dast.targets.shop.url", "one alias"),
    "not a network": ("10.1.0.0/16", "10.1.2.3/16", "dast.targets.staging.private[0]", "10.1.0.0/16"),
    "no such login": ('auth = "user"', 'auth = "usr"', "dast.targets.staging.auth", "the nearest is user"),
    "two versions": ('{ header = "X-Version" }', '{ header = "X", pointer = "/v" }', "dast.targets.staging.version", "one"),
    "not a pointer": ('{ header = "X-Version" }', '{ pointer = "v" }', "dast.targets.staging.version.pointer", "/build"),
    "a seed elsewhere": ('"/health"', '"https://www.example/"', "dast.targets.staging.urls[0]", "path"),
    "a document elsewhere": ("api/openapi.yaml", "https://www.example/o.json", "dast.targets.staging.openapi", "URL of"),
    "a document outside": ("api/openapi.yaml", "../openapi.yaml", "dast.targets.staging.openapi", "relative"),
    "not a path pattern": ("/admin/**", "admin.*", "dast.targets.staging.exclude[0]", "/admin"),
    "a credential": ('"env:TOKEN"', '"Bearer s3cr3t"', "dast.targets.staging.headers.Authorization", "env:NAME"),
    "the Host header": ('X-Scan = "devsecops"', 'Host = "www"', "dast.targets.staging.headers.Host", "remove"),
    "two lines in a header": ('"devsecops"', '"a\\r\\nb"', "dast.targets.staging.headers", "printable"),
    "a password": ('"file:/run/secrets/scan"', '"s3cr3t"', "dast.auth.user.password", "never stands in a policy"),
    "no password": ('password = "file:/run/secrets/scan"', "", "dast.auth.user", "add password"),
    "a kind of login": ('kind = "form"', 'kind = "from"', "dast.auth.user.kind", "the nearest is form"),
    "no kind of login": ('kind = "form"', "", "dast.auth.user", "add kind"),
    "a login elsewhere": ('url = "/login"', 'url = "//www.example/"', "dast.auth.user.url", "path"),
    "not a pattern": ('"Log out"', '"Log (out"', "dast.auth.user.logged_in", "regular expression"),
    "no indicator": ('logged_in = "Log out"', "", "dast.auth.user", "logged_in"),
    "two tokens": ("[dast.auth.machine]", '[dast.auth.machine]\nvalue = "env:T"', "dast.auth.machine", "one of value"),
    "a relative command": ("oauth2 = {", 'command = ["token"]\n#', "dast.auth.machine.command", "whole path"),
    "a token in the clear": ("https://id.example", "http://id.example", "dast.auth.machine.oauth2.url", "https://"),
    "a client secret": ('"env:SECRET"', '"s3cr3t"', "dast.auth.machine.oauth2.client_secret", "env:NAME"),
    "a source": ('"artifacts"', '"artefacts"', "dast.zap.source", "the nearest is artifacts"),
    "a core": ('"2.11.1"', '"2.12.0"', "dast.zap.core", "the nearest is 2.1"),
    "a digest": ('sha256 = "0123', 'sha256 = "', "dast.addons[0].sha256", "64"),
    "an add-on by two ways": ("file = ", 'url = "https://x.example/r"\nfile = ', "dast.addons[0]", "one of them"),
    "a ZAP that takes no add-ons": (
        'source = "artifacts"\ncore = "2.11.1"',
        'source = "attach"\nurl = "http://127.0.0.1:8090"\nkey = "env:K"',
        "dast.addons", "another source",
    ),
    "a relative path of ZAP": (
        'source = "artifacts"\ncore = "2.11.1"', 'source = "installed"\npath = "zap"', "dast.zap.path", "whole path",
    ),
    "a package without a digest": (
        'source = "artifacts"\ncore = "2.11.1"', 'source = "package"\nurl = "https://x.example/z"', "dast.zap", "both",
    ),
    "a duration": ('"90s"', '"90"', "dast.budgets.spider", '"90s"'),
    "no time at all": ('"90s"', '"0s"', "dast.budgets.spider", '"90s"'),
    "nothing to attack": ("attackable = true", "attackable = false", "dast.preset", "attackable = true"),
    "a phase": ("threads = 6", 'phases = ["seed", "pasive"]', "dast.phases[1]", "the nearest is passive"),
    "no seed": ("threads = 6", 'phases = ["active"]', "dast.phases", "add seed"),
    "a technology": ('"Db.SQLite"', '"SQLite"', "dast.technologies[0]", "Db.SQLite"),
    "a plan and phases": ("threads = 6", 'plan = "af.yaml"\nphases = ["seed"]', "dast.plan", "remove one"),
    "a plan elsewhere": ("threads = 6", 'plan = "../af.yaml"', "dast.plan", "beside the policy"),
    "an alias": ("[dast.targets.shop]", '[dast.targets."the shop"]', "dast.targets.the shop", "lower-case"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_named_with_its_line_and_a_remedy(name: str) -> None:
    before, after, key, remedy = WRONG[name]
    assert WHOLE.count(before) >= 1
    text = WHOLE.replace(before, after, 1)
    with pytest.raises(ConfigError) as caught:
        read(text)
    error = caught.value
    assert error.key == key
    assert remedy in error.remedy
    assert _stands_at(text, error.line, key)
    assert str(error).startswith(f"policy.toml:{error.line}: {key}: ")
    assert "s3cr3t" not in str(error)
    assert "\n" not in str(error)


def _stands_at(text: str, number: int, key: str) -> bool:
    """Whether a line holds the last part of a key, under a table's header that is the start of the key."""
    plain, lines = re.sub(r"\[\d+\]", "", key), text.splitlines()
    header = next(line.strip("[]") for line in reversed(lines[:number]) if line.startswith("["))
    whole = plain == header.replace('"', "") or plain.startswith(f"{header}.")
    return whole and plain.rpartition(".")[2] in lines[number - 1]


def test_no_target_at_all() -> None:
    with pytest.raises(ConfigError, match=r"policy.toml:1: dast.targets: there is no target; add \[dast"):
        read("[dast]\n")
    with pytest.raises(ConfigError, match=r"policy.toml:2: dast.targets: there is no target"):
        read("[dast]\ntargets = {}\n")
    with pytest.raises(ConfigError, match=r"write \[dast.targets.NAME\]"):
        read("[dast]\ntargets = 1\n")


def test_lines_of_every_way_to_write_a_key() -> None:
    text = '''\
# a comment = 1
a = """x = 1
[b]
c = 2\\"""" # not a table
"quoted.key" = 'y # = '
[t.'u v'."w"]
k.l = [ # one
  1, { m = 2 },
  """two
lines""",
  [3],
]
n = { o = 1979-05-27 07:32:00, p = { q = [] } }
[[arr]]
x = 1
[[arr]]
x = 2
[arr.sub]
y = 3
[[arr.deep]]
z = \'\'\'
\'\'\'
last = true'''
    lines = key_lines(text)
    tomllib.loads(text)
    expected = {
        "a": 2, "quoted.key": 5, "t.u v.w": 6, "t.u v.w.k": 7, "t.u v.w.k.l": 7, "t.u v.w.k.l[0]": 8,
        "t.u v.w.k.l[1].m": 8, "t.u v.w.k.l[2]": 9, "t.u v.w.k.l[3][0]": 11, "t.u v.w.n.o": 13,
        "t.u v.w.n.p.q": 13, "arr[0]": 14, "arr[0].x": 15, "arr[1].x": 17, "arr[1].sub.y": 19,
        "arr[1].deep[0].z": 21, "arr[1].deep[0].last": 23,
    }  # fmt: skip
    assert {key: lines.get(key) for key in expected} == expected


VALUES = st.recursive(
    st.one_of(
        st.booleans(), st.integers(-9, 9), st.sampled_from(['"a"', "'b]'", '"""c\n{"""', '"\\""', "1.5"])
    ),
    lambda inner: st.lists(inner, max_size=3).map(lambda v: "[" + ", ".join(map(_toml, v)) + "]"),
    max_leaves=5,
)


def _toml(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


@given(st.lists(st.tuples(st.sampled_from(["[t{}]", "k{} = {}", "# {}", ""]), VALUES), max_size=12))
def test_every_key_of_a_valid_file_has_its_line(parts: list[tuple[str, object]]) -> None:
    text, expected, table = "", {}, ""
    for number, (shape, value) in enumerate(parts):
        if shape.startswith("[t"):
            table = f"t{number}."
            expected[table[:-1]] = text.count("\n") + 1
        if shape.startswith("k"):
            expected[f"{table}k{number}"] = text.count("\n") + 1
        text += shape.format(number, _toml(value)) + "\n"
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return
    lines = key_lines(text)
    assert {key: lines[key] for key in expected} == expected


RULES = """\
# zap-baseline rule configuration file
10010\tIGNORE\t(Cookie No HttpOnly Flag)
10011\tFAIL\t(Cookie Without Secure Flag)\tSet it.
10038\tWARN\t(Content Security Policy)
10038-2\tINFO\t(CSP: wildcard)

40012,40014\tOUTOFSCOPE\thttps?://[^/]+/docs/.*
*\tOUTOFSCOPE\thttps?://[^/]+/health$
"""


def test_rules_of_packaged_scans() -> None:
    rules = read_packaged(RULES, "rules.tsv")
    site = "https://staging.example"
    assert rules.level("10010", site) == "ignore"
    assert rules.level("10011", site) == "fail"
    assert rules.level("10038-1", site) == "warn"
    assert rules.level("10038-2", site) == "info"
    assert rules.level("40012", f"{site}/docs/a") == "ignore"
    assert rules.level("40012", f"{site}/a") is None
    assert rules.level("10011", f"{site}/health") == "ignore"
    assert rules.level("10011", f"{site}/healthy") == "fail"
    assert rules.level("1", site) is None


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("10010 IGNORE x", "tabs"),
        ("10010\tIGNOR\tx", "the nearest is IGNORE"),
        ("abc\tIGNORE\tx", "not the id"),
        ("10011\tWARN\tx", "twice"),
        ("*\tOUTOFSCOPE\t(", "not a pattern"),
        ("1,x\tOUTOFSCOPE\ta", "not the id"),
    ],
)
def test_a_wrong_rules_file(line: str, what: str) -> None:
    with pytest.raises(ConfigError, match=what) as caught:
        read_packaged(f"{RULES}{line}\n", "rules.tsv")
    assert caught.value.line == 9
