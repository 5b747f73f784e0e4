"""uv as a child process: the one that fetches. It alone keeps index, certificate and proxy variables."""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

INSTALL_WITHIN_S = 600.0
_KEPT = re.compile(
    r"UV_(DEFAULT_INDEX|INDEX|INDEX_.+|EXTRA_INDEX_URL|FIND_LINKS|KEYRING_PROVIDER|NATIVE_TLS|SYSTEM_CERTS"
    r"|HTTP_.+|REQUEST_TIMEOUT|CACHE_DIR|NO_CACHE|OFFLINE|INSECURE_HOST|LINK_MODE|CONCURRENT_.+|CONFIG_FILE)"
    r"|SSL_CERT_(FILE|DIR)|SSL_CLIENT_CERT|REQUESTS_CA_BUNDLE|CURL_CA_BUNDLE|(HTTPS?|ALL|NO)_PROXY|NETRC"
    r"|HOME|XDG_CACHE_HOME|XDG_CONFIG_HOME|TMPDIR",
    re.IGNORECASE,
)
_NO_WHEEL = re.compile(r"no usable wheels|no wheels with a matching|does not satisfy Python|matching Python")


class InstallFailed(Exception):  # noqa: N818  # a step's outcome, turned into ToolMissing by its caller
    """The environment was not built. `unfit` when this interpreter or platform can never take it."""

    def __init__(self, message: str, *, unfit: bool = False) -> None:
        super().__init__(message)
        self.unfit = unfit


def install(lock: Path, python: Path) -> None:
    """Install exactly what `lock` says into the environment of `python`; only wheels, by hash.

    Raises:
        InstallFailed: with uv's own words, without credentials.
    """
    _uv(
        "pip", "install", "--quiet", "--python", str(python), "--require-hashes", "--only-binary", ":all:",
        "--no-deps", "--requirement", str(lock),
    )  # fmt: skip


def make_environment(folder: Path, interpreter: str) -> None:
    """Make an empty environment that can be renamed. Raises InstallFailed."""
    _uv("venv", "--quiet", "--no-project", "--relocatable", "--python", interpreter, str(folder))


def compile_bytecode(python: Path, packages: Path) -> None:
    """Compile the environment, so that its first processes do not write into it. Best effort.

    Without ``site``: no ``.pth`` file of the environment is obeyed.
    """
    with contextlib.suppress(OSError, subprocess.SubprocessError):
        subprocess.run(
            (str(python), "-I", "-S", "-m", "compileall", "-q", "-j", "0",
             "--invalidation-mode", "unchecked-hash", str(packages)),
            env=child_environment(), cwd=packages, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, timeout=INSTALL_WITHIN_S, check=False,
        )  # fmt: skip


def child_environment() -> dict[str, str]:
    """Return uv's whole environment: no Python of its own choice, the settings of pip where uv has none."""
    env = {name: value for name, value in os.environ.items() if value and _KEPT.fullmatch(name)}
    for name, value in _pip_settings():
        env.setdefault(name, value)
    return env | {
        "PATH": "/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "UV_PYTHON_DOWNLOADS": "never",
        "UV_NO_PROGRESS": "1",
        "NO_COLOR": "1",
    }


def _pip_settings() -> Iterator[tuple[str, str]]:
    """Yield what pip is told about index and certificates, by environment first, then by its files."""
    told = {"index-url": os.environ.get("PIP_INDEX_URL", ""), "cert": os.environ.get("PIP_CERT", "")}
    told["extra-index-url"] = os.environ.get("PIP_EXTRA_INDEX_URL", "")
    for name, value in _pip_files().items():
        told[name] = told.get(name) or value
    as_uv = {"index-url": "UV_DEFAULT_INDEX", "extra-index-url": "UV_INDEX", "cert": "SSL_CERT_FILE"}
    for name, variable in as_uv.items():
        if told.get(name):
            yield variable, " ".join(told[name].split())


def _pip_files() -> dict[str, str]:
    import configparser

    home = Path.home()
    config = os.environ.get("XDG_CONFIG_HOME", "")
    files = [Path("/etc/pip.conf"), home / ".pip" / "pip.conf"]
    files.append((Path(config) if config.startswith("/") else home / ".config") / "pip" / "pip.conf")
    if os.environ.get("PIP_CONFIG_FILE"):
        files.append(Path(os.environ["PIP_CONFIG_FILE"]))
    parser = configparser.RawConfigParser(strict=False)
    with contextlib.suppress(configparser.Error, UnicodeDecodeError, OSError):
        parser.read(files, encoding="utf-8")
    sections = [parser[name] for name in ("global", "install") if parser.has_section(name)]
    return {key: value for section in sections for key, value in section.items()}


def _uv(*words: str) -> None:
    from devsecops.encode import one_line

    try:
        done = subprocess.run(
            (uv(), *words),
            cwd="/",  # uv obeys configuration that it finds above its working folder
            env=child_environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            timeout=INSTALL_WITHIN_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise InstallFailed(f"uv did not end within {INSTALL_WITHIN_S:g} s") from None
    except OSError as error:
        raise InstallFailed(f"uv cannot be started: {error.strerror}") from None
    if done.returncode != 0:
        said = done.stderr.decode("utf-8", "replace")
        lines = [line.strip() for line in said.splitlines() if line.strip()][:4]
        story = re.sub(r"//[^/@\s]+@", "//***@", " ".join(lines))
        raise InstallFailed(one_line(story)[:500], unfit=_NO_WHEEL.search(said) is not None)


def uv() -> str:
    """Return the path of uv. Raises InstallFailed."""
    import uv as package

    try:
        return os.fspath(package.find_uv_bin())
    except FileNotFoundError:
        raise InstallFailed("uv is not installed beside devsecops; install devsecops again") from None
