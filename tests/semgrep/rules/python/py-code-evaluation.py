import ast
import re

import pandas as pd
from flask import Flask, request

app = Flask(__name__)


def calculate():
    expression = request.args["expression"]
    # ruleid: py-code-evaluation
    return str(eval(expression))


def plugin(request):
    code = f"result = {request.body.decode()}"
    scope = {}
    # ruleid: py-code-evaluation
    exec(code, scope)
    return scope["result"]


@app.route("/calc/<formula>")
def calc(formula):
    # ruleid: py-code-evaluation
    return str(pd.eval(formula))


def handler(event, context):
    source = event.get("body", "0")
    # ruleid: py-code-evaluation
    program = compile(source, "<request>", "eval")
    return program


def literal():
    # ok: py-code-evaluation
    return ast.literal_eval(request.args["value"])


def pattern():
    # ok: py-code-evaluation
    return re.compile(re.escape(request.args["value"]))


def double():
    number = float(request.args["x"])
    # ok: py-code-evaluation
    return eval("x * 2", {"x": number})


def train(model):
    name = request.args["name"]
    # ok: py-code-evaluation
    model.eval()
    return name
