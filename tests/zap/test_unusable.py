"""A ZAP that is not there or cannot be used: no pass, the target gets no packet, and it is said why."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.e2e.program import Done, Program
from tests.targets import slow
from tests.targets.serving import Counter, Service, running
from tests.zap.conftest import Booted
from tests.zap.making import RULES, without_java
from tests.zap.scanning import AFTER_S, NEW, OLD, start, write_policy
from tests.zap.test_attach import write as write_attached

pytestmark = pytest.mark.e2e
BUDGET_S = 30
EMPTY = "devsecopsempty-beta-1.0.0.zap"


@pytest.fixture
def target() -> Iterator[Service[Counter]]:
    with running(slow.make(seconds=0.0)) as service:
        yield service


def refused(program: Program, policy: Path, target: Service[Counter], *more: str, **env: str) -> Done:
    """Scan; the target is not touched."""
    done = start(program, policy, target.origin, f"--budget={BUDGET_S}s", *more, env=env).end()
    assert target.facts["requests"] == 0
    assert done.seconds < BUDGET_S + AFTER_S
    return done


def incomplete(done: Done, code: str, words: str) -> None:
    assert (done.code, done.statement["verdict"]) == (3, "incomplete"), done
    ((found, message),) = [(reason["code"], reason["message"]) for reason in done.reasons]
    assert found == code
    assert words in message
    assert done.last_line.startswith("INCOMPLETE: zap: ")


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ('source = "artifacts"', "files (54 MB) are not in the cache yet"),
        ('source = "package"', "its archive ZAP_2.17.0_Linux.tar.gz (244 MB) is not in the cache yet"),
        ('source = "installed"\npath = "{folder}/none"', "name ZAP's folder"),
        ('source = "installed"\npath = "{folder}"', "there is no Java 17 or newer on this machine"),
    ],
    ids=["artifacts", "package", "installed", "java"],
)
def test_no_zap_and_no_java(
    source: str,
    words: str,
    program: Program,
    target: Service[Counter],
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = tmp_path_factory.mktemp("ZAP")
    (folder / f"zap-{NEW}.jar").write_bytes(b"")
    policy = program.folder / "policy.toml"
    zap = f"[dast.zap]\n{source.format(folder=folder)}\n"
    policy.write_text(f'{zap}[dast.targets.shop]\nurl = "{target.origin}"\n')
    env = {"PATH": without_java(folder), "JAVA_HOME": "", "DEVSECOPS_CACHE": str(folder / "cache")}
    done = refused(program, policy, target, "--offline", **env)
    incomplete(done, "scanner-missing", words)


def test_a_broken_add_on(program: Program, rules: Path, target: Service[Counter]) -> None:
    """It declares rules, and holds none."""
    broken = program.folder / EMPTY
    with zipfile.ZipFile(broken, "w") as out:
        out.write(RULES / "ZapAddOn.xml", "ZapAddOn.xml")
    done = refused(program, write_policy(program.folder, NEW, broken, target.origin), target)
    incomplete(done, "scanner-failed", "ZAP did not load all of its add-ons: Declared")


@pytest.mark.parametrize("what", ["key", "port"])
def test_a_wrong_key_and_a_port_of_somebody_else(
    what: str, booted: Callable[[str], Booted], program: Program, target: Service[Counter]
) -> None:
    policy = write_attached(program.folder, booted(OLD), target.origin)
    with running(slow.make(seconds=0.0)) as other:
        if what == "key":
            (program.folder / "key").write_text("another-key")
        else:
            policy.write_text(policy.read_text().replace(booted(OLD).daemon.url, other.origin))
        done = refused(program, policy, target)
    assert done.code == 2, done
    said = {"key": b"key or port is wrong", "port": b"does not answer as ZAP does"}
    assert said[what] in done.err
