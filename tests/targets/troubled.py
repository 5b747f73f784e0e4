"""What slow, hanging, breaking, expiring and changing targets have in common: one page with links."""

from __future__ import annotations

from tests.targets.serving import Handler

PAGE = "<html><head><title>Page</title></head><body>" + "".join(
    f'<a href="/page/{n}?q={n}">page {n}</a>\n' for n in range(20)
) + "</body></html>"  # fmt: skip


class Paged(Handler):
    """Answers every request with the page, unless `troubled` did."""

    def troubled(self) -> bool:
        """Do what this target is for; return whether that was an answer."""
        return False

    def respond(self) -> None:
        self.body()
        if not self.troubled():
            self.answer(200, PAGE)
