"""The scanner `advisories`: known vulnerabilities of dependencies, offline."""

from __future__ import annotations

import time

from devsecops.api import Canary, Context, Data, Expect, Parsed, Reads, Refresh, Spec, ToolError

# Kept beside the spec so that describing the scanner loads no reader; a test holds them equal.
NAMES = (
    "requirements*.txt", "*requirements.txt", "requirements/*.txt",
    "requirements*.in", "*requirements.in", "requirements/*.in",
    "pyproject.toml", "Pipfile", "poetry.lock", "uv.lock", "pylock.toml", "pylock.*.toml",
    "Pipfile.lock", "package.json", "package-lock.json", "npm-shrinkwrap.json",
)  # fmt: skip

SPEC = Spec(
    name="advisories",
    kind="sca",
    reads=Reads(names=NAMES),
    unit="project",
    controls=(
        Canary(
            label="requirements",
            files={"requirements.txt": "devsecops-control==0.1\n"},
            expects=(Expect(rule="DEVSECOPS-CONTROL", file="requirements.txt", line=1),),
        ),
    ),
    deadline_s=120.0,
    data=True,
)


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("devsecops")
    except PackageNotFoundError:
        return "0"


class Advisories:
    """Matches pinned dependencies against an index of OSV advisories."""

    spec = SPEC

    def scan(self, ctx: Context) -> Parsed:
        """Look at all manifests. Raises ToolError when the index cannot be trusted."""
        from devsecops_advisories.index import load
        from devsecops_advisories.judge import judge
        from devsecops_advisories.match import Matcher, rule

        index = load(ctx.today)
        out = judge(ctx.units, ctx.read, Matcher(index))
        findings = tuple(out.findings[place] for place in sorted(out.findings))
        rules = {found.rule.id: rule(found) for found in findings}
        rows = (*out.rows, *out.gaps.values())
        return Parsed(
            findings=findings,
            cover=tuple(sorted(rows, key=lambda row: (row.unit.kind, row.unit.id))),
            rules=tuple(rules[name] for name in sorted(rules)),
            data=Data(digest=index.digest, date=index.date(frozenset(out.ecosystems))),
            version=_version(),
        )

    def data(self) -> Data | None:
        """Return the digest of the index and the date of its oldest part."""
        from devsecops_advisories.index import load

        try:
            index = load(time.strftime("%Y-%m-%d", time.gmtime()))
        except ToolError:
            return None
        return Data(digest=index.digest, date=index.date())

    def refresh(self, request: Refresh) -> str:
        """Replace the user's index, all or nothing. Raises ToolError."""
        from devsecops_advisories.fetch import refresh

        return refresh(request)
