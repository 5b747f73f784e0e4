import os
import secrets

from Crypto.Cipher import AES
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

FIXED = b"0123456789abcdef"


def seal(key, data):
    # ruleid: py-fixed-iv
    return AES.new(key, AES.MODE_CBC, b"\x00" * 16).encrypt(data)


def seal_constant(key, data):
    # ruleid: py-fixed-iv
    cipher = AES.new(key, AES.MODE_CBC, iv=FIXED)
    return cipher.encrypt(data)


def seal_zero(key):
    # ruleid: py-fixed-iv
    return Cipher(algorithms.AES(key), modes.CTR(bytes(16))).encryptor()


def seal_aead(key, data):
    box = AESGCM(key)
    # ruleid: py-fixed-iv
    return box.encrypt(b"unique nonce", data, None)


def seal_fresh(key, data):
    vector = os.urandom(16)
    # ok: py-fixed-iv
    return vector + AES.new(key, AES.MODE_CBC, vector).encrypt(data)


def seal_aead_fresh(key, data):
    nonce = secrets.token_bytes(12)
    # ok: py-fixed-iv
    return nonce + AESGCM(key).encrypt(nonce, data, b"header")


def open_box(key, blob):
    # ok: py-fixed-iv
    return Cipher(algorithms.AES(key), modes.CBC(blob[:16])).decryptor()


def generated(key):
    # ok: py-fixed-iv
    return AES.new(key, AES.MODE_GCM)
