"""Profiles and sessions in MongoDB."""

import datetime
import os
import re

from bson import ObjectId
from flask import Flask, abort, jsonify, request
from pymongo import MongoClient

app = Flask(__name__)
db = MongoClient(os.environ["MONGO_URL"]).profiles
EDITABLE = {"nickname", "city", "about"}


def public(profile):
    return {"id": str(profile["_id"]), "nickname": profile.get("nickname")}


@app.post("/login")
def login():
    body = request.get_json()
    user = db.users.find_one({"email": body["email"], "pin": body["pin"]})
    if user is None:
        abort(401)
    return jsonify(public(user))


@app.post("/login/code")
def login_with_code():
    body = request.get_json()
    user = db.users.find_one({"email": str(body["email"]), "code": str(body["code"])})
    if user is None:
        abort(401)
    return jsonify(public(user))


@app.post("/search")
def search():
    criteria = request.json
    return jsonify(users=[public(user) for user in db.users.find(criteria).limit(20)])


@app.post("/search/city")
def search_city():
    city = request.json.get("city")
    if not isinstance(city, str):
        abort(400)
    return jsonify(users=[public(user) for user in db.users.find({"city": city}).limit(20)])


@app.get("/older")
def older_than():
    age = request.args.get("age", "18")
    found = db.users.find({"$where": "this.age > " + age}).limit(20)
    return jsonify(users=[public(user) for user in found])


@app.get("/younger")
def younger_than():
    age = request.args.get("age", 18, type=int)
    found = db.users.find({"age": {"$lt": age}}).limit(20)
    return jsonify(users=[public(user) for user in found])


@app.post("/profile/<profile_id>")
def update_profile(profile_id):
    db.users.update_one({"_id": ObjectId(profile_id)}, {"$set": request.get_json()})
    return jsonify(updated=True)


@app.post("/profile/<profile_id>/text")
def update_text(profile_id):
    body = request.get_json()
    changes = {field: str(body[field]) for field in EDITABLE & body.keys()}
    changes["changed"] = datetime.datetime.now(datetime.UTC)
    db.users.update_one({"_id": ObjectId(profile_id)}, {"$set": changes})
    return jsonify(updated=sorted(changes))


@app.get("/nickname")
def nickname_search():
    pattern = re.compile(request.args.get("pattern", ""))
    names = [user["nickname"] for user in db.users.find({}, {"nickname": 1})]
    return jsonify(names=[name for name in names if pattern.search(name)])


@app.get("/nickname/prefix")
def nickname_prefix():
    pattern = re.compile("^" + re.escape(request.args.get("prefix", "")), re.IGNORECASE)
    names = [user["nickname"] for user in db.users.find({}, {"nickname": 1})]
    return jsonify(names=[name for name in names if pattern.search(name)])
