from bson.code import Code
from flask import request
from pymongo import MongoClient

db = MongoClient().shop


def by_owner():
    owner = request.args["owner"]
    # ruleid: py-nosql-injection-javascript
    return list(db.items.find({"$where": f"this.owner == '{owner}'"}))


def computed(event, context):
    body = "function(x) { return x." + event["queryStringParameters"]["field"] + "; }"
    # ruleid: py-nosql-injection-javascript
    return db.items.aggregate([{"$project": {"v": {"$function": {"body": body, "args": ["$x"], "lang": "js"}}}}])


def mapped():
    # ruleid: py-nosql-injection-javascript
    return db.items.map_reduce(Code("function() { emit(this.%s, 1); }" % request.form["key"]), "r", "out")


def by_owner_safely():
    # ok: py-nosql-injection-javascript
    return list(db.items.find({"owner": request.args["owner"]}))


def constant():
    # ok: py-nosql-injection-javascript
    return list(db.items.find({"$where": "this.a == this.b"}))


def by_size():
    size = int(request.args["size"])
    # ok: py-nosql-injection-javascript
    return list(db.items.find({"$where": f"this.items.length > {size}"}))
