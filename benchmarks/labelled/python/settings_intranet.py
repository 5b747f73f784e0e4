"""Django settings of the intranet."""

import os
from pathlib import Path

BASE_DIR = Path(__file__).parent
DEBUG = False
SECRET_KEY = "x7@q-intranet-0b5c1e94d2"
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "intranet",
        "USER": "intranet",
        "PASSWORD": os.environ["INTRANET_DB_PASSWORD"],
    }
}
PASSWORD_RESET_TIMEOUT = 3600
AUTH_PASSWORD_VALIDATORS = [{"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"}]
SESSION_COOKIE_SECURE = True
