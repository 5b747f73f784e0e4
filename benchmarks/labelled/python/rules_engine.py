"""Price rules and extensions: formulas, filters and handlers chosen by the caller."""

import ast
import importlib
import operator
import re

import numexpr
import pandas
from fastapi import APIRouter, HTTPException, Request
from flask import Blueprint, jsonify, request
from simpleeval import simple_eval

api = APIRouter()
bp = Blueprint("rules", __name__)

OPERATORS = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv}
EXPORTERS = {"csv": "exporters.csv", "xlsx": "exporters.xlsx"}
ROUNDING = "round(price * 1.19, 2)"


class Handlers:
    def on_created(self, payload):
        return {"created": payload}

    def on_deleted(self, payload):
        return {"deleted": payload}


def compute(node):
    if isinstance(node, ast.BinOp) and type(node.op) in OPERATORS:
        return OPERATORS[type(node.op)](compute(node.left), compute(node.right))
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        return node.value
    raise ValueError("not a formula")


@bp.get("/formula")
def formula():
    price = request.args.get("price", 0, type=float)
    expression = request.args.get("formula", "price")
    return jsonify(result=eval(expression, {"__builtins__": {}}, {"price": price}))


@bp.get("/calculation")
def calculation():
    expression = request.args.get("formula", "0")
    return jsonify(result=compute(ast.parse(expression, mode="eval").body))


@bp.get("/literal")
def literal():
    value = ast.literal_eval(request.args.get("value", "None"))
    return jsonify(kind=type(value).__name__)


@bp.get("/rounded")
def rounded():
    price = request.args.get("price", 0, type=float)
    return jsonify(result=eval(ROUNDING, {"round": round}, {"price": price}))


@bp.post("/script")
def script():
    scope = {"result": None, "rows": request.get_json()["rows"]}
    code = compile(request.get_json()["script"], "<rule>", "exec")
    exec(code, scope)
    return jsonify(result=scope["result"])


@api.post("/frame")
async def frame_filter(incoming: Request):
    body = await incoming.json()
    frame = pandas.DataFrame(body["rows"])
    return {"rows": frame.query(body["condition"]).to_dict("records")}


@api.post("/frame/column")
async def column_filter(incoming: Request):
    body = await incoming.json()
    frame = pandas.DataFrame(body["rows"])
    column = body["column"]
    if column not in frame.columns:
        raise HTTPException(400)
    return {"rows": frame[frame[column] > float(body["minimum"])].to_dict("records")}


@api.get("/vector")
def vector(expression: str, size: int = 10):
    values = list(range(size))
    return {"values": numexpr.evaluate(expression, {"x": values}).tolist()}


@api.get("/scalar")
def scalar(expression: str, x: float = 0.0):
    return {"value": simple_eval(expression, names={"x": x})}


@bp.post("/export")
def export():
    module = importlib.import_module(request.args["format"])
    return jsonify(written=module.write(request.get_json()))


@bp.post("/deliver")
def deliver():
    name = EXPORTERS.get(request.args["format"])
    if name is None:
        return jsonify(error="unknown format"), 400
    return jsonify(written=importlib.import_module(name).write(request.get_json()))


@bp.post("/event/<name>")
def event(name):
    handler = getattr(Handlers(), name)
    return jsonify(handler(request.get_json()))


@bp.post("/notice/<name>")
def notice(name):
    if name not in ("created", "deleted"):
        return jsonify(error="unknown event"), 404
    handler = getattr(Handlers(), f"on_{name}")
    return jsonify(handler(request.get_json()))


@bp.get("/match")
def match_rule():
    pattern, text = request.args["pattern"], request.args["text"]
    return jsonify(matches=re.findall(pattern, text))


@bp.get("/contains")
def contains_rule():
    word, text = request.args["word"], request.args["text"]
    return jsonify(matches=re.findall(rf"\b{re.escape(word)}\b", text))


@bp.get("/digits")
def digits_rule():
    text = request.args["text"][:200]
    return jsonify(valid=re.fullmatch(r"\d{3}-\d{4}", text) is not None)
