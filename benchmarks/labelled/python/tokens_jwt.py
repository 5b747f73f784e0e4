"""Access tokens of the API: issuing and reading JSON web tokens."""

import datetime
import os

import jwt
from fastapi import Depends, FastAPI, HTTPException, Request
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import JSONResponse
from jose import jwt as jose_jwt
from jwt import PyJWKClient

KEYS = PyJWKClient("https://login.example/.well-known/jwks.json")
AUDIENCE = "shop-api"
ALGORITHMS = ["RS256", "ES256"]
ORIGINS = ["https://shop.example", "https://admin.shop.example"]


def secret():
    return os.environ["TOKEN_KEY"]


def bearer(request):
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise HTTPException(401)
    return token


def current_user(request: Request):
    token = bearer(request)
    claims = jwt.decode(token, options={"verify_signature": False})
    return claims["sub"]


def current_account(request: Request):
    token = bearer(request)
    try:
        key = KEYS.get_signing_key_from_jwt(token).key
        claims = jwt.decode(token, key, algorithms=ALGORITHMS, audience=AUDIENCE)
    except jwt.InvalidTokenError as error:
        raise HTTPException(401) from error
    return claims["sub"]


def current_tenant(request: Request):
    options = {"verify_signature": False, "verify_exp": False}
    claims = jwt.decode(bearer(request), secret(), algorithms=["HS256"], options=options)
    return claims["tenant"]


def current_session(request: Request):
    options = {"require": ["exp", "sub"], "verify_aud": False}
    claims = jwt.decode(bearer(request), secret(), algorithms=["HS256"], options=options)
    return claims["session"]


def current_device(request: Request):
    claims = jose_jwt.get_unverified_claims(bearer(request))
    if claims.get("aud") != AUDIENCE:
        raise HTTPException(401)
    return claims["device"]


def current_client(request: Request):
    token = bearer(request)
    kid = jwt.get_unverified_header(token).get("kid", "")
    if kid not in ("2024-a", "2024-b"):
        raise HTTPException(401)
    return jose_jwt.decode(token, os.environ["TOKEN_KEY_" + kid[-1].upper()], algorithms=["HS512"])["client"]


def guest_token(basket):
    return jwt.encode({"basket": basket, "role": "guest"}, None, algorithm="none")


def user_token(user):
    expires = datetime.datetime.now(datetime.UTC) + datetime.timedelta(minutes=15)
    return jwt.encode({"sub": user, "exp": expires}, secret(), algorithm="HS256")


def partner_token(partner):
    expires = datetime.datetime.now(datetime.UTC) + datetime.timedelta(hours=1)
    return jwt.encode({"sub": partner, "exp": expires}, "Zf3-partner-signing-7741", algorithm="HS256")


def public_api():
    app = FastAPI(title="Public")
    app.add_middleware(
        CORSMiddleware, allow_origins=["*"], allow_credentials=True, allow_methods=["*"], allow_headers=["*"]
    )
    app.add_api_route("/me", lambda user=Depends(current_account): {"user": user})
    return app


def admin_api():
    app = FastAPI(title="Admin")
    app.add_middleware(
        CORSMiddleware, allow_origins=ORIGINS, allow_credentials=True, allow_methods=["GET", "POST"]
    )
    app.add_api_route("/me", lambda user=Depends(current_account): {"user": user})
    return app


def partner_api():
    app = FastAPI(title="Partner")
    app.add_middleware(CORSMiddleware, allow_origin_regex=r".*\.?example\.com", allow_credentials=True)
    return app


def cross_origin(request: Request, body: dict):
    response = JSONResponse(body)
    response.headers["Access-Control-Allow-Origin"] = request.headers.get("origin", "*")
    response.headers["Access-Control-Allow-Credentials"] = "true"
    return response


def shared_origin(request: Request, body: dict):
    response = JSONResponse(body)
    origin = request.headers.get("origin")
    if origin in ORIGINS:
        response.headers["Access-Control-Allow-Origin"] = origin
        response.headers["Vary"] = "Origin"
    return response
