import hashlib

from Crypto.Hash import MD5
from cryptography.hazmat.primitives import hashes


def sign(payload, shared):
    # ruleid: py-weak-hash
    return hashlib.md5(shared + payload).hexdigest()


def verify_update(path, expected):
    # ruleid: py-weak-hash
    digest = hashlib.sha1()
    with open(path, "rb") as stream:
        digest.update(stream.read())
    return digest.hexdigest() == expected


def licence(serial):
    # ruleid: py-weak-hash
    return hashlib.new("md5", serial).hexdigest()


def old_library(data):
    # ruleid: py-weak-hash
    return MD5.new(data).hexdigest()


def certificate(builder, key):
    # ruleid: py-weak-hash
    return builder.sign(key, hashes.SHA1())


def file_id(data):
    # ok: py-weak-hash
    return hashlib.md5(data, usedforsecurity=False).hexdigest()


def etag_of(body):
    # ok: py-weak-hash
    return hashlib.md5(body).hexdigest()


def remember(url, store):
    # ok: py-weak-hash
    cache_key = hashlib.sha1(url).hexdigest()
    return store.get(cache_key)


def modern(data):
    # ok: py-weak-hash
    return hashlib.sha256(data).hexdigest()


def named(data):
    # ok: py-weak-hash
    return hashlib.new("sha512", data).hexdigest()
