"""Small files for semgrep: what the pack finds in them, and what semgrep does not read, and why."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from devsecops.api import ScanUnit
from tests.batch import Batch, tool_of

DATA = Path(__file__).with_name("data")

FILES: dict[str, bytes] = {
    "000001.py": (
        "import os\nimport yaml\nfrom flask import request\n\n\ndef run(text):\n"
        '    größe = "héllo 😀"; os.system("ls " + request.args["a"])\n'
        "    return yaml.load(text)  # nosemgrep\n"
    ).encode(),
    "000002.py": b"import yaml\nyaml.load(x)\nclass A\n  b = = 3\n))) ]]\n",
    "000003.py": "import yaml\nyaml.load(x)\n".encode("utf-16"),
    "000004.py": b"import yaml\nname = '\xe9'\nyaml.load(name)\n",
    "000005.py": b"# -*- coding: latin-1 -*-\nimport yaml\nname = '\xe9'; yaml.load(name)\n",
    "000006.py": b"import yaml\n" + b"yaml.load(x)\n" * 12_000,
    "000007.py": b"",
    "000008.py": b"import yaml\nx = 1\0\nyaml.load(x)\n",
    "000009.js": b"app.get('/', (req, res) => {\r\n  eval(req.query.code)\r\n})\r\n",
    "000010.ts": b"app.get('/', (req: Request, res: Response) => {\n  eval(req.body.code as string);\n});\n",
    "000011.tsx": b"export const A = (req: Request) => <div>{eval(req.query.code)}</div>;\n",
    "000012.js": b"eval(req.query.x);\n<<<<<<< HEAD\nfoo()\n=======\nbar()\n>>>>>>> b\n",
    "000013.dockerfile": b"FROM python:3.12.1\nADD https://example.com/a.tgz /a.tgz\nUSER app\n",
    "000014.txt": b"eval(x)\n",
}


UNITS = tuple(ScanUnit(id=f"src/{name}", path=name) for name in FILES)


def batch(root: str | Path, **more: Any) -> Batch:
    """Return the batch of all samples in a folder; `more` are other fields of it."""
    fields: dict[str, Any] = {
        "units": UNITS,
        "content": FILES,
        "tool": tool_of("semgrep", "1.182.0", "CPython 3.11.7"),
    }
    return Batch(root=str(root), **(fields | more))


def lay_out(folder: Path) -> Path:
    """Write the samples into a folder."""
    for name, data in FILES.items():
        (folder / name).write_bytes(data)
    return folder
