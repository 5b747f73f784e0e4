"""Targets behind TLS, with certificates of an authority that only this machine may know."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme

from devsecops.api import Problem
from devsecops_zap.config import Json
from devsecops_zap.login import LoginError, gain
from devsecops_zap.waiting import Ready, changed, expected, until_ready
from tests.e2e.program import Program
from tests.targets import versioned, vulnerable, walled
from tests.targets.serving import HOST, Service, running
from tests.zap.entering import pinned, way_to
from tests.zap.scanning import NEW, OLD, found, scan, start, unfinished, write_policy
from tests.zap.test_arrival import FORM, SECRETS, TARGET
from tests.zap.test_scan import planted

pytestmark = pytest.mark.e2e
UNKNOWN = "its certificate is not good (unable to get local issuer certificate); SSL_CERT_FILE names other"
VERSION = expected(f"X-Version={versioned.NEW}", None)
JSON = Json(url="/api/login", username="env:ZUSER", password="env:ZPASS", token="/access_token",
            logged_in=walled.LOGGED_IN)  # fmt: skip


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def context(authority: trustme.CA) -> ssl.SSLContext:
    """That of a server on loopback."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(HOST).configure_cert(made)
    return made


@pytest.fixture(scope="module")
def known(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What makes the authority known."""
    path = tmp_path_factory.mktemp("authority") / "authority.pem"
    authority.cert_pem.write_to_path(str(path))
    return {"SSL_CERT_FILE": str(path)}


@pytest.fixture
def wall(context: ssl.SSLContext) -> Iterator[Service[walled.Wall]]:
    with running(walled.make().encrypted(context)) as service:
        yield service


@pytest.mark.parametrize("version", [NEW, OLD])
def test_every_planted_flaw_is_found(
    version: str, program: Program, rules: Path, context: ssl.SSLContext, known: dict[str, str]
) -> None:
    with running(vulnerable.make().encrypted(context)) as service:
        policy = write_policy(program.folder, version, rules, service.origin)
        document = f"{service.origin}/openapi.yaml"
        done = start(program, policy, service.origin, "--openapi", document, env=known).end()
    assert done.code == 1, done
    assert [reason["code"] for reason in done.reasons] == ["finding"] * len(done.reasons)
    assert planted(version) <= found(done), planted(version) - found(done)
    assert set(done.rows("zap").values()) == {("scanned", "")}


def test_what_stands_behind_a_login_is_found_in_the_version_that_is_expected(
    program: Program, rules: Path, wall: Service[walled.Wall], known: dict[str, str]
) -> None:
    policy = write_policy(program.folder, NEW, rules, wall.origin, target=TARGET + FORM)
    wanted = ("--wait=10s", f"--expect-version=X-Version={walled.VERSION}")
    done = start(program, policy, wall.origin, *wanted, env=SECRETS | known).end()
    assert done.code == 1, done
    assert ("690001", "GET", "/notes", "q") in found(done)
    assert [reason["code"] for reason in done.reasons] == ["finding"] * len(done.reasons)


def test_the_document_of_somebody_unknown_is_no_document(
    program: Program, rules: Path, context: ssl.SSLContext
) -> None:
    with running(vulnerable.make().encrypted(context)) as service:
        policy = write_policy(program.folder, NEW, rules, service.origin)
        document = f"{service.origin}/openapi.yaml"
        done = scan(program, policy, service.origin, "--openapi", document)
        assert service.facts["GET /openapi.yaml"] == 0
    unfinished(done, f"the document {document} is not asked for: {service.origin} gives no answer: {UNKNOWN}",
               "scanner-failed")  # fmt: skip


def test_the_version_of_somebody_unknown_is_none(
    context: ssl.SSLContext, known: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with running(versioned.make(after=0).encrypted(context)) as target:
        there = pinned(target.origin)
        told = until_ready(there, VERSION)
        assert isinstance(told, Problem)
        assert UNKNOWN in told.message
        assert isinstance(until_ready(there, None), Ready), "that somebody answers is all that is asked"
        monkeypatch.setenv("SSL_CERT_FILE", known["SSL_CERT_FILE"])
        ready = until_ready(there, VERSION)
        assert isinstance(ready, Ready)
        assert changed(there, VERSION, ready) is None
        other = pinned(target.origin.replace(HOST, "shop.example"))
        told = until_ready(other, VERSION)
        assert isinstance(told, Problem)
        assert "its certificate is not good (Hostname mismatch" in told.message


def test_somebody_unknown_gets_no_password(
    wall: Service[walled.Wall], known: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(LoginError) as caught:
        gain(JSON, way_to(wall.origin))
    assert UNKNOWN in str(caught.value)
    assert wall.facts.counter["requests"] == 0
    monkeypatch.setenv("SSL_CERT_FILE", known["SSL_CERT_FILE"])
    assert gain(JSON, way_to(wall.origin)).header is not None
