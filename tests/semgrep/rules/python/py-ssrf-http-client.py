import urllib.request
from urllib.parse import urlsplit

import aiohttp
import httpx
import requests
from fastapi import FastAPI
from flask import abort, request

app = FastAPI()
HOSTS = {"example.com"}


def preview():
    # ruleid: py-ssrf-http-client
    return requests.get(request.args["url"], timeout=5).text


@app.get("/fetch")
async def fetch(url: str):
    async with httpx.AsyncClient() as client:
        # ruleid: py-ssrf-http-client
        return (await client.get(url)).text


def proxy(request):
    target = f"http://{request.GET['host']}/status"
    # ruleid: py-ssrf-http-client
    return urllib.request.urlopen(target, timeout=5).read()


async def hook(request):
    data = await request.json()
    async with aiohttp.ClientSession() as session:
        # ruleid: py-ssrf-http-client
        await session.post(data["callback"], json={})


def handler(event, context):
    # ruleid: py-ssrf-http-client
    return requests.request("GET", event["queryStringParameters"]["url"], timeout=5).text


def user():
    name = request.args["name"]
    # ok: py-ssrf-http-client
    return requests.get(f"https://api.example.com/users/{name}", timeout=5).json()


def search():
    # ok: py-ssrf-http-client
    return requests.get("https://api.example.com/search", params={"q": request.args["q"]}, timeout=5).json()


def checked():
    url = request.args["url"]
    if urlsplit(url).hostname not in HOSTS:
        abort(400)
    # ok: py-ssrf-http-client
    return requests.get(url, timeout=5, allow_redirects=False).text


def stored(session):
    # ok: py-ssrf-http-client
    return session.get("https://example.com/", headers={"X-Id": request.headers["X-Id"]})


def cache(cache_table):
    # ok: py-ssrf-http-client
    return cache_table.get(request.args["url"])
