from django.http import HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from fastapi import FastAPI
from fastapi.responses import RedirectResponse
from flask import Flask, redirect, request, url_for

app = Flask(__name__)
api = FastAPI()


@app.route("/login", methods=["POST"])
def login():
    # ruleid: py-open-redirect
    return redirect(request.args.get("next") or "/")


def logout(request):
    target = request.GET["next"]
    # ruleid: py-open-redirect
    return HttpResponseRedirect(target)


@api.get("/go")
def go(url: str):
    # ruleid: py-open-redirect
    return RedirectResponse(url=url)


def host():
    # ruleid: py-open-redirect
    return redirect(f"https://{request.args['host']}/start")


def profile():
    # ok: py-open-redirect
    return redirect(url_for("user", name=request.args["name"]))


def page():
    # ok: py-open-redirect
    return redirect(f"/pages/{request.args['page']}")


def logout_checked(request):
    target = request.GET["next"]
    if not url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()}):
        target = "/"
    # ok: py-open-redirect
    return HttpResponseRedirect(target)


def login_checked(request):
    target = request.POST.get("next")
    if target and url_has_allowed_host_and_scheme(url=target, allowed_hosts={request.get_host()}):
        # ok: py-open-redirect
        return HttpResponseRedirect(target)
    return None


def fixed(request):
    target = request.GET["next"]
    if target not in ("/a", "/b"):
        target = "/"
    # ok: py-open-redirect
    return HttpResponseRedirect(target)
