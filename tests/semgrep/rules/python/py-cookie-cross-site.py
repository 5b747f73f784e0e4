from flask import Flask, make_response
from starlette.applications import Starlette
from starlette.middleware.sessions import SessionMiddleware

app = Flask(__name__)
service = Starlette()
# ruleid: py-cookie-cross-site
app.config["SESSION_COOKIE_SAMESITE"] = "None"
# ruleid: py-cookie-cross-site
SESSION_COOKIE_SAMESITE = None


def start(key):
    # ruleid: py-cookie-cross-site
    service.add_middleware(SessionMiddleware, secret_key=key, https_only=True, same_site="none")


def login(token):
    response = make_response("welcome")
    # ruleid: py-cookie-cross-site
    response.set_cookie("session_token", token, secure=True, httponly=True, samesite="None")
    return response


def login_safely(response, token):
    # ok: py-cookie-cross-site
    response.set_cookie("session_token", token, secure=True, httponly=True, samesite="Lax")


def widget(response):
    # ok: py-cookie-cross-site
    response.set_cookie("widget_theme", "dark", secure=True, httponly=True, samesite="None")


# ok: py-cookie-cross-site
CSRF_COOKIE_SAMESITE = "Strict"


def start_safely(key):
    # ok: py-cookie-cross-site
    service.add_middleware(SessionMiddleware, secret_key=key, https_only=True, same_site="lax")
