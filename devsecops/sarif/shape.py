# ruff: noqa: D101  # names and meaning are those of the standard
"""The part of SARIF 2.1.0 that we write. Names and meaning are the standard's; defaults are left out."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

Level = Literal["none", "note", "warning", "error"]
BaselineState = Literal["new", "unchanged", "updated", "absent"]


class Shape(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel", gc=False):
    """Base: written in camel case, without what is at its default."""


class Message(Shape, frozen=True, kw_only=True):
    text: str
    markdown: str | None = None


class Content(Shape, frozen=True, kw_only=True):
    text: str


class Region(Shape, frozen=True, kw_only=True):
    start_line: int
    start_column: int | None = None
    end_line: int | None = None
    end_column: int | None = None
    snippet: Content | None = None


class ArtifactLocation(Shape, frozen=True, kw_only=True):
    uri: str | None = None
    uri_base_id: str | None = None
    description: Message | None = None


class PhysicalLocation(Shape, frozen=True, kw_only=True):
    artifact_location: ArtifactLocation
    region: Region | None = None
    context_region: Region | None = None


class LogicalLocation(Shape, frozen=True, kw_only=True):
    name: str | None = None
    fully_qualified_name: str
    kind: str
    properties: dict[str, Any] | None = None


class Location(Shape, frozen=True, kw_only=True):
    physical_location: PhysicalLocation | None = None
    logical_locations: tuple[LogicalLocation, ...] = ()


class Suppression(Shape, frozen=True, kw_only=True):
    kind: Literal["inSource", "external"]
    status: Literal["accepted"]
    justification: str | None = None
    properties: dict[str, Any] | None = None


class WebRequest(Shape, frozen=True, kw_only=True):
    protocol: str
    version: str
    method: str
    target: str
    headers: dict[str, str] | None = None
    body: Content | None = None


class WebResponse(Shape, frozen=True, kw_only=True):
    protocol: str
    version: str
    status_code: int
    reason_phrase: str | None = None
    headers: dict[str, str] | None = None
    body: Content | None = None


class Result(Shape, frozen=True, kw_only=True):
    rule_id: str
    rule_index: int | None = None
    level: Level  # without a default: always written, many readers never look at the rule
    message: Message
    locations: tuple[Location, ...] = ()
    related_locations: tuple[Location, ...] = ()
    partial_fingerprints: dict[str, str] | None = None
    baseline_state: BaselineState | None = None
    suppressions: tuple[Suppression, ...] | None = None
    rank: float | None = None
    web_request: WebRequest | None = None
    web_response: WebResponse | None = None
    properties: dict[str, Any] | None = None


class Configuration(Shape, frozen=True, kw_only=True):
    level: Level


class Descriptor(Shape, frozen=True, kw_only=True):
    id: str
    name: str | None = None
    short_description: Message | None = None
    full_description: Message | None = None
    default_configuration: Configuration | None = None
    help_uri: str | None = None
    help: Message | None = None
    properties: dict[str, Any] | None = None


class Driver(Shape, frozen=True, kw_only=True):
    name: str
    full_name: str
    version: str
    information_uri: str
    rules: tuple[Descriptor, ...]  # without a default: GitHub wants the list even when it is empty
    properties: dict[str, Any] | None = None


class Tool(Shape, frozen=True, kw_only=True):
    driver: Driver


class DescriptorReference(Shape, frozen=True, kw_only=True):
    id: str


class Notification(Shape, frozen=True, kw_only=True):
    descriptor: DescriptorReference
    level: Level
    message: Message
    locations: tuple[Location, ...] = ()
    properties: dict[str, Any] | None = None


class Invocation(Shape, frozen=True, kw_only=True):
    execution_successful: bool
    tool_execution_notifications: tuple[Notification, ...] = ()


class VersionControlDetails(Shape, frozen=True, kw_only=True):
    repository_uri: str
    revision_id: str | None = None
    mapped_to: ArtifactLocation


class AutomationDetails(Shape, frozen=True, kw_only=True):
    id: str
    description: Message | None = None


class Run(Shape, frozen=True, kw_only=True):
    """A run without its results: those are written one by one."""

    tool: Tool
    invocations: tuple[Invocation, ...]
    version_control_provenance: tuple[VersionControlDetails, ...] = ()
    original_uri_base_ids: dict[str, ArtifactLocation]
    automation_details: AutomationDetails
    column_kind: Literal["unicodeCodePoints"]
    properties: dict[str, Any] | None = None
