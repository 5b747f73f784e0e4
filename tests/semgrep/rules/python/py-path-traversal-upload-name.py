import os
import uuid

from fastapi import FastAPI, UploadFile
from flask import request
from werkzeug.utils import secure_filename

app = FastAPI()
UPLOADS = "/srv/uploads"


def upload():
    file = request.files["file"]
    # ruleid: py-path-traversal-upload-name
    file.save(os.path.join(UPLOADS, file.filename))


@app.post("/upload")
async def store(file: UploadFile):
    path = f"/srv/uploads/{file.filename}"
    # ruleid: py-path-traversal-upload-name
    with open(path, "wb") as target:
        target.write(await file.read())


def avatar(request):
    image = request.FILES["image"]
    # ruleid: py-path-traversal-upload-name
    with open("/srv/avatars/" + image.name, "wb") as target:
        for chunk in image.chunks():
            target.write(chunk)


def upload_named():
    file = request.files["file"]
    # ok: py-path-traversal-upload-name
    file.save(os.path.join(UPLOADS, secure_filename(file.filename)))


def upload_generated():
    file = request.files["file"]
    # ok: py-path-traversal-upload-name
    file.save(os.path.join(UPLOADS, f"{uuid.uuid4()}.png"))


def upload_base():
    name = os.path.basename(request.files["file"].filename)
    # ok: py-path-traversal-upload-name
    with open(os.path.join(UPLOADS, name), "wb") as target:
        target.write(request.files["file"].read())
