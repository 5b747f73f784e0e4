"""Real daemons of both versions: how they start, what they can do, what they keep to themselves."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import socket
import time
import warnings
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from devsecops.api import ToolError
from devsecops_zap.adapter import Adapter, poll
from devsecops_zap.capabilities import probe
from devsecops_zap.daemon import Daemon, free_port, hosts_file
from devsecops_zap.errors import ZapBroken, ZapEnded, ZapError, ZapLost, ZapRefused, ZapUnreachable
from devsecops_zap.sources.manifests import brought
from devsecops_zap.sources.zap import Zap
from tests.conftest import RunDevsecops
from tests.zap import making
from tests.zap.conftest import BOOT_WITHIN_S, Booted
from tests.zap.flawed import Service
from tests.zap.scanning import write_policy
from tests.zap.starting import Starter

Boot = Callable[[str], Booted]
MakeZap = Callable[[str], Zap]
both = pytest.mark.parametrize("version", making.VERSIONS)
ACTIVE = {"690001", "690002", "690003", "690004", "690005"}


@both
def test_it_boots_and_says_what_it_is(booted: Boot, version: str, capsys: pytest.CaptureFixture[str]) -> None:
    one = booted(version)
    assert one.adapter.version() == version
    memory = making.resident_mb(one.starter.started[-1].pid)
    with capsys.disabled():
        print(f"\nZAP {version}: {one.seconds:.1f} s to its first answer, {memory:.0f} MB resident")
    assert memory < 600


def test_what_the_composed_2_17_can_do(booted: Boot) -> None:
    can = probe(booted("2.17.0").adapter)
    assert (can.spider, can.active, can.automation) == (True, True, True)
    assert (can.passive, can.scripts) == (False, False)
    assert {rule.id for rule in can.active_rules} == ACTIVE
    assert can.passive_rules == ()
    expected = {"automation", "callhome", "commonlib", "database", "devsecopsrules", "network", "spider"}
    assert {name for name, _ in can.addons} == expected
    assert can.in_words() == "ZAP 2.17.0: spider, active (5 rules), automation"


def test_what_2_11_can_do(booted: Boot) -> None:
    can = probe(booted("2.11.1").adapter)
    assert (can.spider, can.active, can.passive, can.scripts) == (True, True, True, True)
    assert not can.automation
    assert {rule.id for rule in can.active_rules if rule.enabled} == ACTIVE | {"50000"}
    assert "690006" in {rule.id for rule in can.passive_rules if rule.enabled}


@both
def test_what_manifests_say_is_what_a_zap_that_runs_has(
    booted: Boot, zap_of_version: MakeZap, version: str
) -> None:
    """A core has hosts for scripts and rules of its own besides: ids from 50000 to 50099."""
    can, made = probe(booted(version).adapter), zap_of_version(version)
    found = brought(Path(made.install_dir), made.addons)
    assert {(one.id, one.version) for one in found} == set(can.addons)
    theirs = [[rule for rule in rules if not 50_000 <= int(rule.id) < 50_100]
              for rules in (can.active_rules, can.passive_rules)]  # fmt: skip
    active, passive = sum(one.active for one in found), sum(one.passive for one in found)
    assert (active, passive) == (5, 1)
    assert [len(rules) for rules in theirs] == [active, passive if can.passive else 0]


@both
@pytest.mark.parametrize("with_rules", [True, False], ids=["rules", "none"])
def test_doctor_says_what_there_is(
    run_devsecops: RunDevsecops, rules: Path, version: str, with_rules: bool, tmp_path: Path
) -> None:
    policy = write_policy(tmp_path, version, rules, "http://127.0.0.1:9", phases=("seed",), target="")
    if not with_rules:
        lines = policy.read_text().splitlines(keepends=True)
        at = lines.index("[[dast.addons]]\n")
        policy.write_text("".join(lines[:at] + lines[at + 3 :]))
    else:
        assert run_devsecops("tools", "sync", "zap", "--policy", policy).returncode == 0
    said = run_devsecops("doctor", "--policy", policy).stdout
    assert re.search(rf"zap: ZAP {re.escape(version)} ready \(Java \d+[.\d]*, artifacts, lock ", said), said
    count = "5 active, 1 passive" if with_rules else "0 active, 0 passive"
    assert f"Rules of its add-ons: {count}, as their manifests say: it was not started." in said
    assert ("devsecopsrules 1.0.0" in said) is with_rules
    assert ("It has no passive engine" in said) is (version == "2.17.0")
    if version == "2.17.0":
        assert "Add-ons: automation 0.60.0, callhome (a stand-in), commonlib 1.40.0" in said


def test_doctor_says_that_an_attached_one_is_asked_later(run_devsecops: RunDevsecops, tmp_path: Path) -> None:
    policy = tmp_path / "policy.toml"
    policy.write_text(
        '[dast.zap]\nsource = "attach"\nurl = "http://127.0.0.1:9"\nkey = "env:KEY"\n'
        '[dast.targets.shop]\nurl = "http://127.0.0.1:9"\n'
    )
    said = run_devsecops("doctor", "--policy", policy).stdout
    assert "attached at http://127.0.0.1:9" in said
    assert "its add-ons and rules are asked for by each scan" in said


@both
def test_the_key_is_in_no_command_line_log_or_error(booted: Boot, version: str) -> None:
    one = booted(version)
    key = one.daemon._key
    assert len(key) >= 32
    settings = Path(one.starter.runs[-1].argv[-1])
    assert settings.read_text().count(key) == 1
    assert settings.stat().st_mode & 0o777 == 0o600
    pid = one.starter.started[-1].pid
    assert key.encode() not in Path(f"/proc/{pid}/cmdline").read_bytes()
    assert key.encode() not in Path(f"/proc/{pid}/environ").read_bytes()
    assert "is now listening" in one.log
    assert key not in one.log
    with pytest.raises(ZapError) as caught:
        one.adapter.view("core", "message", id="99999")
    assert key not in str(caught.value)
    assert key not in repr(vars(caught.value)) + repr(one.adapter.address)


@both
def test_it_listens_on_loopback_alone_and_keeps_its_home_to_itself(booted: Boot, version: str) -> None:
    one = booted(version)
    argv = one.starter.runs[-1].argv
    home = Path(argv[argv.index("-dir") + 1])
    install = Path(argv[argv.index("-installdir") + 1])
    assert not home.is_relative_to(install)
    assert home.stat().st_mode & 0o777 == 0o700
    listening = _listening(one.starter.started[-1].pid)
    assert listening == {f"0100007F:{one.daemon.port:04X}"}


def _listening(pid: int) -> set[str]:
    """Return the local addresses that a process listens on, as the kernel writes them."""
    inodes = set()
    for fd in Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(OSError):
            inodes.add(str(fd.readlink()))
    found = set()
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/{pid}/net/{table}").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A" and f"socket:[{fields[9]}]" in inodes:
                address, _, port = fields[1].rpartition(":")
                # Java listens by IPv6 sockets; this is 127.0.0.1 in one.
                found.add(f"{address.removeprefix('0000000000000000FFFF0000')}:{port}")
    return found


@both
def test_a_wrong_key_is_refused(booted: Boot, version: str) -> None:
    wrong = Adapter(booted(version).daemon.url, "another-key")
    with pytest.raises(ZapRefused, match="key or port is wrong"):
        wrong.version()
    with pytest.raises(ZapRefused):
        wrong.action("core", "shutdown")
    assert booted(version).adapter.version() == version


@both
def test_what_zap_refuses_is_an_exception_with_its_code(booted: Boot, version: str) -> None:
    zap = booted(version).adapter
    codes = {}
    asks: dict[str, Callable[[], object]] = {
        "scan": lambda: zap.api.ascan.scan("http://127.0.0.1:9/none"),
        "graphql": lambda: zap.api.graphql.option_args_type,
        "view": lambda: zap.view("core", "nothing"),
        "scanid": lambda: zap.api.ascan.status("77"),
    }
    for name, ask in asks.items():
        with pytest.raises(ZapError) as caught:
            ask()
        codes[name] = caught.value.code
    assert codes == {
        "scan": "url_not_found", "graphql": "no_implementor", "view": "bad_view", "scanid": "does_not_exist",
    }  # fmt: skip
    zap.api.core.set_mode("protect")
    try:
        assert zap.mode() == "protect"
        with pytest.raises(ZapError, match="mode_violation"):
            zap.api.spider.scan("http://127.0.0.1:9/")
    finally:
        zap.api.core.set_mode("standard")


@both
def test_it_resolves_pinned_names_only(booted: Boot, version: str) -> None:
    zap = booted(version).adapter
    with pytest.raises(ZapError) as caught:
        # A name that every machine resolves, were it not for the pins: its own.
        zap.action("core", "accessUrl", url=f"http://{socket.gethostname()}:9/")
    assert caught.value.code == "internal_error"
    assert "UnknownHostException" in booted(version).log


def test_a_life_by_a_pinned_name_stopped_killed_and_nothing_left(
    zap_of_version: MakeZap, tmp_path: Path
) -> None:
    starter, folder = Starter(tmp_path), tmp_path / "zap"
    hosts = {"staging.test": ["127.0.0.1"]}
    with (
        Service(hardened=True) as service,
        Daemon(zap_of_version("2.11.1"), folder, starter, hosts=hosts) as daemon,
    ):
        zap = daemon.ready(time.monotonic() + BOOT_WITHIN_S)
        site = service.url.replace("127.0.0.1", "staging.test")
        zap.action("core", "accessUrl", url=f"{site}/")
        assert service.seen == ["/"]
        # ZAP's tree of sites follows its messages a moment later.
        assert poll(zap.sites, bool, deadline=time.monotonic() + 10) == ((site,), True)
        assert zap.messages() == zap.messages(site) > 0
        assert zap.messages("http://other.test") == 0
        process = starter.started[-1]
        _stopped(zap, process.pid)
        daemon.alive()
        os.kill(process.pid, signal.SIGKILL)
        process.child.wait(10)
        with pytest.raises(ZapUnreachable):
            zap.version()
        with pytest.raises(ZapEnded, match="signal 9"):
            daemon.alive()
    assert not folder.exists()


def _stopped(zap: Adapter, pid: int) -> None:
    zap.call_s = 0.5
    os.kill(pid, signal.SIGSTOP)
    try:
        began = time.monotonic()
        with pytest.raises(ZapUnreachable, match=r"did not answer within 0\.5 s"):
            zap.version()
        assert time.monotonic() - began < 1.4, "what is silent is not asked again"
        began = time.monotonic()
        with pytest.raises(ZapUnreachable):
            zap.action("core", "newSession")
        assert time.monotonic() - began < 1.4, "an action is tried once"
    finally:
        os.kill(pid, signal.SIGCONT)
    assert zap.version(within_s=10) == "2.11.1"


@pytest.fixture
def taken() -> Iterator[int]:
    """A port that somebody listens on, who never answers."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield int(other.getsockname()[1])


def test_a_port_that_is_taken_is_told(zap_of_version: MakeZap, tmp_path: Path, taken: int) -> None:
    daemon = Daemon(zap_of_version("2.17.0"), tmp_path / "zap", Starter(tmp_path), hosts={}, port=taken)
    with daemon, pytest.raises(ZapEnded, match="Terminating ZAP, unable to start the main proxy"):
        daemon.ready(time.monotonic() + BOOT_WITHIN_S)


def test_a_port_that_was_taken_meanwhile_is_changed_once(
    zap_of_version: MakeZap, tmp_path: Path, taken: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    ports = [taken, free_port()]
    monkeypatch.setattr("devsecops_zap.daemon.free_port", lambda: ports.pop(0))
    starter = Starter(tmp_path)
    with Daemon(zap_of_version("2.11.1"), tmp_path / "zap", starter, hosts={}) as daemon:
        zap = daemon.ready(time.monotonic() + BOOT_WITHIN_S)
        assert (zap.version(), daemon.port != taken, ports) == ("2.11.1", True, [])
    assert len(starter.runs) == 2
    assert all(one.child.poll() is not None for one in starter.started)


def test_a_broken_add_on_is_told(zap_of_version: MakeZap, rules_addon: Path, tmp_path: Path) -> None:
    cut = tmp_path / "cut" / rules_addon.name
    empty = tmp_path / "empty" / rules_addon.name.replace("rules", "empty")
    for one in (cut, empty):
        one.parent.mkdir()
    cut.write_bytes(rules_addon.read_bytes()[:3000])
    with zipfile.ZipFile(empty, "w") as out:
        out.write(making.RULES / "ZapAddOn.xml", "ZapAddOn.xml")
    zap = making.changed(zap_of_version("2.11.1"), addons=(str(cut), str(empty)))
    daemon = Daemon(zap, tmp_path / "zap", Starter(tmp_path), hosts={})
    with daemon, pytest.raises(ZapBroken) as caught:
        daemon.ready(time.monotonic() + BOOT_WITHIN_S)
    assert "Invalid add-on" in str(caught.value)
    assert 'Declared "ascanrule" was not found: dev.devsecops.rules.ReflectedXss' in str(caught.value)


@pytest.mark.parametrize(
    ("file_mb", "said"),
    [(0.004, "Unable to initialize home directory"), (1.0, "it cannot go on")],
    ids=["at once", "later"],
)
def test_a_home_that_cannot_be_written(
    zap_of_version: MakeZap, tmp_path: Path, file_mb: float, said: str
) -> None:
    # A limit on the size of files stands for a disk that is full: writes fail in the same way.
    daemon = Daemon(zap_of_version("2.17.0"), tmp_path / "zap", Starter(tmp_path, file_mb), hosts={})
    with daemon, pytest.raises(ZapEnded, match=said):
        daemon.ready(time.monotonic() + BOOT_WITHIN_S)
    assert not (tmp_path / "zap").exists()


@pytest.mark.parametrize("version", making.VERSIONS)
def test_a_daemon_that_lost_what_it_saw_is_not_sound(
    version: str, zap_of_version: MakeZap, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Daemon(zap_of_version(version), tmp_path / "zap", Starter(tmp_path), hosts={}) as daemon:
        daemon.ready(time.monotonic() + BOOT_WITHIN_S)
        daemon.alive()
        with open(daemon.process.log, "ab") as log:
            log.write(b"12 [Spider-1] ERROR a.b.C - java.sql.SQLException: Data File size limit is re")
            log.flush()
            daemon.alive()
            log.write(b"ached\n")
            log.flush()
            with pytest.raises(
                ZapLost, match=r"what it saw: java\.sql\.SQLException: Data File size limit is rea"
            ):
                daemon.alive()
        daemon.alive()
        monkeypatch.setattr("devsecops_zap.daemon.ROOM", 1 << 62)
        with pytest.raises(ZapLost, match="are left in the folder for temporary files"):
            daemon.alive()


def test_no_java_and_no_home(zap_of_version: MakeZap, tmp_path: Path) -> None:
    zap = making.changed(zap_of_version("2.17.0"), java=str(tmp_path / "no-java"))
    with pytest.raises(FileNotFoundError):
        Daemon(zap, tmp_path / "zap", Starter(tmp_path), hosts={})
    with pytest.raises(ToolError, match="home cannot be written"):
        Daemon(zap, Path("/proc/zap"), Starter(tmp_path), hosts={})


def test_the_run_may_end_while_it_boots(zap_of_version: MakeZap, tmp_path: Path) -> None:
    with Daemon(zap_of_version("2.17.0"), tmp_path / "zap", Starter(tmp_path), hosts={}) as daemon:
        with pytest.raises(ZapUnreachable, match="the run was ended"):
            daemon.ready(time.monotonic() + BOOT_WITHIN_S, cancelled=lambda: True)
        with pytest.raises(ZapUnreachable, match="did not answer in time"):
            daemon.ready(time.monotonic())


def test_only_names_and_addresses_are_pinned() -> None:
    text = hosts_file({"b.test": ["192.0.2.7", "2001:db8::1"], "a.test": ["127.0.0.1"]})
    assert text.splitlines() == [
        "127.0.0.1 localhost", "::1 localhost", "127.0.0.1 a.test", "192.0.2.7 b.test", "2001:db8::1 b.test",
    ]  # fmt: skip
    for hosts in (
        {"a.test\n10.0.0.1 b.test": ["127.0.0.1"]},
        {"a.test": ["127.0.0.1 b"]},
        {"": ["127.0.0.1"]},
    ):
        with pytest.raises(ToolError):
            hosts_file(hosts)


def test_no_warning_filter_is_changed(booted: Boot) -> None:
    before = list(warnings.filters)
    booted("2.17.0").adapter.version()
    Adapter("http://127.0.0.1:1", "x")
    assert warnings.filters == before
