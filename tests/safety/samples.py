"""Requirements files for safety: what it finds, and every kind of line that it cannot judge."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from devsecops.api import RawOutput, ReadyTool, ScanUnit
from tests.batch import Batch
from tests.batch import tool_of as made

DATA = Path(__file__).with_name("data")
TODAY = "2026-11-24"
FILES: dict[str, str] = {
    "requirements.txt": (
        "# the application\n"
        "Django==3.2.23  # old\n"
        "jinja2 == 2.10\n"
        "flask>=1\n"
        "thing @ https://example.org/thing-1.0.whl\n"
        "-e git+https://example.org/other.git#egg=other\n"
        'requests[socks]==2.19.0 ; python_version < "3"\n'
        "-r dev/requirements.txt\n"
        "-r base.txt\n"
        "--index-url https://example.org/simple\n"
        "odd===2.0-beta-x\n"
        "!!!\n"
    ),
    "dev/requirements.txt": (
        "pyyaml==5.1 \\\n    --hash=sha256:" + "0" * 64 + "\n"
        "django===3.2.24\n"
        "pillow==10.0.0rc1\n"
        "devsecops-nothing==1.0+local\n"
    ),
    "empty-requirements.txt": "\n# nothing\n",
}
NUMBERED = {f"{number:06}.txt": path for number, path in enumerate(sorted(FILES), 1)}
"""The neutral name of each file, as the engine gives it."""
UNITS = tuple(ScanUnit(id=path, path=name) for name, path in NUMBERED.items())
CONTROL = {"devsecops-control/requirements.txt": "devsecops-control==0.1\n"}


def tool_of(command: str = "/e/bin") -> ReadyTool:
    return made("safety", "3.8.1", "CPython 3.13.0", command, lock="0" * 64)


def lay_out(folder: Path, tool: ReadyTool | None = None, **options: Any) -> Batch:
    """Write the files under their neutral names, and return the context of their batch."""
    root, scratch = folder / "in", folder / "out"
    root.mkdir(parents=True)
    scratch.mkdir()
    for name, path in NUMBERED.items():
        (root / name).write_text(FILES[path])
    return Batch(
        root=str(root),
        scratch=str(scratch),
        units=UNITS,
        content={path: text.encode() for path, text in FILES.items()},
        tool=tool or tool_of(),
        options={"api_key": "", "network": False, **options},
        today=TODAY,
    )


def run(context: Batch, plan: Any, env: Mapping[str, str] | None = None) -> RawOutput:
    """Run what was planned as the engine does, nearly."""
    (planned,) = plan
    home = Path(context.scratch).parent / "home"
    home.mkdir(exist_ok=True)
    base = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "HOME": str(home)}
    done = subprocess.run(
        planned.argv,
        cwd=context.root,
        env=base | planned.env | planned.secrets | dict(env or {}),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode in planned.ok_exits, done.stderr
    path = str(Path(context.scratch) / planned.output)
    return RawOutput(exit=done.returncode, path=path, stderr=done.stderr, seconds=1.0)
