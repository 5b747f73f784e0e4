from flask import Flask, jsonify, render_template, request
from markupsafe import escape

app = Flask(__name__)


@app.route("/hello")
def hello():
    # ruleid: py-xss-flask-view
    return f"<h1>Hello {request.args['name']}</h1>"


@app.get("/tag/<name>")
def tag(name):
    page = "<ul>" + "<li>" + name + "</li></ul>"
    # ruleid: py-xss-flask-view
    return page


@app.route("/search", methods=["POST"])
def search():
    term = request.form.get("q", "")
    # ruleid: py-xss-flask-view
    return "<p>No results for %s</p>" % term, 404


@app.route("/hello/escaped")
def hello_escaped():
    # ok: py-xss-flask-view
    return f"<h1>Hello {escape(request.args['name'])}</h1>"


@app.route("/json")
def as_json():
    # ok: py-xss-flask-view
    return jsonify(name=request.args["name"])


@app.route("/plain")
def plain():
    # ok: py-xss-flask-view
    return {"name": request.args["name"]}


@app.route("/page")
def page():
    # ok: py-xss-flask-view
    return render_template("page.html", title=f"<{request.args['title']}>")


@app.get("/number/<int:number>")
def number(number):
    # ok: py-xss-flask-view
    return f"<b>{number}</b>"
