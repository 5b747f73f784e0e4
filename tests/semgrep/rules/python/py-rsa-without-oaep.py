from Crypto.Cipher import PKCS1_OAEP, PKCS1_v1_5
from Crypto.Signature import pkcs1_15
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding


def seal(key, data):
    # ruleid: py-rsa-without-oaep
    return key.encrypt(data, padding.PKCS1v15())


def unseal(key, data):
    # ruleid: py-rsa-without-oaep
    return key.decrypt(data, padding.PKCS1v15())


def seal_other(key, data):
    # ruleid: py-rsa-without-oaep
    return PKCS1_v1_5.new(key).encrypt(data)


def seal_oaep(key, data):
    # ok: py-rsa-without-oaep
    return key.encrypt(
        data, padding.OAEP(mgf=padding.MGF1(hashes.SHA256()), algorithm=hashes.SHA256(), label=None)
    )


def sign(key, data):
    # ok: py-rsa-without-oaep
    return key.sign(data, padding.PKCS1v15(), hashes.SHA256())


def sign_other(key, digest):
    # ok: py-rsa-without-oaep
    return pkcs1_15.new(key).sign(digest)


def seal_other_oaep(key, data):
    # ok: py-rsa-without-oaep
    return PKCS1_OAEP.new(key).encrypt(data)
