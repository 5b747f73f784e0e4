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


class Junit:
    """Test cases for CodeBuild's reports: the verdict first, then what fails."""

    name, media_type, suffix = "junit", "application/xml", ".xml"

    def render(self, report: Report) -> bytes:
        """Return the document."""
        from devsecops_reports.junit import render

        return render(report)


class Markdown:
    """A comment on a pull request: at most 10,240 bytes, the verdict's sentence first."""

    name, media_type, suffix = "markdown", "text/markdown; charset=utf-8", ".md"

    def render(self, report: Report) -> bytes:
        """Return the comment."""
        from devsecops_reports.markdown import render

        return render(report)
