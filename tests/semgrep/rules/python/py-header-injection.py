from flask import Flask, make_response, request

app = Flask(__name__)


@app.route("/set")
def set_header():
    response = make_response("ok")
    name = request.args["name"]
    # ruleid: py-header-injection
    response.headers[name] = "1"
    return response


def cookie():
    response = make_response("ok")
    # ruleid: py-header-injection
    response.set_cookie(request.args["name"], "1")
    return response


class Handler:
    def answer(self, request):
        self.send_response(200)
        # ruleid: py-header-injection
        self.send_header("X-Trace", request.headers["X-Trace"])


def constant_name():
    response = make_response("ok")
    # ok: py-header-injection
    response.headers["X-Name"] = "1"
    return response


def cookie_value():
    response = make_response("ok")
    # ok: py-header-injection
    response.set_cookie("lang", "en", path="/")
    return response


def chosen():
    response = make_response("ok")
    name = request.args["name"]
    if name in ("X-A", "X-B"):
        # ok: py-header-injection
        response.headers[name] = "1"
    return response
