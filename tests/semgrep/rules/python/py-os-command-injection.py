import asyncio
import os
import shlex
import subprocess

from fastapi import FastAPI
from flask import request

app = FastAPI()


def ping():
    host = request.args.get("host")
    # ruleid: py-os-command-injection
    return subprocess.check_output("ping -c 1 " + host, shell=True)


class Tool:
    def post(self, request):
        # ruleid: py-os-command-injection
        os.system("convert %s out.png" % request.POST["file"])


@app.post("/run")
async def run(command: str):
    # ruleid: py-os-command-injection
    process = await asyncio.create_subprocess_shell(f"make {command}")
    return await process.wait()


def archive():
    name = request.form["name"]
    # ruleid: py-os-command-injection
    subprocess.run(["bash", "-c", f"tar czf {name}.tgz data"], check=True)


def handler(event, context):
    command = "grep -c "
    command += event["queryStringParameters"]["word"]
    # ruleid: py-os-command-injection
    return os.popen(command).read()


def ping_list():
    # ok: py-os-command-injection
    return subprocess.check_output(["ping", "-c", "1", "--", request.args["host"]])


def ping_quoted():
    host = shlex.quote(request.args["host"])
    # ok: py-os-command-injection
    return subprocess.check_output(f"ping -c 1 {host}", shell=True)


def count():
    number = int(request.args["count"])
    # ok: py-os-command-injection
    os.system(f"ping -c {number} localhost")


def choose():
    action = request.form["action"]
    if action not in ("start", "stop"):
        return None
    # ok: py-os-command-injection
    return subprocess.run(f"service web {action}", shell=True)


def constant(request):
    # ok: py-os-command-injection
    subprocess.run("uptime", shell=True)
