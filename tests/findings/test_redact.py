"""Redaction: no secret gets out in any syntax or encoding, in linear time, and twice is once."""

from __future__ import annotations

import json
import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devsecops.findings.redact import Redactor, redact
from tests.findings.secrets import Secret, forms, generate

SECRETS = generate(20260301)
SYNTAX = {
    "python": 'password = "{}"',
    "python-wrapped": 'conf = dict(\n    token=(\n        "{}"\n    ),\n)',
    "python-continued": 'password = \\\n    "{}"',
    "python-annotated": 'api_key: str = "{}"',
    "python-compared": "if user.password != '{}':",
    "python-yoda": 'if "{}" == password:',
    "python-in": 'if password in ("x1", "{}"):',
    "python-environ": 'os.environ["SECRET"] = "{}"',
    "python-setdefault": 'env.setdefault("token", "{}")',
    "python-tuple": 'user, password = "bob", "{}"',
    "python-default": 'password = os.environ.get("PW", "{}")',
    "javascript": "const apiKey = `{}`;",
    "javascript-property": "  accessKey: '{}',",
    "javascript-or": 'const secret = process.env.S || "{}";',
    "javascript-ternary": 'const token = dev ? "a" : "{}";',
    "json": '{{"user": "bob", "client_secret": "{}", "n": 1}}',
    "json-wrapped": '{{\n  "password":\n    "{}"\n}}',
    "json-escaped": 'body = "{{\\"password\\": \\"{}\\"}}"',
    "yaml": "  db_password: {}",
    "yaml-quoted": "- token: '{}'",
    "yaml-block": "secret: |\n  {}\nnext: 1",
    "env": "DB_PASSWORD={}",
    "env-export": "export API_TOKEN={}",
    "ini": "passwd = {}",
    "docker-env": "ENV PASSWORD {}",
    "docker-arg": "ARG TOKEN={}",
    "compose": '- "MYSQL_PASSWORD={}"',
    "command": "login --password {} --user bob",
    "xml": "<password>{}</password>",
    "header": 'curl -H "Authorization: Bearer {}"',
    "message": "Possible hardcoded password: '{}'",
}


@pytest.mark.parametrize("syntax", SYNTAX)
def test_no_secret_survives_a_syntax(syntax: str) -> None:
    for secret in SECRETS:
        text = SYNTAX[syntax].format(secret.value)
        clean = redact(text)
        assert secret.value not in clean, secret.kind
        assert redact(clean) == clean
        assert clean.count("\n") == text.count("\n")


@pytest.mark.parametrize("secret", SECRETS, ids=lambda s: s.kind)
def test_no_form_of_a_secret_survives_its_file(secret: Secret) -> None:
    redactor = Redactor(f"import os\n{secret.python_line}\n")
    assert secret.value not in redact(secret.python_line)
    for form in forms(secret.value):
        for text in (f"Issue at {form}", f"x={form!r}, y", f"https://h.example/{form}?a=1", form):
            clean = redactor.clean(text)
            assert form not in clean, form
            assert redactor.clean(clean) == clean


@pytest.mark.parametrize(
    "secret", [s for s in SECRETS if s.kind.startswith(("aws-key", "git", "google", "stripe"))]
)
def test_a_known_shape_is_seen_through_an_encoding(secret: Secret) -> None:
    for form in forms(secret.value):
        assert form not in redact(f"data = load('{form}')")


def test_all_40_secrets_differ_and_come_of_ten_kinds() -> None:
    assert len({s.value for s in SECRETS}) == 40
    assert len({s.kind for s in SECRETS}) >= 10
    assert generate(7) == generate(7) != generate(8)


@pytest.mark.parametrize(
    "text",
    [
        'x = d.get("token")',
        "password = getpass.getpass('Name: ')",
        "token = get_token(request)",
        "    password: str,",
        'author = "Bob"',
        'tokenize = "abc"',
        "from django.contrib.auth import models",
        "f(password=password, token=self.token)",
        "subprocess call with shell=True identified, security issue.",
        "The token is checked before the password.",
        "https://example.com/path?a=b#c",
        "tests/auth/test_tokens.py",
        "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "password: ${DB_PASSWORD}",
        "da39a3ee5e6b4b0d3255bfef95601890afd80709",
        "monkey = 'banana'",
        "key = 'name'",
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    assert redact(text) == text


def test_a_literal_split_over_lines_is_hidden_in_all_its_parts() -> None:
    text = 'password = (\n    "first-half1"\n    "second-half2"\n)\ntoken = "third3" \\\n    "fourth4"\n'
    text += 'name = "kept"\n'
    clean = redact(text)
    assert not re.search("first|half|third|fourth", clean)
    assert 'name = "kept"' in clean
    assert clean.count("\n") == text.count("\n")


def test_a_private_key_loses_its_body_and_keeps_its_lines() -> None:
    body = "\n".join(
        "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj"[: 64 - n] for n in range(5)
    )
    text = f"-----BEGIN RSA PRIVATE KEY-----\n{body}\n-----END RSA PRIVATE KEY-----\nafter"
    clean = redact(text)
    assert "MIIE" not in clean
    assert clean.endswith("\nafter")
    assert clean.count("\n") == text.count("\n")
    assert "MIIE" not in redact(body.split("\n")[0])


def test_the_words_of_a_message_are_not_blanked_by_a_trivial_secret() -> None:
    redactor = Redactor('password = "password"\ntoken = ""\nsecret = "abc"\napi_key = None\npwd = "True"\n')
    message = "Possible hardcoded password, None of True tokens; abc"
    assert redactor.clean(message) == message


def test_many_secrets_that_start_alike_are_all_hidden() -> None:
    values = [f"hunter{n}-{'x' * n}7" for n in range(200)]
    redactor = Redactor("\n".join(f'password = "{value}"' for value in values))
    assert not any(value in redactor.clean(f"said {value}") for value in values)


_PIECES = st.sampled_from(
    [
        "password",
        "token",
        "=",
        ":",
        " ",
        "\n",
        '"',
        "'",
        "`",
        "\\",
        "(",
        ")",
        "[",
        "]",
        ",",
        "==",
        "hunter2",
        "|",
        "<",
        "AKIAIOSFODNN7EXAMPLE",
        "://a:b@",
        "[redacted]",
        "[redacted:aws-key]",
        "%41",
        "-----BEGIN PRIVATE KEY-----",
        "in ",
        "\ud800",
        "\r\n",
        "é",
        "cGFzc3dvcmQ9aHVudGVyMg==",
        "Bearer ",
        "#",
        "ENV ",
        "--",
        "{",
        "}",
        ";",
        "or ",
        "redacted",
    ]
)


@settings(max_examples=400, deadline=None)
@given(st.lists(_PIECES, max_size=30).map("".join) | st.text())
def test_hiding_twice_is_hiding_once(text: str) -> None:
    once = redact(text)
    assert redact(once) == once
    assert re.sub(r"[^\r\n]", "", once) == re.sub(r"[^\r\n]", "", text)


@settings(max_examples=200, deadline=None)
@given(st.lists(_PIECES, max_size=20).map("".join), st.lists(_PIECES, max_size=20).map("".join))
def test_a_redactor_hides_twice_as_once(source: str, text: str) -> None:
    redactor = Redactor(source)
    once = redactor.clean(text)
    assert redactor.clean(once) == once


@pytest.mark.parametrize(
    "unit",
    [
        "password",
        "password=",
        'password="',
        "token=a or ",
        "--pass ",
        "eyJ",
        "://a:",
        '"x" == password ',
        "auth(",
        "A",
        "password, ",
        "%41",
        "-----BEGIN PRIVATE KEY-----",
        "password: |\n",
        '\\"',
        "password in ",
        "a1B/",
        "\ud800",
    ],
)
def test_time_is_linear_in_a_hostile_line(unit: str) -> None:
    def seconds(size: int) -> float:
        text = (unit * (size // len(unit) + 1))[:size]
        start = time.process_time()
        redact(text)
        return time.process_time() - start

    short, long = max(seconds(25_000), 0.005), seconds(200_000)
    assert long < short * 8 * 4, f"{short:.3f} s for 25 kB, {long:.3f} s for 200 kB"


def test_json_stays_json() -> None:
    value = {"password": 'a"b\\c9', "nested": {"token": "x1\ny2", "list": ["a", 1, None]}, "plain": "text"}
    clean = json.loads(redact(json.dumps(value)))
    assert clean["password"] == clean["nested"]["token"] == "[redacted]"
    assert clean["plain"] == "text"
