import hashlib
import os

import bcrypt
from Crypto.Protocol.KDF import PBKDF2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC

ROUNDS = 1_000
ENOUGH = 600_000


def derive(secret, salt):
    # ruleid: py-kdf-few-iterations
    return hashlib.pbkdf2_hmac("sha256", secret, salt, 10000)


def derive_constant(secret):
    # ruleid: py-kdf-few-iterations
    kdf = PBKDF2HMAC(algorithm=hashes.SHA256(), length=32, salt=os.urandom(16), iterations=ROUNDS)
    return kdf.derive(secret)


def stored(secret):
    # ruleid: py-kdf-few-iterations
    return bcrypt.hashpw(secret, bcrypt.gensalt(rounds=4))


def default_count(secret, salt):
    # ruleid: py-kdf-few-iterations
    return PBKDF2(secret, salt, dkLen=32)


def derive_well(secret, salt):
    # ok: py-kdf-few-iterations
    return hashlib.pbkdf2_hmac("sha256", secret, salt, 2 * 300_000)


def derive_enough(secret):
    # ok: py-kdf-few-iterations
    kdf = PBKDF2HMAC(algorithm=hashes.SHA256(), length=32, salt=os.urandom(16), iterations=ENOUGH)
    return kdf.derive(secret)


def derive_configured(secret, salt, settings):
    # ok: py-kdf-few-iterations
    return hashlib.pbkdf2_hmac("sha256", secret, salt, settings.rounds)


def stored_well(secret):
    # ok: py-kdf-few-iterations
    return bcrypt.hashpw(secret, bcrypt.gensalt(12))
