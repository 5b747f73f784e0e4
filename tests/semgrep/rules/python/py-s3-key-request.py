import os

import boto3
from flask import request

s3 = boto3.client("s3")


def download():
    # ruleid: py-s3-key-request
    return s3.get_object(Bucket="documents", Key=request.args["key"])["Body"].read()


def handler(event, context):
    key = "invoices/" + event["pathParameters"]["name"]
    # ruleid: py-s3-key-request
    s3.delete_object(Bucket="documents", Key=key)


def link(request):
    # ruleid: py-s3-key-request
    return s3.generate_presigned_url("get_object", Params={"Bucket": "documents", "Key": request.GET["key"]})


def by_number():
    number = int(request.args["number"])
    # ok: py-s3-key-request
    return s3.get_object(Bucket="documents", Key=f"pages/{number}")


def constant():
    # ok: py-s3-key-request
    return s3.get_object(Bucket="documents", Key="terms.pdf", IfNoneMatch=request.headers["If-None-Match"])


def known():
    name = request.args["name"]
    if name not in ("terms", "prices"):
        return None
    # ok: py-s3-key-request
    return s3.get_object(Bucket="documents", Key=os.path.join("public", name))
