import os

from Crypto.Cipher import AES, DES3, ChaCha20_Poly1305
from Crypto.Cipher import DES as Des
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM


def seal_des(key, data):
    # ruleid: py-broken-cipher
    return Des.new(key, Des.MODE_CBC, os.urandom(8)).encrypt(data)


def seal_ecb(key, data):
    # ruleid: py-broken-cipher
    cipher = AES.new(key, AES.MODE_ECB)
    return cipher.encrypt(data)


def stream(key):
    # ruleid: py-broken-cipher
    return Cipher(algorithms.ARC4(key), mode=None).encryptor()


def blocks(key):
    # ruleid: py-broken-cipher
    return Cipher(algorithms.AES(key), modes.ECB()).encryptor()


def seal_gcm(key, data):
    # ok: py-broken-cipher
    cipher = AES.new(key, AES.MODE_GCM)
    return cipher.nonce, cipher.encrypt_and_digest(data)


def seal_aead(key, data):
    nonce = os.urandom(12)
    # ok: py-broken-cipher
    return nonce + AESGCM(key).encrypt(nonce, data, None)


def seal_stream(key, data):
    # ok: py-broken-cipher
    cipher = ChaCha20_Poly1305.new(key=key)
    return cipher.nonce, cipher.encrypt_and_digest(data)


def key_size():
    # ok: py-broken-cipher
    return DES3.key_size
