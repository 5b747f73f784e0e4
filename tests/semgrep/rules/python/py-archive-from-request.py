import os
import shutil
import tarfile

from fastapi import FastAPI, UploadFile
from flask import request

app = FastAPI()


def restore():
    upload = request.files["backup"]
    # ruleid: py-archive-from-request
    with tarfile.open(fileobj=upload.stream) as archive:
        for member in archive:
            archive.extract(member, "/srv/data", filter="data")


def unpack():
    path = "/srv/in/" + request.form["archive"]
    # ruleid: py-archive-from-request
    shutil.unpack_archive(path, "/srv/out")


@app.post("/theme")
async def theme(file: UploadFile):
    # ruleid: py-archive-from-request
    return tarfile.open(fileobj=file.file, mode="r:gz").getnames()


def constant():
    # ok: py-archive-from-request
    shutil.unpack_archive("/srv/in/base.tar", "/srv/out")


def create():
    # ok: py-archive-from-request
    with tarfile.open("/srv/out.tar", "w") as archive:
        archive.add("/srv/data", arcname=os.path.basename(request.args["name"]))


def by_number():
    number = int(request.form["backup"])
    # ok: py-archive-from-request
    shutil.unpack_archive(f"/srv/backups/{number}.tar", "/srv/out")
