"""Real ZAPs for tests, as `devsecops tools sync zap` makes them on a machine without Java."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
import zipfile
from hashlib import sha256
from pathlib import Path

import msgspec

from devsecops.api import Install, ReadyTool
from devsecops.tools import ready as environment
from devsecops_zap.sources import artifacts, java
from devsecops_zap.sources.cache import held, replace_folder
from devsecops_zap.sources.lock import read
from devsecops_zap.sources.ready import ready, zap_of
from devsecops_zap.sources.zap import Zap, java_for
from tests.conftest import clean_environment

HERE = Path(__file__).parent
VERSIONS = ("2.17.0", "2.11.1")
RULES = HERE / "rules"


def without_java(folder: Path) -> str:
    """Return a PATH on which there is git and nothing else."""
    git = shutil.which("git")
    assert git is not None
    if not (folder / "git").exists():
        (folder / "git").symlink_to(git)
    return str(folder)


def sync(program: Path, version: str, cache: Path, folder: Path) -> str:
    """Run the program; return what it says."""
    policy = folder / f"{version}.toml"
    policy.write_text(f'[dast.zap]\nsource = "artifacts"\ncore = "{version}"\n')
    env = clean_environment(folder / "home", cache) | {"PATH": without_java(folder)}
    env.pop("JAVA_HOME", None)
    done = subprocess.run(
        [program, "tools", "sync", "zap", "--policy", policy], cwd=folder, env=env, stdin=subprocess.DEVNULL,
        capture_output=True, encoding="utf-8", timeout=600, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def jre(version: str) -> ReadyTool:
    """Return the locked Java of a version, which is there."""
    return environment(java.locked(java_for(version)), offline=True, say=lambda _: None)


def made(version: str, cache: Path, *addons: Path) -> Zap:
    """Return what was synced, with more add-ons."""
    runtime = java.of_environment(jre(version), java_for(version))[0]
    table = {
        "zap": {"source": "artifacts", "core": version, "java": runtime},
        "addons": [{"file": str(one), "sha256": sha256(one.read_bytes()).hexdigest()} for one in addons],
    }
    # With nothing to fetch, building only takes the add-ons over.
    request = Install(
        options={"dast": table}, folder=str(cache / "tools" / "zap"), build=bool(addons), deadline_s=120.0
    )
    answer = ready(request)
    assert answer.ready, answer.message
    return zap_of(answer)


def compile_rules(cache: Path) -> Path:
    """Return the add-on of the tests' rules: compiled once from its sources, by a compiler from its lock.

    The core that they are compiled against is the older one; both load them.
    """
    sources = sorted(RULES.rglob("*.java"))
    lock, digest = read(HERE / "ecj-3.38.0.json")
    parts = [digest, *(one.read_text() for one in [*sources, RULES / "ZapAddOn.xml"])]
    folder = cache / "tools" / "zap-tests"
    where = folder / sha256("\n".join(parts).encode()).hexdigest()
    deadline = time.monotonic() + 120
    with held(folder, where.name, deadline):
        if not where.is_dir():
            core = made("2.11.1", cache)
            (compiler,) = artifacts.download(lock, folder / "downloads", deadline).values()
            with replace_folder(where) as beside:
                _compile(core, compiler, beside)
    return where / "devsecopsrules-beta-1.0.0.zap"


def _compile(core: Zap, compiler: Path, into: Path) -> None:
    classes = into / "classes"
    command = [
        core.java, "-jar", str(compiler), "-11", "-proc:none", "-cp", ":".join(core.class_path),
        "-d", str(classes), str(RULES / "dev"),
    ]  # fmt: skip
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    with zipfile.ZipFile(into / "devsecopsrules-beta-1.0.0.zap", "w") as out:
        out.write(RULES / "ZapAddOn.xml", "ZapAddOn.xml")
        for one in sorted(classes.rglob("*.class")):
            out.write(one, one.relative_to(classes).as_posix())


def changed(zap: Zap, **fields: object) -> Zap:
    """Return the ZAP with other fields."""
    return msgspec.structs.replace(zap, **fields)


def resident_mb(pid: int) -> float:
    """Return the resident size of one process."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / (1 << 20)
