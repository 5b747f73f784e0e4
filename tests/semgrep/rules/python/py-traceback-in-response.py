import logging
import traceback

from django.http import HttpResponseServerError, JsonResponse
from fastapi import FastAPI, HTTPException
from flask import Flask, jsonify

app = Flask(__name__)
api = FastAPI()
logger = logging.getLogger(__name__)


def report(request):
    try:
        return JsonResponse(request.user.report())
    except Exception:
        # ruleid: py-traceback-in-response
        return HttpResponseServerError(traceback.format_exc())


@app.route("/orders")
def orders():
    try:
        return jsonify(load_orders())
    except Exception:
        detail = traceback.format_exc()
        # ruleid: py-traceback-in-response
        return jsonify({"error": detail}), 500


@app.route("/plain")
def plain():
    try:
        return load_orders()
    except Exception:
        # ruleid: py-traceback-in-response
        return "<pre>" + traceback.format_exc() + "</pre>"


@api.get("/stock")
def stock():
    try:
        return load_orders()
    except Exception as error:
        # ruleid: py-traceback-in-response
        raise HTTPException(status_code=500, detail=traceback.format_exc()) from error


@app.route("/safe")
def orders_safely():
    try:
        return jsonify(load_orders())
    except Exception:
        logger.exception("orders failed")
        # ok: py-traceback-in-response
        return jsonify({"error": "internal error"}), 500


def report_logged(request):
    try:
        return JsonResponse(request.user.report())
    except Exception:
        # ok: py-traceback-in-response
        logger.error(traceback.format_exc())
        # ok: py-traceback-in-response
        return HttpResponseServerError("internal error")


def describe():
    # ok: py-traceback-in-response
    return traceback.format_exc()


def load_orders():
    return {}
