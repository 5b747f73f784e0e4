import ssl

import aiohttp
import boto3
import jwt
import pymongo
import requests
import urllib3


def fetch(url):
    # ruleid: py-tls-verification-off
    return requests.get(url, timeout=5, verify=False).json()


def session():
    client = requests.Session()
    # ruleid: py-tls-verification-off
    client.verify = False
    return client


def context():
    ctx = ssl.create_default_context()
    ctx.check_hostname = False
    # ruleid: py-tls-verification-off
    ctx.verify_mode = ssl.CERT_NONE
    return ctx


def bucket():
    # ruleid: py-tls-verification-off
    return boto3.client("s3", verify=False)


async def fetch_async(url):
    # ruleid: py-tls-verification-off
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=False)) as client:
        return await client.get(url)


def store():
    # ruleid: py-tls-verification-off
    return pymongo.MongoClient("mongodb://db.internal", tls=True, tlsAllowInvalidCertificates=True)


def pool():
    # ruleid: py-tls-verification-off
    return urllib3.PoolManager(cert_reqs="CERT_NONE")


def fetch_private(url):
    # ok: py-tls-verification-off
    return requests.get(url, timeout=5, verify="/etc/ssl/private-ca.pem").json()


def private_context():
    # ok: py-tls-verification-off
    ctx = ssl.create_default_context(cafile="/etc/ssl/private-ca.pem")
    ctx.verify_mode = ssl.CERT_REQUIRED
    return ctx


def save(form):
    # ok: py-tls-verification-off
    form.save(verify=False)


def image(path, reader):
    # ok: py-tls-verification-off
    return reader.open(path, verify=False)


def configured(url, settings):
    # ok: py-tls-verification-off
    return requests.get(url, timeout=5, verify=settings.ca_bundle)


def claims(token, key):
    # ok: py-tls-verification-off
    return jwt.decode(token, key, algorithms=["RS256"], options={"verify_aud": False})
