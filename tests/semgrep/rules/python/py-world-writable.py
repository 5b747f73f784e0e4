import os
import stat
from pathlib import Path

OPEN = 0o666


def share(folder):
    # ruleid: py-world-writable
    os.chmod(folder, 0o777)


def share_file(path):
    # ruleid: py-world-writable
    Path(path).chmod(OPEN)


def share_by_name(path):
    # ruleid: py-world-writable
    os.chmod(path, stat.S_IRUSR | stat.S_IWUSR | stat.S_IWOTH)


def daemonise():
    # ruleid: py-world-writable
    os.umask(0)
    os.setsid()


def private(path):
    # ok: py-world-writable
    os.chmod(path, 0o600)


def program(path):
    # ok: py-world-writable
    Path(path).chmod(0o755)


def drop_box(folder):
    # ok: py-world-writable
    os.chmod(folder, 0o1777)


def current_mask():
    # ok: py-world-writable
    old = os.umask(0)
    os.umask(old)
    return old


def private_by_name(path):
    # ok: py-world-writable
    os.chmod(path, stat.S_IRUSR | stat.S_IWUSR)
