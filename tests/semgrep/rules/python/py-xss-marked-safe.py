from django.utils.html import format_html
from django.utils.safestring import mark_safe
from flask import request
from markupsafe import Markup, escape


def title():
    # ruleid: py-xss-marked-safe
    return Markup("<h1>" + request.args["title"] + "</h1>")


def comment(request):
    text = request.POST["comment"].replace("\n", "<br>")
    # ruleid: py-xss-marked-safe
    return mark_safe(text)


def link(request):
    # ruleid: py-xss-marked-safe
    return format_html(f"<a href='/x'>{request.GET['label']}</a>")


def title_escaped():
    # ok: py-xss-marked-safe
    return Markup("<h1>{}</h1>").format(request.args["title"])


def link_escaped(request):
    # ok: py-xss-marked-safe
    return format_html("<a href='/x'>{}</a>", request.GET["label"])


def comment_escaped(request):
    # ok: py-xss-marked-safe
    return mark_safe("<p>" + escape(request.POST["comment"]) + "</p>")


def constant(request):
    # ok: py-xss-marked-safe
    return mark_safe("<hr>")
