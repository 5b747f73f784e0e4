from typing import Any

from fastapi import FastAPI
from flask import request
from pymongo import MongoClient

db = MongoClient().shop
app = FastAPI()


def login():
    body = request.get_json()
    # ruleid: py-nosql-injection-filter
    return db.users.find_one({"name": body["name"], "password": body["password"]})


def search():
    # ruleid: py-nosql-injection-filter
    return list(db.items.find(request.json))


@app.post("/items/delete")
async def remove(body: dict):
    # ruleid: py-nosql-injection-filter
    return await db.items.delete_many({"owner": body["owner"]})


def login_cast():
    body = request.get_json()
    # ok: py-nosql-injection-filter
    return db.users.find_one({"name": str(body["name"])})


def by_query():
    # ok: py-nosql-injection-filter
    return db.users.find_one({"name": request.args["name"]})


def page():
    # ok: py-nosql-injection-filter
    return db.items.find({"size": int(request.json["size"])})


def text_find():
    # ok: py-nosql-injection-filter
    return "a long text".find("text")
