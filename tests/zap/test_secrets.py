"""What a target and a policy hold of secrets is in no file that a scan leaves, in no form."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from flask import Response, request

from devsecops.testing.planted import made
from tests.e2e.program import Done, Program
from tests.targets import vulnerable
from tests.targets.serving import Counter, Service, of_app, running
from tests.zap.scanning import NEW, found, start, write_policy

pytestmark = pytest.mark.e2e
KEY, SESSION, QUERY, BODY, FIELD, SET = (
    f"{word}!{word[::-1]}-7{word}%x" for word in ("zqkey", "wsession", "hquery", "fbody", "gfield", "jset")
)
"""The policy's header and cookie; in a query, a JSON body and a form; in what the service sets."""
SHAPES = [secret.value for secret in made()]
PIECE = 12
"""So much of a secret is one still."""
DOCUMENT = f"""
openapi: 3.0.3
info: {{title: Bad shop, version: "1"}}
paths:
  /search:
    get:
      parameters:
        - {{name: q, in: query, required: true, schema: {{type: string, example: lamp}}}}
        - {{name: password, in: query, required: true, schema: {{type: string, example: "{QUERY}"}}}}
      responses: {{"200": {{description: A page.}}}}
  /echo:
    post:
      requestBody:
        required: true
        content:
          application/json:
            schema:
              type: object
              required: [text, api_key]
              properties:
                text: {{type: string, example: nice}}
                api_key: {{type: string, example: "{BODY}"}}
      responses: {{"200": {{description: A page.}}}}
  /login:
    post:
      requestBody:
        required: true
        content:
          application/x-www-form-urlencoded:
            schema:
              type: object
              required: [user, password]
              properties:
                user: {{type: string, example: bob}}
                password: {{type: string, example: "{FIELD}"}}
      responses: {{"200": {{description: Users.}}}}
"""
POLICY = """attackable = true
change_state = true
auth = "team"
headers = {"X-Team" = "env:ZKEY"}
[dast.auth.team]
kind = "cookie"
name = "session"
value = "env:ZSESSION"
logged_in = "Signed in"
"""


def forms(secret: str) -> set[str]:
    """Return a secret as it may be written."""
    raw = secret.encode()
    coded = base64.b64encode(raw).decode().rstrip("=")
    return {secret, raw.hex(), coded, quote(raw, safe=""), json.dumps(secret)[1:-1]}


def told() -> str:
    """Return what the service says of itself on every line it writes."""
    lines = " ".join(secret.line for secret in made())
    own = [request.headers.get("X-Team", ""), request.cookies.get("session", "")]
    own = [form for one in own for form in sorted(forms(one))]
    coded = " ".join(base64.b64encode(secret.line.encode()).decode() for secret in made())
    return f"{' '.join(own)} {lines} {coded} {quote(lines, safe='')}"


@pytest.fixture
def service() -> Iterator[Service[Counter]]:
    app = vulnerable.application(counter := Counter())

    @app.after_request
    def tell(response: Response) -> Response:
        text = response.get_data(as_text=True)
        seen = "Signed in" if request.cookies.get("session") == SESSION else ""
        response.set_data(f"{told()} {text.removesuffix('</body></html>')} {told()} {seen}</body></html>")
        response.headers["X-Auth-Token"] = SET
        response.set_cookie("sid", SET)
        return response

    with running(of_app(app, counter)) as one:
        yield one


def test_no_secret_is_left(program: Program, rules: Path, service: Service[Counter]) -> None:
    document = program.folder / "openapi.yaml"
    document.write_text(DOCUMENT)
    phases = ("seed", "active")
    policy = write_policy(program.folder, NEW, rules, service.origin, target=POLICY, phases=phases)
    secrets = {"ZKEY": KEY, "ZSESSION": SESSION}
    done = start(program, policy, service.origin, "--openapi", document, env=secrets).end()
    assert done.code == 1, done
    assert [reason["code"] for reason in done.reasons] == ["finding"] * len(done.reasons)
    wanted = {("690001", "GET", "/search", "q"), ("690001", "POST", "/echo", "text"),
              ("690002", "POST", "/login", "user")}  # fmt: skip
    assert wanted <= found(done)
    assert leaks(done) == []


def leaks(done: Done) -> list[str]:
    """Return each secret, or a piece of it, that stands in a file or in what was said."""
    said = {path.name: path.read_text(errors="replace") for path in done.output.rglob("*") if path.is_file()}
    said |= {"stdout": done.out.decode(errors="replace"), "stderr": done.err.decode(errors="replace")}
    out = []
    for secret in (KEY, SESSION, QUERY, BODY, FIELD, SET, *SHAPES):
        pieces = forms(secret) | {secret[at : at + PIECE] for at in range(len(secret) - PIECE + 1)}
        out += [f"{piece} in {name}" for name, text in said.items() for piece in pieces if piece in text]
    return out
