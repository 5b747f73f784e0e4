"""Uploads, downloads and archives of a customer's workspace."""

import os
import shutil
import tarfile
import tempfile
import uuid
import zipfile
from pathlib import Path

from django.conf import settings
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpResponse, JsonResponse
from django.utils._os import safe_join
from django.utils.text import get_valid_filename
from django.views import View
from django.views.decorators.http import require_POST

WORKSPACE = settings.MEDIA_ROOT
ROOT = Path(settings.MEDIA_ROOT)
MANUALS = {"en": "manual-en.pdf", "de": "manual-de.pdf"}
PICTURES = {"image/png": ".png", "image/jpeg": ".jpg"}


def listing(folder):
    return sorted(entry.name for entry in os.scandir(folder))


def inside(path):
    resolved = os.path.realpath(path)
    if os.path.commonpath([resolved, os.path.realpath(WORKSPACE)]) != os.path.realpath(WORKSPACE):
        raise Http404
    return resolved


def download(request):
    name = request.GET.get("file", "")
    path = os.path.join(WORKSPACE, name)
    return FileResponse(open(path, "rb"), as_attachment=True)


def fetch(request):
    name = request.GET.get("file", "")
    path = safe_join(WORKSPACE, name)
    return FileResponse(open(path, "rb"), as_attachment=True)


def manual(request):
    name = MANUALS.get(request.GET.get("lang"), "manual-en.pdf")
    return FileResponse(open(ROOT / "manuals" / name, "rb"))


def read_note(request):
    path = os.path.normpath(WORKSPACE + "/notes/" + request.GET["note"])
    with open(path, encoding="utf-8") as file:
        return HttpResponse(file.read(), content_type="text/plain")


def read_memo(request):
    path = os.path.realpath(WORKSPACE + "/memos/" + request.GET["memo"])
    if not path.startswith(os.path.realpath(WORKSPACE) + "/memos" + os.sep):
        raise Http404
    with open(path, encoding="utf-8") as file:
        return HttpResponse(file.read(), content_type="text/plain")


def folder_contents(request):
    folder = ROOT.joinpath(request.GET.get("folder", "."))
    if not str(folder).startswith(str(ROOT)):
        raise Http404
    return JsonResponse({"entries": listing(folder)})


def album_contents(request):
    folder = inside(os.path.join(WORKSPACE, request.GET.get("album", ".")))
    return JsonResponse({"entries": listing(folder)})


@require_POST
def remove_file(request):
    target = ROOT / request.POST["path"]
    if target.is_dir():
        shutil.rmtree(target)
    else:
        target.unlink()
    return JsonResponse({"removed": True})


@require_POST
def remove_picture(request):
    target = ROOT / "pictures" / Path(request.POST["path"]).name
    if not target.is_file():
        raise Http404
    target.unlink()
    return JsonResponse({"removed": True})


class Avatar(View):
    def get(self, request, user):
        path = f"{WORKSPACE}/avatars/{request.GET.get('size', 'small')}/{user.pk}.png"
        return FileResponse(open(path, "rb"))

    def post(self, request, user):
        picture = request.FILES["picture"]
        suffix = PICTURES.get(picture.content_type)
        if suffix is None:
            return JsonResponse({"error": "not a picture"}, status=415)
        default_storage.save(f"avatars/{uuid.uuid4()}{suffix}", picture)
        return JsonResponse({"saved": True})


@require_POST
def upload(request):
    document = request.FILES["document"]
    path = os.path.join(WORKSPACE, "incoming", request.POST.get("name", document.name))
    with open(path, "wb") as file:
        for chunk in document.chunks():
            file.write(chunk)
    return JsonResponse({"saved": document.size})


@require_POST
def upload_scan(request):
    document = request.FILES["document"]
    path = os.path.join(WORKSPACE, "incoming", get_valid_filename(document.name))
    with open(path, "wb") as file:
        for chunk in document.chunks():
            file.write(chunk)
    return JsonResponse({"saved": document.size})


@require_POST
def restore_backup(request):
    folder = tempfile.mkdtemp()
    with tarfile.open(fileobj=request.FILES["backup"].file) as archive:
        archive.extractall(folder)
    return JsonResponse({"entries": listing(folder)})


@require_POST
def restore_snapshot(request):
    folder = tempfile.mkdtemp()
    with tarfile.open(fileobj=request.FILES["snapshot"].file) as archive:
        archive.extractall(folder, filter="data")
    return JsonResponse({"entries": listing(folder)})


@require_POST
def import_theme(request):
    folder = Path(tempfile.mkdtemp())
    with zipfile.ZipFile(request.FILES["theme"]) as archive:
        for entry in archive.infolist():
            (folder / entry.filename).parent.mkdir(parents=True, exist_ok=True)
            (folder / entry.filename).write_bytes(archive.read(entry))
    return JsonResponse({"entries": listing(folder)})


@require_POST
def import_fonts(request):
    folder = Path(tempfile.mkdtemp())
    with zipfile.ZipFile(request.FILES["fonts"]) as archive:
        for entry in archive.infolist():
            target = (folder / entry.filename).resolve()
            if not target.is_relative_to(folder.resolve()) or entry.is_dir():
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(archive.read(entry))
    return JsonResponse({"entries": listing(folder)})


@require_POST
def import_language(request):
    folder = tempfile.mkdtemp()
    with tarfile.open(fileobj=request.FILES["language"].file) as archive:
        members = [member for member in archive.getmembers() if member.name.endswith(".po")]
        for member in members:
            archive.extract(member, folder)
    return JsonResponse({"entries": listing(folder)})


@require_POST
def import_glossary(request):
    glossary = {}
    with tarfile.open(fileobj=request.FILES["glossary"].file) as archive:
        for member in archive.getmembers():
            content = archive.extractfile(member)
            if content is not None:
                glossary[member.name] = content.read().decode()
    return JsonResponse({"entries": sorted(glossary)})
