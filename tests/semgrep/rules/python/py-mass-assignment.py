from fastapi import FastAPI
from flask import request

from .models import Profile, User, db

app = FastAPI()


def register():
    # ruleid: py-mass-assignment
    user = User(**request.get_json())
    db.session.add(user)


def create(request):
    fields = request.POST.dict()
    # ruleid: py-mass-assignment
    return User.objects.create(**fields)


def update(profile):
    # ruleid: py-mass-assignment
    profile.__dict__.update(request.json)


def register_named():
    body = request.get_json()
    # ok: py-mass-assignment
    user = User(name=body["name"], mail=body["mail"])
    db.session.add(user)


def answer(render):
    # ok: py-mass-assignment
    return render(**request.args)


def defaults():
    fields = {"name": "a", "kind": "b"}
    # ok: py-mass-assignment
    return Profile(**fields)
