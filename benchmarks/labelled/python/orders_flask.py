"""Orders of the customer portal: search, listing and export over SQLite."""

import csv
import io
import sqlite3

from flask import Blueprint, Response, abort, current_app, g, jsonify, redirect, request, session, url_for

bp = Blueprint("orders", __name__, url_prefix="/orders")

SORT_COLUMNS = {"date": "created_at", "total": "total_cents", "customer": "customer_name"}
REPORTS = ("daily", "weekly", "monthly")
PAGE_SIZE = 50


def connection():
    if "db" not in g:
        g.db = sqlite3.connect(current_app.config["DATABASE"])
        g.db.row_factory = sqlite3.Row
    return g.db


def rows_as_dicts(cursor):
    return [dict(row) for row in cursor.fetchall()]


def fetch(statement):
    return rows_as_dicts(connection().execute(statement))


def page_clause(page):
    return f" LIMIT {PAGE_SIZE} OFFSET {page * PAGE_SIZE}"


@bp.get("/search")
def search_orders():
    term = request.args.get("q", "").strip()
    if not term:
        return jsonify(orders=[])
    statement = (
        "SELECT id, customer_name, total_cents FROM orders"
        " WHERE customer_name LIKE '%" + term + "%' ORDER BY created_at DESC"
    )
    return jsonify(orders=rows_as_dicts(connection().execute(statement)))


@bp.get("/suggest")
def suggest_customers():
    term = request.args.get("q", "").strip()
    if len(term) < 3:
        return jsonify(names=[])
    statement = "SELECT DISTINCT customer_name FROM orders WHERE customer_name LIKE ? ORDER BY 1"
    cursor = connection().execute(statement, (f"{term}%",))
    return jsonify(names=[row["customer_name"] for row in cursor])


@bp.get("/list")
def list_orders():
    column = request.args.get("sort", "created_at")
    direction = "DESC" if request.args.get("desc") else "ASC"
    statement = f"SELECT id, total_cents FROM orders ORDER BY {column} {direction} LIMIT {PAGE_SIZE}"
    cursor = connection().cursor()
    cursor.execute(statement)
    return jsonify(orders=rows_as_dicts(cursor))


@bp.get("/table")
def order_table():
    column = SORT_COLUMNS.get(request.args.get("sort", "date"), "created_at")
    direction = "DESC" if request.args.get("desc") else "ASC"
    statement = f"SELECT id, total_cents FROM orders ORDER BY {column} {direction} LIMIT {PAGE_SIZE}"
    cursor = connection().cursor()
    cursor.execute(statement)
    return jsonify(orders=rows_as_dicts(cursor))


@bp.get("/page")
def order_page():
    try:
        page = int(request.args.get("page", "0"))
    except ValueError:
        abort(400)
    cursor = connection().execute("SELECT id, total_cents FROM orders ORDER BY id" + page_clause(page))
    return jsonify(orders=rows_as_dicts(cursor), page=page)


@bp.post("/filter")
def filter_orders():
    body = request.get_json()
    conditions = []
    for field in ("status", "country"):
        if body.get(field):
            conditions.append("%s = '%s'" % (field, body[field]))
    where = " AND ".join(conditions) or "1 = 1"
    cursor = connection().execute("SELECT id, status FROM orders WHERE " + where)
    return jsonify(orders=rows_as_dicts(cursor))


@bp.post("/match")
def match_orders():
    body = request.get_json()
    conditions, values = [], []
    for field in ("status", "country"):
        if body.get(field):
            conditions.append(f"{field} = ?")
            values.append(body[field])
    where = " AND ".join(conditions) or "1 = 1"
    cursor = connection().execute("SELECT id, status FROM orders WHERE " + where, values)
    return jsonify(orders=rows_as_dicts(cursor))


@bp.post("/bulk")
def bulk_lookup():
    numbers = request.get_json().get("numbers", [])
    marks = ", ".join("?" for _ in numbers)
    cursor = connection().execute(f"SELECT id, number FROM orders WHERE number IN ({marks})", numbers)
    return jsonify(orders=rows_as_dicts(cursor))


@bp.post("/cancel")
def cancel_orders():
    numbers = request.form.getlist("number")
    quoted = ",".join("'" + number + "'" for number in numbers)
    db = connection()
    db.executescript(f"UPDATE orders SET status = 'cancelled' WHERE number IN ({quoted});")
    db.commit()
    return jsonify(cancelled=len(numbers))


@bp.get("/customer/<name>")
def orders_of_customer(name):
    statement = "SELECT id, total_cents FROM orders WHERE customer_name = '{}'".format(name)
    return jsonify(orders=fetch(statement))


@bp.get("/customer/<int:customer_id>/total")
def total_of_customer(customer_id):
    statement = "SELECT SUM(total_cents) AS total FROM orders WHERE customer_id = {}".format(customer_id)
    return jsonify(total=fetch(statement)[0]["total"])


@bp.get("/report/<kind>")
def report(kind):
    if kind not in REPORTS:
        abort(404)
    cursor = connection().execute(f"SELECT day, total_cents FROM report_{kind} ORDER BY day")
    out = io.StringIO()
    csv.writer(out).writerows(tuple(row) for row in cursor)
    return Response(out.getvalue(), mimetype="text/csv")


@bp.get("/history")
def history():
    year = request.args.get("year", "2024")
    cursor = connection().execute(f"SELECT day, total_cents FROM history_{year} ORDER BY day")
    out = io.StringIO()
    csv.writer(out).writerows(tuple(row) for row in cursor)
    return Response(out.getvalue(), mimetype="text/csv")


@bp.post("/select")
def select_customer():
    session["customer"] = request.form["customer"]
    target = request.form.get("next") or url_for("orders.list_orders")
    return redirect(target)


@bp.post("/return")
def return_to_list():
    session.pop("customer", None)
    view = request.form.get("view", "list_orders")
    if view not in ("list_orders", "order_table"):
        view = "list_orders"
    return redirect(url_for(f"orders.{view}", sort=request.form.get("sort", "date")))
