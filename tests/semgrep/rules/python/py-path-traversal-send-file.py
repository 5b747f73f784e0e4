import io
import os

from fastapi import FastAPI
from fastapi.responses import FileResponse
from flask import Flask, request, send_file, send_from_directory

app = Flask(__name__)
api = FastAPI()


@app.route("/download")
def download():
    # ruleid: py-path-traversal-send-file
    return send_file("/srv/files/" + request.args["name"])


@api.get("/image")
def image(name: str):
    path = os.path.join("/srv/images", name)
    # ruleid: py-path-traversal-send-file
    return FileResponse(path)


def folder():
    # ruleid: py-path-traversal-send-file
    return send_from_directory(request.args["folder"], "index.html")


@app.route("/safe/<path:name>")
def safe(name):
    # ok: py-path-traversal-send-file
    return send_from_directory("/srv/files", name)


def base_name():
    name = os.path.basename(request.args["name"])
    # ok: py-path-traversal-send-file
    return send_file(os.path.join("/srv/files", name))


def generated():
    # ok: py-path-traversal-send-file
    return send_file(io.BytesIO(request.get_data()), mimetype="text/plain")


def named():
    # ok: py-path-traversal-send-file
    return send_file("/srv/report.pdf", download_name=request.args["name"])
