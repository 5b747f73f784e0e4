from django.http import HttpResponse, JsonResponse
from flask import jsonify, request

ORIGINS = {"https://app.example.com"}


def api():
    response = jsonify(ok=True)
    # ruleid: py-cors-origin-reflected
    response.headers["Access-Control-Allow-Origin"] = request.headers.get("Origin", "*")
    response.headers["Access-Control-Allow-Credentials"] = "true"
    return response


def view(request):
    response = JsonResponse({})
    origin = request.META["HTTP_ORIGIN"]
    # ruleid: py-cors-origin-reflected
    response["Access-Control-Allow-Origin"] = origin
    return response


def handler(event, context):
    # ruleid: py-cors-origin-reflected
    return {"statusCode": 200, "headers": {"Access-Control-Allow-Origin": event["headers"]["origin"]}}


def fixed():
    response = jsonify(ok=True)
    # ok: py-cors-origin-reflected
    response.headers["Access-Control-Allow-Origin"] = "https://app.example.com"
    return response


def checked():
    response = jsonify(ok=True)
    origin = request.headers.get("Origin")
    if origin in ORIGINS:
        # ok: py-cors-origin-reflected
        response.headers["Access-Control-Allow-Origin"] = origin
    return response


def vary(request):
    response = HttpResponse()
    # ok: py-cors-origin-reflected
    response["Content-Language"] = request.GET["lang"]
    return response
