"""How targets run: on loopback, in threads of a test, or alone by ``python -m tests.targets.NAME``."""

from __future__ import annotations

import argparse
import atexit
import shutil
import ssl
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socketserver import TCPServer
from typing import Any, Generic, TypeVar
from wsgiref.types import WSGIApplication

from werkzeug.serving import WSGIRequestHandler, make_server

HOST = "127.0.0.1"
S = TypeVar("S")


class Service(Generic[S]):
    """A target that listens. `facts` is what it knows of itself, such as a count of requests."""

    def __init__(self, server: TCPServer, facts: S) -> None:
        self.server, self.facts = server, facts
        self.port = int(server.server_address[1])
        self.origin = f"http://{HOST}:{self.port}"

    def encrypted(self, context: ssl.SSLContext) -> Service[S]:
        """Speak TLS from now on, and return itself."""
        # A client that does not shake hands keeps its own thread waiting, not the one that accepts.
        self.server.socket = context.wrap_socket(
            self.server.socket, server_side=True, do_handshake_on_connect=False
        )
        self.server.ssl_context = context  # type: ignore[attr-defined]  # so Werkzeug knows it
        self.origin = f"https://{HOST}:{self.port}"
        return self

    def run(self) -> None:
        """Answer until it is closed."""
        self.server.serve_forever(poll_interval=0.05)

    def close(self) -> None:
        """Stop listening."""
        self.server.shutdown()
        self.server.server_close()


@contextmanager
def running(service: Service[S]) -> Iterator[Service[S]]:
    """Run a target in a thread of this process."""
    thread = threading.Thread(target=service.run, daemon=True)
    thread.start()
    try:
        yield service
    finally:
        service.close()
        thread.join(5)


def scratch(name: str) -> Path:
    """Return a new folder that goes when this process ends."""
    folder = tempfile.mkdtemp(prefix=f"{name}-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Path(folder)


class Counter:
    """Counts, from any thread."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.counts: dict[str, int] = {}

    def add(self, name: str) -> int:
        """Count one more of `name`; return how many there are now."""
        with self.lock:
            self.counts[name] = self.counts.get(name, 0) + 1
            return self.counts[name]

    def __getitem__(self, name: str) -> int:
        with self.lock:
            return self.counts.get(name, 0)


class Handler(BaseHTTPRequestHandler):
    """Base of the targets without Flask: `respond` answers all methods. No log, no version of its own."""

    protocol_version = "HTTP/1.1"
    timeout = 30

    def respond(self) -> None:
        """Answer the request; `command` is its method."""
        raise NotImplementedError

    def version_string(self) -> str:
        return "service"

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Say nothing."""

    def body(self) -> bytes:
        """Return the request's body."""
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def answer(self, status: int, text: str | bytes = b"", kind: str = "text/html", **headers: str) -> None:
        """Send a whole answer; names of headers have underscores for dashes."""
        data = text.encode() if isinstance(text, str) else text
        self.send_response(status)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(data)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)


def _respond(handler: Handler) -> None:
    handler.respond()


for _method in ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"):
    setattr(Handler, f"do_{_method}", _respond)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is no error."""


def of_handler(handler: type[Handler], facts: S, port: int = 0) -> Service[S]:
    """Return a target of a handler class."""
    return Service(_Server((HOST, port), handler), facts)


class _Quiet(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002
        """Say nothing."""

    def version_string(self) -> str:
        return "service"


class _Versioned(_Quiet):
    def version_string(self) -> str:
        return "Service/1.2.3 Python"


def of_app(app: WSGIApplication, facts: S, port: int = 0, *, names_version: bool = False) -> Service[S]:
    """Return a target of a Flask application."""
    handler = _Versioned if names_version else _Quiet
    return Service(make_server(HOST, port, app, threaded=True, request_handler=handler), facts)


def main(make: Callable[[int], Service[Any]], more: Callable[[Service[Any]], str] | None = None) -> None:
    """Run a target until it is ended; its port stands on the first line of stdout."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=0)
    service = make(parser.parse_args().port)
    print(service.port, *([more(service)] if more else []), flush=True)
    service.run()
