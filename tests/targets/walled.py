"""A site behind a login: a form with a CSRF token, JSON, basic, bearer, OAuth2; it counts what happened."""

from __future__ import annotations

import base64
import hmac
import html
import secrets
from threading import Lock

from flask import Flask, Response, redirect, request
from werkzeug.wrappers import Response as Answer

from tests.targets.serving import Counter, Service, main, of_app

USER, PASSWORD = "scanner", "not-a-real-password"
CLIENT_ID, CLIENT_SECRET = "client", "not-a-real-secret"
VERSION = "1.4.2"
LOGGED_IN, LOGGED_OUT = "Signed in as scanner", "Please sign in"
_PAGE = "<html><head><title>{title}</title></head><body>{body}</body></html>"


class Wall:
    """Sessions, CSRF tokens and bearer tokens, and whether the account is still there."""

    def __init__(self, counter: Counter) -> None:
        self.counter, self.lock = counter, Lock()
        self.sessions: dict[str, str] = {}
        self.csrf: set[str] = set()
        self.tokens: set[str] = set()
        self.deleted = False

    def user(self) -> str | None:
        """Return who asks, by the session's cookie."""
        with self.lock:
            return self.sessions.get(request.cookies.get("session", ""))

    def knows(self, user: str, password: str) -> bool:
        """Return whether the login is right; counted either way."""
        right = (
            user == USER and hmac.compare_digest(password.encode(), PASSWORD.encode()) and not self.deleted
        )
        self.counter.add("logins" if right else "failed logins")
        return right

    def begin(self, user: str) -> str:
        """Begin a session; return its id."""
        name = secrets.token_urlsafe(24)
        with self.lock:
            self.sessions[name] = user
        return name

    def end_all(self) -> None:
        """End all sessions, as a server does that restarts."""
        with self.lock:
            self.sessions.clear()
            self.tokens.clear()

    def field(self) -> str:
        """Return a form's hidden field with a fresh token that is good once."""
        token = secrets.token_urlsafe(16)
        with self.lock:
            self.csrf.add(token)
        return f'<input type="hidden" name="csrf_token" value="{token}">'

    def checked(self) -> bool:
        """Use up the token of the form that came in."""
        token = request.form.get("csrf_token", "")
        with self.lock:
            good = token in self.csrf
            self.csrf.discard(token)
        if not good:
            self.counter.add("bad csrf")
        return good


def _page(title: str, body: str) -> str:
    return _PAGE.format(title=title, body=body)


def application(wall: Wall) -> Flask:
    """Return the site."""
    app = Flask(__name__)

    @app.before_request
    def count() -> Answer | None:
        wall.counter.add("requests")
        if request.path.startswith(("/login", "/api/", "/oauth/", "/basic")) or wall.user():
            return None
        wall.counter.add("turned away")
        return redirect("/login")

    @app.after_request
    def versioned(response: Response) -> Response:
        response.headers["X-Version"] = VERSION
        return response

    _login(app, wall)
    _inside(app, wall)
    _api(app, wall)
    return app


def _login(app: Flask, wall: Wall) -> None:
    @app.get("/login")
    def form() -> str:
        return _page(
            "Sign in",
            f'<p>{LOGGED_OUT}</p><form action="/login" method="post">{wall.field()}'
            '<input name="username"><input name="password" type="password"><input type="submit"></form>',
        )

    @app.post("/login")
    def login() -> Answer:
        if not wall.checked():
            return Response(_page("Sign in", "the form is too old"), 403)
        if not wall.knows(request.form.get("username", ""), request.form.get("password", "")):
            return Response(_page("Sign in", f"<p>{LOGGED_OUT}</p><p>wrong user or password</p>"), 401)
        answer = redirect("/")
        answer.set_cookie("session", wall.begin(USER), httponly=True, samesite="Lax")
        return answer

    @app.get("/logout")
    def logout() -> Answer:
        wall.counter.add("logouts")
        with wall.lock:
            wall.sessions.pop(request.cookies.get("session", ""), None)
        return redirect("/login")


def _inside(app: Flask, wall: Wall) -> None:
    @app.get("/")
    def home() -> str:
        wall.counter.add("home")
        return _page(
            "Home",
            f'<p>{LOGGED_IN}</p><a href="/notes?q=milk">Notes</a> <a href="/profile">Profile</a> '
            '<a href="/logout">Log out</a> <a href="/account/delete">Delete account</a>',
        )

    @app.get("/notes")
    def notes() -> str:
        """The one flaw: reflected XSS, seen only from inside."""
        wall.counter.add("notes")
        return _page("Notes", f"<p>{LOGGED_IN}</p><p>No notes about {request.args.get('q', '')}</p>")

    @app.get("/profile")
    def profile() -> str:
        return _page(
            "Profile",
            f'<p>{LOGGED_IN}</p><form action="/profile" method="post">{wall.field()}'
            '<input name="motto" value="hello"><input type="submit"></form>',
        )

    @app.post("/profile")
    def change() -> Response:
        if not wall.checked():
            return Response(_page("Profile", "the form is too old"), 403)
        wall.counter.add("changes")
        return Response(_page("Profile", f"<p>{LOGGED_IN}</p>{html.escape(request.form.get('motto', ''))}"))

    @app.get("/account/delete")
    def delete() -> Answer:
        wall.counter.add("deletes")
        wall.deleted = True
        wall.end_all()
        return redirect("/login")


def _api(app: Flask, wall: Wall) -> None:
    def issued() -> str:
        token = secrets.token_urlsafe(24)
        with wall.lock:
            wall.tokens.add(token)
        return token

    @app.post("/api/login")
    def api_login() -> tuple[dict[str, str], int]:
        data = request.get_json(silent=True)
        data = data if isinstance(data, dict) else {}
        if not wall.knows(str(data.get("username", "")), str(data.get("password", ""))):
            return {"error": "wrong user or password"}, 401
        return {"access_token": issued(), "token_type": "bearer"}, 200

    @app.post("/oauth/token")
    def oauth() -> tuple[dict[str, str], int]:
        """Client credentials (RFC 6749, 4.4): id and secret by basic authentication or in the form."""
        basic = request.authorization
        given = (basic.username, basic.password) if basic and basic.type == "basic" else (
            request.form.get("client_id"), request.form.get("client_secret"))  # fmt: skip
        if request.form.get("grant_type") != "client_credentials":
            return {"error": "unsupported_grant_type"}, 400
        if given != (CLIENT_ID, CLIENT_SECRET):
            return {"error": "invalid_client"}, 401
        return {"access_token": issued(), "token_type": "Bearer"}, 200

    @app.get("/api/me")
    def me() -> tuple[dict[str, str], int]:
        kind, _, token = request.headers.get("Authorization", "").partition(" ")
        with wall.lock:
            known = kind.lower() == "bearer" and token in wall.tokens
        if not known:
            wall.counter.add("turned away")
            return {"error": "unauthorized"}, 401
        wall.counter.add("me")
        return {"user": USER, "note": LOGGED_IN}, 200

    @app.get("/basic/")
    def basic() -> Response:
        wanted = "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        if request.headers.get("Authorization") != wanted:
            wall.counter.add("turned away")
            return Response(LOGGED_OUT, 401, {"WWW-Authenticate": 'Basic realm="wall"'})
        return Response(_page("Basic", LOGGED_IN))


def make(port: int = 0) -> Service[Wall]:
    """Return the site; its facts are the wall, with its counter."""
    wall = Wall(Counter())
    return of_app(application(wall), wall, port)


if __name__ == "__main__":
    main(make)
