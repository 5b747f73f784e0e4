from __future__ import annotations

from pathlib import Path

import pytest

from tests.subject.repos import LFS_POINTER, ODD_NAMES, MakeRepo, Repo


@pytest.fixture
def make_repo(tmp_path: Path) -> MakeRepo:
    def make(name: str = "repo", *options: str) -> Repo:
        return Repo(tmp_path / name, *options)

    return make


@pytest.fixture
def zoo(make_repo: MakeRepo) -> Repo:
    """One of everything that a tree can hold, committed."""
    inner = make_repo("inner")
    inner.put("in.py")
    inner.commit()
    repo = make_repo("zoo")
    for raw in ODD_NAMES:
        repo.put(raw, b"# " + raw.hex().encode() + b"\n")
    repo.put("empty.py", b"")
    repo.put("binary.bin", bytes(range(256)) * 20)
    repo.put("script", "#!/usr/bin/env -S python3.12 -u\nprint(1)\n", run=True)
    repo.put("tool.sh", "#!/bin/sh\ntrue\n", run=True)
    repo.put("model.py", LFS_POINTER)
    repo.put("weights.bin", LFS_POINTER)
    repo.put("pkg/real.py")
    repo.put("shaped/HEAD", "ref: refs/heads/main\n")
    repo.put("shaped/config", "[core]\n\tfsmonitor = touch MARK; true\n")
    repo.put("shaped/objects/x")
    repo.put("shaped/refs/x")
    repo.put(".bandit", "[bandit]\n")
    repo.put("requirements.txt", "flask==1.0\n")
    for name, target in {
        "link.py": "pkg/real.py", "linkdir": "pkg", "loop": "loop", "dangling.py": "nowhere",
        "out.py": "/etc/hostname",
    }.items():  # fmt: skip
        (repo.root / name).symlink_to(target)
    repo.git("-c", "protocol.file.allow=always", "submodule", "add", "-q", str(inner.root), "sub")
    repo.commit()
    return repo
