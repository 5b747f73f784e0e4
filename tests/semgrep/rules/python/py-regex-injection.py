import re

from flask import request


def search(lines):
    pattern = request.args["pattern"]
    # ruleid: py-regex-injection
    return [line for line in lines if re.search(pattern, line)]


def compiled(request):
    # ruleid: py-regex-injection
    return re.compile(f"^{request.GET['prefix']}")


def replace(text):
    # ruleid: py-regex-injection
    return re.sub(request.form["old"], "", text)


def search_escaped(lines):
    pattern = re.escape(request.args["pattern"])
    # ok: py-regex-injection
    return [line for line in lines if re.search(pattern, line)]


def check():
    # ok: py-regex-injection
    return re.fullmatch(r"[a-z]+", request.args["name"])


def split():
    # ok: py-regex-injection
    return request.args["names"].split(",")
