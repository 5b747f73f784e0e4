import hashlib
import os

import bcrypt
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

SALT = b"pepper and salt!"


def store(password):
    # ruleid: py-fixed-salt
    return hashlib.pbkdf2_hmac("sha256", password.encode(), b"static-salt", 600_000)


def store_constant(password):
    # ruleid: py-fixed-salt
    return hashlib.scrypt(password.encode(), salt=SALT, n=2**14, r=8, p=1)


def store_scrypt(password):
    # ruleid: py-fixed-salt
    kdf = Scrypt(salt="company".encode(), length=32, n=2**14, r=8, p=1)
    return kdf.derive(password)


def store_bcrypt(password):
    # ruleid: py-fixed-salt
    return bcrypt.hashpw(password, b"$2b$12$abcdefghijklmnopqrstuv")


def store_fresh(password):
    salt = os.urandom(16)
    # ok: py-fixed-salt
    return salt + hashlib.pbkdf2_hmac("sha256", password.encode(), salt, 600_000)


def check(password, stored):
    # ok: py-fixed-salt
    return bcrypt.hashpw(password, stored) == stored


def fresh_bcrypt(password):
    # ok: py-fixed-salt
    return bcrypt.hashpw(password, bcrypt.gensalt())


def subkey(master):
    # ok: py-fixed-salt
    return HKDF(algorithm=hashes.SHA256(), length=32, salt=b"app/v1", info=b"cookie").derive(master)
