import io
import socket

import boto3
import pandas as pd
from flask import request


def table():
    # ruleid: py-ssrf-loader
    return pd.read_csv(request.args["url"]).to_html()


def shot(page):
    url = request.form["url"]
    # ruleid: py-ssrf-loader
    page.goto(url)
    return page.screenshot()


def port():
    host = request.args["host"]
    # ruleid: py-ssrf-loader
    return socket.create_connection((host, 80), timeout=3)


def bucket(event, context):
    # ruleid: py-ssrf-loader
    return boto3.client("s3", endpoint_url=event["headers"]["x-endpoint"])


def uploaded():
    # ok: py-ssrf-loader
    return pd.read_csv(io.StringIO(request.form["csv"])).to_html()


def known():
    year = int(request.args["year"])
    # ok: py-ssrf-loader
    return pd.read_csv(f"https://data.example.com/{year}.csv").to_html()


def path_only(page):
    # ok: py-ssrf-loader
    page.goto("https://example.com/" + request.args["path"])
