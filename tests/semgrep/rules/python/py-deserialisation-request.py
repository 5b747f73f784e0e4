import base64
import hmac
import json
import pickle

import jsonpickle
from flask import request


def load_cart():
    # ruleid: py-deserialisation-request
    return pickle.loads(base64.b64decode(request.cookies["cart"]))


def state(request):
    data = request.POST["state"]
    # ruleid: py-deserialisation-request
    return jsonpickle.decode(data)


def upload(request):
    # ruleid: py-deserialisation-request
    return pickle.load(request.FILES["model"])


def handler(event, context):
    body = base64.b64decode(event["body"])
    # ruleid: py-deserialisation-request
    return pickle.loads(body)


def load_json():
    # ok: py-deserialisation-request
    return json.loads(request.cookies["cart"])


def dumped():
    # ok: py-deserialisation-request
    return pickle.dumps(request.args["x"])


def local():
    # ok: py-deserialisation-request
    return pickle.load(open("/srv/model.pkl", "rb"))


def signed(key):
    data = request.get_data()
    if not hmac.compare_digest(hmac.digest(key, data, "sha256"), request.headers["X-Sign"].encode()):
        return None
    return data
