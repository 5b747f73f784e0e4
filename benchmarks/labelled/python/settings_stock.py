"""Django settings of the stock keeping."""

import os

DEBUG = os.environ.get("STOCK_STAGE", "production") == "local"
ALLOWED_HOSTS = ["stock.example"]
SECRET_KEY = os.environ["STOCK_SECRET_KEY"]
INSTALLED_APPS = ["django.contrib.auth", "django.contrib.sessions", "stock"]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
]
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
STATIC_URL = "static/"
