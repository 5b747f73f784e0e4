import socket
from http.server import BaseHTTPRequestHandler, HTTPServer
from wsgiref.simple_server import make_server

import uvicorn
from flask import Flask

app = Flask(__name__)


def main():
    # ruleid: py-listen-all-interfaces
    app.run(host="0.0.0.0", port=8000)


def serve():
    # ruleid: py-listen-all-interfaces
    uvicorn.run(app, host="0.0.0.0", port=8000)


def listen(port):
    server = socket.socket()
    # ruleid: py-listen-all-interfaces
    server.bind(("0.0.0.0", port))
    server.listen()
    return server


def admin():
    # ruleid: py-listen-all-interfaces
    return HTTPServer(("", 9000), BaseHTTPRequestHandler)


def main_local():
    # ok: py-listen-all-interfaces
    app.run(host="127.0.0.1", port=8000)


def free_port():
    with socket.socket() as probe:
        # ok: py-listen-all-interfaces
        probe.bind(("", 0))
        return probe.getsockname()[1]


def is_any(address):
    # ok: py-listen-all-interfaces
    return address == "0.0.0.0"


def admin_local():
    # ok: py-listen-all-interfaces
    return make_server("127.0.0.1", 9000, app)
