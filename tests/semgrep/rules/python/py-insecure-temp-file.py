import os
import tempfile

REPORT = "/srv/reports/latest.txt"


def render(data):
    # ruleid: py-insecure-temp-file
    name = tempfile.mktemp(suffix=".pdf")
    with open(name, "wb") as stream:
        stream.write(data)
    return name


def note(text):
    # ruleid: py-insecure-temp-file
    with open("/tmp/shop-report.txt", "w") as stream:
        stream.write(text)


def append(line):
    # ruleid: py-insecure-temp-file
    with open("/var/tmp/shop.log", mode="a", encoding="utf-8") as stream:
        stream.write(line)


def render_safely(data):
    # ok: py-insecure-temp-file
    with tempfile.NamedTemporaryFile(suffix=".pdf", delete=False) as stream:
        stream.write(data)
        return stream.name


def folder():
    # ok: py-insecure-temp-file
    return os.path.join(tempfile.mkdtemp(), "report.txt")


def read_note():
    # ok: py-insecure-temp-file
    with open("/tmp/shop-report.txt") as stream:
        return stream.read()


def publish(text):
    # ok: py-insecure-temp-file
    with open(REPORT, "w") as stream:
        stream.write(text)
