import sqlite3

import psycopg2
from flask import request
from fastapi import APIRouter
from psycopg2 import sql
from sqlalchemy import select

router = APIRouter()


def user_by_name():
    db = sqlite3.connect("app.db")
    name = request.args.get("name")
    query = "SELECT id, mail FROM users WHERE name = '" + name + "'"
    # ruleid: py-sql-injection-request
    return db.execute(query).fetchone()


def delete_order(request, connection):
    with connection.cursor() as cursor:
        # ruleid: py-sql-injection-request
        cursor.execute("DELETE FROM orders WHERE id = %s" % request.POST["id"])


@router.get("/items")
async def items(sort: str = "id", limit: int = 10):
    connection = psycopg2.connect("dbname=shop")
    cursor = connection.cursor()
    # ruleid: py-sql-injection-request
    cursor.execute(f"SELECT * FROM items ORDER BY {sort}")
    return cursor.fetchall()


def handler(event, context):
    parts = ["SELECT * FROM logs WHERE level = "]
    parts.append(event["queryStringParameters"]["level"])
    statement = "".join(parts)
    # ruleid: py-sql-injection-request
    sqlite3.connect("logs.db").executescript(statement)


def user_by_id():
    db = sqlite3.connect("app.db")
    # ok: py-sql-injection-request
    return db.execute("SELECT * FROM users WHERE id = ?", (request.args["id"],)).fetchone()


def page():
    db = sqlite3.connect("app.db")
    size = int(request.args.get("size", "10"))
    # ok: py-sql-injection-request
    return db.execute(f"SELECT * FROM users LIMIT {size}").fetchall()


def report(cursor):
    column = request.args["column"]
    if column not in ("name", "mail"):
        raise ValueError(column)
    # ok: py-sql-injection-request
    cursor.execute(f"SELECT {column} FROM users")


def table(cursor):
    query = sql.SQL("SELECT * FROM {}").format(sql.Identifier(request.args["table"]))
    # ok: py-sql-injection-request
    cursor.execute(query)


def orm(session, User):
    # ok: py-sql-injection-request
    return session.execute(select(User).where(User.name == request.args["name"])).scalars()


@router.get("/items/{item}")
def item(item: int, cursor):
    # ok: py-sql-injection-request
    cursor.execute(f"SELECT * FROM items WHERE id = {item}")
