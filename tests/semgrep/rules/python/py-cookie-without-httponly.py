from flask import Flask, make_response

app = Flask(__name__)
# ruleid: py-cookie-without-httponly
app.config["SESSION_COOKIE_HTTPONLY"] = False
# ruleid: py-cookie-without-httponly
SESSION_COOKIE_HTTPONLY = False


def login(token):
    response = make_response("welcome")
    # ruleid: py-cookie-without-httponly
    response.set_cookie("session_token", token, secure=True, samesite="Lax")
    return response


def login_explicit(response, token):
    # ruleid: py-cookie-without-httponly
    response.set_cookie(key="auth", value=token, secure=True, httponly=False)


def login_safely(response, token):
    # ok: py-cookie-without-httponly
    response.set_cookie("session_token", token, secure=True, httponly=True, samesite="Lax")


def csrf(response, token):
    # ok: py-cookie-without-httponly
    response.set_cookie("csrftoken", token, secure=True, samesite="Strict")


def login_options(response, token, options):
    # ok: py-cookie-without-httponly
    response.set_cookie("session_token", token, secure=True, **options)


def language(response):
    # ok: py-cookie-without-httponly
    response.set_cookie("language", "en", secure=True)
