"""A tool that is none, run as ``python -I stand_in.py SCRIPT NUMBER``. Standard library only.

SCRIPT is a JSON file: what to do, and per process what to write. In what it writes, the folders of the
run that was recorded are replaced by those of this one.
"""

import json
import os
import signal
import sys
import time


def main(script: str, number: str) -> int:
    """Do what the script says for process `number`; return the exit code."""
    with open(script, encoding="utf-8") as file:
        asked = json.load(file)
    if asked["do"] == "hang":
        _hang()
    if asked["do"] == "crash":
        os.kill(os.getpid(), signal.SIGKILL)
    runs = asked["runs"]
    run = runs[min(int(number), len(runs) - 1)]
    _write(1, _here(run["stdout"], asked["folders"]))
    _write(2, _here(run["stderr"], asked["folders"]))
    if run["output"] is not None:
        with open(os.path.join(os.environ["TMPDIR"], run["name"]), "wb") as file:  # noqa: PTH118
            file.write(_here(run["output"], asked["folders"]))
    return int(run["exit"])


def _here(text: str, folders: "dict[str, str]") -> bytes:
    data = text.encode("latin-1")
    if folders:
        data = data.replace(folders["root"].encode(), os.getcwd().encode())  # noqa: PTH109
        data = data.replace(folders["scratch"].encode(), os.environ["TMPDIR"].encode())
    return data


def _write(stream: int, data: bytes) -> None:
    while data:
        data = data[os.write(stream, data) :]


def _hang() -> None:
    """Ignore TERM, as does a grandchild in a session of its own."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if os.fork() == 0:
        os.setsid()
    while True:
        time.sleep(60)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
