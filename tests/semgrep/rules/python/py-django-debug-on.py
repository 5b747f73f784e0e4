# ruleid: py-django-debug-on
DEBUG = True
ALLOWED_HOSTS = ["shop.example.org"]


def variant_settings():
    # ruleid: py-django-debug-on
    DEBUG = True
    INSTALLED_APPS = ["shop"]
    ROOT_URLCONF = "shop.urls"
    return DEBUG, INSTALLED_APPS, ROOT_URLCONF


def urls_first():
    ROOT_URLCONF = "shop.urls"
    # ruleid: py-django-debug-on
    DEBUG = True
    return DEBUG, ROOT_URLCONF


def from_environment(environ):
    # ok: py-django-debug-on
    DEBUG = environ.get("DJANGO_DEBUG") == "1"
    ROOT_URLCONF = "shop.urls"
    return DEBUG, ROOT_URLCONF


def off():
    # ok: py-django-debug-on
    DEBUG = False
    ROOT_URLCONF = "shop.urls"
    return DEBUG, ROOT_URLCONF


def of_a_script():
    # ok: py-django-debug-on
    DEBUG = True
    return DEBUG
