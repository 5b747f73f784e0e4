import jwt
from jose import jwt as jose_jwt


def user_of(token):
    # ruleid: py-jwt-unverified
    claims = jwt.decode(token, options={"verify_signature": False})
    return claims["sub"]


def user_of_old(token, key):
    # ruleid: py-jwt-unverified
    return jwt.decode(token, key, verify=False)["sub"]


def user_by_header(token, key):
    header = jwt.get_unverified_header(token)
    # ruleid: py-jwt-unverified
    return jwt.decode(token, key, algorithms=[header["alg"]])


def mixed(token, key):
    # ruleid: py-jwt-unverified
    return jwt.decode(token, key, algorithms=["RS256", "HS256"])


def none_allowed(token, key):
    # ruleid: py-jwt-unverified
    return jwt.decode(token, key, algorithms=["HS256", "none"])


def by_jose(token, key):
    # ruleid: py-jwt-unverified
    return jose_jwt.decode(token, key)


def good(token, key):
    # ok: py-jwt-unverified
    return jwt.decode(token, key, algorithms=["RS256"], audience="shop")


def good_family(token, key):
    # ok: py-jwt-unverified
    return jwt.decode(token, key, algorithms=["RS256", "ES256"])


def good_jose(token, key):
    # ok: py-jwt-unverified
    return jose_jwt.decode(token, key, algorithms=["HS256"])


def key_id(token):
    # ok: py-jwt-unverified
    return jwt.get_unverified_header(token)["kid"]


def other(codec, blob):
    # ok: py-jwt-unverified
    return codec.decode(blob, verify=False)
