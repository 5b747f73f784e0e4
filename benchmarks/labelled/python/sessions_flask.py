"""Baskets, preferences and saved states of a shop front."""

import base64
import hashlib
import hmac
import io
import json
import marshal
import os
import pickle
import shelve
import zlib

import jsonpickle
import numpy
import yaml
from flask import Flask, abort, jsonify, make_response, request
from itsdangerous import URLSafeSerializer

app = Flask(__name__)
app.config["SIGNING_KEY"] = os.environ["SIGNING_KEY"]
STATE_FILE = "/var/lib/shop/prices.pickle"


def decoded(name):
    return base64.urlsafe_b64decode(request.cookies.get(name, ""))


def signature(data):
    return hmac.new(app.config["SIGNING_KEY"].encode(), data, hashlib.sha256).digest()


def packed(value):
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode()


@app.get("/basket")
def basket():
    raw = request.cookies.get("basket")
    if raw is None:
        return jsonify(items=[])
    items = pickle.loads(zlib.decompress(base64.b64decode(raw)))
    return jsonify(items=items)


@app.get("/wishlist")
def wishlist():
    raw = request.cookies.get("wishlist")
    if raw is None:
        return jsonify(items=[])
    items = json.loads(zlib.decompress(base64.b64decode(raw)))
    return jsonify(items=items)


@app.get("/recent")
def recent():
    raw = decoded("recent")
    mac, data = raw[:32], raw[32:]
    if not hmac.compare_digest(mac, signature(data)):
        abort(400)
    return jsonify(items=pickle.loads(data))


@app.post("/preferences")
def import_preferences():
    document = yaml.load(request.data, Loader=yaml.Loader)
    return jsonify(imported=sorted(document))


@app.post("/addresses")
def import_addresses():
    document = yaml.load(request.data, Loader=yaml.CSafeLoader)
    return jsonify(imported=sorted(document))


@app.post("/layout")
def import_layout():
    documents = list(yaml.safe_load_all(request.get_data(as_text=True)))
    return jsonify(imported=len(documents))


@app.post("/rules")
def import_rules():
    uploaded = request.files["rules"].read()
    documents = list(yaml.unsafe_load_all(uploaded))
    return jsonify(imported=len(documents))


@app.post("/filters")
def restore_filters():
    payload = request.get_json()["filters"]
    filters = jsonpickle.decode(payload)
    return jsonify(count=len(filters))


@app.post("/columns")
def restore_columns():
    payload = request.form["columns"]
    serializer = URLSafeSerializer(app.config["SIGNING_KEY"], salt="columns")
    columns = serializer.loads(payload)
    return jsonify(count=len(columns))


@app.post("/matrix")
def load_matrix():
    uploaded = io.BytesIO(request.files["matrix"].read())
    matrix = numpy.load(uploaded, allow_pickle=True)
    return jsonify(shape=matrix.shape)


@app.post("/vector")
def load_vector():
    uploaded = io.BytesIO(request.files["vector"].read())
    vector = numpy.load(uploaded, allow_pickle=False)
    return jsonify(shape=vector.shape)


@app.post("/program")
def load_program():
    steps = marshal.loads(decoded("program"))
    return jsonify(steps=len(steps))


@app.get("/prices")
def price_table():
    prices = {"standard": 100, "reduced": 80}
    copy = pickle.loads(pickle.dumps(prices))
    copy["standard"] += request.args.get("surcharge", 0, type=int)
    return jsonify(copy)


@app.get("/state/<path:name>")
def saved_state(name):
    with shelve.open("/var/lib/shop/uploads/" + name) as state:
        return jsonify(keys=sorted(state))


@app.get("/currency")
def set_currency():
    response = make_response(jsonify(saved=True))
    response.set_cookie("session_token", packed({"currency": request.args.get("c", "EUR")}), max_age=3600)
    return response


@app.get("/language")
def set_language():
    response = make_response(jsonify(saved=True))
    value = packed({"language": request.args.get("l", "en")})
    response.set_cookie("session_token", value, max_age=3600, secure=True, httponly=True, samesite="Lax")
    return response


@app.post("/remember")
def remember_me():
    response = make_response(jsonify(saved=True))
    value = packed({"user": request.form["user"]})
    response.set_cookie("remember", value, secure=False, httponly=False, samesite="None")
    return response


@app.post("/forget")
def forget_me():
    response = make_response(jsonify(saved=True))
    response.delete_cookie("remember")
    response.set_cookie("__Host-seen", "1", secure=True, httponly=True, samesite="Strict", path="/")
    return response
