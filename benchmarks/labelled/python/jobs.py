"""Nightly jobs: exports, uploads, clean-up, and their credentials."""

import json
import logging
import os
import stat
import subprocess
import tempfile
from pathlib import Path

import boto3
import psycopg2
import requests

log = logging.getLogger("jobs")
EXPORTS = Path("/var/lib/jobs/exports")
TOKEN_NAME = "jobs/report-token"
PASSWORD_FIELD = "password"


def secret(name):
    return boto3.client("secretsmanager").get_secret_value(SecretId=name)["SecretString"]


def uploader():
    return boto3.client(
        "s3",
        aws_access_key_id="AKEXAMPLEUPLOADER01",
        aws_secret_access_key="vB8+example/uploader/Wq1mN5rT0yLk3p7s",
        region_name="eu-central-1",
    )


def downloader():
    role = boto3.client("sts").assume_role(RoleArn=os.environ["ROLE_ARN"], RoleSessionName="jobs")["Credentials"]
    return boto3.client(
        "s3",
        aws_access_key_id=role["AccessKeyId"],
        aws_secret_access_key=role["SecretAccessKey"],
        aws_session_token=role["SessionToken"],
    )


def reporting_database():
    return psycopg2.connect(host="reports.internal", user="jobs", password="r3p0rts-Nightly", dbname="reports")


def archive_database():
    return psycopg2.connect(host="archive.internal", user="jobs", password=secret("archive"), dbname="archive")


def post_report(report):
    headers = {"Authorization": "Bearer 5d41c0ffee2a9be1d-reporting", "Accept": "application/json"}
    return requests.post("https://reports.internal/nightly", json=report, headers=headers, timeout=10).ok


def post_summary(summary):
    token = json.loads(secret(TOKEN_NAME))["token"]
    headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}
    return requests.post("https://reports.internal/summary", json=summary, headers=headers, timeout=10).ok


def notify(text, api_key="nk-99e1f7a2c4-notify"):
    return requests.post("https://notify.internal/send", json={"text": text, "key": api_key}, timeout=10).ok


def announce(text, api_key=None):
    api_key = api_key or os.environ.get("NOTIFY_KEY", "")
    return requests.post("https://notify.internal/send", json={"text": text, "key": api_key}, timeout=10).ok


def login_form(user):
    fields = {"user": user, "password_field": PASSWORD_FIELD, "token_type": "csrf"}
    return json.dumps(fields)


def export_orders(rows):
    path = tempfile.mktemp(prefix="orders-", suffix=".json")
    with open(path, "w", encoding="utf-8") as file:
        json.dump(rows, file)
    return path


def export_customers(rows):
    with tempfile.NamedTemporaryFile("w", prefix="customers-", suffix=".json", delete=False) as file:
        json.dump(rows, file)
    return file.name


def write_marker(day):
    path = "/tmp/jobs-" + day.isoformat()
    with open(path, "w", encoding="utf-8") as file:
        file.write("done\n")
    return path


def write_progress(day):
    descriptor, path = tempfile.mkstemp(prefix="jobs-", dir=EXPORTS)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(day.isoformat() + "\n")
    return path


def publish_export(path):
    target = EXPORTS / Path(path).name
    os.replace(path, target)
    os.chmod(target, 0o777)
    return target


def share_export(path):
    target = EXPORTS / Path(path).name
    os.replace(path, target)
    os.chmod(target, 0o640)
    return target


def make_inbox(name):
    inbox = EXPORTS / "inbox" / name
    inbox.mkdir(parents=True)
    inbox.chmod(stat.S_IRWXU | stat.S_IRWXG | stat.S_IRWXO)
    return inbox


def make_outbox(name):
    outbox = EXPORTS / "outbox" / name
    outbox.mkdir(parents=True)
    outbox.chmod(stat.S_IRWXU | stat.S_IRGRP | stat.S_IXGRP)
    return outbox


def dump_database(name):
    password = secret("dump")
    command = ["pg_dump", "--dbname", f"postgresql://dump:{password}@archive.internal/{name}"]
    log.debug("running %s with %s", " ".join(command), password)
    return subprocess.run(command, capture_output=True, check=True).stdout


def dump_schema(name):
    environment = {**os.environ, "PGPASSWORD": secret("dump")}
    command = ["pg_dump", "--schema-only", "--host", "archive.internal", "--dbname", name]
    log.debug("running %s with %d variables", " ".join(command), len(environment))
    return subprocess.run(command, capture_output=True, check=True, env=environment).stdout


def refresh_token():
    token = json.loads(secret(TOKEN_NAME))["refresh_token"]
    print(f"refreshing with {token}")
    return requests.post("https://login.internal/refresh", data={"refresh_token": token}, timeout=10).json()


def renew_token():
    token = json.loads(secret(TOKEN_NAME))["refresh_token"]
    print(f"renewing {TOKEN_NAME} ({len(token)} characters)")
    return requests.post("https://login.internal/renew", data={"refresh_token": token}, timeout=10).json()
