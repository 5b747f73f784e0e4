"""Whole scans with real ZAPs: flaws are found, what is clean is clean, and nobody else is touched."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from devsecops_zap.identifying import AGENT
from scripts.validate_sarif import multitool, schema_errors, with_pipeline
from tests.e2e.program import Done, Program
from tests.subject.repos import Repo
from tests.targets import clean, shop, trap, vulnerable
from tests.targets.serving import Counter, Service, running
from tests.zap.scanning import NEW, OLD, found, ids, places, result, scan, start, write_policy

pytestmark = pytest.mark.e2e
RULES = {"xss": "690001", "sql-error": "690002", "sql-boolean": "690003", "traversal": "690004",
         "redirect": "690005", "headers": "690006"}  # fmt: skip
HEADERS = ("Content-Security-Policy", "X-Content-Type-Options")


def planted(version: str) -> set[tuple[str, str, str, str]]:
    """Return what a version has to find.

    2.17.0 so put together has no passive engine. 2.11.1 encodes what it puts into a cookie, and writes a
    space in a path as a plus: these flaws do not answer to that.
    """
    out = set()
    for flaw in vulnerable.FLAWS:
        if flaw.kind == "headers":
            if version == OLD:
                out |= {(RULES["headers"], "GET", "/", name) for name in HEADERS}
        elif version == NEW or (flaw.place, flaw.kind) not in (
            ("cookie", "xss"), ("cookie", "sql-error"), ("path", "sql-boolean")
        ):  # fmt: skip
            out.add((RULES[flaw.kind], flaw.method, flaw.template, flaw.param))
    return out


def asked(service: Service[Counter], method: str = "") -> set[str]:
    """Return the paths that were asked for, by one method or by any."""
    words = [name.split(" ", 1) for name in service.facts.counts if name.startswith(f"{method} ".lstrip())]
    return {word[1] for word in words if len(word) == 2}


def vulnerable_parts() -> set[str]:
    """Return the first parts of the paths of all operations."""
    return {flaw.template.split("/")[1] for flaw in vulnerable.FLAWS}


@pytest.mark.parametrize("version", [NEW, OLD])
def test_every_planted_flaw_is_found(version: str, program: Program, rules: Path) -> None:
    with running(vulnerable.make()) as service:
        policy = write_policy(program.folder, version, rules, service.origin)
        done = scan(program, policy, service.origin, "--openapi", vulnerable.DOCUMENT_FILE)
    assert done.code == 1, done
    assert [reason["code"] for reason in done.reasons] == ["finding"] * len(done.reasons)
    assert planted(version) <= found(done), planted(version) - found(done)
    rows = done.rows("zap")
    assert len(rows) == 20
    assert set(rows.values()) == {("scanned", "")}
    (summary,) = done.statement["scanners"]
    assert (summary["status"], summary["control"]["found"], summary["tool"]["version"]) == (
        "complete", True, version,
    )  # fmt: skip
    firsts = {path.split("/")[1] for path in asked(service) if path != "/"}
    # The one number is ZAP's own question what a page looks like that is not there.
    strange = {part for part in firsts - vulnerable_parts() if not part.isdecimal()}
    assert strange <= {"robots.txt", "sitemap.xml"}, "only declared parts of a path are attacked"
    (subject,) = done.statement["subject"]
    assert (subject["alias"], subject["origins"]) == ("shop", [service.origin])


def test_the_source_gives_places_and_port_and_host_no_other_findings(program: Program, rules: Path) -> None:
    """Once alone, once by another name, at another port, with the source and the document in a tree."""
    tree = program.folder / "tree"
    tree.mkdir()
    for file in (vulnerable.DOCUMENT_FILE, Path(vulnerable.__file__)):
        shutil.copy(file, tree)
    seen = []
    source = (tree, "--only", "zap")
    for host, more, times in (("127.0.0.1", (), 1), ("127.0.0.1", source, 1), ("localhost", source, 2)):
        with running(vulnerable.make()) as service:
            where = f"http://{host}:{service.port}"
            policy = write_policy(program.folder, NEW, rules, where)
            for _ in range(times):
                done = scan(program, policy, where, "--openapi", tree / vulnerable.DOCUMENT_FILE.name, *more)
                seen.append((ids(done), prints(done), json.dumps(done.statement), sarif(done)))
    (alone, *_), (there, marks, *_), (elsewhere, same, statement, log), again = seen
    assert alone == there == elsewhere
    assert alone
    assert marks == same, "neither the port nor the name of the host is in a fingerprint"
    assert again == (elsewhere, same, statement, log), "two runs of one state say the same, byte for byte"
    assert schema_errors(log) == []
    assert [one for one in multitool(with_pipeline(log)) if one[0] != "note"] == []
    results = [one for run in json.loads(log)["runs"] for one in run["results"]]
    assert [one for one in results if "webRequest" not in one or "webResponse" not in one] == []
    (place,) = [one for one in places(done) if one[0] == ("690002", "GET", "/users/{name}")]
    lines = (tree / "vulnerable.py").read_text().splitlines()
    document = (tree / vulnerable.DOCUMENT_FILE.name).read_text().splitlines()
    _, at, handler = place
    assert at[0] == vulnerable.DOCUMENT_FILE.name
    assert document[at[1] - 2].strip() == "/users/{name}:"
    assert handler[0] == "vulnerable.py"
    assert "def user(name: str)" in lines[handler[1] - 1]


def sarif(done: Done) -> bytes:
    return (done.output / "results.sarif").read_bytes()


def prints(done: Done) -> list[dict[str, str]]:
    """Return the fingerprints of all results, in the order of the log."""
    runs = json.loads(sarif(done))["runs"]
    return [one["partialFingerprints"] for run in runs for one in run["results"]]


@pytest.mark.parametrize("version", [NEW, OLD])
def test_a_clean_service_is_clean(version: str, program: Program, rules: Path) -> None:
    statements = []
    target = 'attackable = true\nchange_state = true\nheaders = {X-Team = "env:TEAM", X-More = "more"}'
    with running(clean.make()) as service:
        policy = write_policy(program.folder, version, rules, service.origin, target=target)
        for _ in range(1 if version == OLD else 2):
            args = (policy, service.origin, "--openapi", clean.DOCUMENT_FILE)
            done = start(program, *args, env={"TEAM": "the-blue-team"}).end()
            assert (done.code, found(done)) == (0, set()), done
            statements.append(json.dumps(done.statement, sort_keys=True))
    assert service.facts["requests"] > 200, "it was attacked"
    assert set(done.rows("zap").values()) == {("scanned", "")}
    assert len(set(statements)) == 1, "two runs of one state say the same"
    who = {name: n for name, n in service.facts.counts.items() if name != "requests"}
    more, less = who.pop("X-More: more"), who.pop("X-More: ")
    everyone = {f"User-Agent: {AGENT}", "X-Team: the-blue-team"}
    assert who == dict.fromkeys(everyone, more + less), "by every request of every phase"
    assert more > less > 0, "the spider has no second header, as a note says"
    (note,) = [note for note in result(done)["notes"] if "links are followed" in note]
    assert "X-More (to all requests ZAP adds one, X-Team)" in note
    assert f"zap: {note}" in done.err.decode().splitlines(), "and it is told"
    written = [file.read_bytes() for file in program.folder.rglob("*") if file.is_file()]
    assert not any(b"the-blue-team" in text for text in (*written, done.out, done.err))


def test_by_default_nothing_is_attacked_and_nothing_changes(program: Program, rules: Path) -> None:
    with running(vulnerable.make()) as service:
        phases = ("seed", "spider", "passive")
        policy = write_policy(program.folder, OLD, rules, service.origin, target="", phases=phases)
        done = scan(program, policy, service.origin, "--openapi", vulnerable.DOCUMENT_FILE)
        assert asked(service, "POST") == set()
    assert done.code == 0, done
    assert {rule for rule, *_ in found(done)} == {RULES["headers"]}
    states = done.rows("zap")
    assert {unit for unit, state in states.items() if state == ("excluded", "changes-state")} == {
        f"{flaw.method} {flaw.template}" for flaw in vulnerable.FLAWS if flaw.method == "POST"
    }
    assert {state for unit, state in states.items() if unit.startswith("GET")} == {("scanned", "")}


@pytest.mark.parametrize("version", [NEW, OLD])
def test_nobody_outside_is_touched(version: str, program: Program, rules: Path) -> None:
    with running(trap.make()) as service:
        target = 'attackable = true\nchange_state = true\nurls = ["/jump/1?next=/inside"]'
        policy = write_policy(program.folder, version, rules, service.origin, target=target)
        done = scan(program, policy, service.origin, "--openapi", f"{service.origin}/openapi.json")
        assert service.facts.connections == 0
        assert service.facts.counter["requests"] > 50, "it was spidered and attacked"
    assert done.code == 0, done
    assert done.rows("zap").keys() == {"GET /", "GET /inside", "GET /jump/1"}


def test_what_the_source_says_is_confirmed_at_run_time(program: Program, rules: Path) -> None:
    """The example shop: its source and its service in one verdict."""
    tree = shutil.copytree(shop.ROOT, program.folder / "shop")
    with running(shop.make()) as service:
        policy = write_policy(program.folder, NEW, rules, service.origin, target="attackable = true")
        text = policy.read_text()
        policy.write_text(f"[data]\nmax_age_days = 100000\n{text}")
        done = scan(
            program, policy, service.origin, "--openapi", tree / shop.DOCUMENT, tree, "--skip=advisories"
        )
    assert done.code == 1, done
    groups = json.loads((done.output / "judged.json").read_bytes())["groups"]
    confirmed = [one for one in groups if one.get("confirmed")]
    assert [one["weakness"] for one in confirmed] == ["CWE-89", "CWE-89"]
    by_id = {
        finding["id"]: finding
        for scanner in ("bandit", "semgrep", "zap")
        for finding in json.loads((done.output / "results" / f"{scanner}.json").read_bytes())["findings"]
    }
    joined = {
        by_id[name]["location"]["template"]: {by_id[other]["scanner"] for other in one["reported_by"]}
        for one in confirmed
        for name in one["reported_by"]
        if by_id[name]["scanner"] == "zap"
    }
    assert joined.keys() == {"/products", "/orders/{customer}"}
    assert all("zap" in scanners and len(scanners) > 1 for scanners in joined.values())
    assert done.out.decode().count("Confirmed at run time, also reported by") == 2
    sarif = json.loads((done.output / "results.sarif").read_bytes())
    results = [one["properties"]["devsecops"] for run in sarif["runs"] for one in run["results"]]
    marked = {one["group"] for one in results if one.get("confirmedAtRunTime")}
    assert marked == {one["id"] for one in confirmed}


def test_what_a_service_shows_is_never_old(program: Program, rules: Path) -> None:
    """Beside a change: there is one service, which is scanned once; its findings are in no base."""
    repo = Repo(program.folder / "tree")
    shutil.copytree(shop.ROOT, repo.root, dirs_exist_ok=True)
    repo.commit()
    repo.git("checkout", "-q", "-b", "change")
    repo.put("api/new.py")
    repo.commit()
    with running(shop.make()) as service:
        policy = write_policy(program.folder, NEW, rules, service.origin, target="attackable = true")
        document = repo.root / shop.DOCUMENT
        more = (repo.root, "--base=main", "--skip=advisories")
        done = scan(program, policy, service.origin, "--openapi", document, *more)
    assert done.code == 1, done
    assert done.err.decode().count("zap: starting ZAP") == 1
    judged = json.loads((done.output / "judged.json").read_bytes())["judged"]
    states = {one["finding"]: (one["state"], one["counted"]) for one in judged}
    assert {states[name] for name in ids(done)} == {("new", True)}
