"""The formats as plugins."""

import ast
from pathlib import Path

import msgspec

import devsecops_reports
from devsecops import sarif
from devsecops.api import Reporter
from devsecops.canonical import encode_verdict
from devsecops.model import Verdict
from devsecops_reports import devsecops_reporters
from tests.reports import sample


def formats() -> dict[str, Reporter]:
    return {reporter.name: reporter for reporter in devsecops_reporters()}


def test_json_is_the_verdict_and_sarif_is_what_the_core_writes() -> None:
    report = sample.several()
    assert sorted(formats()) == ["json", "junit", "markdown", "sarif", "text"]
    data = formats()["json"].render(report)
    assert data == encode_verdict(report.verdict)
    assert msgspec.json.decode(data, type=Verdict) == report.verdict
    assert formats()["sarif"].render(report) == sarif.write(report)
    assert formats()["text"].render(report).decode().splitlines()[-1] == report.verdict.statement.cause


def test_the_formats_import_nothing_of_the_core_but_its_api() -> None:
    folder = Path(devsecops_reports.__file__).parent
    names = set()
    for file in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.ImportFrom) and node.module:
                names.add(node.module)
            elif isinstance(node, ast.Import):
                names |= {alias.name for alias in node.names}
    assert {name for name in names if name.split(".")[0] == "devsecops"} == {"devsecops.api"}
