from flask import Flask, request

app = Flask(__name__)
ACTIONS = {"start": print, "stop": print}


class Service:
    name = "a"


def call(service):
    action = request.args["action"]
    # ruleid: py-reflection-attribute
    return getattr(service, action)()


def change(request, service):
    for key, value in request.POST.items():
        # ruleid: py-reflection-attribute
        setattr(service, key, value)


def function():
    # ruleid: py-reflection-attribute
    return globals()[request.form["function"]]()


def call_known():
    # ok: py-reflection-attribute
    return ACTIONS[request.args["action"]]()


def call_checked(service):
    action = request.args["action"]
    if action not in ("start", "stop"):
        return None
    # ok: py-reflection-attribute
    return getattr(service, action)()


def prefixed(service):
    # ok: py-reflection-attribute
    return getattr(service, f"on_{request.args['event']}")()


def constant(service):
    # ok: py-reflection-attribute
    setattr(service, "name", request.args["name"])
