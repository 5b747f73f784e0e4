"""Real git repositories, made in a temporary folder."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

ENV = {
    "PATH": os.environ["PATH"],
    "HOME": "/nonexistent",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_CONFIG_NOSYSTEM": "1",
    **{f"GIT_{who}_{what}": "t@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
    **{f"GIT_{who}_DATE": "2026-01-02T03:04:05Z" for who in ("AUTHOR", "COMMITTER")},
}


class Repo:
    """A real git repository in a temporary folder."""

    def __init__(self, root: Path, *options: str) -> None:
        self.root = root
        root.mkdir(parents=True, exist_ok=True)
        self.git("init", "-q", "-b", "main", *options)

    def git(self, *args: str | bytes) -> bytes:
        argv = ["git", "-C", self.root, *args]
        return subprocess.run(argv, env=ENV, check=True, capture_output=True).stdout

    def put(self, raw: bytes | str, data: bytes | str = b"x = 1\n", *, run: bool = False) -> Path:
        path = self.root / os.fsdecode(raw)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data.encode() if isinstance(data, str) else data)
        path.chmod(0o755 if run else 0o644)
        return path

    def commit(self, message: str = "work") -> str:
        self.git("add", "-A", "-f")
        self.git("commit", "-q", "--allow-empty", "-m", message)
        return self.git("rev-parse", "HEAD").decode().strip()


MakeRepo = Callable[..., Repo]

LFS_POINTER = (
    b"version https://git-lfs.github.com/spec/v1\n"
    b"oid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 12345\n"
)
ODD_NAMES = (
    b"new\nline.py", b'qu"ote\'s.py', b"not-utf8-\xff\xfe.py", b"-rf.py", b"--help", b"back\\slash.py",
    b"\\xff.py", "emoji-🦊.py".encode(), b"c:colon.py", b":(top)magic.py", b" space .py", b"tab\t.py",
    b"esc\x1b[31m.py", b"[class]*?.py", b"deep/er/and/deeper/f.py", "bidi-\u202egnp.py".encode(),
)  # fmt: skip
