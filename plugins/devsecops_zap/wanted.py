"""What is to be asked for: the operations of the document and the URLs, without those that are excluded."""

from __future__ import annotations

import msgspec

from devsecops.api import Cover, RemoteContext, ToolError, Unit
from devsecops_zap.asked import Job
from devsecops_zap.fence import leaves
from devsecops_zap.openapi.document import Document, read_document
from devsecops_zap.openapi.matching import Matcher
from devsecops_zap.openapi.nodes import DocumentError
from devsecops_zap.patterns import excluded
from devsecops_zap.requests import Request, Seeds, from_document, from_urls


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Requests to begin with, and the document that they are of. `path` is the document's, in the tree."""

    seeds: Seeds
    left_out: tuple[Request, ...] = ()
    """Those of excluded paths: they are not sent."""
    document: Document | None = None
    path: str | None = None
    url: str | None = None
    """Where the target has its document: it is read when ZAP runs."""

    @property
    def base(self) -> str:
        """The path before the document's templates."""
        return self.document.base if self.document is not None else ""

    def matcher(self, base: str) -> Matcher | None:
        """Return what finds the operation of a URL; `base` is the target's own."""
        if self.document is None:
            return None
        return Matcher(self.document.operations, base or self.document.base)

    def excluded_rows(self) -> tuple[Cover, ...]:
        """Return the ledger's rows of what the exclude patterns leave out."""
        units = sorted({(request.kind, request.operation) for request in self.left_out})
        return tuple(
            Cover(unit=Unit(kind=kind, id=name), state="excluded", why="path", by="dast.targets.exclude")
            for kind, name in units
        )

    def notes(self) -> tuple[str, ...]:
        """Return what a person wants to know of it, a line each."""
        seeds = self.seeds
        out = []
        if self.document is not None:
            count, known = len(self.document.operations), {request.operation for request in seeds.requests}
            asked = sum(operation.id in known for operation in self.document.operations)
            out.append(
                f"Document: OpenAPI {self.document.version}, {count + len(self.document.gaps):,} operations, "
                f"{asked:,} to be asked for, {len(seeds.left_out):,} left out because they change state."
            )
        elif self.url is not None:
            out.append(f"Document: {self.url}, read when ZAP runs.")
        out += [f"No request for {gap.operation}: {gap.why}." for gap in seeds.gaps]
        return tuple(out)


def read_wanted(job: Job, ctx: RemoteContext, fetched: bytes | None = None) -> Wanted:
    """Return what is to be asked for. `fetched` is the document that the target gave.

    Raises:
        ToolError: there is no such document, or it is none.
    """
    given = job.ask.openapi or {}
    named = job.table.openapi if not given else None
    url = given.get("url") or (named if named and "://" in named else None)
    path, text = given.get("path"), given.get("text")
    data = text.encode() if text is not None else None
    if named and not url:
        path, data = named, ctx.read(named)
        if data is None:
            raise ToolError(
                f"dast.targets.{job.alias}.openapi: {named} is no file of the tree; name it by --openapi"
            )
    where = "--openapi" if given else f"dast.targets.{job.alias}.openapi"
    if url:
        if leaves(job.origin, url) is not None:
            raise ToolError(f"{where}: {url} is not of the target; give a file, or a URL of the target")
        data = fetched
    try:
        document = read_document(data) if data is not None else None
    except DocumentError as error:
        raise ToolError(f"{where}: {url or path} is no OpenAPI document that can be read: {error}") from None
    found = Seeds(requests=())
    if document is not None:
        found = from_document(document, job.origin, base=job.base, change_state=job.table.change_state)
    known = {request.operation for request in found.requests}
    plain = [r for r in from_urls((job.start, *job.table.urls), job.origin) if r.operation not in known]
    requests = (*found.requests, *plain)
    out = tuple(request for request in requests if excluded(request.url, job.excludes))
    kept = tuple(request for request in requests if not excluded(request.url, job.excludes))
    inside = path is not None and not url and not path.startswith(("/", "../"))
    return Wanted(
        seeds=msgspec.structs.replace(found, requests=kept), left_out=out, document=document,
        path=path if inside else None, url=url,
    )  # fmt: skip
