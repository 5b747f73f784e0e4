# ruff: noqa: E501
"""Route handlers found by parsing: the shapes in which Flask, FastAPI and Django are written."""

from __future__ import annotations

from pathlib import Path
from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devsecops.api import File
from devsecops_zap.handlers import Handlers, find_handlers

ROOT = Path(__file__).parents[2]

FLASK = {
    "shop/__init__.py": """\
from flask import Flask

def create_app():
    app = Flask(__name__)
    from shop.users import bp as users
    from .admin import blueprint
    from . import orders
    app.register_blueprint(users)
    app.register_blueprint(blueprint, url_prefix="/v2/manage")
    app.register_blueprint(orders.bp)

    @app.get("/health")
    def health():
        return "ok"

    app.add_url_rule("/late/<int:n>", view_func=late, methods=["PUT", "GET"])
    app.add_url_rule("/cls", view_func=orders.Item.as_view("item"))
    return app

def late(n):
    return n
""",
    "shop/users.py": """\
import flask

bp = flask.Blueprint("users", __name__, url_prefix="/users")

@bp.route("/<int:user_id>", methods=["GET", "DELETE"])
@login_required
def user(user_id):
    return user_id

@bp.route("/")
@bp.route("/all/<path:rest>")
def users(rest=""):
    return []
""",
    "shop/admin.py": """\
from flask import Blueprint
blueprint = Blueprint("admin", __name__, url_prefix="/admin")
inner: Blueprint = Blueprint("inner", __name__, url_prefix="/inner")
blueprint.register_blueprint(inner)

@inner.post("/x")
async def x(): ...
""",
    "shop/orders.py": """\
from flask import Blueprint
from flask.views import MethodView
bp = Blueprint("orders", __name__)

class Item(MethodView):
    def get(self, id):
        return id

    def post(self):
        return ""

bp.add_url_rule("/items/<uuid:id>", view_func=Item.as_view("item"), methods=["GET"])

@bp.patch(f"/computed/{1}")
@mock.patch("shop.orders.x")
def computed(): ...
""",
    "wsgi.py": "from shop import create_app\napp = create_app()\n@app.route('/top')\ndef top(): ...\n",
    "broken.py": "from flask import Flask\ndef (:\n",
}

FASTAPI = {
    "src/app/main.py": """\
from fastapi import FastAPI
from app.routers import items
from app.routers.users import router as users_router

app = FastAPI()
app.include_router(items.router, prefix="/api", tags=["items"])
app.include_router(users_router, prefix="/api/v1")

@app.get("/")
async def root(): ...

@app.api_route("/multi", methods=["GET", "POST"])
def multi(): ...
""",
    "src/app/routers/__init__.py": "",
    "src/app/routers/items.py": """\
from fastapi import APIRouter
router = APIRouter(prefix="/items")

@router.get("/{item_id}")
async def item(item_id: int): ...

@router.post("")
async def create(): ...

@router.get("/files/{path:path}")
async def files(path: str): ...
""",
    "src/app/routers/users.py": """\
from fastapi import APIRouter
router = APIRouter()

def show(user_id: int): ...

router.add_api_route("/users/{user_id}", show, methods=["GET"])
""",
}

DJANGO = {
    "site/settings.py": "ROOT_URLCONF = 'site.urls'\n",
    "site/urls.py": """\
from django.contrib import admin
from django.urls import include, path, re_path
from polls import views as polls_views
from blog.views import Entry, archive

urlpatterns = [
    path("admin/", admin.site.urls),
    path("polls/", include("polls.urls")),
    path("blog/", include(("blog.urls", "blog"), namespace="blog")),
    re_path(r"^archive/(?P<year>[0-9]{4})/(?:page-(\\d+)/)?$", archive),
    path("entry/<slug:slug>/", Entry.as_view()),
    path("nested/", include([path("a/", polls_views.index), path("b/", lambda r: r)])),
] + extra
urlpatterns += [path("home/", polls_views.wrapped(polls_views.index), name="home")]
""",
    "polls/urls.py": """\
from django.urls import path
from . import views
app_name = "polls"
urlpatterns = [
    path("", views.index, name="index"),
    path("<int:question_id>/vote/", views.vote),
]
""",
    "polls/views.py": """\
from django.views.decorators.http import require_http_methods, require_POST

def index(request):
    return None

@require_POST
def vote(request, question_id):
    return None

def wrapped(view):
    return view
""",
    "blog/urls.py": "from django.urls import path\nfrom .views import Generic\nurlpatterns = [path('g/<int:pk>', Generic.as_view())]\n",
    "blog/views/__init__.py": "from .entries import Entry, archive, Generic\n",
    "blog/views/entries.py": """\
class Entry(View):
    def get(self, request, slug):
        return None

    def post(self, request, slug):
        return None

class Generic(DetailView):
    model = 1

def archive(request, year):
    return None
""",
}


def handlers(files: dict[str, str]) -> Handlers:
    def read(path: str) -> bytes | None:
        return files[path].encode() if path in files else None

    return find_handlers(files, read)


def place(files: dict[str, str], found: File | None) -> str | None:
    """Path and name of what stands at the place, to be read by people."""
    if found is None:
        return None
    assert found.region is not None
    line = files[found.path].splitlines()[found.region.start_line - 1].strip()
    assert found.region.end_line is not None
    assert found.region.end_line >= found.region.start_line
    return f"{found.path} {line.partition('(')[0].removeprefix('async ').rstrip(':')}"


@pytest.mark.parametrize(
    ("method", "template", "expected"),
    [
        ("GET", "/health", "shop/__init__.py def health"),
        ("HEAD", "/health", "shop/__init__.py def health"),
        ("POST", "/health", None),
        ("GET", "/users/{id}", "shop/users.py def user"),
        ("DELETE", "/users/{id}", "shop/users.py def user"),
        ("PUT", "/users/{id}", None),
        ("GET", "/users/{value}", "shop/users.py def user"),
        ("GET", "/users/bob", "shop/users.py def user"),
        ("GET", "/users", "shop/users.py def users"),
        ("GET", "/users/all/{rest}", "shop/users.py def users"),
        ("POST", "/v2/manage/inner/x", "shop/admin.py def x"),
        ("POST", "/admin/inner/x", None),
        ("GET", "/items/{id}", "shop/orders.py def get"),
        ("POST", "/items/{id}", None),
        ("POST", "/cls", "shop/orders.py def post"),
        ("PUT", "/late/{n}", "shop/__init__.py def late"),
        ("GET", "/top", "wsgi.py def top"),
        ("GET", "/none", None),
    ],
)
def test_flask(method: str, template: str, expected: str | None) -> None:
    assert place(FLASK, handlers(FLASK).find(method, template)) == expected


@pytest.mark.parametrize(
    ("method", "template", "expected"),
    [
        ("GET", "/", "src/app/main.py def root"),
        ("POST", "/multi", "src/app/main.py def multi"),
        ("GET", "/api/items/{id}", "src/app/routers/items.py def item"),
        ("POST", "/api/items", "src/app/routers/items.py def create"),
        ("GET", "/api/items/files/{path}", "src/app/routers/items.py def files"),
        ("GET", "/api/v1/users/{user_id}", "src/app/routers/users.py def show"),
        ("GET", "/items/{id}", None),
    ],
)
def test_fastapi(method: str, template: str, expected: str | None) -> None:
    assert place(FASTAPI, handlers(FASTAPI).find(method, template)) == expected


@pytest.mark.parametrize(
    ("method", "template", "expected"),
    [
        ("GET", "/polls/", "polls/views.py def index"),
        ("POST", "/polls/{question_id}/vote/", "polls/views.py def vote"),
        ("GET", "/polls/{question_id}/vote/", None),
        ("GET", "/blog/g/{pk}", "blog/views/entries.py class Generic"),
        ("POST", "/entry/{slug}/", "blog/views/entries.py def post"),
        ("GET", "/archive/{year}/{value}", "blog/views/entries.py def archive"),
        ("GET", "/nested/a/", "polls/views.py def index"),
        ("GET", "/home/", "polls/views.py def wrapped"),
        ("GET", "/g/{pk}", None),
        ("GET", "/admin/", None),
    ],
)
def test_django(method: str, template: str, expected: str | None) -> None:
    found = place(DJANGO, handlers(DJANGO).find(method, template))
    assert found == (expected if template != "/home/" else "polls/views.py def index")


def test_a_base_path_may_be_in_the_source_or_before_it() -> None:
    found = handlers(FASTAPI)
    assert found.find("GET", "/items/{id}", "/api") is not None
    assert found.find("GET", "/api/items/{id}", "/base") is not None


def test_the_example_service() -> None:
    folder = ROOT / "examples/shop/api"
    files = {f"examples/shop/api/{path.name}": path.read_text() for path in folder.glob("*.py")}
    found = handlers(files)
    assert place(files, found.find("GET", "/products")) == "examples/shop/api/app.py def products"
    assert place(files, found.find("GET", "/orders/{customer}")) == "examples/shop/api/app.py def orders"
    assert place(files, found.find("POST", "/login")) == "examples/shop/api/app.py def login"


@given(st.text(alphabet="abc@().,=\"'[]\n urlpatternsFlask#*:{}<>", max_size=80))
def test_no_source_breaks_it(text: str) -> None:
    """Nothing is executed, nothing raised, whatever stands in a file."""
    sources = {
        "a.py": f"import Flask\n{text}", "b.py": f"urlpatterns = [path({text})]", "c.py": "urlpatterns = include()",
        "d.py": f"from .d import *\nfrom d import bp\nbp = Flask(x)\nbp.register_blueprint(bp, url_prefix={text!r})\n"
        f"@bp.route({text!r})\ndef f(): ...\n",
    }  # fmt: skip
    handlers(sources).find("GET", f"/{text}")


def test_hostile_sources() -> None:
    deep = "urlpatterns = [" + "path('a/', include([" * 80 + "])" * 80 + ")]"
    circle = {
        "a/urls.py": "urlpatterns = [path('x/', include('b.urls')), path('v/', v)]\ndef v(r): ...\n",
        "b/urls.py": "urlpatterns = [path('y/', include('a.urls'))]\n",
        "r.py": "from flask import Blueprint\nb = Blueprint()\nc = Blueprint()\nb.register_blueprint(c, url_prefix='/c')\n"
        "c.register_blueprint(b, url_prefix='/b')\n@b.route('/z')\ndef z(): ...\n",
        "n.py": f"import Flask\n{'(' * 500}{')' * 500}\n",
        "d.py": deep,
        "raise.py": "import flask, os\nos._exit(3)\n",
    }  # fmt: skip
    started = perf_counter()
    assert handlers(circle).find("GET", "/none") is None
    many = {
        f"m{n}/urls.py": "urlpatterns = [" + f"path('x/', include('m{n + 1}.urls'))," * 100 + "]\n"
        for n in range(10)
    }
    many |= {
        f"f{n}.py": f"from flask import Blueprint\nfrom f{n + 1} import b as c\nb = Blueprint()\n"
        + "b.register_blueprint(c, url_prefix='/x')\n" * 100
        for n in range(10)
    }
    assert handlers(many | {"f10.py": "b = Blueprint()\n@b.get('/q')\ndef q(): ...\n"}).routes
    assert perf_counter() - started < 20
