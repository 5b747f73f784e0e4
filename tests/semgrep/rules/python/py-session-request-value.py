from flask import request, session


def become():
    # ruleid: py-session-request-value
    session["user_id"] = request.args["id"]


def role(request):
    # ruleid: py-session-request-value
    request.session["role"] = request.POST.get("role")


def store():
    # ruleid: py-session-request-value
    session[request.form["key"]] = "1"


def language():
    # ok: py-session-request-value
    session["language"] = request.args["language"]


def login(find):
    user = find("name")
    # ok: py-session-request-value
    session["user_id"] = user.id


def tenant():
    tenant = request.args["tenant"]
    if tenant not in session["tenants"]:
        return
    # ok: py-session-request-value
    session["tenant"] = tenant
