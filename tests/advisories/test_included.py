"""What a requirements file includes counts, whatever the included file is called."""

from __future__ import annotations

from devsecops.model import Package
from devsecops.testing import scan


def test_a_finding_stands_in_the_file_that_holds_the_pin() -> None:
    tree = {"requirements.txt": "-r deps/more.pip\n", "deps/more.pip": "\njinja2==2.4.1\n"}
    result = scan("advisories", tree, today="2024-10-20", offline=True)
    assert result.status == "complete", result.problems
    places = {one.location.at for one in result.findings if isinstance(one.location, Package)}
    assert {(at.path, at.region.start_line) for at in places if at.region} == {("deps/more.pip", 2)}
