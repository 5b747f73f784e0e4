import json

from aiohttp import web
from django.http import HttpResponse, JsonResponse
from django.utils.html import escape, format_html
from fastapi import FastAPI
from fastapi.responses import HTMLResponse
from flask import make_response, request

app = FastAPI()


def greet(request):
    # ruleid: py-xss-response
    return HttpResponse("Hello " + request.GET.get("name", ""))


@app.get("/hello")
async def hello(name: str):
    page = f"<h1>{name}</h1>"
    # ruleid: py-xss-response
    return HTMLResponse(content=page)


async def handle(request):
    data = await request.post()
    # ruleid: py-xss-response
    return web.Response(text=f"<p>{data['comment']}</p>", content_type="text/html")


def flask_hello():
    # ruleid: py-xss-response
    response = make_response("Hello %s" % request.args["name"])
    return response


def greet_escaped(request):
    # ok: py-xss-response
    return HttpResponse("Hello " + escape(request.GET.get("name", "")))


def greet_format(request):
    # ok: py-xss-response
    return HttpResponse(format_html("<b>{}</b>", request.GET["name"]))


def plain(request):
    # ok: py-xss-response
    return HttpResponse(request.GET["name"], content_type="text/plain")


def as_json(request):
    # ok: py-xss-response
    return JsonResponse({"name": request.GET["name"]})


def dumped(request):
    # ok: py-xss-response
    return HttpResponse(json.dumps({"name": request.GET["name"]}))


def size(request):
    # ok: py-xss-response
    return HttpResponse(len(request.body))
