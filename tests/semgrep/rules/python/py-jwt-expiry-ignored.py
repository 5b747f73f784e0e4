import jwt
from jose import jwt as jose_jwt


def user_of(token, key):
    # ruleid: py-jwt-expiry-ignored
    return jwt.decode(token, key, algorithms=["HS256"], options={"verify_exp": False})["sub"]


def user_of_issuer(token, key):
    # ruleid: py-jwt-expiry-ignored
    claims = jwt.decode(
        token,
        key,
        algorithms=["RS256"],
        issuer="https://id.example.org",
        options={"verify_aud": True, "verify_exp": False},
    )
    return claims["sub"]


def by_jose(token, key):
    # ruleid: py-jwt-expiry-ignored
    return jose_jwt.decode(token, key, algorithms=["RS256"], options={"verify_exp": False})


def good(token, key):
    # ok: py-jwt-expiry-ignored
    return jwt.decode(token, key, algorithms=["HS256"], options={"require": ["exp"]})


def skewed(token, key):
    # ok: py-jwt-expiry-ignored
    return jwt.decode(token, key, algorithms=["HS256"], leeway=30)


def audience_of_many(token, key):
    # ok: py-jwt-expiry-ignored
    return jwt.decode(token, key, algorithms=["HS256"], options={"verify_aud": False})
