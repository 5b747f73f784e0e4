import string

from flask import request


def greeting(user):
    template = request.args["template"]
    # ruleid: py-format-string-injection
    return template.format(user=user)


def label(request, item):
    # ruleid: py-format-string-injection
    return request.POST["label"].format(item)


def mail(user):
    text = "Dear {user}, " + request.form["text"]
    # ruleid: py-format-string-injection
    return string.Formatter().format(text, user=user)


def greeting_safely():
    # ok: py-format-string-injection
    return "Hello {}".format(request.args["name"])


def substitute():
    # ok: py-format-string-injection
    return string.Template("Hello $name").substitute(name=request.args["name"])


def choose(user):
    kind = request.args["kind"]
    if kind not in ("{user}", "{user.mail}"):
        return None
    # ok: py-format-string-injection
    return kind.format(user=user)
