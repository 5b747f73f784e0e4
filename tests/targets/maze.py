"""A target without an end: every page links to deeper ones, and some pages are of 100 MB."""

from __future__ import annotations

from urllib.parse import urlsplit

from tests.targets.serving import Counter, Handler, Service, main, of_handler

BIG = 100_000_000
_BLOCK = b"<p>" + b"x" * 65_000 + b"</p>\n"


def make(port: int = 0, big: int = BIG) -> Service[Counter]:
    """Return the target; pages under /big have `big` bytes. Its facts count requests and bytes sent."""
    counter = Counter()

    class Maze(Handler):
        def respond(self) -> None:
            counter.add("requests")
            path = urlsplit(self.path).path.rstrip("/")
            if path.endswith("/big"):
                counter.add("big")
                self._big()
                return
            links = "".join(
                f'<a href="{path}/{n}">{n}</a> <a href="{path}/{n}?page={n}">p</a>\n' for n in range(5)
            )
            self.answer(200, f"<html><body>{links}<a href='{path}/big'>big</a></body></html>")

        def _big(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(big))
            self.end_headers()
            left = 0 if self.command == "HEAD" else big
            while left:
                left -= self.wfile.write(_BLOCK[: min(left, len(_BLOCK))])

    return of_handler(Maze, counter, port)


if __name__ == "__main__":
    main(make)
