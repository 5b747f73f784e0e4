"""Scoring over generated edits: whoever made the edit knows which finding is which."""

from __future__ import annotations

import random
import tempfile
from collections import Counter, defaultdict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from benchmarks.identity import scanning
from benchmarks.identity.edits import EDITS, Origin, Trial, lines_of, perform
from benchmarks.identity.gitdiff import change
from benchmarks.identity.methods import OURS, ours, rivals
from benchmarks.identity.score import Score, judge, score, wrong
from devsecops.model import Finding

LONGEST = 700


@dataclass(frozen=True)
class Source:
    """Real files with findings, and the lines that these begin in."""

    texts: dict[str, str]
    flawed: dict[str, set[int]]


def source(trees: Sequence[Path]) -> Source:
    """Return the files of `trees` that have a finding, are Python, end their lines with LF, are not long."""
    texts, flawed = {}, {}
    for number, tree in enumerate(trees):
        starts: dict[str, set[int]] = defaultdict(set)
        for row in scanning.rows(tree):
            starts[row["filename"]].add(row["location"]["row"])
        for path in sorted(starts):
            raw = (tree / path).read_bytes()
            if not path.endswith(".py") or b"\r" in raw or b"\0" in raw or raw.count(b"\n") > LONGEST:
                continue
            name = f"{number}/{path}"
            texts[name], flawed[name] = raw.decode("utf-8", "replace"), starts[path]
    return Source(texts, flawed)


def trials(found: Source, edits: int, seed: int) -> list[Trial]:
    """Return trials that did `edits` edits in all, every kind about as often."""
    draw = random.Random(seed)
    kinds, pool, done = sorted(EDITS), sorted(found.texts), []
    count = 0
    while count < edits:
        chosen = draw.sample(pool, 2)
        names = {f"pkg/{'ab'[n]}.py": path for n, path in enumerate(chosen)}
        base = {name: found.texts[path] for name, path in names.items()}
        trial = Trial(
            base,
            {name: lines_of(name, text) for name, text in base.items()},
            draw,
            {name: found.flawed[path] for name, path in names.items()},
        )
        for _ in range(draw.randint(1, 3)):
            perform(trial, kinds[(count + len(trial.did)) % len(kinds)]) or perform(trial, draw.choice(kinds))
        count += len(trial.did)
        if trial.did:
            done.append(trial)
    return done


@dataclass(frozen=True)
class Known:
    """What is true of a trial's head findings."""

    truth: dict[str, str | None]
    copies: dict[str, str]


def truth(trial: Trial, base: Sequence[Finding], head: Sequence[Finding]) -> Known:
    """Return what is known of the head's findings; paths are those of the trial."""
    by_lines: dict[object, list[Finding]] = defaultdict(list)
    for one in sorted(base, key=scanning.column):
        path, start, end = scanning.place(one)
        by_lines[one.rule, path, start, end].append(one)
        by_lines[one.rule, path, start].append(one)
    groups: dict[object, list[Finding]] = defaultdict(list)
    for one in sorted(head, key=scanning.column):
        groups[one.rule, scanning.place(one)].append(one)
    known = Known({}, {})
    for group in groups.values():
        path, start, end = scanning.place(group[0])
        lines = trial.head[path][start - 1 : end]
        fresh = bool(lines) and all(line.origin is None for line in lines)
        first = _in_a_row([line.copied if fresh else line.origin for line in lines])
        old: list[Finding] = []
        if first is not None:
            edited = any(line.edited for line in lines)
            place = first if edited else (*first, first[1] + len(lines) - 1)
            old = by_lines[(group[0].rule, *place)]
        pairs = zip(old, group, strict=True) if len(old) == len(group) else ()
        if fresh:
            known.truth.update({one.id: None for one in group})
            known.copies.update({new.id: one.id for one, new in pairs})
        else:
            known.truth.update({new.id: one.id for one, new in pairs})
    # A copy whose original is no finding any more reads as a move: nobody can say that it is new.
    here = set(known.truth.values())
    for name in [name for name, old in known.copies.items() if old not in here]:
        del known.truth[name]
    return known


def _in_a_row(origins: Sequence[Origin | None]) -> Origin | None:
    """Return the first of lines that stand one below the other in the base too; None when they do not."""
    first = origins[0] if origins else None
    if first is None or any(one != (first[0], first[1] + n) for n, one in enumerate(origins)):
        return None
    return first


@dataclass
class Outcome:
    """Scores by method, the edits that were done, and what went wrong with ours."""

    scores: dict[str, Score]
    did: Counter[str]
    wrong: list[str]


def run(found: Source, edits: int, seed: int) -> Outcome:
    """Make the edits, scan both sides of all of them at once, and score."""
    made = trials(found, edits, seed)
    with tempfile.TemporaryDirectory(prefix="devsecops-identity-") as name:
        root = Path(name).resolve()
        for number, trial in enumerate(made):
            for side in ("base", "head"):
                for path in trial.base if side == "base" else trial.head:
                    place = root / side / str(number) / path
                    place.parent.mkdir(parents=True, exist_ok=True)
                    text = trial.base[path] if side == "base" else trial.text(path)
                    place.write_bytes(text.encode("utf-8", "surrogatepass"))
        with ThreadPoolExecutor(2) as pool:
            changes = list(
                pool.map(lambda n: change(root / "base" / str(n), root / "head" / str(n)), range(len(made)))
            )
        sides = []
        for side in ("base", "head"):
            rows: dict[str, list[dict[str, object]]] = defaultdict(list)
            for row in scanning.rows(root / side):
                number, _, path = row["filename"].partition("/")
                rows[number].append({**row, "filename": path})
            sides.append([scanning.findings(root / side / str(n), rows[str(n)]) for n in range(len(made))])
    outcome = Outcome(defaultdict(Score), Counter(), [])
    for number, trial in enumerate(made):
        outcome.did.update(trial.did)
        base, head = ({one.id: one for one in side[number].findings} for side in sides)
        known = truth(trial, tuple(base.values()), tuple(head.values()))
        texts = (trial.base, {path: trial.text(path) for path in trial.head})
        mine = ours(base, head, changes[number], frozenset(trial.head), texts)
        answers = {OURS: mine, **rivals(base, head)}
        for method, answer in answers.items():
            words = judge(base, head, known.truth, answer, known.copies)
            outcome.scores[method] += score(base, head, known.truth, words)
            if method == OURS:
                lines = wrong(base, head, known.truth, answer, words)
                outcome.wrong += [f"{number}: {'+'.join(trial.did)}: {line}" for line in lines]
    return outcome
