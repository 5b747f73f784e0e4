import subprocess

from flask import request


def fetch():
    # ruleid: py-argument-injection
    subprocess.run(["curl", request.args["url"]], check=True)


def log():
    branch = request.args.get("branch")
    # ruleid: py-argument-injection
    return subprocess.check_output(["git", "log", branch])


def archive(request):
    names = request.POST["name"]
    # ruleid: py-argument-injection
    subprocess.Popen(["tar", "cf", "out.tar", names])


def log_safely():
    # ok: py-argument-injection
    return subprocess.check_output(["git", "log", "--", request.args["file"]])


def lines():
    count = int(request.args["count"])
    # ok: py-argument-injection
    return subprocess.check_output(["tail", "-n", str(count), "app.log"])


def option():
    level = request.args["level"]
    # ok: py-argument-injection
    return subprocess.check_output(["tool", f"--level={level}"])


def checked():
    branch = request.args["branch"]
    if branch.startswith("-"):
        return None
    # ok: py-argument-injection
    return subprocess.check_output(["git", "log", branch])
