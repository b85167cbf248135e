"""Health routes of Python programs: whole paths, and why some of them are no probe."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.detectors.reading import facts, values

FASTAPI = "from fastapi import FastAPI, APIRouter, Depends\napp = FastAPI()\n"
FLASK = "from flask import Flask, Blueprint\napp = Flask(__name__)\n"
DJANGO = {
    "manage.py": "import django\n",
    "site_/settings.py": 'ROOT_URLCONF = "site_.urls"\nALLOWED_HOSTS = ["*"]\n',
    "site_/__init__.py": "",
    "ops/__init__.py": "",
}
PATHS = "from django.urls import include, path, re_path\n"


def found(tmp_path: Path, files: dict[str, str | bytes]) -> tuple[list[str], list[tuple[str, str]]]:
    read = facts(tmp_path, {"requirements.txt": "x\n", **files})
    return values(read, "health"), [(one["path"], one["why"]) for one in values(read, "unprobed")]


@pytest.mark.parametrize(
    ("files", "health"),
    [
        # FastAPI
        ({"main.py": FASTAPI + 'from api.routers import api\napp.include_router(api, prefix="/api")\n',
          "api/__init__.py": "", "api/routers.py": 'from fastapi import APIRouter\nfrom .v1 import ops\napi = APIRouter(prefix="/v1")\napi.include_router(ops.router)\n',
          "api/v1/__init__.py": "", "api/v1/ops.py": 'from fastapi import APIRouter\nrouter = APIRouter(prefix="/ops")\n@router.get("/health")\ndef h(): ...\n'},
         ["/api/v1/ops/health"]),
        ({"app/main.py": FASTAPI + "from app.core import settings\nfrom app.api.main import api_router\napp.include_router(api_router, prefix=settings.API_V1_STR)\n",
          "app/core.py": 'from pydantic_settings import BaseSettings\nclass Settings(BaseSettings):\n    API_V1_STR: str = "/api/v1"\nsettings = Settings()\n',
          "app/api/main.py": "from fastapi import APIRouter\nfrom app.api.routes import utils\napi_router = APIRouter()\napi_router.include_router(utils.router)\n",
          "app/api/routes/utils.py": 'from fastapi import APIRouter\nrouter = APIRouter(prefix="/utils")\n@router.get("/health-check/")\nasync def h() -> bool: ...\n'},
         ["/api/v1/utils/health-check/"]),
        ({"main.py": FASTAPI + 'sub = FastAPI()\n@sub.get("/health")\ndef h(): ...\napp.mount("/inner", sub)\n'}, ["/inner/health"]),
        ({"main.py": FASTAPI + 'r = APIRouter()\n@r.get("/ready")\ndef h(): ...\napp.include_router(r, prefix="/a")\napp.include_router(r, prefix="/b")\n'}, ["/a/ready", "/b/ready"]),
        ({"main.py": FASTAPI + 'from routers import router\napp.include_router(router, prefix="/x")\n', "routers/__init__.py": "from .ops import router\n",
          "routers/ops.py": 'from fastapi import APIRouter\nrouter = APIRouter()\n@router.get("/healthz")\ndef h(): ...\n'}, ["/x/healthz"]),
        ({"main.py": FASTAPI + 'app.add_api_route("/health", check)\n'}, ["/health"]),
        ({"main.py": "from fastapi import FastAPI\nclass Web:\n    def __init__(self):\n        self.app = FastAPI()\n        @self.app.get('/healthz')\n        def h(): ...\n"}, ["/healthz"]),
        ({"main.py": FASTAPI + 'from ops import make\napp.include_router(make(), prefix="/x")\n',
          "ops.py": 'from fastapi import APIRouter\ndef make():\n    router = APIRouter()\n    @router.get("/healthz")\n    def h(): ...\n    return router\n'}, ["/x/healthz"]),
        # Starlette
        ({"main.py": 'from starlette.applications import Starlette\nfrom starlette.routing import Mount, Route\napp = Starlette(routes=[Mount("/api", routes=[Route("/health", h)]), Route("/live", l)])\n'},
         ["/api/health", "/live"]),
        ({"main.py": 'from starlette.routing import Mount, Route\ninner = [Route("/health", h)]\nroutes = [Mount("/v1", routes=[Mount("/ops", routes=inner)])]\n'}, ["/v1/ops/health"]),
        # Flask and its relatives: what a registration names takes the place of the blueprint's own prefix
        ({"main.py": FLASK + 'bp = Blueprint("b", __name__, url_prefix="/own")\n@bp.route("/health")\ndef h(): ...\napp.register_blueprint(bp, url_prefix="/said")\n'}, ["/said/health"]),
        ({"main.py": FLASK + 'outer = Blueprint("o", __name__, url_prefix="/api")\nbp = Blueprint("b", __name__, url_prefix="/v1")\n@bp.get("/health")\ndef h(): ...\n'
                             "outer.register_blueprint(bp)\napp.register_blueprint(outer)\n"}, ["/api/v1/health"]),
        ({"shop/__init__.py": "from flask import Flask\ndef create_app():\n    app = Flask(__name__)\n    from .ops import bp as ops\n    app.register_blueprint(ops, url_prefix='/ops')\n    return app\n",
          "shop/ops.py": 'from flask import Blueprint\nbp = Blueprint("o", __name__)\n@bp.route("/ready")\ndef r(): ...\n'}, ["/ops/ready"]),
        ({"main.py": FLASK + 'from flask_restful import Api, Resource\napi = Api(app, prefix="/api")\nclass Health(Resource):\n    def get(self): ...\napi.add_resource(Health, "/health")\n'}, ["/api/health"]),
        ({"main.py": FLASK + 'from flask_restx import Api, Namespace\napi = Api(app)\nns = Namespace("health")\nclass H:\n    def get(self): ...\napi.add_namespace(ns)\n@ns.route("/live")\nclass L:\n    def get(self): ...\n'},
         ["/health/live"]),
        ({"main.py": FLASK + 'from flask_healthz import healthz\napp.register_blueprint(healthz, url_prefix="/healthz")\n'}, ["/healthz/ready", "/healthz/live"]),
        ({"main.py": FLASK + 'app.add_url_rule("/health", "health", view_func=check)\n'}, ["/health"]),
        ({"main.py": FLASK + 'from healthcheck import HealthCheck\nHealthCheck(app, "/healthcheck")\n'}, ["/healthcheck"]),
        # others
        ({"main.py": 'from aiohttp import web\napp = web.Application()\nsub = web.Application()\nsub.router.add_get("/health", h)\napp.add_subapp("/ops", sub)\n'}, ["/ops/health"]),
        ({"main.py": 'from aiohttp import web\nroutes = web.RouteTableDef()\n@routes.get("/health")\nasync def h(r): ...\napp = web.Application()\napp.add_routes(routes)\n'}, ["/health"]),
        ({"main.py": 'from sanic import Sanic, Blueprint\napp = Sanic("a")\nbp = Blueprint("b", url_prefix="/ops", version=1)\n@bp.get("/health")\nasync def h(r): ...\napp.blueprint(bp)\n'}, ["/v1/ops/health"]),
        ({"main.py": 'from litestar import Litestar, Router, get\n@get("/health")\nasync def h() -> str: ...\napp = Litestar(route_handlers=[h])\n'}, ["/health"]),
        ({"main.py": 'from litestar import Litestar, Controller, get\nclass Ops(Controller):\n    path = "/ops"\n    @get("/live")\n    async def l(self) -> str: ...\napp = Litestar(route_handlers=[Ops])\n'}, ["/ops/live"]),
        ({"main.py": 'from litestar import Litestar, Router, get\n@get("/health")\nasync def h() -> str: ...\nr = Router(path="/v1", route_handlers=[h])\napp = Litestar(route_handlers=[r])\n'}, ["/v1/health"]),
        ({"main.py": 'from bottle import Bottle, route, run\n@route("/health")\ndef h(): ...\n'}, ["/health"]),
        ({"main.py": 'import tornado.web\napp = tornado.web.Application([(r"/health/?", H), (r"/items/(.*)", I)])\n'}, ["/health"]),
        ({"main.py": 'import falcon\napp = falcon.App()\napp.add_route("/health", H())\n'}, ["/health"]),
    ],
)  # fmt: skip
def test_a_route_has_the_prefixes_of_the_routers_that_include_it(
    tmp_path: Path, files: dict[str, str | bytes], health: list[str]
) -> None:
    assert found(tmp_path, files) == (health, [])


@pytest.mark.parametrize(
    ("files", "health"),
    [
        ({"site_/urls.py": PATHS + 'urlpatterns = [path("", include("ops.urls"))]\n',
          "ops/urls.py": PATHS + 'inner = [path("status/", s)]\nurlpatterns = [path("api/v1/", include(inner)), path("api/v3/", include(inner))]\n'}, ["/api/v3/status/", "/api/v1/status/"]),
        ({"site_/urls.py": PATHS + 'urlpatterns = [re_path(r"^ops/", include("ops.urls"))]\n', "ops/urls.py": PATHS + 'urlpatterns = [re_path(r"^healthz/?$", h)]\n'}, ["/ops/healthz"]),
        ({"site_/urls.py": PATHS + 'from ops import urls as ops_urls\nurlpatterns = [path("x/", include(ops_urls))]\n', "ops/urls.py": PATHS + 'urlpatterns = [path("ready", h)]\n'}, ["/x/ready"]),
        ({"site_/urls.py": PATHS + 'urlpatterns = [path("x/", include(("ops.urls", "ops"), namespace="o"))]\n', "ops/urls.py": PATHS + 'app_name = "ops"\nurlpatterns = [path("ready", h)]\n'}, ["/x/ready"]),
        ({"site_/urls.py": PATHS + 'urlpatterns = [path("a/", admin.site.urls)]\nurlpatterns += [path("health/", h)]\n'}, ["/health/"]),
        ({"site_/urls.py": PATHS + 'urlpatterns = [path("ht/", include("health_check.urls"))]\n'}, ["/ht/"]),
        ({"site_/urls.py": PATHS + 'from rest_framework.routers import DefaultRouter\nrouter = DefaultRouter()\nrouter.register("health", H)\nurlpatterns = [path("api/", include(router.urls))]\n'}, ["/api/health/"]),
        ({"site_/urls.py": PATHS + 'from rest_framework.routers import DefaultRouter\nrouter = DefaultRouter(trailing_slash=False)\nrouter.register("health", H)\nurlpatterns = [path("api/", include(router.urls))]\n'}, ["/api/health"]),
        ({"site_/urls.py": PATHS + 'import os\nBASE = os.getenv("BASE", "")\nurlpatterns = [path(BASE, include("ops.urls"))]\n', "ops/urls.py": PATHS + 'urlpatterns = [path("health", h)]\n'}, ["/health"]),
        ({"site_/urls.py": PATHS + "urlpatterns = []\n", "ops/urls.py": PATHS + 'urlpatterns = [path("health", h)]\n'}, []),
    ],
)  # fmt: skip
def test_django_leads_from_its_root_through_every_include(
    tmp_path: Path, files: dict[str, str | bytes], health: list[str]
) -> None:
    assert found(tmp_path, {**DJANGO, **files})[0] == health


ROUTER = 'r = APIRouter()\n@r.get("/health")\ndef h(): ...\n'


@pytest.mark.parametrize(
    ("files", "unprobed"),
    [
        ({"main.py": FASTAPI + ROUTER}, [("/health", "prefix")]),
        ({"main.py": FASTAPI + ROUTER + "app.include_router(r, prefix=load().prefix)\n"}, [("/health", "prefix")]),
        ({"main.py": FASTAPI + 'import os\nr = APIRouter(prefix=os.environ["BASE"])\n@r.get("/health")\ndef h(): ...\napp.include_router(r)\n'}, [("/health", "prefix")]),
        ({"main.py": FASTAPI + ROUTER + "app.include_router(r, dependencies=[Depends(get_current_user)])\n"}, [("/health", "login")]),
        ({"main.py": FASTAPI + '@app.get("/health", dependencies=[Depends(verify_token)])\ndef h(): ...\n'}, [("/health", "login")]),
        ({"main.py": FASTAPI + '@app.get("/health")\ndef h(user: CurrentUser): ...\n'}, [("/health", "login")]),
        ({"main.py": FASTAPI + '@app.get("/health")\ndef h(user = Depends(get_current_active_user)): ...\n'}, [("/health", "login")]),
        ({"main.py": FASTAPI + '@app.get("/health")\ndef h(user: Annotated[User, Depends(require_auth)]): ...\n'}, [("/health", "login")]),
        ({"main.py": FASTAPI + '@app.api_route("/health", methods=["POST"])\ndef h(): ...\n'}, [("/health", "method")]),
        ({"main.py": FASTAPI + 'app.add_middleware(TrustedHostMiddleware, allowed_hosts=["shop.example.com"])\n@app.get("/health")\ndef h(): ...\n'}, [("/health", "host")]),
        ({"main.py": FLASK + '@app.route("/health")\n@login_required\ndef h(): ...\n'}, [("/health", "login")]),
        ({"main.py": FLASK + '@app.route("/health", methods=["POST"])\ndef h(): ...\n'}, [("/health", "method")]),
        ({**DJANGO, "site_/urls.py": PATHS + "from django.conf.urls.i18n import i18n_patterns\nurlpatterns = i18n_patterns(path('health/', h))\n"}, [("/health/", "prefix")]),
        ({**DJANGO, "site_/urls.py": PATHS + "urlpatterns = [path('health/', login_required(h))]\n"}, [("/health/", "login")]),
        ({**DJANGO, "site_/urls.py": PATHS + "from ops import views\nurlpatterns = [path('health/', views.h)]\n", "ops/views.py": "@require_POST\ndef h(r): ...\n"}, [("/health/", "method")]),
        ({**DJANGO, "site_/urls.py": PATHS + "from ops import views\nurlpatterns = [path('health/', views.H.as_view())]\n", "ops/views.py": "class H(LoginRequiredMixin, View):\n    def get(self, r): ...\n"}, [("/health/", "login")]),
        ({**DJANGO, "site_/urls.py": PATHS + "from ops import views\nurlpatterns = [path('health/', views.H.as_view())]\n", "ops/views.py": "class H(APIView):\n    permission_classes = [IsAuthenticated]\n    def get(self, r): ...\n"}, [("/health/", "login")]),
        ({**DJANGO, "site_/urls.py": PATHS + "urlpatterns = [path('health/', h)]\n", "site_/settings.py": 'ROOT_URLCONF = "site_.urls"\nALLOWED_HOSTS = ["*"]\nSECURE_SSL_REDIRECT = True\n'}, [("/health/", "tls")]),
    ],
)  # fmt: skip
def test_a_route_that_nothing_can_ask_is_told_with_its_reason(
    tmp_path: Path, files: dict[str, str | bytes], unprobed: list[tuple[str, str]]
) -> None:
    assert found(tmp_path, files) == ([], unprobed)


@pytest.mark.parametrize(
    "settings",
    ['ALLOWED_HOSTS = ["*"]\n', 'import os\nALLOWED_HOSTS = os.getenv("HOSTS", "*").split(",")\n', 'ALLOWED_HOSTS = env.list("HOSTS", default=["*"])\n'],
)  # fmt: skip
def test_settings_that_allow_every_host_let_a_probe_through(tmp_path: Path, settings: str) -> None:
    files: dict[str, str | bytes] = {
        "site_/urls.py": PATHS + "urlpatterns = [path('health/', h)]\n",
        "site_/settings.py": f'ROOT_URLCONF = "site_.urls"\n{settings}',
    }
    assert found(tmp_path, {**DJANGO, **files}) == (["/health/"], [])


@pytest.mark.parametrize(
    "code",
    ['@app.get("/health")\ndef h(db = Depends(get_db)): ...\n', '@app.get("/health", dependencies=[Depends(rate_limit)])\ndef h(): ...\n',
     '@app.get("/health")\ndef h(session: SessionDep, author: Author): ...\n'],
)  # fmt: skip
def test_what_a_route_needs_besides_a_login_does_not_matter(tmp_path: Path, code: str) -> None:
    assert found(tmp_path, {"main.py": FASTAPI + code}) == (["/health"], [])


def test_routers_that_include_each_other_end(tmp_path: Path) -> None:
    code = (
        FASTAPI
        + 'a = APIRouter(prefix="/a")\nb = APIRouter(prefix="/b")\na.include_router(b)\nb.include_router(a)\n@b.get("/health")\ndef h(): ...\n'
    )
    assert found(tmp_path, {"main.py": code})[0] == []
