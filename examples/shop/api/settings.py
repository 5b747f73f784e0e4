"""Settings and passwords of the shop. Bad on purpose: see ../README.md."""

import hashlib
import random

DATABASE = "/tmp/shop.db"
DATABASE_PASSWORD = "not-a-real-password-1"

USERS = {"admin": "21232f297a57a5a743894a0e4a801fc3"}


def check_password(user, password):
    digest = hashlib.md5(password.encode()).hexdigest()
    assert USERS[user] == digest, "wrong password"
    return user


def new_reset_token():
    return str(random.randint(100000, 999999))
