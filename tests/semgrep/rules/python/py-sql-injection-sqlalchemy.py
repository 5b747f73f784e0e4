from flask import Flask, request
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import bindparam, literal_column, select, text

app = Flask(__name__)
db = SQLAlchemy(app)


def search():
    term = request.args["q"]
    # ruleid: py-sql-injection-sqlalchemy
    return db.session.execute(text(f"SELECT * FROM posts WHERE title LIKE '%{term}%'")).all()


@app.get("/posts/<tag>")
def by_tag(tag):
    where = "tag = '%s'" % tag
    # ruleid: py-sql-injection-sqlalchemy
    return db.session.query(Post).filter(text(where)).all()


def ordered(Post):
    column = request.args.get("sort", "id")
    # ruleid: py-sql-injection-sqlalchemy
    return select(Post).order_by(literal_column(column))


def raw(engine):
    with engine.connect() as connection:
        # ruleid: py-sql-injection-sqlalchemy
        return connection.exec_driver_sql("SELECT * FROM posts WHERE id = " + request.form["id"])


def search_bound():
    # ok: py-sql-injection-sqlalchemy
    statement = text("SELECT * FROM posts WHERE title = :title")
    return db.session.execute(statement, {"title": request.args["title"]}).all()


def search_bindparam(session):
    # ok: py-sql-injection-sqlalchemy
    return session.execute(text("SELECT * FROM posts WHERE id = :id").bindparams(bindparam("id", request.args["id"])))


def limited():
    size = request.args.get("size", default=10, type=int)
    # ok: py-sql-injection-sqlalchemy
    return db.session.execute(text(f"SELECT * FROM posts LIMIT {size}")).all()


def ordered_safely(Post):
    column = request.args["sort"]
    if column not in {"id", "title"}:
        column = "id"
    # ok: py-sql-injection-sqlalchemy
    return select(Post).order_by(text(column))
