import kombu
from celery import Celery
from django.core import signing
from django.core.signing import JSONSerializer

app = Celery("shop", broker="redis://queue:6379/0")
# ruleid: py-pickle-serializer-configured
app.conf.accept_content = ["json", "pickle"]
# ruleid: py-pickle-serializer-configured
app.conf.update(task_serializer="pickle", timezone="UTC")
# ruleid: py-pickle-serializer-configured
CELERY_TASK_SERIALIZER = "pickle"
# ruleid: py-pickle-serializer-configured
SESSION_SERIALIZER = "django.contrib.sessions.serializers.PickleSerializer"

other = Celery("mail")
# ok: py-pickle-serializer-configured
other.conf.accept_content = ["json", "msgpack"]
# ok: py-pickle-serializer-configured
other.conf.update(task_serializer="json", accept_content=["json"])
# ok: py-pickle-serializer-configured
CELERY_RESULT_SERIALIZER = "json"


def open_all():
    # ruleid: py-pickle-serializer-configured
    kombu.enable_insecure_serializers(["pickle"])


def read_cookie(value):
    # ok: py-pickle-serializer-configured
    return signing.loads(value, serializer=JSONSerializer)


def formats():
    # ok: py-pickle-serializer-configured
    known = ["json", "pickle", "yaml"]
    return known
