from django.contrib.auth.models import User
from django.db.models import Q

from .models import Book


def search(request):
    filters = request.GET.dict()
    # ruleid: py-orm-keyword-injection
    return User.objects.filter(**filters)


def lookup(request):
    # ruleid: py-orm-keyword-injection
    return Book.objects.get(**request.POST.dict())


def any_of(request):
    conditions = {}
    for key, value in request.GET.items():
        conditions[key + "__icontains"] = value
    # ruleid: py-orm-keyword-injection
    return Book.objects.all().exclude(id=3).filter(Q(**conditions))


def constant_keys(request):
    conditions = {"title": request.GET["title"], "kind": "novel"}
    # ok: py-orm-keyword-injection
    return Book.objects.filter(**conditions)


def known_field(request):
    for field, value in request.GET.items():
        if field in ("title", "kind"):
            # ok: py-orm-keyword-injection
            return Book.objects.filter(**{field: value})


def by_title(request):
    # ok: py-orm-keyword-injection
    return Book.objects.filter(title=request.GET["title"])


def by_fields(request):
    filters = {"active": True, "kind": "novel"}
    # ok: py-orm-keyword-injection
    return Book.objects.filter(**filters)


def by_known(request, form):
    # ok: py-orm-keyword-injection
    return Book.objects.filter(**form.as_filters())
