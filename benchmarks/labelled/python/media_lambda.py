"""Handlers of the media pipeline, one per queue or route."""

import base64
import json
import logging
import os
import pickle
import shlex
import subprocess
import urllib.parse
import urllib.request

import boto3

log = logging.getLogger()
log.setLevel(logging.INFO)

s3 = boto3.client("s3")
athena = boto3.client("athena")
dynamodb = boto3.client("dynamodb")
ssm = boto3.client("ssm")
BUCKET = os.environ.get("MEDIA_BUCKET", "media")
FORMATS = {"mp4", "webm"}
SOURCES = {"cdn.media.example", "upload.media.example"}


def reply(status, body):
    return {"statusCode": status, "body": json.dumps(body)}


def transcode_handler(event, context):
    body = json.loads(event["body"])
    key, target = body["key"], body.get("format", "mp4")
    local = "/tmp/" + os.path.basename(key)
    s3.download_file(BUCKET, key, local)
    status = os.system(f"ffmpeg -i {local} -f {target} {local}.out")
    return reply(200 if status == 0 else 500, {"key": key})


def thumbnail_handler(event, context):
    body = json.loads(event["body"])
    key, target = body["key"], body.get("format", "mp4")
    if target not in FORMATS:
        return reply(400, {"error": "unknown format"})
    local = "/tmp/" + os.path.basename(key)
    s3.download_file(BUCKET, key, local)
    status = subprocess.call(["ffmpeg", "-i", local, "-f", target, "-frames:v", "1", local + ".png"])
    return reply(200 if status == 0 else 500, {"key": key})


def probe_handler(event, context):
    results = []
    for record in event["Records"]:
        key = urllib.parse.unquote_plus(record["s3"]["object"]["key"])
        command = "ffprobe -v error -show_format " + shlex.quote(f"/mnt/media/{key}")
        results.append(subprocess.run(command, shell=True, capture_output=True).stdout.decode())
    return reply(200, results)


def checksum_handler(event, context):
    results = []
    for record in event["Records"]:
        key = urllib.parse.unquote_plus(record["s3"]["object"]["key"])
        command = f"sha256sum '/mnt/media/{key}'"
        results.append(subprocess.run(command, shell=True, capture_output=True).stdout.decode())
    return reply(200, results)


def statistics_handler(event, context):
    owner = event["queryStringParameters"]["owner"]
    started = athena.start_query_execution(
        QueryString=f"SELECT day, SUM(views) FROM views WHERE owner = '{owner}' GROUP BY day",
        ResultConfiguration={"OutputLocation": f"s3://{BUCKET}/results/"},
    )
    return reply(202, {"id": started["QueryExecutionId"]})


def ranking_handler(event, context):
    owner = event["queryStringParameters"]["owner"]
    started = athena.start_query_execution(
        QueryString="SELECT day, SUM(views) FROM views WHERE owner = ? GROUP BY day",
        ExecutionParameters=[owner],
        ResultConfiguration={"OutputLocation": f"s3://{BUCKET}/results/"},
    )
    return reply(202, {"id": started["QueryExecutionId"]})


def tags_handler(event, context):
    tag = event["pathParameters"]["tag"]
    found = dynamodb.execute_statement(Statement="SELECT id FROM media WHERE tag = '" + tag + "'")
    return reply(200, found["Items"])


def owners_handler(event, context):
    tag = event["pathParameters"]["owner"]
    found = dynamodb.execute_statement(
        Statement="SELECT id FROM media WHERE owner = ?", Parameters=[{"S": tag}]
    )
    return reply(200, found["Items"])


def import_handler(event, context):
    source = json.loads(event["body"])["url"]
    with urllib.request.urlopen(source, timeout=10) as answer:
        s3.put_object(Bucket=BUCKET, Key="imports/" + context.aws_request_id, Body=answer.read())
    return reply(201, {"id": context.aws_request_id})


def mirror_handler(event, context):
    source = urllib.parse.urlsplit(json.loads(event["body"])["url"])
    if source.scheme != "https" or source.hostname not in SOURCES:
        return reply(400, {"error": "unknown source"})
    with urllib.request.urlopen(f"https://{source.hostname}{source.path}", timeout=10) as answer:
        s3.put_object(Bucket=BUCKET, Key="mirror/" + context.aws_request_id, Body=answer.read())
    return reply(201, {"id": context.aws_request_id})


def resume_handler(event, context):
    state = base64.b64decode(event["headers"]["x-job-state"])
    job = pickle.loads(state)
    log.info("job resumed at step %s", job.get("step"))
    return reply(200, {"step": job.get("step")})


def progress_handler(event, context):
    state = base64.b64decode(event["headers"]["x-job-state"])
    job = json.loads(state)
    log.info("job resumed at step %s", job.get("step"))
    return reply(200, {"step": job.get("step")})


def caption_handler(event, context):
    name = event["queryStringParameters"]["name"]
    with open("/mnt/captions/" + name, encoding="utf-8") as file:
        return reply(200, {"caption": file.read()})


def poster_handler(event, context):
    name = os.path.basename(event["queryStringParameters"]["name"])
    with open("/mnt/posters/" + name, "rb") as file:
        return reply(200, {"poster": base64.b64encode(file.read()).decode()})


def connect_handler(event, context):
    password = ssm.get_parameter(Name="/media/ftp-password", WithDecryption=True)["Parameter"]["Value"]
    log.info("connecting to the archive with %s", password)
    return reply(200, {"connected": bool(password)})


def rotate_handler(event, context):
    name = "/media/ftp-password"
    version = ssm.get_parameter(Name=name)["Parameter"]["Version"]
    log.info("password parameter %s is at version %d", name, version)
    return reply(200, {"version": version})
