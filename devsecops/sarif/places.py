"""Locations: from values to SARIF, and the URIs of both ways."""

from __future__ import annotations

from devsecops import model, paths
from devsecops.encode import visible
from devsecops.sarif.shape import (
    ArtifactLocation,
    Content,
    Location,
    LogicalLocation,
    PhysicalLocation,
    Region,
)

ROOT = "SRCROOT"
LARGEST = 2**31 - 1
"""Of a line or column: readers of SARIF count in 32 bits."""
_DOTS = {".": "%2E", "..": "%2E%2E"}


def uri(path: str) -> str:
    """Return the URI reference of a path, relative to the root whatever the path looks like."""
    parts = paths.to_uri(path).split("/")
    if parts[0] == "":
        return "%2F" + uri(path[1:]) if path else ""
    return "/".join(_DOTS.get(part, part) for part in parts)


def sound_region(region: model.Region | None) -> model.Region | None:
    """Return the region as far as it makes sense; None when its first line does not."""
    if region is None or not 1 <= region.start_line <= LARGEST:
        return None
    first, column = region.start_line, region.start_column
    last = region.end_line if region.end_line is not None else first
    column = column if column is not None and 1 <= column <= LARGEST else None
    end = region.end_column if column is not None else None
    if not first <= last <= LARGEST:
        last, end = first, None
    if end is not None and not (column or 1 if first == last else 1) <= end <= LARGEST:
        end = None
    if (last, column, end) == (region.end_line, region.start_column, region.end_column):
        return region
    return model.Region(start_line=first, start_column=column, end_line=last, end_column=end)


def physical(file: model.File) -> PhysicalLocation | None:
    """Return the place in a file; None for no file at all."""
    if not file.path:
        return None
    at = ArtifactLocation(uri=uri(file.path), uri_base_id=ROOT)
    region = sound_region(file.region)
    if region is None:
        return PhysicalLocation(artifact_location=at)
    first, last = region.start_line, region.end_line or region.start_line
    lines = visible(file.snippet).split("\n") if file.snippet else []
    # A snippet holds whole lines. A region with columns is a part of them: they are its context, if they
    # reach to its end (a context region must hold the region and more).
    whole = Content(text="\n".join(lines)) if lines else None
    inside = len(lines) > last - first and not _whole_lines(region, lines[last - first])
    return PhysicalLocation(
        artifact_location=at,
        region=Region(
            start_line=first,
            start_column=region.start_column,
            end_line=last,
            end_column=region.end_column,
            snippet=None if inside else whole,
        ),
        context_region=(
            Region(start_line=first, end_line=first + len(lines) - 1, snippet=whole) if inside else None
        ),
    )


def _whole_lines(region: model.Region, last: str) -> bool:
    """Return whether a region is all of its lines; `last` is the text of the last one."""
    if region.start_column not in (None, 1):
        return False
    return region.end_column is None or region.end_column > len(last)


def logical(location: model.Location) -> LogicalLocation | None:
    """Return what a place is beside a line in a file; None for a plain file."""
    if isinstance(location, model.Package):
        return LogicalLocation(fully_qualified_name=visible(location.purl), kind="package")
    if isinstance(location, model.Resource):
        return LogicalLocation(fully_qualified_name=visible(location.address), kind="resource")
    if isinstance(location, model.Http):
        facts = {"target": location.target, "method": location.method, "template": location.template}
        if location.param is not None:
            facts["param"] = location.param
        name = f"{location.target} {location.method} {location.template}"
        return _logical(name, "operation", facts)
    if isinstance(location, model.ImageLayer):
        facts = {"digest": location.digest, "layer": location.layer, "package": location.package}
        return _logical(f"{location.digest} {location.layer} {location.package}", "layer", facts)
    return None


def _logical(name: str, kind: str, facts: dict[str, str]) -> LogicalLocation:
    clean = {key: visible(value) for key, value in facts.items()}
    return LogicalLocation(fully_qualified_name=visible(name), kind=kind, properties=clean)


def file_of(location: model.Location) -> model.File | None:
    """Return the file that a location stands in, if it stands in one."""
    if isinstance(location, model.File):
        return location
    return None if isinstance(location, model.ImageLayer) else location.at


def place(location: model.Location) -> Location | None:
    """Return a location as SARIF has it; None when there is nothing to say."""
    file = file_of(location)
    where = physical(file) if file is not None else None
    what = logical(location)
    if where is None and what is None:
        return None
    return Location(physical_location=where, logical_locations=(what,) if what is not None else ())
