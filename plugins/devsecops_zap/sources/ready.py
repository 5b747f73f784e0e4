"""From settings to a ZAP that can be started, or to what is missing of it."""

from __future__ import annotations

import time
from hashlib import sha256
from pathlib import Path

import msgspec

from devsecops.api import Install, Installed, ToolError
from devsecops_zap.sources import addons, artifacts, installed, java, package
from devsecops_zap.sources.manifests import brought, told
from devsecops_zap.sources.settings import Settings, settings_of
from devsecops_zap.sources.zap import Java, Zap, java_for

NO_RULES = "It carries no rules of ZAP's own: add rules by add-ons, or use another source."
NO_PASSIVE = (
    "It has no passive engine, so that passive rules look at nothing, and no script API: both come with "
    "add-ons that are not published."
)
ELSEWHERE = "It runs elsewhere: its add-ons and rules are asked for by each scan."


def ready(request: Install) -> Installed:
    """Return the ZAP that the options ask for; with `request.build` what is missing is fetched.

    Raises:
        ToolError: an option is wrong, or something cannot be had.
    """
    settings = settings_of(request.options)
    if settings.source == "attach":
        return Installed(
            name="ZAP", command=settings.url, interpreter=f"attached at {settings.url}", notes=(ELSEWHERE,)
        )
    folder, deadline = Path(request.folder), time.monotonic() + request.deadline_s
    if request.build:
        for addon in settings.addons:
            addons.build(folder, addon, deadline)
    elif lacking := addons.missing(folder, settings.addons):
        names = ", ".join(addon.name for addon in lacking)
        return Installed(name="ZAP", ready=False, message=f"the add-ons {names} are not in the cache yet")
    found = _program(settings, request, folder, deadline)
    return found if isinstance(found, Installed) else _on_java(found, settings, request)


class _Program(msgspec.Struct, frozen=True, kw_only=True):
    """A ZAP without a Java."""

    version: str
    install_dir: Path
    java: Java
    class_path: tuple[str, ...] = ()
    jar: str = ""
    lock: str | None = None
    stand_ins: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def _program(settings: Settings, request: Install, folder: Path, deadline: float) -> _Program | Installed:
    if settings.source == "artifacts":
        return _artifacts(settings, request, folder, deadline)
    lock = None
    if settings.source == "installed":
        where = Path(settings.path)
        if request.exclude and where.resolve().is_relative_to(Path(request.exclude).resolve()):
            raise ToolError(f"path: {where} lies in the scanned tree")
    else:
        url, lock = settings.url or package.URL, settings.sha256 or package.SHA256
        size = None if settings.url else package.SIZE
        where = package.place(folder, lock)
        if request.build:
            where = package.build(folder, url, lock, size, deadline)
        elif not where.is_dir():
            much = "" if size is None else f" ({size / 1e6:.0f} MB)"
            message = f"its archive {url.rpartition('/')[2]}{much} is not in the cache yet"
            return Installed(
                name="ZAP", version="" if settings.url else package.VERSION, ready=False, message=message
            )
    jar, version = installed.look(where)
    return _Program(version=version, install_dir=jar.parent, java=java_for(version), jar=str(jar), lock=lock)


def _artifacts(settings: Settings, request: Install, folder: Path, deadline: float) -> _Program | Installed:
    lock, digest = artifacts.lock_of(settings.version or artifacts.VERSIONS[0])
    where = artifacts.place(folder, digest)
    if request.build:
        where = artifacts.build(folder, lock, digest, deadline)
    elif not artifacts.present(where, lock):
        message = f"its {len(lock.files)} files ({lock.size / 1e6:.0f} MB) are not in the cache yet"
        return Installed(name="ZAP", version=lock.version, ready=False, message=message)
    wanted = java_for(lock.version)
    notes = (NO_RULES, NO_PASSIVE) if lock.stand_ins else (NO_RULES,)
    return _Program(
        version=lock.version, install_dir=where, java=wanted, lock=digest, notes=notes,
        stand_ins=lock.stand_ins, class_path=artifacts.class_path(where, lock),
    )  # fmt: skip


def _on_java(program: _Program, settings: Settings, request: Install) -> Installed:
    found = java.find(settings.java, program.java, request.exclude)
    if found is None:
        tool = request.tools.get(program.java.jre)
        if tool is None:
            needs = (java.locked(program.java),)
            message = f"there is no {program.java} on this machine"
            return Installed(name="ZAP", version=program.version, ready=False, message=message, needs=needs)
        found = java.of_environment(tool, program.java)
    folder = Path(request.folder)
    zap = Zap(
        source=settings.source,
        version=program.version,
        java=found[0],
        java_version=found[1],
        install_dir=str(program.install_dir),
        class_path=program.class_path,
        jar=program.jar,
        addons=tuple(str(addons.place(folder, addon)) for addon in settings.addons),
    )
    more = tuple(f"Add-on {addon.name} (sha256 {addon.sha256[:12]})." for addon in settings.addons)
    more += tuple(told(brought(program.install_dir, zap.addons), program.stand_ins))
    pins = [program.lock or program.version, *(addon.sha256 for addon in settings.addons)]
    return Installed(
        name="ZAP",
        version=zap.version,
        command=zap.install_dir,
        interpreter=f"Java {zap.java_version}, {settings.source}",
        lock=sha256("\n".join(pins).encode()).hexdigest() if len(pins) > 1 else program.lock,
        notes=(*more, *program.notes),
        state=msgspec.to_builtins(zap),
    )


def zap_of(made: Installed | None) -> Zap:
    """Return the ZAP that `ready` put into its answer. Raises ToolError when there is none to start."""
    try:
        return msgspec.convert(made.state if made is not None else None, type=Zap)
    except msgspec.ValidationError:
        raise ToolError("there is no ZAP that could be started; run devsecops tools sync zap") from None
