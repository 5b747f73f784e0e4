import hashlib
import time
import uuid


def reset(user):
    # ruleid: py-guessable-identifier
    user.reset_token = str(uuid.uuid1())
    user.save()


def session_id(name):
    # ruleid: py-guessable-identifier
    return hashlib.sha256(f"{name}{time.time()}".encode()).hexdigest()


def invite(store, mail):
    # ruleid: py-guessable-identifier
    store.create(mail=mail, invite_code=hex(int(time.time())))


def good_reset(user):
    # ok: py-guessable-identifier
    user.reset_token = str(uuid.uuid4())
    user.save()


def row():
    # ok: py-guessable-identifier
    row_id = uuid.uuid1()
    return row_id


def log_name():
    # ok: py-guessable-identifier
    name = "run-" + str(int(time.time()))
    return name


def issue(codec, user, key):
    # ok: py-guessable-identifier
    token = codec.encode({"sub": user.id, "exp": time.time() + 600}, key)
    return token


def cache_entry(key):
    # ok: py-guessable-identifier
    token_expires = str(time.time())
    return {key: token_expires}
