"""Accounts: passwords, reset codes, invitations and API keys."""

import hashlib
import hmac
import logging
import os
import random
import secrets
import string
import time
import uuid

import bcrypt
from argon2 import PasswordHasher
from django.contrib.auth.hashers import make_password

log = logging.getLogger("accounts")
ALPHABET = string.ascii_letters + string.digits
hasher = PasswordHasher()


class Accounts:
    def __init__(self, store):
        self._store = store

    def register(self, email, password):
        digest = hashlib.sha256(password.encode()).hexdigest()
        self._store.add(email, digest)

    def enrol(self, email, password):
        self._store.add(email, hasher.hash(password))

    def change_password(self, email, password):
        salt = os.urandom(16)
        digest = hashlib.md5(salt + password.encode()).digest()
        self._store.update(email, salt + digest)

    def replace_password(self, email, password):
        salt = os.urandom(16)
        digest = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, 600_000)
        self._store.update(email, salt + digest)

    def upgrade(self, email, password):
        salt = os.urandom(16)
        digest = hashlib.pbkdf2_hmac("sha1", password.encode(), salt, 1000)
        self._store.update(email, salt + digest)

    def migrate(self, email, password):
        self._store.update(email, bcrypt.hashpw(password.encode(), bcrypt.gensalt(rounds=12)))

    def import_user(self, row):
        self._store.add(row["email"], make_password(row["password"]))

    def import_legacy(self, row):
        self._store.add(row["email"], make_password(row["password"], hasher="md5"))

    def login(self, email, password):
        log.info("login of %s with password %s", email, password)
        return self._store.check(email, password)

    def sign_in(self, email, password):
        known = self._store.check(email, password)
        log.info("login of %s: password %s", email, "accepted" if known else "refused")
        return known

    def verify_key(self, name, api_key):
        expected = self._store.api_key(name)
        if api_key == expected:
            return True
        log.warning("wrong key for %s", name)
        return False

    def verify_token(self, name, token):
        expected = self._store.token(name)
        if hmac.compare_digest(token, expected):
            return True
        log.warning("wrong token for %s", name)
        return False


def reset_code():
    return "".join(random.choice(string.digits) for _ in range(6))


def confirmation_code():
    return "".join(secrets.choice(string.digits) for _ in range(6))


def invitation_token(email):
    random.seed(time.time())
    token = "%032x" % random.getrandbits(128)
    return {"email": email, "token": token}


def activation_token(email):
    token = "%032x" % secrets.randbits(128)
    return {"email": email, "token": token}


def temporary_password(length=12):
    return "".join(random.sample(ALPHABET, length))


def one_time_password(length=12):
    source = random.SystemRandom()
    return "".join(source.sample(ALPHABET, length))


def new_session_id(user_id):
    return str(uuid.uuid1(node=user_id, clock_seq=random.randint(0, 16383)))


def new_request_id(user_id):
    log.debug("request of %s", user_id)
    return str(uuid.uuid4())


def retry_delay(attempt):
    return min(60.0, 2**attempt) * random.uniform(0.5, 1.5)


def sample_users(users, share=0.1):
    chosen = random.sample(users, max(1, int(len(users) * share)))
    return sorted(chosen, key=lambda user: user["id"])


def avatar_colour(user):
    generator = random.Random(user["id"])
    return "#%06x" % generator.randrange(0x1000000)


def gravatar_url(email):
    digest = hashlib.sha256(email.strip().lower().encode()).hexdigest()
    return f"https://pictures.example/avatar/{digest}?s=80"


def export_account(account):
    log.info("exporting %s", {"email": account["email"], "api_key": account["api_key"]})
    return {"email": account["email"], "created": account["created"]}


def archive_account(account):
    log.info("archiving %s", {"email": account["email"], "api_key": account["api_key"][-4:].rjust(12, "*")})
    return {"email": account["email"], "closed": account["closed"]}
