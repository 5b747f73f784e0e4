import getpass
import os
import smtplib

import boto3
import psycopg
import redis
import requests
from sqlalchemy import create_engine

DB_PASSWORD = "Gr8-Tiger-42"


def database():
    # ruleid: py-hardcoded-password
    return psycopg.connect(host="db", user="shop", password=DB_PASSWORD)


def cache():
    # ruleid: py-hardcoded-password
    return redis.Redis(host="cache", password="k9Zq-77-tuna")


def bucket():
    # ruleid: py-hardcoded-password
    return boto3.client("s3", aws_access_key_id="AKIA" + "Q" * 16, aws_secret_access_key="wJ7zKq0/bPx9RfiCYab31Lmn")


def mail(message):
    server = smtplib.SMTP_SSL("mail.internal")
    # ruleid: py-hardcoded-password
    server.login("robot", "Blue77Horse")
    server.send_message(message)


# ruleid: py-hardcoded-password
engine = create_engine("postgresql://shop:Gr8-Tiger-42@db.internal/shop")


def from_environment():
    # ok: py-hardcoded-password
    return psycopg.connect(host="db", user="shop", password=os.environ["DB_PASSWORD"])


def asked():
    # ok: py-hardcoded-password
    return redis.Redis(host="cache", password=getpass.getpass())


def documented():
    # ok: py-hardcoded-password
    return psycopg.connect(host="db", user="shop", password="<your password>")


def no_password():
    # ok: py-hardcoded-password
    return create_engine("postgresql://shop@db.internal/shop")


def by_token(url, token):
    # ok: py-hardcoded-password
    return requests.get(url, auth=(token, "x-oauth-basic"), timeout=5)
