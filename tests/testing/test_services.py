"""Each check of a scanner of running services finds the one that breaks what it promises."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from devsecops.testing import check
from devsecops.testing.bench import Bench
from devsecops.testing.conformance import ALWAYS, AT_A_SERVICE, WITH_INSTALL
from devsecops.testing.engine import load

HONEST = """
import http.client
import urllib.parse
from devsecops.api import *

class Probe:
    spec = Spec(name="probe", kind="dast", reads=Reads(), unit="remote", controls=Attested(label="probe"),
                deadline_s=20.0, installs=True, table="dast")

    def install(self, request):
        return Installed(name="probe", command="/bin/true")

    def check(self, ctx):
        try:
            place = urllib.parse.urlsplit(ctx.options["ask"]["target"])
            port = place.port or 80
        except ValueError as error:
            return Checked(errors=("--target is no URL; correct it.",))
        if not place.hostname or not place.hostname.isprintable() or place.username:
            return Checked(errors=("--target names no host, or a user; correct it.",))
        if set(ctx.options.get("dast") or {}) - {"targets"}:
            return Checked(errors=("dast: a key is not known; remove it.",))
        origin = f"{place.scheme}://{place.hostname}:{port}"
        return Checked(target=Target(alias="probe", origins=(origin,)))

    def scan(self, ctx):
        place = urllib.parse.urlsplit(ctx.options["ask"]["target"])
        unit = Unit(kind="url", id="GET /")
        connection = http.client.HTTPConnection(place.hostname, place.port, timeout=0.2)
        while True:
            try:
                connection.request("GET", "/")
                connection.getresponse().read()
                return Parsed(attested=True, version="1", cover=(Cover(unit=unit, state="scanned"),))
            except TimeoutError:
                connection.close()
                if not ctx.cancelled():
                    continue
            except OSError:
                pass
            problem = Problem(code="phase-unfinished", message="nobody answers")
            return Parsed(attested=False, version="1", problems=(problem,))

@hookimpl
def devsecops_scanners():
    return [Probe()]
"""
PROBLEM = """            problem = Problem(code="phase-unfinished", message="nobody answers")
            return Parsed(attested=False, version="1", problems=(problem,))"""
LIES = """            return Parsed(attested=True, version="1", cover=(Cover(unit=unit, state="scanned"),))"""
FAULTS = {
    "against everything": (
        "settings", "if not place.hostname or", "if place.hostname or", "against a target of this machine"),
    "no target": (
        "settings", 'target=Target(alias="probe", origins=(origin,))', "", "Checked.target"),
    "another word each time": (
        "settings", "Checked(target=",
        "Checked(notes=(str(__import__('os').urandom(4)),), target=", "two answers"),
    "a crash": ("no target", "except ValueError as error", "except KeyError as error", "could not check"),
    "takes all": ("no target", "not place.hostname or not place.hostname.isprintable() or ", "", "target ''"),
    "takes all keys": ("no target", "set(ctx.options.get", "set() and set(ctx.options.get", "no_such_key"),
    "asks the target": (
        "sends nothing", "        origin = f", "        __import__('socket').create_connection"
        "((place.hostname, port))\n        origin = f", "connected to the target, 1 times"),
    "starts something": (
        "sends nothing", "        origin = f", '        ctx.start(ToolRun(argv=("/bin/true",)))\n'
        "        origin = f", "starts a process"),
    "repeats a password": (
        "keeps secrets", '"--target names no host, or a user; correct it."',
        'ctx.options["ask"]["target"]', "repeats a password"),
    "nobody is fine": ("nobody there", PROBLEM, LIES, "is complete although nobody listens"),
    "the end is fine": ("interrupted", PROBLEM, LIES, "although the run was interrupted"),
    "writes": (
        "installs nothing", "        return Installed(",
        "        open(request.folder + '/x', 'w').close()\n        return Installed(", "wrote into its"),
    "says nothing": (
        "installs nothing", 'command="/bin/true"', "ready=False", "does not say what is missing"),
}  # fmt: skip


def write(folder: Path, text: str) -> Path:
    plugin = folder / "probe.py"
    plugin.write_text(text)
    return plugin


def test_an_honest_one_passes_every_check(tmp_path: Path) -> None:
    done = check(write(tmp_path, HONEST), offline=True)
    assert [(one.subject, one.name, one.wrong) for one in done if not one.passed] == []
    assert {one.name for one in done} == {"loads", *ALWAYS, *AT_A_SERVICE, *WITH_INSTALL}
    assert all(one.promise for one in done)


@pytest.mark.parametrize(("name", "old", "new", "said"), FAULTS.values(), ids=FAULTS)
def test_each_fault_is_found_by_its_check(name: str, old: str, new: str, said: str, tmp_path: Path) -> None:
    assert HONEST.count(old) == 1
    loaded = load(write(tmp_path, HONEST.replace(old, new)))
    bench = Bench(loaded, "probe", Path(tempfile.mkdtemp(dir=tmp_path)), offline=True)
    wrong = list((AT_A_SERVICE | WITH_INSTALL)[name](bench))
    assert any(said in one for one in wrong), wrong
