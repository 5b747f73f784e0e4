from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware
from flask import Flask
from flask_cors import CORS

api = FastAPI()
# ruleid: py-cors-any-origin-credentials
api.add_middleware(CORSMiddleware, allow_origins=["*"], allow_credentials=True, allow_methods=["*"])

app = Flask(__name__)
# ruleid: py-cors-any-origin-credentials
CORS(app, supports_credentials=True)
# ruleid: py-cors-any-origin-credentials
CORS(app, resources={r"/api/*": {"origins": "*"}}, supports_credentials=True)

# ruleid: py-cors-any-origin-credentials
CORS_ALLOW_ALL_ORIGINS = True
CORS_ALLOW_CREDENTIALS = True

public = FastAPI()
# ok: py-cors-any-origin-credentials
public.add_middleware(CORSMiddleware, allow_origins=["*"], allow_methods=["GET"])
# ok: py-cors-any-origin-credentials
api.add_middleware(CORSMiddleware, allow_origins=["https://shop.example.org"], allow_credentials=True)
# ok: py-cors-any-origin-credentials
CORS(app, origins=["https://shop.example.org"], supports_credentials=True)
# ok: py-cors-any-origin-credentials
CORS(app, origins="*")
