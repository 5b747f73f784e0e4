"""Campaign pages: templates by marketing, greetings, widgets for partners."""

import json

import nh3
from flask import Flask, Response, jsonify, make_response, render_template, render_template_string, request
from jinja2 import Environment, FileSystemLoader, Template, select_autoescape
from jinja2.sandbox import SandboxedEnvironment
from mako.template import Template as MakoTemplate
from markupsafe import Markup, escape

app = Flask(__name__)
mail_templates = Environment(loader=FileSystemLoader("mail"), autoescape=select_autoescape())
plain = Environment(autoescape=True)

GREETINGS = {"de": "Hallo {{ name }}!", "en": "Hello {{ name }}!", "fr": "Bonjour {{ name }} !"}
FOOTER = "<footer>{{ company }} – {{ year }}</footer>"


def language():
    return request.accept_languages.best_match(GREETINGS) or "en"


def layout(title, body):
    return f"<!doctype html><title>{escape(title)}</title><main>{body}</main>"


@app.get("/greeting")
def greeting():
    name = request.args.get("name", "guest")
    page = "<h1>Hello " + name + "!</h1>{{ config.COMPANY }}"
    return render_template_string(page)


@app.get("/welcome")
def welcome():
    name = request.args.get("name", "guest")
    page = "<h1>Hello {{ name }}!</h1>{{ config.COMPANY }}"
    return render_template_string(page, name=name)


@app.get("/salutation")
def salutation():
    template = GREETINGS[language()]
    return plain.from_string(template).render(name=request.args.get("name", "guest"))


@app.post("/campaign/preview")
def campaign_preview():
    draft = request.get_json()
    template = plain.from_string(draft["subject"] + "\n" + draft["text"])
    return jsonify(preview=template.render(customer={"name": "Preview"}))


@app.post("/campaign/render")
def campaign_render():
    draft = request.get_json()
    template = mail_templates.get_template("campaign.html")
    return jsonify(preview=template.render(subject=draft["subject"], text=draft["text"]))


@app.post("/newsletter")
def newsletter():
    text = request.form["text"]
    body = MakoTemplate(text).render(company="Example Ltd")
    return Response(body, mimetype="text/plain")


@app.post("/invitation")
def invitation():
    text = request.form["text"]
    body = Template("Dear {{ to }},\n{{ text }}\n").render(to=request.form["to"], text=text)
    return Response(body, mimetype="text/plain")


@app.get("/footer")
def footer():
    year = request.args.get("year", type=int)
    return SandboxedEnvironment().from_string(FOOTER).render(company="Example Ltd", year=year)


@app.get("/search")
def search_page():
    query = request.args.get("q", "")
    heading = f"<h2>Results for {query}</h2>"
    return layout("Search", heading)


@app.get("/find")
def find_page():
    query = request.args.get("q", "")
    heading = f"<h2>Results for {escape(query)}</h2>"
    return layout("Search", heading)


@app.get("/echo")
def echo():
    message = request.args.get("message", "")
    return jsonify(message=message, length=len(message))


@app.get("/widget")
def widget():
    partner = request.args.get("partner", "")
    response = make_response("<div data-partner='%s'></div>" % partner)
    response.headers["Content-Type"] = "text/html; charset=utf-8"
    return response


@app.get("/widget.json")
def widget_data():
    partner = request.args.get("partner", "")
    response = make_response(json.dumps({"partner": partner}))
    response.headers["Content-Type"] = "application/json"
    return response


@app.get("/box")
def box():
    colour = request.args.get("colour", "red")
    content = Markup("<div style='border: 1px solid " + colour + "'></div>")
    return render_template("box.html", content=content)


@app.get("/label")
def label():
    text = request.args.get("text", "")
    content = Markup("<b>%s</b>") % text
    return render_template("box.html", content=content)


@app.post("/comment")
def comment():
    html = nh3.clean(request.form["html"], tags={"b", "i", "p"})
    return layout("Comment", html)


@app.get("/share")
def share():
    text = request.args.get("text", "")
    body = f"Shared: {text}\n"
    return Response(body, mimetype="text/plain", headers={"X-Content-Type-Options": "nosniff"})


@app.get("/count")
def count():
    number = int(request.args.get("n", "0"))
    return f"<p>You have <b>{number}</b> messages</p>"


@app.errorhandler(404)
def not_found(error):
    return f"<p>There is no page {request.path.lstrip('/')}</p><p><a href='{request.referrer}'>Back</a></p>", 404


@app.get("/theme/<name>")
def theme(name):
    rules = app.config["THEMES"].get(name)
    if rules is None:
        return "<p>No theme called " + name + "</p>", 404
    return Response(rules, mimetype="text/css")


@app.get("/skin/<name>")
def skin(name):
    rules = app.config["SKINS"].get(name)
    if rules is None:
        return "<p>There is no such skin</p>", 404
    return f"<p>{escape(name)} has {len(rules)} rules</p>"
