"""Small files for bandit: what it finds, what it drops and why. Bytes, for half of them are no Python."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from devsecops.api import ScanUnit
from tests.batch import Batch, tool_of

DATA = Path(__file__).with_name("data")

FILES: dict[str, bytes] = {
    "000001.py": (
        'import subprocess\n\n\ndef run(command, name):\n    password = "pässwörd-Zq8"\n'
        '    grüße = "héllo"; subprocess.call(command + grüße, shell=True)\n'
        "    query = (\n        \"SELECT * FROM t WHERE a = '%s'\"\n        % name\n    )\n"
        "    return query  # nosec\n"
    ).encode(),
    "000002.py": b"def broken(:\n    pass\n",
    "000003.py": b"x = " + b" + ".join([b"1"] * 990) + b"\n",
    "000004.py": b'name = "\xe9"\n',
    "000005.py": b"x = 1\0\n",
    "000006.py": "import pickle\n".encode("utf-16"),
    "000007.py": b'import importlib\n\n\ndef load(**options):\n    eval(options["x"])\n'
    b"    return importlib.import_module(**options)\n",
    "000008.py": b'print("nothing")\n',
    "000009.py": "access = 'user'\nif access != 'none\u202e\u2066' :  # check\n    pass\n".encode(),
    "000010.py": b'# -*- coding: latin-1 -*-\nname = "\xe9"; import pickle\n',
    "000011.py": b'import os\r\nos.system("ls *")\rx = 2\r\nassert x\r\n',
    "000012.py": b"a" + b".b" * 3000 + b"\n",
    "000013.py": b"",
}
MISSING = "000014.py"
"""Given to bandit, and not there."""


UNITS = tuple(ScanUnit(id=f"src/{n}", path=n) for n in [*FILES, MISSING])


def batch(root: str | Path, **more: Any) -> Batch:
    """Return the batch of all samples in a folder; `more` are other fields of it."""
    fields: dict[str, Any] = {
        "units": UNITS,
        "content": FILES,
        "tool": tool_of("bandit", "1.9.4", "CPython 3.13.0"),
    }
    return Batch(root=str(root), **(fields | more))


def lay_out(folder: Path) -> Path:
    """Write the samples into a folder."""
    for name, data in FILES.items():
        (folder / name).write_bytes(data)
    return folder
