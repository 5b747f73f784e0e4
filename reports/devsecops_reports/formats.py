"""The formats: a name, a media type, a suffix, and bytes."""

from __future__ import annotations

from devsecops.api import Report, encode_verdict, sarif


class Json:
    """The verdict, as in verdict.json."""

    name, media_type, suffix = "json", "application/json", ".json"

    def render(self, report: Report) -> bytes:
        """Return the bytes of verdict.json."""
        return encode_verdict(report.verdict)


class Sarif:
    """SARIF 2.1.0, one run per scanner."""

    name, media_type, suffix = "sarif", "application/sarif+json", ".sarif"

    def render(self, report: Report) -> bytes:
        """Return the bytes of results.sarif."""
        return sarif.write(report)


class Text:
    """What a person reads in a terminal or a build log. Its last line is the verdict's sentence."""

    name, media_type, suffix = "text", "text/plain; charset=utf-8", ".txt"

    def render(self, report: Report) -> bytes:
        """Return the page."""
        from devsecops_reports.text import render

        return render(report)
