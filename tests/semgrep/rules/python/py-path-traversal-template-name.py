from django.shortcuts import render
from django.template.loader import get_template
from flask import Flask, render_template, request

app = Flask(__name__)
PAGES = {"home": "home.html", "about": "about.html"}


@app.route("/page/<path:name>")
def page(name):
    # ruleid: py-path-traversal-template-name
    return render_template(name + ".html")


def themed(request):
    # ruleid: py-path-traversal-template-name
    return render(request, f"themes/{request.GET['theme']}/index.html")


def mail(request):
    name = request.POST["template"]
    # ruleid: py-path-traversal-template-name
    return get_template(name).render({"a": 1})


def known():
    # ok: py-path-traversal-template-name
    return render_template(PAGES[request.args["page"]])


def data(request):
    # ok: py-path-traversal-template-name
    return render(request, "index.html", {"theme": request.GET["theme"]})


def checked():
    name = request.args["page"]
    if name not in PAGES:
        name = "home"
    # ok: py-path-traversal-template-name
    return render_template(f"{name}.html")
