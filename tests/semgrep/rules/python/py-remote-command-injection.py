import shlex

import boto3
import paramiko
from fabric import Connection
from flask import request


def logs():
    client = paramiko.SSHClient()
    client.connect("build")
    # ruleid: py-remote-command-injection
    return client.exec_command("tail /var/log/" + request.args["name"])


def restart():
    # ruleid: py-remote-command-injection
    Connection("web1").run(f"systemctl restart {request.form['service']}")


def handler(event, context):
    ssm = boto3.client("ssm")
    command = event["queryStringParameters"]["command"]
    # ruleid: py-remote-command-injection
    ssm.send_command(InstanceIds=["i-1"], DocumentName="AWS-RunShellScript", Parameters={"commands": [command]})


def logs_quoted():
    client = paramiko.SSHClient()
    client.connect("build")
    # ok: py-remote-command-injection
    return client.exec_command("tail /var/log/" + shlex.quote(request.args["name"]))


def uptime():
    # ok: py-remote-command-injection
    Connection(request.args["host"]).run("uptime")


def choose(client):
    action = request.form["action"]
    if action not in ("start", "stop"):
        return None
    # ok: py-remote-command-injection
    return client.exec_command(f"service web {action}")
