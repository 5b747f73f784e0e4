"""Draw head findings to be labelled by hand, and show the code of each.

    python -m benchmarks.identity.draw [--seed 20261125] [--number 200]

Most of them stand in lines that git calls added, where a diff alone does not say which finding is which, and
in files that were renamed. For each its code is shown, and every base finding of its rule that is near it, or
that says the same in its file or in a line that is gone from any file. What is drawn depends on git, ruff and
the seed alone, never on the matcher.
"""

from __future__ import annotations

import argparse
import random
import re
import sys

from benchmarks.identity import scanning
from benchmarks.identity.sdists import Step, steps
from devsecops.change import FileChange
from devsecops.model import Finding

SEED, NUMBER = 20261125, 200


def kind(one: Finding, step: Step, files: dict[str | None, FileChange]) -> str:
    """Return ``added``, ``renamed`` or ``shifted``: how git sees the finding's first line."""
    path, start, _ = scanning.place(one)
    file = files[path]
    if file.base is None or any(h.head_start <= start < h.head_start + h.head_count for h in file.hunks):
        return "added"
    return "renamed" if file.base != file.head else "shifted"


def drawn(number: int, seed: int) -> list[tuple[Step, Finding]]:
    """Return the findings to label: by project, by how git sees them, and asserts apart from the rest."""
    draw = random.Random(seed)
    pools: dict[tuple[str, str, bool], list[tuple[Step, Finding]]] = {}
    for step in steps():
        files = {one.head: one for one in step.change.files}
        for one in sorted(step.findings[1].values(), key=lambda f: (*scanning.place(f), f.rule.id, f.id)):
            group = (step.name.split()[0], kind(one, step, files), one.rule.id == "S101")
            pools.setdefault(group, []).append((step, one))
    chosen: list[tuple[Step, Finding]] = []
    keys = sorted(pools)
    weights = [{"added": 4, "renamed": 3, "shifted": 1}[key[1]] for key in keys]
    while len(chosen) < number and any(pools.values()):
        pool = pools[draw.choices(keys, weights)[0]]
        if pool:
            chosen.append(pool.pop(draw.randrange(len(pool))))
    return chosen


def _squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text)


def _left(step: Step, path: str, line: int) -> bool:
    """Tell whether a line of the base is not in its file any more."""
    return all(file.to_head(line) is None for file in step.change.files if file.base == path)


def show(step: Step, one: Finding) -> str:
    """Return what is needed to label one finding."""
    path, start, end = scanning.place(one)
    file = next(f for f in step.change.files if f.head == path)
    lines = scanning.read(step.head / path).splitlines()
    out = [f"=== {step.name} | {one.rule.id} | {path}:{start}-{end} | base file {file.base}"]
    out += [
        f"  {'>' if start <= n <= end else ' '}{n} {lines[n - 1][:110]}"
        for n in range(max(1, start - 4), min(len(lines), end + 3) + 1)
    ]
    added = [h for h in file.hunks if h.head_start <= start < h.head_start + max(1, h.head_count)]
    said = _squeezed(" ".join(lines[start - 1 : end]))
    gone = {f.base for f in step.change.files if f.head is None} | {file.base}
    for old in sorted(step.findings[0].values(), key=scanning.place):
        where, first, last = scanning.place(old)
        if old.rule != one.rule or (where not in gone and not _left(step, where, first)):
            continue
        text = scanning.read(step.base / where).splitlines()
        same = _squeezed(" ".join(text[first - 1 : last])) == said
        near = where == file.base and any(
            h.base_start <= first < h.base_start + max(1, h.base_count) for h in added
        )
        mapped = where == file.base and file.to_head(first) == start
        if same or near or mapped:
            words = [w for w, yes in (("same", same), ("hunk", near), ("diff", mapped)) if yes]
            out.append(f"  -- base {where}:{first}-{last} ({', '.join(words)})")
            out += [
                f"     {'>' if first <= n <= last else ' '}{n} {text[n - 1][:100]}"
                for n in range(max(1, first - 2), min(len(text), last + 2) + 1)
            ]
            if len(out) > 60:
                out.append("  ...")
                break
    return "\n".join(out)


def main() -> int:
    """Show what is to be labelled."""
    parser = argparse.ArgumentParser(description="Draw findings to label.")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--number", type=int, default=NUMBER)
    args = parser.parse_args()
    for number, (step, one) in enumerate(drawn(args.number, args.seed), 1):
        print(f"#{number}", show(step, one))
    return 0


if __name__ == "__main__":
    sys.exit(main())
