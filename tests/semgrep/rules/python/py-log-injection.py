import logging

from fastapi import FastAPI
from flask import request

app = FastAPI()
logger = logging.getLogger(__name__)


def login():
    name = request.form["name"]
    # ruleid: py-log-injection
    logger.info("login of " + name)


def failed(request):
    # ruleid: py-log-injection
    logging.warning("no such page %s", request.GET["page"])


@app.get("/search")
def search(q: str):
    # ruleid: py-log-injection
    logger.debug(f"search for {q}")


def login_repr():
    # ok: py-log-injection
    logger.info("login of %r", request.form["name"])


def count():
    # ok: py-log-injection
    logger.info("page %s", int(request.args["page"]))


def constant(request):
    # ok: py-log-injection
    logger.info("token refreshed")
