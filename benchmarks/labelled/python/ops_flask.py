"""Operations console: pings, disk usage, services, backups."""

import asyncio
import os
import re
import shlex
import subprocess

import paramiko
from flask import Flask, abort, jsonify, request
from werkzeug.utils import secure_filename

app = Flask(__name__)

SERVICES = {"web": "nginx", "queue": "rabbitmq-server", "cache": "redis"}
HOST = re.compile(r"[a-z0-9]([a-z0-9.-]{0,60}[a-z0-9])?")
BACKUPS = "/var/backups/console"
UPTIME = "uptime | awk '{print $3}'"


def shell(command):
    done = subprocess.run(command, shell=True, capture_output=True, text=True, timeout=30)
    return done.stdout


def host_argument():
    host = request.args.get("host", "localhost")
    if not HOST.fullmatch(host):
        abort(400)
    return host


@app.route("/ping")
def ping():
    host = request.args.get("host", "localhost")
    count = request.args.get("count", 1, type=int)
    output = subprocess.check_output(f"ping -c {count} {host}", shell=True, text=True)
    return jsonify(output=output.splitlines())


@app.route("/trace")
def trace():
    host = request.args.get("host", "localhost")
    hops = request.args.get("hops", 10, type=int)
    if not HOST.fullmatch(host):
        abort(400)
    output = subprocess.check_output(["traceroute", "-m", str(hops), host], text=True)
    return jsonify(output=output.splitlines())


@app.route("/lookup")
def lookup():
    name = request.args["name"]
    command = "dig +short " + name
    with os.popen(command) as pipe:
        return jsonify(addresses=pipe.read().split())


@app.route("/disk")
def disk():
    folder = request.args.get("folder", "/srv")
    return jsonify(usage=shell("du -sh " + shlex.quote(folder)))


@app.route("/uptime")
def uptime():
    verbose = "verbose" in request.args
    output = subprocess.check_output(UPTIME, shell=True, text=True)
    return jsonify(uptime=output.strip(), verbose=verbose)


@app.route("/logs")
def logs():
    unit = request.args.get("unit", "nginx")
    lines = request.args.get("lines", "100")
    return jsonify(log=shell("journalctl --no-pager -n %s -u %s" % (lines, unit)))


@app.route("/service", methods=["POST"])
def restart_service():
    name = request.form["service"]
    if name not in SERVICES:
        abort(404)
    status = os.system("systemctl restart " + SERVICES[name])
    return jsonify(service=name, status=status)


@app.route("/process", methods=["POST"])
def signal_process():
    name = request.form["name"]
    if not name:
        abort(400)
    status = os.system("pkill -HUP " + name)
    return jsonify(process=name, status=status)


@app.route("/backup", methods=["POST"])
def backup():
    payload = request.get_json()
    target = payload.get("target", "full")
    process = subprocess.Popen(
        ["bash", "-c", f"tar czf {BACKUPS}/{target}.tar.gz /srv/data"], stdout=subprocess.PIPE
    )
    process.wait(timeout=600)
    return jsonify(status=process.returncode)


@app.route("/restore", methods=["POST"])
def restore():
    payload = request.get_json()
    name = secure_filename(payload.get("target", "full"))
    process = subprocess.Popen(
        ["tar", "xzf", f"{BACKUPS}/{name}.tar.gz", "-C", "/srv/restore"], stdout=subprocess.PIPE
    )
    process.wait(timeout=600)
    return jsonify(status=process.returncode)


@app.route("/remote/<command>", methods=["POST"])
def remote(command):
    client = paramiko.SSHClient()
    client.load_system_host_keys()
    client.connect("worker.internal", username="console")
    _, stdout, _ = client.exec_command("/opt/console/bin/" + command)
    return jsonify(output=stdout.read().decode())


@app.route("/remote/status")
def remote_status():
    client = paramiko.SSHClient()
    client.load_system_host_keys()
    client.connect("worker.internal", username="console")
    level = min(int(request.args.get("level", "1")), 3)
    _, stdout, _ = client.exec_command(f"/opt/console/bin/status --level {level}")
    return jsonify(output=stdout.read().decode())


@app.route("/certificate")
def certificate():
    host = host_argument()
    output = shell(f"openssl s_client -connect {host}:443 </dev/null | openssl x509 -noout -dates")
    return jsonify(dates=output.splitlines())


@app.route("/convert", methods=["POST"])
async def convert():
    options = request.form.get("options", "-quality 80")
    source = secure_filename(request.form["name"])
    process = await asyncio.create_subprocess_shell(f"convert {options} /srv/in/{source} /srv/out/{source}")
    return jsonify(status=await process.wait())


@app.route("/resize", methods=["POST"])
async def resize():
    width = request.form.get("width", "800")
    source = secure_filename(request.form["name"])
    process = await asyncio.create_subprocess_exec(
        "convert", "-resize", f"{width}x", f"/srv/in/{source}", f"/srv/out/{source}"
    )
    return jsonify(status=await process.wait())
