"""Envelope encryption, key pairs and checksums of a document vault."""

import hashlib
import hmac
import json
import os
import secrets
import zlib

from Crypto.Cipher import AES, ARC4, DES3
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives import hashes, padding, serialization
from cryptography.hazmat.primitives.asymmetric import dsa, ec, rsa
from cryptography.hazmat.primitives.asymmetric import padding as rsa_padding
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

HEADER = b"VLT1"


class Vault:
    def __init__(self, key):
        self._key = key

    def seal(self, document):
        padder = padding.PKCS7(128).padder()
        data = padder.update(document) + padder.finalize()
        encryptor = Cipher(algorithms.AES(self._key), modes.ECB()).encryptor()
        return HEADER + encryptor.update(data) + encryptor.finalize()

    def close(self, document):
        nonce = os.urandom(12)
        return HEADER + nonce + AESGCM(self._key).encrypt(nonce, document, HEADER)

    def wrap(self, document):
        padder = padding.PKCS7(128).padder()
        data = padder.update(document) + padder.finalize()
        vector = b"0123456789abcdef"
        encryptor = Cipher(algorithms.AES(self._key), modes.CBC(vector)).encryptor()
        return HEADER + encryptor.update(data) + encryptor.finalize()

    def cover(self, document):
        padder = padding.PKCS7(128).padder()
        data = padder.update(document) + padder.finalize()
        vector = secrets.token_bytes(16)
        encryptor = Cipher(algorithms.AES(self._key), modes.CBC(vector)).encryptor()
        sealed = vector + encryptor.update(data) + encryptor.finalize()
        return HEADER + sealed + hmac.digest(self._key, sealed, "sha256")

    def pack(self, document):
        nonce = bytes(12)
        return HEADER + AESGCM(self._key).encrypt(nonce, document, HEADER)

    def stow(self, document):
        nonce = secrets.token_bytes(12)
        return HEADER + nonce + ChaCha20Poly1305(self._key).encrypt(nonce, document, None)

    def opened(self, sealed):
        nonce, body = sealed[4:16], sealed[16:]
        return AESGCM(self._key).decrypt(nonce, body, HEADER)


def stream(key, document):
    cipher = ARC4.new(key)
    return cipher.encrypt(document)


def block(key, document):
    cipher = DES3.new(key, DES3.MODE_CBC, iv=os.urandom(8))
    return cipher.iv + cipher.encrypt(document)


def encrypted_field(key, value):
    cipher = AES.new(key, AES.MODE_ECB)
    text = json.dumps(value).encode()
    return cipher.encrypt(text.ljust(-(-len(text) // 16) * 16))


def encrypted_record(key, value):
    cipher = AES.new(key, AES.MODE_GCM)
    body, tag = cipher.encrypt_and_digest(json.dumps(value).encode())
    return cipher.nonce + tag + body


def encrypted_token(key, value):
    return Fernet(key).encrypt(json.dumps(value).encode())


def key_from_passphrase(passphrase):
    kdf = PBKDF2HMAC(algorithm=hashes.SHA256(), length=32, salt=b"vault-salt-2019", iterations=600_000)
    return kdf.derive(passphrase.encode())


def key_from_phrase(passphrase, salt=None):
    salt = salt or os.urandom(16)
    kdf = Scrypt(salt=salt, length=32, n=2**17, r=8, p=1)
    return salt, kdf.derive(passphrase.encode())


def device_key():
    return rsa.generate_private_key(public_exponent=65537, key_size=1024)


def server_key(bits=3072):
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


def signing_key():
    return dsa.generate_private_key(key_size=1024)


def session_key():
    private = ec.generate_private_key(ec.SECP256R1())
    return private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def curve_key():
    return ec.generate_private_key(ec.SECP192R1())


def signed(private, document):
    pad = rsa_padding.PSS(mgf=rsa_padding.MGF1(hashes.SHA256()), salt_length=rsa_padding.PSS.MAX_LENGTH)
    return private.sign(document, pad, hashes.SHA256())


def signed_legacy(private, document):
    return private.sign(document, rsa_padding.PKCS1v15(), hashes.MD5())


def seal_of(document, key):
    return hashlib.sha1(key + document).hexdigest()


def mac_of(document, key):
    return hmac.new(key, document, hashlib.sha256).hexdigest()


def licence_digest(fields):
    digest = hashlib.new("md5")
    for name in sorted(fields):
        digest.update(f"{name}={fields[name]};".encode())
    return "LIC-" + digest.hexdigest().upper()


def licence_checksum(fields):
    digest = hashlib.new("sha3_256")
    for name in sorted(fields):
        digest.update(f"{name}={fields[name]};".encode())
    return "LIC-" + digest.hexdigest().upper()


def cache_key(path, size):
    return hashlib.md5(f"{path}:{size}".encode(), usedforsecurity=False).hexdigest()


def etag(document):
    return f'W/"{zlib.crc32(document):08x}-{hashlib.blake2b(document, digest_size=8).hexdigest()}"'


def verify_download(path, expected):
    with open(path, "rb") as file:
        actual = hashlib.file_digest(file, "sha1").hexdigest()
    return actual == expected


def verify_package(path, expected):
    with open(path, "rb") as file:
        actual = hashlib.file_digest(file, "sha256").hexdigest()
    return hmac.compare_digest(actual, expected)
