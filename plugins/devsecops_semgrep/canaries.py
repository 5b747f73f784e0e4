"""Known-bad files, one a language: each has a flaw for a rule that matches and for one that follows data."""

from __future__ import annotations

from devsecops.api import Canary, Expect

_PYTHON = """\
import os

import yaml
from flask import request


def canary(text):
    os.system("ls " + request.args["folder"])
    return yaml.load(text)
"""
_JAVASCRIPT = """\
const crypto = require('crypto');

app.get('/', (req, res) => {
  eval(req.query.code);
  res.json(crypto.createHash('md5').update(req.query.password).digest('hex'));
});
"""
_TYPESCRIPT = """\
import crypto from 'crypto';

app.get('/', (req: Request, res: Response): void => {
  eval(req.query.code as string);
});
"""
_DOCKERFILE = """\
FROM python:3.12.1-slim
ADD https://example.com/app.tar.gz /app.tar.gz
USER app
"""


def _canary(label: str, file: str, text: str, **expects: int) -> Canary:
    found = tuple(Expect(rule=rule.replace("_", "-"), file=file, line=line) for rule, line in expects.items())
    return Canary(label=label, files={file: text}, expects=found)


CANARIES = (
    _canary("python", "canary.py", _PYTHON, py_os_command_injection=8, py_yaml_unsafe_loader=9),
    _canary("javascript", "canary.js", _JAVASCRIPT, js_code_injection=4),
    _canary("typescript", "canary.ts", _TYPESCRIPT, js_code_injection=4),
    _canary("dockerfile", "canary.dockerfile", _DOCKERFILE, docker_add_remote=2),
)
