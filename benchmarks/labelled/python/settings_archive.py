"""Django settings of the archive."""

from pathlib import Path

BASE_DIR = Path(__file__).parent
DEBUG = False
SECRET_KEY = (Path("/run/secrets") / "archive_secret_key").read_text().strip()
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "archive",
        "OPTIONS": {"passfile": "/run/secrets/archive_pgpass"},
    }
}
PASSWORD_RESET_TIMEOUT = 3600
PASSWORD_CHANGED_MESSAGE = "Your password was changed"
TOKEN_HEADER = "X-Archive-Token"
SESSION_COOKIE_SECURE = True
