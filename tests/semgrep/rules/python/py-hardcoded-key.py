import hashlib
import hmac
import os

import jwt
from cryptography.fernet import Fernet
from flask import Flask
from itsdangerous import URLSafeTimedSerializer

app = Flask(__name__)
# ruleid: py-hardcoded-key
app.secret_key = "f3cfe9ed8fae309f02079dbf"
# ruleid: py-hardcoded-key
app.config["JWT_SECRET_KEY"] = "9d1b2c-super-secret-0f"
KEY = "5b1c0e7d2f9a4b33"


def issue(user):
    # ruleid: py-hardcoded-key
    return jwt.encode({"sub": user.id}, KEY, algorithm="HS256")


def seal(data):
    # ruleid: py-hardcoded-key
    return Fernet(b"w1Qe3rTy5uIo7pAsDfGhJkLzXcVbNm0123456789abc=").encrypt(data)


def link(user):
    # ruleid: py-hardcoded-key
    return URLSafeTimedSerializer("8f42a73054b1749f").dumps(user.id)


def sign(body):
    # ruleid: py-hardcoded-key
    return hmac.new(b"3a7bd3e2360a3d29", body, hashlib.sha256).hexdigest()


# ok: py-hardcoded-key
app.config["SECRET_KEY"] = os.environ["SECRET_KEY"]
# ok: py-hardcoded-key
app.config.update(SECRET_KEY="dev")
# ok: py-hardcoded-key
SECRET_KEY = "<your secret key>"


def issue_safely(user, settings):
    # ok: py-hardcoded-key
    return jwt.encode({"sub": user.id}, settings.jwt_key, algorithm="HS256")


def seal_safely(data):
    # ok: py-hardcoded-key
    return Fernet(os.environ["DATA_KEY"]).encrypt(data)


# ok: py-hardcoded-key
SECRET_KEY_NAME = "shop/production/signing-key"
