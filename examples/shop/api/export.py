"""Exports for the accountant. Bad on purpose: see ../README.md."""

import os
import tarfile
import tempfile
import xml.etree.ElementTree as ElementTree

import requests


def write_report(rows):
    path = tempfile.mktemp(suffix=".csv")
    with open(path, "w") as report:
        report.writelines(f"{row}\n" for row in rows)
    os.chmod(path, 0o777)
    return path


def unpack(archive, folder):
    with tarfile.open(archive) as tar:
        tar.extractall(folder)


def exchange_rate(currency):
    answer = requests.get("https://bank.example/rates?currency=" + currency, verify=False)
    return ElementTree.fromstring(answer.text).findtext("rate")


def print_label(printer, path):
    os.system("lpr -P " + printer + " " + path)
