import hashlib
import os

import bcrypt
from passlib.hash import bcrypt as passlib_bcrypt
from passlib.hash import md5_crypt
from werkzeug.security import generate_password_hash


def store_user(db, name, password):
    # ruleid: py-password-fast-hash
    digest = hashlib.sha256(password.encode("utf-8")).hexdigest()
    db.save(name, digest)


def check(user, salt, form):
    # ruleid: py-password-fast-hash
    return hashlib.md5(salt + form.password.encode()).hexdigest() == user.digest


def stepwise(password, salt):
    state = hashlib.sha512()
    state.update(salt)
    # ruleid: py-password-fast-hash
    state.update(password.encode())
    return state.hexdigest()


def by_passlib(passwd):
    # ruleid: py-password-fast-hash
    return md5_crypt.hash(passwd)


def by_werkzeug(password):
    # ruleid: py-password-fast-hash
    return generate_password_hash(password, method="sha256")


def slow(password):
    salt = os.urandom(16)
    # ok: py-password-fast-hash
    return salt + hashlib.scrypt(password.encode(), salt=salt, n=2**14, r=8, p=1)


def slow_bcrypt(password):
    # ok: py-password-fast-hash
    return bcrypt.hashpw(password.encode(), bcrypt.gensalt())


def slow_passlib(password):
    # ok: py-password-fast-hash
    return passlib_bcrypt.hash(password)


def prehash(password):
    # ok: py-password-fast-hash
    return hashlib.pbkdf2_hmac("sha256", password.encode(), os.urandom(16), 600_000)


def file_digest(data):
    # ok: py-password-fast-hash
    return hashlib.sha256(data).hexdigest()


def password_reset_link(reset_password_token):
    # ok: py-password-fast-hash
    return hashlib.sha256(reset_password_token.encode()).hexdigest()
