import os
import shutil
from pathlib import Path

from fastapi import FastAPI
from flask import Flask, abort, request
from werkzeug.utils import safe_join, secure_filename

app = Flask(__name__)
api = FastAPI()
BASE = Path("/srv/files")


def read():
    name = request.args["file"]
    # ruleid: py-path-traversal-file
    with open(os.path.join("/srv/files", name)) as file:
        return file.read()


@app.route("/raw/<path:name>")
def raw(name):
    # ruleid: py-path-traversal-file
    return (BASE / name).read_text()


@api.delete("/files/{name}")
async def delete(name: str):
    # ruleid: py-path-traversal-file
    os.remove(f"/srv/files/{name}")


def drop(request):
    folder = "/srv/" + request.POST["folder"]
    # ruleid: py-path-traversal-file
    shutil.rmtree(folder)


def handler(event, context):
    # ruleid: py-path-traversal-file
    return Path(event["queryStringParameters"]["path"]).read_bytes()


def read_named():
    name = secure_filename(request.args["file"])
    # ok: py-path-traversal-file
    with open(os.path.join("/srv/files", name)) as file:
        return file.read()


def read_joined():
    path = safe_join("/srv/files", request.args["file"])
    # ok: py-path-traversal-file
    return open(path).read()


def read_checked():
    path = (BASE / request.args["file"]).resolve()
    if not path.is_relative_to(BASE):
        abort(404)
    # ok: py-path-traversal-file
    return path.read_text()


def by_number():
    number = int(request.args["page"])
    # ok: py-path-traversal-file
    return open(f"/srv/pages/{number}.txt").read()


def log():
    # ok: py-path-traversal-file
    with open("/var/log/app.log", "a") as file:
        file.write(request.args["message"])
