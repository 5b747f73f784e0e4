from django.template import Context, Template
from flask import Flask, render_template, render_template_string, request
from jinja2 import Environment
from mako.template import Template as MakoTemplate

app = Flask(__name__)
env = Environment(autoescape=True)


@app.get("/hello/<name>")
def hello(name):
    # ruleid: py-template-injection
    return render_template_string(f"<p>Hello {name}</p>")


def preview(request):
    source = request.POST["template"]
    # ruleid: py-template-injection
    return Template(source).render(Context({}))


def mail():
    text = "Dear %s, {{ total }}" % request.form["name"]
    # ruleid: py-template-injection
    return env.from_string(text).render(total=3)


def mako():
    # ruleid: py-template-injection
    return MakoTemplate("Hello " + request.args["name"]).render()


@app.get("/safe/<name>")
def hello_safely(name):
    # ok: py-template-injection
    return render_template_string("<p>Hello {{ name }}</p>", name=name)


def page():
    # ok: py-template-injection
    return render_template("page.html", name=request.args["name"])


def constant(request):
    # ok: py-template-injection
    return Template("Hello {{ name }}").render(Context({"name": request.GET["name"]}))
