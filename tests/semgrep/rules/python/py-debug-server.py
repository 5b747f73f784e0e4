import asyncio
import os

import fastapi
from flask import Flask
from werkzeug.serving import run_simple

app = Flask(__name__)
# ruleid: py-debug-server
app.config["DEBUG"] = True
# ruleid: py-debug-server
api = fastapi.FastAPI(title="shop", debug=True)


def main():
    # ruleid: py-debug-server
    app.run(port=8000, debug=True)


def serve(application):
    # ruleid: py-debug-server
    run_simple("localhost", 8000, application, use_debugger=True)


def main_configured():
    # ok: py-debug-server
    app.run(port=8000, debug=os.environ.get("SHOP_DEBUG") == "1")


def main_plain():
    # ok: py-debug-server
    app.run(port=8000, debug=False)


async def work():
    await asyncio.sleep(1)


def loop():
    # ok: py-debug-server
    asyncio.run(work(), debug=True)


def log(logger):
    # ok: py-debug-server
    logger.debug = True
