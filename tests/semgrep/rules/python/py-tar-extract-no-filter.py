import io
import tarfile
import zipfile

import requests


def install(path, target):
    with tarfile.open(path) as archive:
        # ruleid: py-tar-extract-no-filter
        archive.extractall(target)


def install_by_name(path, target):
    archive = tarfile.open(path, "r:gz")
    # ruleid: py-tar-extract-no-filter
    archive.extractall(path=target)
    archive.close()


def install_trusting(path, target):
    with tarfile.open(path) as archive:
        # ruleid: py-tar-extract-no-filter
        archive.extractall(target, filter="fully_trusted")


def download(url, target):
    body = io.BytesIO(requests.get(url, timeout=20).content)
    # ruleid: py-tar-extract-no-filter
    tarfile.open(fileobj=body).extractall(target)


def each(path, target):
    with tarfile.open(path) as archive:
        for member in archive:
            # ruleid: py-tar-extract-no-filter
            archive.extract(member, target)


def install_filtered(path, target):
    with tarfile.open(path) as archive:
        # ok: py-tar-extract-no-filter
        archive.extractall(target, filter="data")


def install_checked(path, target):
    with tarfile.open(path) as archive:
        safe = [m for m in archive.getmembers() if m.isfile() and "/" not in m.name]
        # ok: py-tar-extract-no-filter
        archive.extractall(target, members=safe)


def install_zip(path, target):
    with zipfile.ZipFile(path) as archive:
        # ok: py-tar-extract-no-filter
        archive.extractall(target)


def pack(path, folder):
    with tarfile.open(path, "w:gz") as archive:
        # ok: py-tar-extract-no-filter
        archive.add(folder)
