import hashlib
import hmac
import json
import os
import pickle
import socket
import struct
from urllib.request import urlopen, urlretrieve

import boto3
import joblib
import requests


def fetch_model(url):
    reply = requests.get(url, timeout=10)
    # ruleid: py-pickle-from-network
    return pickle.loads(reply.content)


def serve(connection: socket.socket):
    size = struct.unpack("!I", connection.recv(4))[0]
    payload = connection.recv(size)
    # ruleid: py-pickle-from-network
    task = pickle.loads(payload)
    return task.run()


def cached_ranking(url):
    with urlopen(url) as stream:
        # ruleid: py-pickle-from-network
        return pickle.load(stream)


def restore(bucket, key):
    local = "/var/lib/app/model.bin"
    boto3.client("s3").download_file(bucket, key, local)
    # ruleid: py-pickle-from-network
    return joblib.load(local)


def fetch_report(url):
    reply = requests.get(url, timeout=10)
    # ok: py-pickle-from-network
    return json.loads(reply.content)


def signed_model(url, key, expected):
    body = requests.get(url, timeout=10).content
    mac = hmac.new(key, body, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(mac, expected):
        raise ValueError("bad signature")
    # ok: py-pickle-from-network
    return pickle.loads(body)


def local_cache(folder):
    with open(os.path.join(folder, "cache.bin"), "rb") as stream:
        # ok: py-pickle-from-network
        return pickle.load(stream)


def send(connection, value):
    # ok: py-pickle-from-network
    connection.sendall(pickle.dumps(value))


def fetch_archive(url, path):
    urlretrieve(url, path)
    with open("/etc/app/known.bin", "rb") as stream:
        # ok: py-pickle-from-network
        return pickle.load(stream)
