"""A ZAP that we start: a home of its own, loopback, a port and a key nobody knows, names that are pinned."""

from __future__ import annotations

import contextlib
import ipaddress
import os
import shutil
import socket
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from secrets import randbelow, token_urlsafe
from typing import Protocol

from devsecops.api import ToolError, ToolRun
from devsecops_zap import logs
from devsecops_zap.adapter import SHORTEST_S, Adapter
from devsecops_zap.errors import ZapBroken, ZapEnded, ZapFault, ZapLost, ZapRefused, ZapUnreachable
from devsecops_zap.sources.zap import Zap

HOST = "127.0.0.1"
HEAP_MB = 1024
FIRST_PORT, LAST_PORT = 20_000, 32_768
BOOT_S = 90.0
"""It boots in 5 to 10 s where it has a core for itself; a busy build machine is slower."""
ROOM = 16 << 20
"""Bytes that have to be free where its home is. Of what it could not write ZAP says little."""
_ANSWER_S = 2.0
_LOG = """\
# As ZAP's own, but to the console alone, and without the settings that are read: the key is one of them.
name = devsecops
appender.console.name = stdout
appender.console.type = Console
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = %r [%t] %-5level %logger{36} - %msg%n
rootLogger.level = info
rootLogger.appenderRef.stdout.ref = stdout
logger.zap.name = org.zaproxy
logger.zap.level = info
logger.paros.name = org.parosproxy.paros
logger.paros.level = info
logger.settings.name = org.parosproxy.paros.common.AbstractParam
logger.settings.level = error
logger.httpclient.name = org.apache.commons.httpclient
logger.httpclient.level = error
logger.jericho.name = net.htmlparser.jericho
logger.jericho.level = off
"""


class Running(Protocol):
    """What `ctx.start` returns, as far as it is needed here."""

    @property
    def log(self) -> str:
        """The file with what it writes to stdout."""

    def wait(self, timeout_s: float) -> str | None:
        """Return how it ended, in words; None when it still runs."""

    def stop(self) -> None:
        """End it and all that it started."""


Start = Callable[[ToolRun], Running]


class Daemon:
    """One daemon from its start to its end. Use it as a context manager: it is gone afterwards."""

    def __init__(
        self,
        zap: Zap,
        folder: Path,
        start: Start,
        *,
        hosts: Mapping[str, Iterable[str]],
        heap_mb: int = HEAP_MB,
        port: int | None = None,
        settings: Mapping[str, str] | None = None,
        secrets: Mapping[str, str] | None = None,
    ) -> None:
        """Write its files and start it; `ready` waits until it answers.

        Args:
            zap: which one.
            folder: an empty one for its files; it is removed with the daemon.
            start: `ctx.start`.
            hosts: names that it may resolve -> addresses. It resolves no other, but localhost.
            heap_mb: of Java, in MiB.
            port: only for tests; else a free one.
            settings: more of ZAP's configuration keys.
            secrets: more of its environment, such as a header for all requests.

        Raises:
            ToolError: its files cannot be written, or it cannot be started.
        """
        self._zap, self._folder, self._start = zap, folder, start
        self._hosts, self._heap_mb, self._settings = hosts, heap_mb, dict(settings or {})
        self._port, self._secrets = port, dict(secrets or {})
        self._tries = 1 if port else 2
        self._key = token_urlsafe(24)
        self.process: Running = self._launch()

    def __enter__(self) -> Daemon:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://{HOST}:{self.port}"

    def _launch(self) -> Running:
        self._tries -= 1
        self.port = self._port or free_port()
        try:
            argv = prepare(
                self._zap, self._folder, key=self._key, port=self.port, hosts=self._hosts,
                heap_mb=self._heap_mb, settings=self._settings,
            )  # fmt: skip
        except OSError as error:
            raise ToolError(f"ZAP's home cannot be written ({error.strerror})") from None
        self.adapter = Adapter(self.url, self._key)
        process = self._start(ToolRun(argv=argv, secrets=self._secrets))
        self._log = logs.Follower(process.log)
        return process

    def ready(self, deadline: float, cancelled: Callable[[], bool] = lambda: False) -> Adapter:
        """Wait until it answers with its version, and return the way to it.

        Args:
            deadline: on the monotonic clock.
            cancelled: asked several times a second.

        Raises:
            ZapEnded: it ended before, or cannot go on; with the words of its log that say why.
            ZapBroken: an add-on of it did not load.
            ZapUnreachable: it did not answer in time.
            ZapRefused: another answers on its port.
        """
        while True:
            try:
                version = self.adapter.version(within_s=_ANSWER_S)
                break
            except (ZapUnreachable, ZapRefused) as fault:
                self._check(deadline, cancelled, fault)
        if version != self._zap.version:
            raise ZapRefused(f"ZAP {version} answers at {self.adapter.address}, not {self._zap.version}")
        broken = logs.broken(self.process.log)
        if broken:
            raise ZapBroken(f"ZAP did not load all of its add-ons: {' | '.join(broken)[:600]}")
        return self.adapter

    def _check(self, deadline: float, cancelled: Callable[[], bool], fault: ZapFault) -> None:
        how = self.process.wait(SHORTEST_S)
        text = logs.tail(self.process.log, self._key)
        if how is not None and logs.port_taken(text) and self._tries:
            # Between our choice and its start another took the port.
            self.process = self._launch()
            return
        if how is None and logs.hopeless(text):
            how = "it cannot go on"
        if how is not None:
            raise ZapEnded(f"ZAP did not start: {how}{logs.why(text)}")
        if cancelled():
            raise ZapUnreachable("the run was ended while ZAP started")
        if time.monotonic() >= deadline:
            if isinstance(fault, ZapRefused):
                raise fault
            raise ZapUnreachable(f"ZAP did not answer in time{logs.why(text)}")

    def alive(self) -> None:
        """Raises ZapEnded when it has ended, ZapLost when it could not keep what it saw."""
        # Its log is on the same disk as a rule: where that is full nothing need be said there.
        disk = os.statvfs(self._folder)
        if disk.f_bavail * disk.f_frsize < ROOM:
            raise ZapLost(f"less than {ROOM >> 20} MB are left in the folder for temporary files")
        if lost := self._log.lost():
            raise ZapLost(f"ZAP could not keep what it saw: {lost.replace(self._key, '***')}")
        how = self.process.wait(0.0)
        if how is not None:
            raise ZapEnded(f"ZAP has ended: {how}{logs.why(logs.tail(self.process.log, self._key))}")

    def stop(self, within_s: float = 15.0) -> None:
        """End it and everything that it started, and remove its files. Safe to call again."""
        self.process.stop()
        self.process.wait(within_s)
        shutil.rmtree(self._folder, ignore_errors=True)


def prepare(
    zap: Zap,
    folder: Path,
    *,
    key: str,
    port: int,
    hosts: Mapping[str, Iterable[str]],
    heap_mb: int,
    settings: Mapping[str, str],
) -> tuple[str, ...]:
    """Write the files of a daemon into `folder`, fresh, and return its command line.

    The key stands in a file that nobody else can read, never in the command line.

    Raises:
        OSError: a file cannot be written.
        ToolError: a name or an address in `hosts` is none.
    """
    shutil.rmtree(folder, ignore_errors=True)
    home, temporary = folder / "home", folder / "tmp"
    for made in (folder, home, home / "plugin", temporary):
        made.mkdir(mode=0o700)
    for addon in zap.addons:
        shutil.copyfile(addon, home / "plugin" / Path(addon).name)
    _private(home / "log4j2.properties", _LOG)
    _private(folder / "hosts", hosts_file(hosts))
    chosen = {
        **settings,
        "api.key": key,
        "start.checkForUpdates": "false",
        "start.checkAddonUpdates": "false",
        "start.installAddonUpdates": "false",
        "start.installScannerRules": "false",
    }
    _private(folder / "zap.conf", "".join(f"{name}={value}\n" for name, value in chosen.items()))
    return (
        zap.java,
        f"-Xmx{heap_mb}m",
        # It lives for minutes and waits for the network: less work at its start counts for more.
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",
        "-Xrs",  # a signal ends it at once: what it would put in order is removed with its home
        "-Djava.awt.headless=true",
        "-Djava.net.useSystemProxies=false",
        f"-Djava.io.tmpdir={temporary}",
        f"-Duser.home={folder}",
        f"-Djdk.net.hosts.file={folder / 'hosts'}",
        *zap.start(),
        "-daemon",
        "-silent",  # no check for updates, no call home
        "-dir", str(home),
        "-installdir", zap.install_dir,
        "-host", HOST,
        "-port", str(port),
        "-configfile", str(folder / "zap.conf"),
    )  # fmt: skip


def hosts_file(hosts: Mapping[str, Iterable[str]]) -> str:
    """Return a hosts file with these names and localhost: Java resolves no other.

    Raises:
        ToolError: a name or an address is none.
    """
    lines = [f"{HOST} localhost", "::1 localhost"]
    for name, addresses in sorted(hosts.items()):
        if not name or not all(c.isascii() and (c.isalnum() or c in "-._") for c in name):
            raise ToolError(f"{name!r} is no name of a host")
        for address in addresses:
            try:
                lines.append(f"{ipaddress.ip_address(address)} {name}")
            except ValueError:
                raise ToolError(f"{address!r} is no address of {name}") from None
    return "".join(f"{line}\n" for line in lines)


def free_port() -> int:
    """Return a random port of the loopback address that nobody has.

    Below the ports that the kernel gives to connections: one of those could be taken while ZAP boots, even
    by our own question whether it answers.
    """
    for _ in range(100):
        port = randbelow(LAST_PORT - FIRST_PORT) + FIRST_PORT
        with contextlib.suppress(OSError), socket.socket() as probe:
            probe.bind((HOST, port))
            return port
    raise ToolError("no port is free for ZAP")


def _private(path: Path, text: str) -> None:
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(fd, "w", encoding="utf-8") as file:
        file.write(text)
