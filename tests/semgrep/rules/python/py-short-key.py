import rsa as simple_rsa
from Crypto.PublicKey import ECC, RSA
from cryptography.hazmat.primitives.asymmetric import dsa, ec, rsa

BITS = 512 * 2


def service_key():
    # ruleid: py-short-key
    return rsa.generate_private_key(public_exponent=65537, key_size=1024)


def constant_key():
    # ruleid: py-short-key
    return RSA.generate(BITS)


def signing_key():
    # ruleid: py-short-key
    return dsa.generate_private_key(key_size=1024)


def small_curve():
    # ruleid: py-short-key
    return ec.generate_private_key(ec.SECP192R1())


def pure_python():
    # ruleid: py-short-key
    return simple_rsa.newkeys(0x200)


def good_key():
    # ok: py-short-key
    return rsa.generate_private_key(public_exponent=65537, key_size=3072)


def good_constant():
    # ok: py-short-key
    return RSA.generate(2 * 1024)


def configured(settings):
    # ok: py-short-key
    return rsa.generate_private_key(public_exponent=65537, key_size=settings.bits)


def good_curve():
    # ok: py-short-key
    return ec.generate_private_key(ec.SECP256R1())


def good_ecc():
    # ok: py-short-key
    return ECC.generate(curve="P-256")
