"""What is read off Python sources, by the idioms that people write."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.detectors.reading import env, facts, hosts, notes, places, ports, starts, values

FASTAPI = 'from fastapi import FastAPI\napp = FastAPI()\n\n@app.get("/healthz")\ndef healthz():\n    return "ok"\n'
FLASK = 'from flask import Flask\napp = Flask(__name__)\n\n@app.route("/health")\ndef health():\n    return "ok"\n'


# ---- manifests --------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("files", "version"),
    [
        ({".python-version": "3.12.4\n"}, "3.12"),
        ({"runtime.txt": "python-3.11.9\n"}, "3.11"),
        ({".tool-versions": "nodejs 20\npython 3.10.2\n"}, "3.10"),
        ({"mise.toml": '[tools]\npython = "3.10"\n'}, "3.10"),
        (
            {
                "mise.toml": '[tools]\nnode = "20"\n',
                "pyproject.toml": '[project]\nname = "a"\nrequires-python = "==3.12.*"\n',
            },
            "3.12",
        ),
        ({"pyproject.toml": '[project]\nname = "a"\nrequires-python = ">=3.10,<3.13"\n'}, "3.12"),
        ({"pyproject.toml": '[project]\nname = "a"\nrequires-python = "~=3.11.2"\n'}, "3.11"),
        ({"pyproject.toml": '[project]\nname = "a"\nrequires-python = ">=3.9,!=3.14.*,!=3.13"\n'}, "3.12"),
        ({"pyproject.toml": '[project]\nname = "a"\nrequires-python = ">=3.8"\n'}, "3.14"),
        ({"pyproject.toml": '[tool.poetry]\nname = "a"\n[tool.poetry.dependencies]\npython = "^3.9"\n'}, "3.14"),
        ({"pyproject.toml": '[tool.poetry]\nname = "a"\n[tool.poetry.dependencies]\npython = "3.10.*"\n'}, "3.10"),
        ({"Pipfile": '[requires]\npython_version = "3.11"\n'}, "3.11"),
        ({"pyproject.toml": '[project]\nname = "a"\nrequires-python = "<3"\n'}, None),
        ({"requirements.txt": "flask\n"}, None),
    ],
)
def test_the_version_is_the_newest_that_the_project_allows(
    tmp_path: Path, files: dict[str, str], version: str | None
) -> None:
    assert values(facts(tmp_path, {**files, "main.py": "pass\n"}), "version") == version


@pytest.mark.parametrize(
    ("files", "manager", "manifests", "lock"),
    [
        (["pyproject.toml", "uv.lock", "requirements.txt"], "uv", ["pyproject.toml", "uv.lock"], "uv.lock"),
        (["pyproject.toml", "poetry.lock"], "poetry", ["pyproject.toml", "poetry.lock"], "poetry.lock"),
        (["Pipfile", "Pipfile.lock"], "pipenv", ["Pipfile", "Pipfile.lock"], "Pipfile.lock"),
        (["requirements.txt", "pyproject.toml"], "pip", ["requirements.txt"], "requirements.txt"),
        (["pyproject.toml"], "pip", ["pyproject.toml"], None),
        (["setup.py", "setup.cfg"], "pip", ["setup.cfg", "setup.py"], None),
    ],
)
def test_the_lock_file_says_the_package_manager(
    tmp_path: Path, files: list[str], manager: str, manifests: list[str], lock: str | None
) -> None:
    contents: dict[str, str | bytes] = dict.fromkeys(files, "")
    contents |= {"pyproject.toml": '[project]\nname = "a"\n'} if "pyproject.toml" in files else {}
    contents |= {"requirements.txt": "flask==3.0.0\n"} if "requirements.txt" in files else {}
    found = facts(tmp_path, contents)
    assert (values(found, "package_manager"), values(found, "manifests"), values(found, "lockfile")) == (
        manager,
        manifests,
        lock,
    )


def test_requirements_follow_includes_constraints_extras_and_markers(tmp_path: Path) -> None:
    found = facts(
        tmp_path,
        {
            "requirements.txt": "-r base/common.txt\n--constraint limits.txt\n-i https://example.com/simple\n# no\n"
            "Uvicorn[standard] >= 0.30 ; python_version > '3.8'  # yes\nmy_pkg.sub==1 \\\n  --hash=sha256:00\n"
            "git+https://example.com/acme/tool.git@v1#egg=acme-tool\n./local\n",
            "base/common.txt": "Flask\n-r ../requirements.txt\n",
            "limits.txt": "urllib3<2\n",
            "main.py": "pass\n",
        },
    )
    assert values(found, "dependencies") == ["acme-tool", "flask", "my-pkg-sub", "uvicorn"]
    assert values(found, "manifests") == ["requirements.txt", "base/common.txt", "limits.txt"]
    assert values(found, "lockfile") is None
    assert values(found, "build_packages") == ["git"]


def test_pyproject_gives_name_version_dependencies_and_scripts(tmp_path: Path) -> None:
    found = facts(
        tmp_path,
        {
            "pyproject.toml": '[build-system]\nrequires = ["hatchling"]\n[project]\nname = "shop"\nversion = "1.4.2"\n'
            'dependencies = ["httpx>=0.27", "psycopg[binary]"]\n[project.scripts]\nshop-web = "shop:main"\n',
            "shop/__init__.py": "def main(): pass\n",
        },
    )
    assert (values(found, "project_name"), values(found, "project_version")) == ("shop", "1.4.2")
    assert values(found, "dependencies") == ["httpx", "psycopg"]
    assert starts(found) == ["shop-web"]
    assert values(found, "packages") == []
    assert places(found, "project_version") == ["pyproject.toml:5"]


def test_libraries_that_link_c_name_their_packages(tmp_path: Path) -> None:
    found = facts(tmp_path, {"requirements.txt": "psycopg2==2.9\nuwsgi==2.0\npillow==10\n", "main.py": "pass\n"})
    assert values(found, "packages") == ["libpcre2-8-0", "libpq5", "media-types"]
    assert values(found, "build_packages") == ["gcc", "libc6-dev", "libcrypt-dev", "libpcre2-dev", "libpq-dev"]


# ---- how it starts ----------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("requirements", "files", "first"),
    [
        ("fastapi\nuvicorn\n", {"main.py": FASTAPI}, "uvicorn main:app --host 0.0.0.0 --port 8000"),
        ("fastapi[standard]\n", {"app/__init__.py": "", "app/main.py": FASTAPI}, "uvicorn app.main:app --host 0.0.0.0 --port 8000"),
        ("fastapi\nuvicorn\n", {"src/shop/__init__.py": "", "src/shop/main.py": FASTAPI},
         "uvicorn shop.main:app --host 0.0.0.0 --port 8000 --app-dir src"),
        ("fastapi\nuvicorn\n", {"api/app.py": "import config\n" + FASTAPI, "api/config.py": ""},
         "uvicorn app:app --host 0.0.0.0 --port 8000 --app-dir api"),
        ("fastapi\nuvicorn\n", {"backend/app/main.py": "from app.core import x\n" + FASTAPI, "backend/app/core.py": "", "backend/app/__init__.py": ""},
         "uvicorn app.main:app --host 0.0.0.0 --port 8000 --app-dir backend"),
        ("fastapi\nuvicorn\n", {"api/app.py": "from . import config\n" + FASTAPI, "api/config.py": ""}, "uvicorn api.app:app --host 0.0.0.0 --port 8000"),
        ("django\ngunicorn\n", {"shop/manage.py": "1\n", "shop/shop/wsgi.py": "from django.core.wsgi import get_wsgi_application\napplication = get_wsgi_application()\n"},
         "gunicorn --bind 0.0.0.0:8000 --pythonpath shop shop.wsgi:application"),
        ("django\ngranian\n", {"src/manage.py": "1\n", "src/shop/asgi.py": "import django.core.asgi\nfrom channels.routing import ProtocolTypeRouter\ninner = get_asgi_application()\napplication = ProtocolTypeRouter({})\n"},
         "granian --interface asgi --host 0.0.0.0 --port 8000 shop.asgi:application --working-dir src"),
        ("grpcio\n", {"email_client.py": "if __name__ == '__main__': send()\n", "email_server.py": "server.add_insecure_port('[::]:8080')\nif __name__ == '__main__': serve()\n"},
         "python email_server.py"),
        ("requests\n", {"client.py": "if __name__ == '__main__': send()\n", "recommend.py": "if __name__ == '__main__': serve()\n"}, "python recommend.py"),
        ("fastapi\nhypercorn\n", {"main.py": FASTAPI}, "hypercorn --bind 0.0.0.0:8000 main:app"),
        ("flask\ngunicorn\n", {"app.py": FLASK}, "gunicorn --bind 0.0.0.0:8000 app:app"),
        ("flask\nwaitress\n", {"app.py": FLASK}, "waitress-serve --listen=0.0.0.0:8080 app:app"),
        ("flask\n", {"app.py": FLASK}, "flask --app app:app run --host 0.0.0.0 --port 5000"),
        ("flask\n", {"app.py": FLASK + 'if __name__ == "__main__":\n    app.run(host="0.0.0.0", port=5050)\n'}, "python app.py"),
        ("flask\ngunicorn\n", {"shop/__init__.py": "from flask import Flask\ndef create_app():\n    app = Flask(__name__)\n    return app\n"},
         "gunicorn --bind 0.0.0.0:8000 shop:create_app()"),
        ("flask\ngunicorn\n", {"wsgi.py": "from shop import create_app\napp = create_app()\n",
                               "shop/__init__.py": "from flask import Flask\ndef create_app():\n    return Flask(__name__)\n"},
         "gunicorn --bind 0.0.0.0:8000 wsgi:app"),
        ("sanic\n", {"server.py": 'from sanic import Sanic\napp = Sanic("a")\n'}, "sanic server:app --host=0.0.0.0 --port=8000"),
        ("celery\n", {"tasks.py": 'from celery import Celery\napp = Celery("a", broker="redis://cache:6379/0")\n'},
         "celery --app tasks worker --loglevel INFO"),
        ("streamlit\n", {"ui.py": "import streamlit as st\n"}, "streamlit run ui.py --server.address 0.0.0.0 --server.port 8501"),
        ("requests\n", {"main.py": "print(1)\n", "lib.py": "x = 1\n"}, "python main.py"),
        ("requests\n", {"report.py": "print(1)\n"}, "python report.py"),
        ("requests\n", {"shop/__init__.py": "", "shop/__main__.py": "print(1)\n"}, "python -m shop"),
        ("flask\ngunicorn\n", {"app.py": FLASK, "Procfile": "release: x\nweb: gunicorn app:app --bind 0.0.0.0:$PORT --workers 2\n"},
         "gunicorn app:app --bind 0.0.0.0:8000 --workers 2"),
        ("flask\n", {"app.py": FLASK, "Procfile": "web: sh run.sh && true\n"}, "flask --app app:app run --host 0.0.0.0 --port 5000"),
        ("locust\n", {"load.py": "import locust\n", "entrypoint.sh": "#!/bin/bash\nlocust -f load.py\n"}, "bash entrypoint.sh"),
    ],
)  # fmt: skip
def test_the_best_start_is_made_for_production(
    tmp_path: Path, requirements: str, files: dict[str, str | bytes], first: str
) -> None:
    assert starts(facts(tmp_path, {"requirements.txt": requirements, **files}))[0] == first


def test_a_server_that_no_word_tells_where_modules_lie_has_a_variable(tmp_path: Path) -> None:
    found = facts(
        tmp_path,
        {"requirements.txt": "flask\nwaitress\n", "web/app.py": "import models\n" + FLASK, "web/models.py": ""},
    )
    assert starts(found)[0] == "waitress-serve --listen=0.0.0.0:8080 app:app"
    assert values(found, "variables") == [{"name": "PYTHONPATH", "value": "web"}]


def test_django_starts_by_its_wsgi_module_and_answers_where_urls_say(tmp_path: Path) -> None:
    found = facts(
        tmp_path,
        {
            "requirements.txt": "django\ngunicorn\n",
            "manage.py": 'import os\nos.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")\n',
            "shop/__init__.py": "",
            "shop/settings.py": "DEBUG = False\n",
            "shop/wsgi.py": "from django.core.wsgi import get_wsgi_application\napplication = get_wsgi_application()\n",
            "shop/urls.py": 'from django.urls import include, path\nurlpatterns = [path("ops/", include("ops.urls"))]\n',
            "ops/__init__.py": "",
            "ops/urls.py": 'from django.urls import path\nfrom . import v\nurlpatterns = [path("healthz", v.ok)]\n',
        },
    )
    assert starts(found)[0] == "gunicorn --bind 0.0.0.0:8000 shop.wsgi:application"
    assert "python manage.py runserver 0.0.0.0:8000 --noreload" in starts(found)
    assert values(found, "health") == ["/ops/healthz"]
    assert (values(found, "framework"), ports(found)) == ("django", [(8000, "http", "")])


def test_a_module_that_runs_itself_for_everybody_keeps_its_own_settings(tmp_path: Path) -> None:
    own = 'import os, uvicorn\nif __name__ == "__main__":\n    uvicorn.run(app, host="0.0.0.0", port=int(os.environ.get("PORT", "9000")))\n'
    found = facts(tmp_path, {"requirements.txt": "fastapi\nuvicorn\n", "main.py": FASTAPI + own})
    assert starts(found)[:2] == ["python main.py", "uvicorn main:app --host 0.0.0.0 --port 9000"]
    assert ports(found) == [(9000, "http", "PORT")]


def test_a_port_that_the_command_names_is_no_longer_overridden_by_a_variable(tmp_path: Path) -> None:
    own = 'import os\nif __name__ == "__main__":\n    app.run(port=int(os.getenv("PORT", "5050")))\n'
    found = facts(tmp_path, {"requirements.txt": "flask\ngunicorn\n", "app.py": FLASK + own})
    assert (starts(found)[0], ports(found)) == ("gunicorn --bind 0.0.0.0:5050 app:app", [(5050, "http", "")])


def test_gunicorns_own_file_says_where_it_binds(tmp_path: Path) -> None:
    conf = "import os\nbind = f\"0.0.0.0:{os.environ.get('PORT', '8080')}\"\n"
    found = facts(tmp_path, {"requirements.txt": "flask\ngunicorn\n", "app.py": FLASK, "gunicorn.conf.py": conf})
    assert (starts(found)[0], ports(found)) == ("gunicorn app:app", [(8080, "http", "PORT")])


def test_uwsgis_own_file_says_where_it_listens_and_stops_on_term(tmp_path: Path) -> None:
    ini = "[uwsgi]\nwsgi-file = app.py\nsocket = 0.0.0.0:8081\nprotocol = http\n"
    found = facts(tmp_path, {"requirements.txt": "flask\nuwsgi\n", "app.py": FLASK, "app.ini": ini})
    assert (starts(found)[0], ports(found)) == ("uwsgi --ini app.ini --die-on-term", [(8081, "http", "")])
    assert places(found, "ports") == ["app.ini:3"]


# ---- ports ------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ('from http.server import HTTPServer, BaseHTTPRequestHandler\nHTTPServer(("", 8000), BaseHTTPRequestHandler).serve_forever()\n', (8000, "http", "")),
        ('import os\nfrom http.server import ThreadingHTTPServer as S, BaseHTTPRequestHandler as H\nfrom http import server\n'
         'PORT = int(os.environ.get("PORT", "8123"))\nserver.ThreadingHTTPServer(("0.0.0.0", PORT), H).serve_forever()\n', (8123, "http", "PORT")),
        ('import socketserver\nclass H(socketserver.BaseRequestHandler): ...\nwith socketserver.TCPServer(("", 7000), H) as s: s.serve_forever()\n', (7000, "tcp", "")),
        ('import socketserver, http.server\nsocketserver.TCPServer(("", 7001), http.server.SimpleHTTPRequestHandler).serve_forever()\n', (7001, "http", "")),
        ('import socket\ns = socket.socket()\ns.bind(("0.0.0.0", 9009))\ns.listen()\n', (9009, "tcp", "")),
        ('import grpc\nfrom concurrent import futures\nserver = grpc.server(futures.ThreadPoolExecutor())\nserver.add_insecure_port("[::]:50051")\n', (50051, "grpc", "")),
        ('import grpc, os\nserver = grpc.server(None)\nport = os.getenv("GRPC_PORT", "50052")\nserver.add_insecure_port(f"[::]:{port}")\n', (50052, "grpc", "GRPC_PORT")),
        ('import grpc\nserver = grpc.server(None)\nserver.add_insecure_port("0.0.0.0:" + str(50053))\n', (50053, "grpc", "")),
        ('import grpc, os\nserver = grpc.server(None)\nserver.add_insecure_port("[::]:" + os.environ["RPC_PORT"])\n', (50051, "grpc", "RPC_PORT")),
        ("from aiohttp import web\nweb.run_app(web.Application(), port=8090)\n", (8090, "http", "")),
        ("from aiohttp import web\napp = web.Application()\nweb.run_app(app)\n", (8080, "http", "")),
        ("import tornado.web\napp = tornado.web.Application([])\napp.listen(8888)\n", (8888, "http", "")),
        ('from wsgiref.simple_server import make_server\nmake_server("", 8051, None).serve_forever()\n', (8051, "http", "")),
        ('from waitress import serve\nserve(app, listen="*:8052")\n', (8052, "http", "")),
        ('import asyncio\nasync def main():\n    await asyncio.start_server(None, "0.0.0.0", 6000)\n', (6000, "tcp", "")),
        ('import uvicorn, argparse\np = argparse.ArgumentParser()\np.add_argument("--port", type=int, default=8053)\na = p.parse_args()\nuvicorn.run("m:app", port=a.port)\n', (8053, "http", "")),
        ('import uvicorn\nfrom pydantic_settings import BaseSettings\nclass Settings(BaseSettings):\n    port: int = 8054\ns = Settings()\nuvicorn.run("m:app", port=s.port)\n', (8054, "http", "PORT")),
        ('import uvicorn, os\nclass Config:\n    PORT = int(os.environ.get("APP_PORT") or 8055)\nuvicorn.run("m:app", port=Config.PORT)\n', (8055, "http", "APP_PORT")),
        ('import uvicorn\nuvicorn.run("m:app", port=8056 if True else 1)\n', (8056, "http", "")),
    ],
)  # fmt: skip
def test_a_listening_call_shows_port_protocol_and_variable(
    tmp_path: Path, code: str, expected: tuple[int, str, str]
) -> None:
    assert ports(facts(tmp_path, {"requirements.txt": "x\n", "main.py": code})) == [expected]


def test_a_required_port_variable_gets_a_port_to_be_set_to(tmp_path: Path) -> None:
    code = 'import os\nfrom http.server import HTTPServer\nHTTPServer(("", int(os.environ["PORT"])), None).serve_forever()\n'
    found = facts(tmp_path, {"main.py": code})
    assert (ports(found), env(found)["PORT"]) == ([(8000, "http", "PORT")], (None, True))


@pytest.mark.parametrize(
    "code",
    [
        "import subprocess\nsubprocess.run(['x'], port=1)\n",
        "import asyncio\nasyncio.run(main())\n",
        '"""uvicorn.run(app, port=8000)"""\n',
    ],
)
def test_what_only_looks_like_a_server_listens_on_nothing(tmp_path: Path, code: str) -> None:
    assert ports(facts(tmp_path, {"main.py": code})) == []


def test_tests_examples_and_migrations_are_not_the_service(tmp_path: Path) -> None:
    noise = 'import os\nos.environ["NOISE"]\nopen("/noise/x", "w")\nfrom http.server import HTTPServer\nHTTPServer(("", 1234), None)\nU = "http://noise:1/"\n'
    found = facts(
        tmp_path,
        {
            "main.py": "pass\n",
            **{f"{name}/x.py": noise for name in ("tests", "docs", "examples", "migrations")},
            "test_a.py": noise,
        },
    )
    assert (ports(found), hosts(found), env(found), values(found, "writable")) == ([], [], {}, [])


# ---- health, variables, hosts, writes ---------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("files", "health"),
    [
        ({"main.py": FASTAPI}, ["/healthz"]),
        ({"main.py": 'from fastapi import FastAPI\nfrom routers import ops\napp = FastAPI()\napp.include_router(ops.router, prefix="/v1")\n',
          "routers/ops.py": 'from fastapi import APIRouter\nrouter = APIRouter(prefix="/ops")\n@router.get("/ready")\ndef ready(): ...\n'}, ["/v1/ops/ready"]),
        ({"main.py": 'from flask import Flask, Blueprint\nbp = Blueprint("b", __name__, url_prefix="/api")\n@bp.route("/health")\ndef h(): ...\n'
                     "app = Flask(__name__)\napp.register_blueprint(bp)\n"}, ["/api/health"]),
        ({"main.py": 'from flask import Flask\napp = Flask(__name__)\n@app.route("/status", methods=["POST"])\ndef s(): ...\n@app.route("/ping")\ndef p(): ...\n'}, ["/ping"]),
        ({"main.py": 'from http.server import BaseHTTPRequestHandler as B\nclass H(B):\n    def do_GET(self):\n        if self.path == "/healthz": pass\n'
                     '        elif self.path in ("/readyz", "/x"): pass\n'}, ["/healthz", "/readyz"]),
        ({"main.py": 'from aiohttp import web\napp = web.Application()\napp.router.add_get("/health", None)\napp.add_routes([web.get("/live", None)])\n'}, ["/health", "/live"]),
        ({"main.py": 'from starlette.routing import Route\nroutes = [Route("/healthz", None)]\n'}, ["/healthz"]),
        ({"main.py": "from grpc_health.v1 import health_pb2_grpc, health\nhealth_pb2_grpc.add_HealthServicer_to_server(health.HealthServicer(), server)\n"}, ["grpc"]),
        ({"main.py": 'import requests\nrequests.get("/healthz")\n@app.get("/users/{id}/status")\ndef s(): ...\n'}, []),
    ],
)  # fmt: skip
def test_health_routes_have_their_whole_path(tmp_path: Path, files: dict[str, str | bytes], health: list[str]) -> None:
    assert values(facts(tmp_path, files), "health") == health


def test_variables_have_defaults_and_are_required_where_the_program_would_fail(tmp_path: Path) -> None:
    found = facts(
        tmp_path,
        {
            "main.py": (
                "import os\nfrom os import environ, getenv\nfrom decouple import config\nfrom pydantic_settings import BaseSettings\nfrom pydantic import Field\n"
                'A = os.environ["A"]\nB = os.environ.get("B")\nC = os.getenv("C", "c")\nD = getenv("D") or "d"\nE = environ["E"]\n'
                'F = config("F", default=5, cast=int)\nG = config("G")\n'
                "def read(name, default=None):\n    return os.environ.get(name, default)\ndef must(name):\n    return os.environ[name]\n"
                'H = read("H", "h")\nI = must("I")\n'
                'class S(BaseSettings):\n    model_config = {}\n    j_url: str\n    k: str = "k"\n    m: str = Field("m", validation_alias="M_NAME")\n'
                'os.environ["SET"] = "x"\nPW = os.getenv("DB_PASSWORD", "hunter2")\n'
            )
        },
    )
    assert env(found) == {
        "A": (None, True),
        "B": (None, False),
        "C": ("c", False),
        "D": ("d", False),
        "E": (None, True),
        "F": ("5", False),
        "G": (None, True),
        "H": ("h", False),
        "I": (None, True),
        "J_URL": (None, True),
        "K": ("k", False),
        "M_NAME": ("m", False),
        "DB_PASSWORD": ("(hidden)", False),
    }


def test_hosts_are_names_in_the_position_of_a_host(tmp_path: Path) -> None:
    found = facts(
        tmp_path,
        {
            "main.py": (
                "import os, redis, socket, pika, grpc, psycopg2\n"
                '"""http://docstring:1/"""\n'
                'URL = os.environ.get("CATALOG_URL", "http://catalog:8000")\nCART = os.getenv("CART_HOST", "cart")\n'
                'requests.get(f"http://{CART}:8080/x")\nrequests.get("http://{u}:8081/".format(u="user"))\nrequests.get("http://%s:8082" % "stock")\n'
                'requests.get("https://api.example.com/")\nrequests.get("http://localhost:1/")\n'
                'r = redis.Redis(host="cache", port=6379)\nredis.Redis("cache2", 6380)\nsocket.create_connection(("queue", 5672))\n'
                'pika.ConnectionParameters(host=os.getenv("AMQP_HOST", "rabbitmq"))\ngrpc.insecure_channel("orders:50051")\n'
                'psycopg2.connect(host="db", port=5432, dbname="shop")\nD = {"host": "search", "port": 9200}\n'
                'K = KafkaProducer(bootstrap_servers="kafka-0:9092,kafka-1:9092")\nU = "mongodb://app:pw@mongo-0:27017,mongo-1:27017/shop"\n'
                'V = "http://pay.shop.svc.cluster.local:80/"\nT = "10:30"\nI = "nginx:1.25"\n'
            )
        },
    )
    assert hosts(found) == [
        "cache:6379",
        "cache2:6380",
        "cart:8080",
        "catalog:8000",
        "db:5432",
        "kafka-0:9092",
        "kafka-1:9092",
        "mongo-0:27017",
        "mongo-1:27017",
        "orders:50051",
        "pay.shop.svc.cluster.local:80",
        "queue:5672",
        "rabbitmq:0",
        "search:0",
        "stock:8082",
        "user:8081",
    ]


def test_writable_are_the_folders_that_writes_need(tmp_path: Path) -> None:
    found = facts(
        tmp_path,
        {
            "main.py": (
                "import os, sqlite3, tempfile, logging\nfrom logging.handlers import RotatingFileHandler\nfrom pathlib import Path\n"
                'DATA = os.environ.get("DATA_DIR", "/data")\nopen(os.path.join(DATA, "x.json"), "w")\nopen("read.txt")\nopen("in.bin", "rb")\n'
                'Path("reports/today.txt").write_text("x")\nos.makedirs("uploads/a", exist_ok=True)\nsqlite3.connect("/var/lib/shop/a.db")\nsqlite3.connect(":memory:")\n'
                'RotatingFileHandler("/var/log/shop/a.log")\ntempfile.NamedTemporaryFile()\nopen("/dev/stdout", "w")\n'
                'def save(folder, name):\n    with (Path(folder) / f"{name}.csv").open("w"): pass\nsave(Path("/exports"), "a")\n'
            )
        },
    )
    assert values(found, "writable") == [
        "/app/reports",
        "/app/uploads/a",
        "/data",
        "/exports",
        "/tmp",
        "/var/lib/shop",
        "/var/log/shop",
    ]


def test_what_a_method_is_given_is_no_folder_of_the_function_of_its_name(tmp_path: Path) -> None:
    found = facts(
        tmp_path,
        {
            "app.py": (
                "import flask, paths\nfrom pathlib import Path\napp = flask.Flask(__name__)\n"
                "class Log:\n    def note(self, event, text): print(event)\n    def keep(self, place): Path(place).mkdir()\n"
                "def note(folder): folder.mkdir()\nlog = Log()\n"
                'Log().note("second", "x")\nlog.note("third", "y")\nnote(Path("kept"))\nlog.keep("held")\npaths.make("own")\n'
            ),
            "paths.py": "import os\ndef make(target): os.mkdir(target)\n",
        },
    )
    assert values(found, "writable") == ["/app/held", "/app/kept", "/app/own"]


@pytest.mark.parametrize(
    "said", ["a second document begins", "what? none", "C:\\\\data", "x" * 300, "a\\tb", "/data/{x}/of it all/y: z"]
)
def test_a_text_that_is_no_path_is_no_writable_folder(tmp_path: Path, said: str) -> None:
    found = facts(tmp_path, {"app.py": f'import os\nos.makedirs("{said}")\nos.makedirs("/srv/a b/c")\n'})
    assert values(found, "writable") == (["/data"] if said.startswith("/data") else [])


def test_every_value_has_its_line(tmp_path: Path) -> None:
    found = facts(tmp_path, {"requirements.txt": "# a\nfastapi\nuvicorn\n", "main.py": FASTAPI})
    assert places(found, "health") == ["main.py:4"]
    assert places(found, "start") == ["main.py:2"]
    assert places(found, "dependencies") == ["requirements.txt:2", "requirements.txt:3"]


def test_a_file_is_read_around_what_is_no_python(tmp_path: Path) -> None:
    found = facts(
        tmp_path,
        {
            "main.py": 'import os\nos.environ["A"]\n',
            "half.py": 'import os\ndef f(:\n    pass\nos.environ["B"]\n',
            "bad.py": b"\xff\xfe\x00",
            "deep.py": "(" * 5000,
        },
    )
    assert sorted(env(found)) == ["A", "B"]
    assert "`half.py` was read around line 2, which is no Python that its grammar knows" in notes(found)
    assert "`deep.py` was read up to line 1" in notes(found)


@pytest.mark.parametrize(
    "code",
    [
        "type Port = int\n",  # 3.12
        "def first[T](items: list[T]) -> T: ...\nclass Box[T]: ...\n",  # 3.12
        "print(f\"{'a' + f'{1 + 1!r:>{width}}'}\")\n",  # 3.12
        "class Box[T = int]: ...\n",  # 3.13
        "try:\n    pass\nexcept OSError, ValueError:\n    pass\n",  # 3.14
        "match x:\n    case {'a': [1, *_]} if y: ...\n",
        "print 'x'\n",  # 2
    ],
)
def test_the_same_facts_are_read_whatever_python_a_file_is_for(tmp_path: Path, code: str) -> None:
    found = facts(tmp_path, {"main.py": f'import os\n{code}os.environ["A"]\nopen("/data/x", "w")\n'})
    assert (env(found), values(found, "writable")) == ({"A": (None, True)}, ["/data"])


def test_a_pattern_of_a_class_with_keywords_is_read(tmp_path: Path) -> None:
    found = facts(tmp_path, {"main.py": "import os\nmatch x:\n    case Point(x=0, y=y):\n        os.environ['A']\n"})
    assert list(env(found)) == ["A"]
