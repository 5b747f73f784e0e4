import base64
import hashlib
import hmac


def check(body, key, signature):
    # ruleid: py-timing-unsafe-compare
    return hmac.new(key, body, hashlib.sha256).hexdigest() == signature


def check_header(request, key):
    expected = hmac.new(key, request.data, hashlib.sha256).hexdigest()
    # ruleid: py-timing-unsafe-compare
    if expected != request.headers["X-Signature"]:
        raise PermissionError


def check_encoded(body, key, signature):
    expected = base64.b64encode(hmac.new(key, body, hashlib.sha256).digest()).decode()
    # ruleid: py-timing-unsafe-compare
    if signature == expected:
        return True
    return False


def check_prefixed(body, key, signature):
    expected = "sha256=" + hmac.new(key, body, hashlib.sha256).hexdigest()
    # ruleid: py-timing-unsafe-compare
    return expected == signature


def check_safely(body, key, signature):
    expected = hmac.new(key, body, hashlib.sha256).hexdigest()
    # ok: py-timing-unsafe-compare
    return hmac.compare_digest(expected, signature)


def same_file(left, right):
    # ok: py-timing-unsafe-compare
    return hashlib.sha256(left).hexdigest() == hashlib.sha256(right).hexdigest()


def self_check():
    mac = hmac.new(b"k", b"m", hashlib.sha256).hexdigest()
    # ok: py-timing-unsafe-compare
    assert mac == "a7c4e8a2"


def named(method):
    # ok: py-timing-unsafe-compare
    return method == "hmac"
