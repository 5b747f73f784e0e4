"""A site that lures to a second listener, which counts every connection: a scan that stays inside gives 0.

The first listener tells the count at /__connections, to which nothing leads.
"""

from __future__ import annotations

import json
import socket
import threading
from contextlib import suppress
from urllib.parse import urlsplit

from tests.targets.serving import HOST, Counter, Handler, Service, main, of_handler


class Outside:
    """The second listener: on 127.0.0.1 and, where there is one, ::1, under one port."""

    def __init__(self) -> None:
        self.counter = Counter()
        first = socket.create_server((HOST, 0), backlog=128)
        self.port: int = first.getsockname()[1]
        self.sockets = [first]
        with suppress(OSError):
            self.sockets.append(socket.create_server(("::1", self.port), family=socket.AF_INET6, backlog=128))
        for one in self.sockets:
            threading.Thread(target=self._accept, args=(one,), daemon=True).start()

    @property
    def connections(self) -> int:
        """How many there were."""
        return self.counter["connections"]

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            self.counter.add("connections")
            with connection:
                connection.settimeout(2)
                try:
                    connection.recv(65_536)
                    connection.sendall(
                        b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\nConnection: close\r\n\r\noutside"
                    )
                except OSError:
                    continue

    def close(self) -> None:
        """Stop listening."""
        for one in self.sockets:
            one.close()


def lures(port: int, here: int) -> tuple[str, ...]:
    """Return URLs of the second listener, plain and disguised."""
    return (
        f"http://{HOST}:{port}/plain", f"http://localhost:{port}/name", f"http://[::1]:{port}/six",
        f"//{HOST}:{port}/scheme-relative", f"http://{HOST}:{here}@{HOST}:{port}/user",
        f"http://2130706433:{port}/decimal", f"http://0x7f.1:{port}/hex", f"http://127.0.0.1.:{port}/dot",
        f"\\\\{HOST}:{port}\\backslash", f"http:\\\\{HOST}:{port}/slashes", f"HTTP://{HOST}:{port}/case",
        f"\thttp://{HOST}:{port}/tab", f"https://{HOST}:{port}/tls",
    )  # fmt: skip


def page(port: int, here: int, host: str) -> str:
    """Return a page that leads out in every way that HTML has."""
    out = f"http://{HOST}:{port}"
    links = "".join(f'<a href="{url}">x</a>\n' for url in lures(port, here))
    jumps = "".join(f'<a href="/jump/{n}">jump</a>\n' for n in range(len(lures(port, here))))
    return (
        f'<html><head><title>Trap</title><link rel="stylesheet" href="{out}/style.css">'
        f'<script src="{out}/script.js"></script><link rel="prefetch" href="{out}/next"></head><body>'
        f'{links}{jumps}<a href="/inside">inside</a> <a href="/refresh">refresh</a>'
        '<a href="/based">based</a>'
        f'<a href="http://{host}/by-host">host</a> <img src="{out}/image.png" srcset="{out}/2x.png 2x">'
        f'<form action="{out}/form" method="get"><input name="q" value="1"><input type="submit"></form>'
        f'<form action="{out}/form" method="post"><input name="q" value="1"><input type="submit"></form>'
        f'<form action="/inside"><button formaction="{out}/button">go</button></form>'
        f'<iframe src="{out}/frame"></iframe><object data="{out}/object"></object>'
        f'<video src="{out}/video" poster="{out}/poster"></video>'
        f'<a ping="{out}/ping" href="/inside">ping</a>'
        f"<!-- {out}/comment --><script>var api = '{out}/script-text';</script>"
        f'<p style="background: url({out}/css)">{out}/text</p></body></html>'
    )


def document(port: int) -> str:
    """Return an OpenAPI document whose servers are the second listener."""
    operation = {
        "responses": {"200": {"description": "ok"}},
        "servers": [{"url": f"http://{HOST}:{port}/op"}],
    }
    paths = {"/inside": {"get": operation, "servers": [{"url": f"http://{HOST}:{port}/path"}]}}
    return json.dumps(
        {
            "openapi": "3.0.0",
            "info": {"title": "Trap", "version": "1"},
            "servers": [{"url": f"http://{HOST}:{port}/"}],
            "paths": paths,
        }
    )


def handler(outside: Outside, counter: Counter) -> type[Handler]:
    """Return the first listener's handler."""

    class Trap(Handler):
        def respond(self) -> None:
            counter.add("requests")
            if self.command == "POST":
                self.body()
                self.answer(307, Location=f"http://{HOST}:{outside.port}/posted")
                return
            out, here = f"http://{HOST}:{outside.port}", int(self.server.server_address[1])  # type: ignore[index]
            path = urlsplit(self.path).path
            host = self.headers.get("X-Forwarded-Host") or self.headers.get("Host") or ""
            if path.startswith("/jump/") and path[6:].isdecimal():
                urls = lures(outside.port, here)
                self.answer(302, Location=urls[int(path[6:]) % len(urls)])
            elif path == "/__connections":
                self.answer(200, str(outside.connections), "text/plain")
            elif path == "/refresh":
                refresh = f"0; url={out}/refresh"
                self.answer(200, f'<meta http-equiv="refresh" content="{refresh}">', Refresh=refresh)
            elif path == "/based":
                self.answer(
                    200, f'<base href="{out}/"><a href="relative">x</a>', Link=f"<{out}/link>; rel=next"
                )
            elif path == "/robots.txt":
                text = f"User-agent: *\nDisallow: /hidden\nSitemap: {out}/sitemap.xml\n"
                self.answer(200, text, "text/plain")
            elif path == "/sitemap.xml":
                xml = f"<urlset><url><loc>{out}/loc</loc></url></urlset>"
                self.answer(200, xml, "application/xml")
            elif path == "/openapi.json":
                self.answer(200, document(outside.port), "application/json")
            else:
                self.answer(200, page(outside.port, here, host), Content_Location=f"{out}/location")

    return Trap


class _Trap(Service[Outside]):
    def close(self) -> None:
        super().close()
        self.facts.close()


def make(port: int = 0) -> Service[Outside]:
    """Return the site; its facts are the second listener."""
    outside = Outside()
    inner = of_handler(handler(outside, outside.counter), outside, port)
    return _Trap(inner.server, outside)


if __name__ == "__main__":
    main(make, lambda service: str(service.facts.port))
