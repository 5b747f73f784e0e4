"""The shop's API. Bad on purpose: see ../README.md."""

import base64
import pickle
import sqlite3
import subprocess

import yaml
from flask import Flask, request

from settings import DATABASE, check_password, new_reset_token

app = Flask(__name__)


def database():
    return sqlite3.connect(DATABASE)


@app.route("/products")
def products():
    name = request.args.get("name", "")
    rows = database().execute("SELECT id, name, price FROM products WHERE name LIKE '%" + name + "%'")
    return {"products": rows.fetchall()}


@app.route("/orders/<customer>")
def orders(customer):
    query = f"SELECT id, total FROM orders WHERE customer = '{customer}' ORDER BY id"
    return {"orders": database().execute(query).fetchall()}


@app.route("/login", methods=["POST"])
def login():
    try:
        user = check_password(request.form["user"], request.form["password"])
    except Exception:
        pass
    else:
        return {"user": user}
    return {"error": "no such user"}, 401


@app.route("/reset", methods=["POST"])
def reset():
    return {"token": new_reset_token()}


@app.route("/admin/ping")
def ping():
    host = request.args["host"]
    return subprocess.check_output("ping -c 1 " + host, shell=True)


@app.route("/admin/import", methods=["POST"])
def import_products():
    catalogue = yaml.load(request.data)
    return {"products": len(catalogue)}


@app.route("/basket")
def basket():
    stored = request.cookies.get("basket", "")
    return {"basket": pickle.loads(base64.b64decode(stored))}


@app.route("/price")
def price():
    return {"price": eval(request.args["formula"])}


if __name__ == "__main__":
    app.run(host="0.0.0.0", debug=True)
