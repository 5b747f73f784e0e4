import hashlib
import hmac

from django.http import HttpResponse, JsonResponse
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_GET
from flask import Flask
from rest_framework.authentication import SessionAuthentication

app = Flask(__name__)
# ruleid: py-csrf-disabled
app.config["WTF_CSRF_ENABLED"] = False


@csrf_exempt
# ruleid: py-csrf-disabled
def transfer(request):
    request.user.account.move(request.POST["to"], int(request.POST["amount"]))
    return JsonResponse({"done": True})


# ruleid: py-csrf-disabled
@method_decorator(csrf_exempt, name="dispatch")
class Profile(View):
    def post(self, request):
        request.user.email = request.POST["email"]
        request.user.save()
        return HttpResponse(status=204)


class Lax(SessionAuthentication):
    # ruleid: py-csrf-disabled
    def enforce_csrf(self, request):
        return


@csrf_exempt
# ok: py-csrf-disabled
def webhook(request, key=b""):
    expected = hmac.new(key, request.body, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected, request.headers["X-Signature"]):
        return HttpResponse(status=403)
    return HttpResponse(status=204)


@csrf_exempt
@require_GET
# ok: py-csrf-disabled
def status(request):
    return JsonResponse({"up": True, "host": request.get_host()})


@csrf_protect
# ok: py-csrf-disabled
def change(request):
    request.user.name = request.POST["name"]
    return HttpResponse(status=204)


class TestConfig:
    # ok: py-csrf-disabled
    WTF_CSRF_ENABLED = False
