import random
import secrets
import string
from random import SystemRandom, choice

import numpy as np


def reset_link(user):
    # ruleid: py-predictable-secret
    token = "".join(random.choice(string.ascii_letters) for _ in range(32))
    return f"/reset/{user.id}/{token}"


def make_otp():
    # ruleid: py-predictable-secret
    return str(random.randint(100000, 999999))


def start(session, store):
    # ruleid: py-predictable-secret
    session["csrf_token"] = "%032x" % random.getrandbits(128)
    # ruleid: py-predictable-secret
    store.create(api_key=choice(string.hexdigits) * 32)


def remember(response):
    # ruleid: py-predictable-secret
    value = str(random.random())[2:]
    response.set_cookie("remember", value)


def scientific(user):
    # ruleid: py-predictable-secret
    user.password = str(np.random.randint(0, 10**9))


def good_link(user):
    # ok: py-predictable-secret
    token = secrets.token_urlsafe(32)
    return f"/reset/{user.id}/{token}"


def system_source():
    random = SystemRandom()
    # ok: py-predictable-secret
    password = "".join(random.choice(string.printable) for _ in range(20))
    return password


def jitter(seconds):
    # ok: py-predictable-secret
    delay = seconds * random.uniform(0.5, 1.5)
    return delay


def pick_tokens(words):
    # ok: py-predictable-secret
    sample = random.sample(words, 3)
    return sample


def shuffle_deck(cards):
    # ok: py-predictable-secret
    return random.sample(cards, len(cards))
