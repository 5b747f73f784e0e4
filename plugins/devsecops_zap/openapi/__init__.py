"""OpenAPI documents: read, followed within themselves, and matched with URLs again."""

from __future__ import annotations

from devsecops_zap.openapi.document import Body, Document, Gap, Operation, Parameter, read_document
from devsecops_zap.openapi.matching import Matcher
from devsecops_zap.openapi.nodes import DocumentError, Node, read_nodes
from devsecops_zap.openapi.values import Values

__all__ = [
    "Body", "Document", "DocumentError", "Gap", "Matcher", "Node", "Operation", "Parameter", "Values",
    "read_document", "read_nodes",
]  # fmt: skip
