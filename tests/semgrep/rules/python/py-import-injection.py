import importlib

from django.utils.module_loading import import_string
from flask import Flask, request

app = Flask(__name__)
PLUGINS = {"csv": "exports.csv", "json": "exports.json"}


def export():
    name = request.args["format"]
    # ruleid: py-import-injection
    return importlib.import_module("exports." + name).run()


@app.route("/task/<name>")
def task(name):
    # ruleid: py-import-injection
    return __import__(name).main()


def backend(request):
    path = request.POST.get("backend")
    # ruleid: py-import-injection
    return import_string(path)()


def export_known():
    # ok: py-import-injection
    return importlib.import_module(PLUGINS[request.args["format"]]).run()


def export_checked():
    name = request.args["format"]
    if name not in PLUGINS:
        raise LookupError(name)
    # ok: py-import-injection
    return importlib.import_module(f"exports.{name}").run()


def constant(request):
    # ok: py-import-injection
    return importlib.import_module("exports.csv").run(request.GET)
