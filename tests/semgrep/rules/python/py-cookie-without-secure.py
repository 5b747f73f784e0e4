from fastapi import FastAPI
from flask import Flask, make_response
from starlette.middleware.sessions import SessionMiddleware

app = Flask(__name__)
# ruleid: py-cookie-without-secure
app.config["SESSION_COOKIE_SECURE"] = False
api = FastAPI()


def start(user, key):
    # ruleid: py-cookie-without-secure
    api.add_middleware(SessionMiddleware, secret_key=key)


def login(user, token):
    response = make_response("welcome")
    # ruleid: py-cookie-without-secure
    response.set_cookie("session_token", token, httponly=True, samesite="Lax")
    return response


def login_explicit(response, token):
    # ruleid: py-cookie-without-secure
    response.set_cookie(key="access", value=token, secure=False, httponly=True)


def login_safely(response, token):
    # ok: py-cookie-without-secure
    response.set_cookie("session_token", token, secure=True, httponly=True, samesite="Lax")


def login_configured(response, token, settings):
    # ok: py-cookie-without-secure
    response.set_cookie("session_token", token, secure=settings.https, httponly=True, samesite="Lax")


def login_options(response, token, options):
    # ok: py-cookie-without-secure
    response.set_cookie("session_token", token, **options)


def theme(response):
    # ok: py-cookie-without-secure
    response.set_cookie("theme", "dark", max_age=86400)


def start_safely(key):
    # ok: py-cookie-without-secure
    api.add_middleware(SessionMiddleware, secret_key=key, https_only=True)
