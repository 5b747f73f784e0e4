"""From the text of a plan to one that cannot leave the target: each key known, each address checked."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import msgspec

from devsecops.api import ToolError
from devsecops_zap.addresses import AddressError, Origin, read_url
from devsecops_zap.config.checks import CREDENTIALS
from devsecops_zap.config.checks import OURS as CLIENTS
from devsecops_zap.config.errors import nearest
from devsecops_zap.config.values import PHASES, Phase
from devsecops_zap.openapi.nodes import DocumentError, Node, read_nodes
from devsecops_zap.patterns import compiled, prove
from devsecops_zap.plans.jobs import (
    CONTEXT,
    DROPPED,
    ENV,
    KINDS,
    OURS,
    REFUSED,
    REQUEST,
    SAFE_METHODS,
    Kind,
)  # fmt: skip

_VARIABLE = re.compile(r"\$\{([^}]*)\}")
_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://\S*")
_MOST_NODES = 20_000


class PlanError(ToolError):
    """What is wrong in a plan, with its line and what to do."""


class Scope(msgspec.Struct, frozen=True, kw_only=True):
    """What a plan is held to: the target's origin, base path and patterns, and what may be done to it."""

    origin: Origin
    base: str = ""
    include: str
    excludes: tuple[str, ...] = ()
    attackable: bool = False
    change_state: bool = False


class PlanJob(msgspec.Struct, frozen=True, kw_only=True):
    """A job that runs."""

    type: str
    line: int

    @property
    def sends(self) -> bool:
        """Whether it sends requests of its own."""
        return KINDS[self.type].sends


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """A plan as ZAP gets it: `document` is JSON-ready. `notes` tell what was left out of it."""

    source: str
    document: dict[str, Any]
    jobs: tuple[PlanJob, ...]
    notes: tuple[str, ...] = ()

    @property
    def phases(self) -> tuple[Phase, ...]:
        """The phases that it stands for: what ZAP has to be able to do. Seeds are sent before it."""
        kinds = {job.type for job in self.jobs}
        return tuple(phase for phase in PHASES if phase == "seed" or _PHASES.get(phase) in kinds)


_PHASES: dict[Phase, str] = {"spider": "spider", "passive": "passiveScan-wait", "active": "activeScan"}


def read_plan(data: bytes, source: str, scope: Scope) -> Plan:
    """Return the plan in `data`, fenced in; nothing is sent.

    Args:
        data: YAML or JSON.
        source: its name, for the messages.
        scope: the target.

    Raises:
        PlanError: the first thing that is wrong.
    """
    try:
        root = read_nodes(data)
    except DocumentError as error:
        raise PlanError(f"{source}: {error}") from None
    return _Reader(source, scope).plan(root)


class _Reader:
    def __init__(self, source: str, scope: Scope) -> None:
        self.source, self.scope = source, scope
        self.notes: list[str] = []
        self.vars: dict[str, str] = {}
        self.contexts: list[str] = []

    def wrong(self, node: Node, what: str, remedy: str) -> PlanError:
        return PlanError(f"{self.source}:{node.line}: {what}; {remedy}")

    def plan(self, root: Node) -> Plan:
        self.known(root, frozenset({"env", "jobs"}), "")
        env = root.get("env")
        if env is None or not root.each("jobs"):
            raise self.wrong(root, "a plan has env and jobs", "see what ZAP's -autogenmax writes")
        self.known(env, ENV, "env: ")
        self.vars = {name: str(node.value) for name, node in (env.get("vars") or Node({}, 1)).items()}
        contexts = [self.context(node) for node in env.each("contexts")]
        if not contexts:
            raise self.wrong(env, "there is no context", "name one with urls under env: contexts")
        written: list[dict[str, Any]] = []
        jobs: list[PlanJob] = []
        for node in root.each("jobs"):
            found = self.job(node)
            if found is not None:
                written.append(found[0])
                jobs.append(found[1])
        if not any(job.sends for job in jobs):
            raise self.wrong(root, "no job sends anything", f"use one of {', '.join(sorted(KINDS))}")
        parameters = {"failOnError": True, "failOnWarning": False, "progressToStdout": False}
        document = {"env": {"contexts": contexts, "parameters": parameters}, "jobs": written}
        return Plan(source=self.source, document=document, jobs=tuple(jobs), notes=tuple(self.notes))

    def known(self, node: Node, names: frozenset[str], where: str) -> None:
        if not isinstance(node.value, dict):
            raise self.wrong(node, f"{where}a mapping is needed", "see what ZAP's -autogenmax writes")
        for name, value in node.items():
            if name not in names:
                raise self.wrong(value, f"{where}{name} is not let in", nearest(name, names))

    def context(self, node: Node) -> dict[str, Any]:
        for name in OURS:
            if (found := node.get(name)) is not None:
                raise self.wrong(
                    found, f"{name} stands in the policy", "use [dast.auth.NAME] and auth of the target"
                )
        self.known(node, CONTEXT, "context: ")
        name = node.text("name")
        if not name or name in self.contexts:
            raise self.wrong(node, "a context has a name of its own", "write name")
        self.contexts.append(name)
        data: dict[str, Any] = self.plain(node)
        urls = node.each("urls")
        if not urls:
            raise self.wrong(node, f"the context {name} has no urls", f"write urls: [{self.scope.origin}]")
        for url in urls:
            self.address(url)
        data["includePaths"] = [self.narrowed(one) for one in node.each("includePaths")] or [
            self.scope.include
        ]
        data["excludePaths"] = [*self.scope.excludes, *(data.get("excludePaths") or [])]
        return data

    def narrowed(self, node: Node) -> str:
        """Return a pattern of the plan that matches nothing but the target, whatever it is by itself."""
        theirs = self.plain(node)
        whole = f"(?=(?:{theirs})$){self.scope.include}"
        try:
            compiled(str(theirs))
            proof = prove(whole, self.scope.origin, self.scope.base)
        except re.error as error:
            raise self.wrong(node, f"not a pattern ({error})", "write a regular expression") from None
        if proof.caught:
            raise self.wrong(node, "the pattern leaves the target", "write one that its URLs match")
        return whole

    def job(self, node: Node) -> tuple[dict[str, Any], PlanJob] | None:
        kind_name = node.text("type")
        if kind_name in REFUSED:
            raise self.wrong(node, f"the job {kind_name} is not let in: {REFUSED[kind_name]}", "remove it")
        if kind_name in DROPPED:
            self.notes.append(f"{self.source}:{node.line}: {kind_name} is left out: {DROPPED[kind_name]}.")
            return None
        if kind_name not in KINDS:
            raise self.wrong(
                node, f"the job {kind_name or 'without a type'} is not let in", nearest(kind_name, KINDS)
            )
        if node.get("enabled") is not None and not node.flag("enabled"):
            self.notes.append(f"{self.source}:{node.line}: {kind_name} is not enabled.")
            return None
        kind = KINDS[kind_name]
        self.known(node, kind.beside | {"type", "name", "enabled", "parameters", *DROPPED}, f"{kind_name}: ")
        self.parameters(node, kind_name, kind)
        for request in node.each("requests"):
            self.request(request)
        data: dict[str, Any] = self.plain(node)
        if data.pop("tests", None) is not None:
            self.notes.append(f"{self.source}:{node.line}: tests are left out: {DROPPED['tests']}.")
        for text in _texts({name: data[name] for name in data.keys() - {"policyDefinition", "excludePaths"}}):
            for found in _ADDRESS.findall(text):
                self.inside(node, found)
        return data, PlanJob(type=kind_name, line=node.line)

    def parameters(self, node: Node, name: str, kind: Kind) -> None:
        given = node.get("parameters")
        if kind.attacks and not self.scope.attackable:
            raise self.wrong(
                node,
                f"{name} attacks, and the target may not be attacked",
                "write attackable = true in the policy",
            )
        if given is None or given.value is None:
            return
        self.known(given, kind.parameters, f"{name}: ")
        for key, value in given.items():
            if key == "url" and value.value is not None:
                self.address(value)
            if key == "context" and self.plain(value) not in self.contexts:
                raise self.wrong(
                    value, f"there is no context {value.value}", nearest(str(value.value), self.contexts)
                )

    def request(self, node: Node) -> None:
        self.known(node, REQUEST, "requestor: ")
        url = node.get("url")
        if url is None:
            raise self.wrong(node, "a request has no url", "write url")
        self.address(url)
        method = str(self.plain(node.get("method") or Node("GET", 1)) or "GET").upper()
        if method not in SAFE_METHODS and not self.scope.change_state:
            raise self.wrong(
                node, f"{method} may change something", "write change_state = true in the policy"
            )
        for header in node.each("headers"):
            name = str(self.plain(header)).partition(":")[0].strip().lower()
            if name in CLIENTS | CREDENTIALS or not str(self.plain(header)).isprintable():
                raise self.wrong(
                    header, f"the header {name} is not let in", "use headers or auth of the policy"
                )

    def address(self, node: Node) -> None:
        text = self.plain(node)
        if not isinstance(text, str):
            raise self.wrong(node, "a URL is needed", f"write {self.scope.origin}/...")
        self.inside(node, text)

    def inside(self, node: Node, text: str) -> None:
        """Raises PlanError when a URL is not one of the target."""
        try:
            url = read_url(text.rstrip("\"'),;]}>"))
        except AddressError as error:
            raise self.wrong(node, str(error).partition(";")[0], f"write {self.scope.origin}/...") from None
        host = f"[{url.origin.host}]" if ":" in url.origin.host else url.origin.host
        here = f"{url.origin.scheme}://{host}:{url.origin.port}{url.path}"
        if url.origin != self.scope.origin or not compiled(self.scope.include).fullmatch(here):
            raise self.wrong(node, f"{text[:200]} is outside of the target", f"write {self.scope.origin}/...")

    def plain(self, node: Node) -> Any:
        """Return data with the plan's own variables in place. No other is read."""
        try:
            return self.filled(node.plain(_MOST_NODES), node)
        except DocumentError as error:
            raise PlanError(f"{self.source}: {error}") from None

    def filled(self, data: Any, node: Node) -> Any:
        if isinstance(data, dict):
            return {key: self.filled(value, node) for key, value in data.items()}
        if isinstance(data, list):
            return [self.filled(value, node) for value in data]
        if not isinstance(data, str):
            return data
        text = _VARIABLE.sub(lambda found: self.vars.get(found[1], found[0]), data)
        if "${" in text:
            raise self.wrong(node, f"a variable of {text[:100]} is not known", "define it under env: vars")
        return text


def _texts(data: Any) -> Iterator[str]:
    if isinstance(data, str):
        yield data
    for value in data.values() if isinstance(data, dict) else data if isinstance(data, list) else ():
        yield from _texts(value)
