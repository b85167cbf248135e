"""What `kforge init` makes of repositories that keep Dockerfiles of their own: which one builds what, and what it starts."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from tests.commands.test_init_repositories import WEB, alone, below, drafted, left  # noqa: F401  a fixture among them
from tests.conftest import run, write

GUNICORN = {
    "requirements.txt": "flask==3.1\ngunicorn==23\n",
    "shop.py": "from flask import Flask\napp = Flask(__name__)\n\n@app.get('/')\ndef home(): return ''\n",
    "Procfile": "web: gunicorn shop:app\n",
}
IMAGE = "FROM docker.io/library/python:3.12-slim\nWORKDIR /app\nCOPY . .\nUSER 1000\n"
SERVES = 'CMD ["uvicorn", "app:app", "--host", "0.0.0.0"]\n'


def port(folder: Path, name: str = "shop") -> int:
    """The port of a service's container."""
    text = (folder / f"deploy/kubernetes/{name}/deployment.yaml").read_text()
    return int(yaml.safe_load(text)["spec"]["template"]["spec"]["containers"][0]["ports"][0]["containerPort"])


# ---- what it starts -------------------------------------------------------------------------------------------
def test_a_script_that_the_dockerfile_starts_says_the_port(tmp_path: Path) -> None:
    boot = "#!/bin/bash\nflask db upgrade\nexec gunicorn -b :5000 shop:app\n"
    own = {"Dockerfile": f'{IMAGE}EXPOSE 5000\nENTRYPOINT ["./boot.sh"]\n', "boot.sh": boot}
    _, ended = drafted(tmp_path, {**GUNICORN, **own})
    assert "listens on 5000" in ended.err
    assert port(tmp_path) == 5000


def test_a_command_of_the_spec_says_the_port_before_the_dockerfile_does(tmp_path: Path) -> None:
    boot = "#!/bin/bash\nexec gunicorn -b :5000 shop:app\n"
    own = {"Dockerfile": f'{IMAGE}EXPOSE 5000\nENTRYPOINT ["./boot.sh"]\n', "boot.sh": boot}
    compose = 'services: {shop: {build: ., command: gunicorn -b 0.0.0.0:7000 "shop:app"}}'
    drafted(tmp_path, {**GUNICORN, **own, "compose.yaml": compose})
    assert port(tmp_path) == 7000


def test_exposed_counts_for_more_than_another_start_of_the_source(tmp_path: Path) -> None:
    drafted(tmp_path, {**GUNICORN, "Dockerfile": f'{IMAGE}EXPOSE 5000\nENTRYPOINT ["/opt/boot"]\n'})
    assert port(tmp_path) == 5000


def test_exposed_counts_for_less_than_the_code_that_the_dockerfile_starts(tmp_path: Path) -> None:
    code = 'const express = require("express");\nexpress().listen(4001);\n'
    package = '{"name": "shop", "main": "index.js", "dependencies": {"express": "^5.0.0"}}'
    own = 'FROM docker.io/library/node:22-slim\nWORKDIR /app\nCOPY . .\nUSER 1000\nEXPOSE 3000\nCMD ["node", "index.js"]\n'
    drafted(tmp_path, {"package.json": package, "index.js": code, "Dockerfile": own})
    assert port(tmp_path) == 4001


# ---- which one builds -----------------------------------------------------------------------------------------
def test_a_dockerfile_in_another_place_says_what_starts_and_where(tmp_path: Path) -> None:
    own = f"{IMAGE.replace('/app', '/srv/shop')}EXPOSE 9090\n" + 'CMD ["./start.sh"]\n'
    start = "#!/bin/sh\npython manage.py migrate\nexec gunicorn --bind 0.0.0.0:${PORT:-9090} shop:app\n"
    services, _ = drafted(tmp_path, {**GUNICORN, "docker/alpine.Dockerfile": own, "start.sh": start})
    assert services["shop"] == {"source": ".", "build": {"dockerfile": "docker/alpine.Dockerfile"}}
    assert port(tmp_path) == 9090


def test_of_variants_the_default_one_builds(tmp_path: Path) -> None:
    own = {"docker/default.Dockerfile": f"{IMAGE}{SERVES}", "docker/alpine.Dockerfile": f"{IMAGE}{SERVES}"}
    services, _ = drafted(tmp_path, {**WEB, **own})
    assert services["shop"]["build"] == {"dockerfile": "docker/default.Dockerfile"}


@pytest.mark.parametrize(("stages", "target"), [
    (f"{IMAGE.replace('slim', 'slim AS release')}{SERVES}FROM docker.io/library/debian:12 AS upload\nRUN true\n", "release"),
    (f"{IMAGE.replace('slim', 'slim AS shop')}{SERVES}FROM shop AS shop-plus\nENV PLUS=1\n", "shop"),
    (f"{IMAGE.replace('slim', 'slim AS base')}FROM base AS final\n{SERVES}", None),
])  # fmt: skip
def test_the_stage_that_runs_is_the_target(stages: str, target: str | None, tmp_path: Path) -> None:
    services, _ = drafted(tmp_path, {**WEB, "docker/Dockerfile": stages})
    assert services["shop"]["build"].get("target") == target


def test_a_dockerfile_that_starts_nothing_builds_nothing(tmp_path: Path) -> None:
    services, ended = drafted(
        tmp_path, {**WEB, "docker/Dockerfile": "FROM docker.io/library/debian:12\nRUN dpkg -b .\n"}
    )
    assert services == {"shop": {"source": "."}}
    assert "`docker/Dockerfile` starts nothing, so `.` is not built by it" in ended.err


GO = {
    "go.mod": "module example.com/shop\n\ngo 1.24\n",
    "main.go": 'package main\n\nimport "net/http"\n\nfunc main() { http.ListenAndServe(":8080", nil) }\n',
}
WHOLE = "FROM docker.io/library/golang:1.24 AS build\nADD . /src\nWORKDIR /src\nRUN go build -o /shop\nFROM docker.io/library/alpine:3.22\nCOPY --from=build /shop /bin/shop\nUSER 65534\nEXPOSE 8080\n"
RUNS = 'CMD ["/bin/shop"]\n'


def test_a_folder_that_only_builds_the_whole_is_no_service(tmp_path: Path) -> None:
    services, ended = drafted(tmp_path, {**GO, "images/alpine/Dockerfile": WHOLE + RUNS})
    assert services == {"shop": {"source": ".", "build": {"dockerfile": "images/alpine/Dockerfile"}}}
    assert left(ended) == {"images/alpine": "holds a Dockerfile of `.`"}


def test_of_several_that_build_the_whole_none_is_taken_and_all_are_named(tmp_path: Path) -> None:
    variants = {f"packaging/docker/{name}/Dockerfile": WHOLE + RUNS for name in ("alpine", "distroless")}
    services, ended = drafted(tmp_path, {**GO, **variants})
    assert services == {"shop": {"source": "."}}
    assert (
        "could be built by `packaging/docker/alpine/Dockerfile` or `packaging/docker/distroless/Dockerfile`"
        in ended.err
    )


def test_of_several_that_build_the_whole_that_of_production_is_taken(tmp_path: Path) -> None:
    variants = {f"docker/{name}/Dockerfile": WHOLE + RUNS for name in ("alpine", "production")}
    services, _ = drafted(tmp_path, {**GO, **variants})
    assert services["shop"]["build"] == {"dockerfile": "docker/production/Dockerfile"}


def test_what_packages_the_whole_is_named_and_builds_nothing(tmp_path: Path) -> None:
    debian = 'FROM docker.io/library/golang:1.24\nADD . /src\nCMD ["/src/packaging/debian/build.sh"]\n'
    services, ended = drafted(tmp_path, {**GO, "packaging/debian/Dockerfile": debian})
    assert services == {"shop": {"source": "."}}
    assert left(ended) == {"packaging/debian": "packages `.`, and is not a program of its own"}


def test_an_image_of_its_own_below_a_program_stays_a_service(tmp_path: Path) -> None:
    proxy = "FROM docker.io/library/nginx:1.28\nCOPY . /etc/nginx/conf.d\nEXPOSE 8081\n"
    files = {**GO, "edge/Dockerfile": proxy, "edge/default.conf": "server { listen 8081; }\n"}
    services, _ = drafted(tmp_path, files)
    assert services.keys() == {"shop", "edge"}


# ---- what it keeps --------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("line", "path"), [
    ("VOLUME /data", "/data"), ('VOLUME ["/var/lib/shop"]', "/var/lib/shop"), ("ENV SHOP_PATH=/data", "/data"), ("ENV UPLOAD_DIR=/app/files", "/app/files"),
    ("ENV SHOP_DB_FILE=/state/shop.db", "/state"), ("VOLUME /usr/src/shop/data", "/usr/src/shop/data"), ("VOLUME /tmp", None), ("VOLUME /app", None), ("ENV VIRTUAL_ENV=/opt/data", None),
    ("VOLUME /app/node_modules", None), ("ENV PYTHONPATH=/data/lib", None), ("VOLUME /var/log/shop", None), ("ENV STATIC_ROOT=/app/static", None),
])  # fmt: skip
def test_folders_that_a_dockerfile_declares_to_hold_data_get_a_claim(
    line: str, path: str | None, tmp_path: Path
) -> None:
    services, _ = drafted(tmp_path, {**WEB, "Dockerfile": f"{IMAGE}{line}\n{SERVES}"})
    assert [volume["path"] for volume in services["shop"].get("volumes", ())] == ([path] if path else [])


def test_a_declared_folder_over_files_of_the_source_gets_no_claim(tmp_path: Path) -> None:
    files = {**WEB, "media/logo.svg": "<svg/>", "Dockerfile": f"{IMAGE}VOLUME /app/media\n{SERVES}"}
    services, _ = drafted(tmp_path, files)
    assert "volumes" not in services["shop"]


def test_a_declared_folder_without_a_volume_is_lost_data(tmp_path: Path) -> None:
    spec = "apiVersion: kforge.dev/v1\napp: shop\nregistry: ghcr.io/acme\nservices: {shop: {source: .}}\n"
    write(tmp_path, {**WEB, "app.kforge.yaml": spec, "Dockerfile": f"{IMAGE}VOLUME /data\n{SERVES}"})
    built = run("build", cwd=tmp_path, code=0)
    assert "what its Dockerfile calls a volume in `/data` (Dockerfile:5)" in built.out + built.err


# ---- what it is told ------------------------------------------------------------------------------------------
def test_a_variable_that_the_dockerfile_sets_is_not_asked_for(tmp_path: Path) -> None:
    code = f"{WEB['app.py']}import os\nA = os.environ['SHOP_THEME']\nB = os.environ['SHOP_REGION']\n"
    _, ended = drafted(tmp_path, {**WEB, "app.py": code, "Dockerfile": f"{IMAGE}ENV SHOP_THEME=plain\n{SERVES}"})
    assert "`shop` needs `SHOP_REGION`: set it" in ended.err


def test_where_a_program_listens_is_no_address_of_another(tmp_path: Path) -> None:
    code = f"{WEB['app.py']}import os\nA = os.environ.get('SHOP__address')\n"
    compose = "services: {shop: {build: ., environment: {SHOP__address: '0.0.0.0:8000'}}}"
    services, ended = drafted(tmp_path, {**WEB, "app.py": code, "compose.yaml": compose})
    assert services["shop"]["env"] == {"SHOP__address": "0.0.0.0:8000"}
    assert "its own pod" not in ended.err


@pytest.mark.parametrize(("asked", "said"), [
    ("cap_add: [NET_ADMIN, SYS_MODULE]", "`cap_add: NET_ADMIN, SYS_MODULE`"), ("privileged: true", "`privileged: true`"),
    ("network_mode: host", "`network_mode: host`"), ("sysctls: [net.ipv4.ip_forward=1]", "`sysctls: net.ipv4.ip_forward=1`"), ("devices: ['/dev/dri:/dev/dri']", "`devices: /dev/dri:/dev/dri`"),
])  # fmt: skip
def test_rights_that_compose_gives_and_pods_do_not_have_are_told(asked: str, said: str, tmp_path: Path) -> None:
    _, ended = drafted(tmp_path, {**WEB, "compose.yaml": f"services: {{shop: {{build: ., {asked}}}}}"})
    assert f"`shop` (compose.yaml:1) asks for {said}, which pods here do not get" in ended.err


def test_a_front_end_that_the_dockerfile_in_another_place_copies_is_no_service(tmp_path: Path) -> None:
    front = {"package.json": '{"name": "ui", "scripts": {"start": "node s.js"}, "dependencies": {"express": "^5"}}', "s.js": 'require("express")().listen(3000)\n'}  # fmt: skip
    own = f"FROM docker.io/library/node:22 AS ui\nCOPY frontend/ /ui/\nRUN npm i\n{IMAGE}{SERVES}"
    services, ended = drafted(tmp_path, {**WEB, **below("frontend", front), "docker/Dockerfile": own})
    assert services.keys() == {"shop"}
    assert left(ended)["frontend"] == "is a part of `.`, whose `docker/Dockerfile` copies it"


def test_a_front_end_that_the_dockerfile_does_not_copy_stays_a_service(tmp_path: Path) -> None:
    front = {"package.json": '{"name": "ui", "scripts": {"start": "node s.js"}, "dependencies": {"express": "^5"}}', "s.js": 'require("express")().listen(3000)\n'}  # fmt: skip
    own = f"FROM docker.io/library/python:3.12\nWORKDIR /app\nCOPY app.py requirements.txt ./\n{SERVES}"
    services, _ = drafted(tmp_path, {**WEB, **below("frontend", front), "docker/Dockerfile": own})
    assert services.keys() == {"shop", "frontend"}


def test_a_dockerfile_of_compose_that_is_for_development_is_told(tmp_path: Path) -> None:
    own = f'{IMAGE}CMD ["uvicorn", "app:app", "--host", "0.0.0.0", "--reload"]\n'
    compose = "services: {shop: {build: {context: ., dockerfile: Dockerfile.compose}}}"
    _, ended = drafted(tmp_path, {**WEB, "Dockerfile.compose": own, "compose.yaml": compose})
    assert "`Dockerfile.compose` is for development: `--reload` watches the source" in ended.err


def test_a_volume_of_compose_that_holds_what_is_made_again_gets_no_claim(tmp_path: Path) -> None:
    compose = "services: {shop: {build: ., volumes: ['kept:/data', 'modules:/app/node_modules', 'made:/root/.cache']}}"
    services, _ = drafted(tmp_path, {**WEB, "compose.yaml": compose})
    assert [one["path"] for one in services["shop"]["volumes"]] == ["/data"]


def test_a_folder_of_the_authors_machine_that_compose_mounts_for_data_gets_a_claim(tmp_path: Path) -> None:
    mounts = "['./files:/srv/shop', './conf:/etc/shop', './shop.yml:/shop.yml', './made:/var/log/shop', '/var/run/docker.sock:/var/run/docker.sock']"
    files = {**WEB, "conf/a.ini": "", "compose.yaml": f"services: {{shop: {{build: ., volumes: {mounts}}}}}"}
    services, _ = drafted(tmp_path, files)
    assert services["shop"]["volumes"] == [{"name": "files", "path": "/srv/shop", "size": "10Gi"}]


MIGRATED = {**WEB, "requirements.txt": f"{WEB['requirements.txt']}alembic==1.14\npsycopg==3.2\n", "alembic.ini": "[alembic]\n"}  # fmt: skip


def test_migrations_that_the_dockerfile_starts_nowhere_are_told(tmp_path: Path) -> None:
    _, ended = drafted(tmp_path, {**MIGRATED, "Dockerfile": f"{IMAGE}{SERVES}"})
    assert "`shop` has migrations (`alembic.ini`), and its Dockerfile starts none" in ended.err


@pytest.mark.parametrize("start", ['CMD ["./start.sh"]', 'CMD ["sh", "-c", "alembic upgrade head && uvicorn app:app --host 0.0.0.0"]'])  # fmt: skip
def test_migrations_that_the_dockerfile_starts_are_not_told(start: str, tmp_path: Path) -> None:
    script = "#!/bin/sh\nalembic upgrade head\nexec uvicorn app:app --host 0.0.0.0\n"
    _, ended = drafted(tmp_path, {**MIGRATED, "start.sh": script, "Dockerfile": f"{IMAGE}{start}\n"})
    assert "has migrations" not in ended.err


# ---- what Compose starts over it ------------------------------------------------------------------------------
NODE = {
    "package.json": '{"name": "shop", "scripts": {"start": "node index.js", "queue": "node queue.js"}, "dependencies": {"express": "^5.0.0", "bullmq": "^5.0.0"}}',
    "index.js": 'const express = require("express");\nexpress().listen(4001);\n',
    "queue.js": 'const { Worker } = require("bullmq");\nnew Worker("mail", async () => {});\n',
}
TWO = """services:
  shop: {build: ., command: npm start, ports: ["4001:4001"]}
  queue: {build: ., command: npm run queue}
"""
RUNS = 'FROM docker.io/library/node:24\nWORKDIR /srv\nCOPY . .\nUSER node\nCMD ["node", "index.js"]\n'


@pytest.mark.parametrize(
    ("dockerfile", "main", "queue"),
    [
        ("", None, ["node", "queue.js"]),
        (RUNS, None, ["npm", "run", "queue"]),
        (RUNS.replace("CMD", "# CMD"), ["node", "index.js"], ["npm", "run", "queue"]),
    ],
)
def test_scripts_of_a_package_tell_two_services_of_one_image_apart(
    tmp_path: Path, dockerfile: str, main: list[str] | None, queue: list[str]
) -> None:
    own = {"Dockerfile": dockerfile} if dockerfile else {}
    services, _ = drafted(tmp_path, {**NODE, "compose.yaml": TWO, **own})
    assert (services["shop"].get("command"), services["queue"]["command"]) == (main, queue)
    assert services["queue"]["ports"] == []
    assert not (tmp_path / "deploy/kubernetes/queue/service.yaml").exists()


MANAGED = {
    "requirements.txt": "django==5.2\ngunicorn==23\n",
    "manage.py": "import sys\nfrom django.core.management import execute_from_command_line\nexecute_from_command_line(sys.argv)\n",
    "shop/__init__.py": "",
    "shop/wsgi.py": "from django.core.wsgi import get_wsgi_application\napplication = get_wsgi_application()\n",
    "shop/settings.py": "SECRET_KEY = 'x'\nROOT_URLCONF = 'shop.urls'\nINSTALLED_APPS = []\n",
    "shop/urls.py": "urlpatterns = []\n",
    "shop/management/commands/serve.py": "from django.core.management.base import BaseCommand\n\nclass Command(BaseCommand):\n    def handle(self, **options): pass\n",
}


def web(
    folder: Path, more: str, end: str = 'CMD ["gunicorn", "-b", ":8000", "shop.wsgi"]\n'
) -> tuple[dict[str, object], str]:
    compose = f'services: {{shop: {{build: ., command: python manage.py serve, ports: ["8000:8000"]{more}}}}}'
    services, ended = drafted(folder, {**MANAGED, "Dockerfile": f"{IMAGE}{end}", "compose.yaml": compose})
    return services["shop"], ended.err


def test_a_command_over_a_mounted_source_gives_way_to_the_dockerfiles_server(tmp_path: Path) -> None:
    block, said = web(tmp_path, ', volumes: [".:/app"]')
    assert "command" not in block
    assert "`python manage.py serve` runs over a mounted source, which is for development" in said
    assert port(tmp_path) == 8000


def test_a_command_of_the_sources_own_listens_where_compose_publishes_it(tmp_path: Path) -> None:
    block, _ = web(tmp_path, "")
    assert (block["command"], block["port"]) == (["python", "manage.py", "serve"], 8000)
    assert port(tmp_path) == 8000


def test_over_a_mounted_source_the_only_command_stays(tmp_path: Path) -> None:
    block, _ = web(tmp_path, ', volumes: ["./:/app"]', end="")
    assert block["command"] == ["python", "manage.py", "serve"]


def test_a_variable_that_names_a_volume_of_what_is_made_again_is_left_out_and_told(tmp_path: Path) -> None:
    more = (
        ', volumes: ["static:/var/www/static", "up:/srv/up"], environment: {STATIC_ROOT: /var/www/static, UP: /srv/up}'
    )
    block, said = web(tmp_path, more)
    assert block["env"] == {"UP": "/srv/up"}
    assert "`STATIC_ROOT` of `shop` (compose.yaml:1) and its volume at" in said


@pytest.mark.parametrize(("said", "env"), [("debug", "info"), ("DEBUG", "INFO"), ("warning", "warning")])
def test_a_level_that_the_program_ends_without_is_none_of_development(tmp_path: Path, said: str, env: str) -> None:
    code = "import os\nfrom flask import Flask\napp = Flask(__name__)\nlevel = os.environ['LOG_LEVEL']\n"
    compose = f'services: {{shop: {{build: ., ports: ["8000:8000"], environment: {{LOG_LEVEL: {said}}}}}}}'
    services, _ = drafted(tmp_path, {**GUNICORN, "shop.py": code, "compose.yaml": compose})
    assert services["shop"]["env"] == {"LOG_LEVEL": env}


# ---- what it takes, and who runs it ---------------------------------------------------------------------------
def test_what_is_copied_and_made_outside_is_told(tmp_path: Path) -> None:
    text = 'FROM scratch\nCOPY bin/shop /shop\nUSER 1000\nEXPOSE 80\nENTRYPOINT ["/shop"]\n'
    write(
        tmp_path,
        {
            "Dockerfile": text,
            ".gitignore": "bin/\n",
            "go.mod": "module shop\n\ngo 1.24\n",
            "main.go": "package main\n\nfunc main() {}\n",
        },
    )
    run("init", "--name", "shop", cwd=tmp_path, code=0)
    built = run("build", cwd=tmp_path, code=0)
    assert "`bin/shop` is copied into the image, and git ignores it (Dockerfile:2)" in built.err


@pytest.mark.parametrize(
    ("lines", "user"),
    [
        ("FROM gcr.io/distroless/static-debian13:nonroot\n", 65532),
        ("FROM gcr.io/distroless/base:debug-nonroot\n", 65532),
        ("FROM cgr.dev/chainguard/python:latest\n", 65532),
        ("FROM gcr.io/distroless/static-debian13:nonroot\nUSER 1001\n", 1001),
        ("FROM gcr.io/distroless/static-debian13\n", 10001),
        ("FROM debian:13\nRUN adduser --system app\nUSER app\n", 10001),
        ("FROM mcr.microsoft.com/dotnet/aspnet:9.0\nUSER app\n", 1654),
        ("FROM debian:13\nUSER app\n", 10001),
    ],
)
def test_who_runs_an_image_is_its_bases_where_the_dockerfile_does_not_say(
    tmp_path: Path, lines: str, user: int
) -> None:
    write(tmp_path, {"Dockerfile": f'{lines}COPY . .\nEXPOSE 8080\nENTRYPOINT ["/x"]\n', "x": ""})
    run("init", "--name", "shop", cwd=tmp_path, code=0)
    run("build", cwd=tmp_path, code=0)
    text = (tmp_path / "deploy/kubernetes/shop/deployment.yaml").read_text()
    assert yaml.safe_load(text)["spec"]["template"]["spec"]["securityContext"]["runAsUser"] == user


# ---- what it keeps, and what nothing else brings ----------------------------------------------------------------
def paths(block: dict[str, object]) -> list[str]:
    return sorted(one["path"] for one in block.get("volumes", []))  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("lines", "kept", "env"),
    [
        (
            "FROM docker.io/library/postgres:16-alpine\n",
            ["/var/lib/postgresql/data"],
            "/var/lib/postgresql/data/pgdata",
        ),
        ("FROM docker.io/library/postgres:18\n", ["/var/lib/postgresql"], None),
        ("FROM docker.io/library/postgres:16\nENV PGDATA=/data/pg\n", ["/var/lib/postgresql/data"], None),
        ("FROM docker.io/library/redis:8\n", [], None),
    ],
)
def test_a_store_that_is_built_here_keeps_its_data(
    tmp_path: Path, lines: str, kept: list[str], env: str | None
) -> None:
    files = {"db/Dockerfile": f"{lines}COPY init.sql /docker-entrypoint-initdb.d/\n", "db/init.sql": "select 1;\n"}
    services, _ = drafted(tmp_path, {**below("web", WEB), **files}, builds=False)
    assert (paths(services["db"]), services["db"].get("env", {}).get("PGDATA")) == (kept, env)


def test_volumes_of_a_dockerfile_are_kept_though_the_program_writes_beside_itself(tmp_path: Path) -> None:
    code = "import sqlite3\nfrom fastapi import FastAPI\napp = FastAPI()\nbase = sqlite3.connect('shop.db')\n"
    own = f"FROM docker.io/library/python:3.12\nCOPY . .\nUSER 1000\nVOLUME /srv /etc/shop\n{SERVES}"
    services, _ = drafted(tmp_path, {**WEB, "app.py": code, "Dockerfile": own}, builds=False)
    assert {"/srv", "/etc/shop"} <= {*paths(services["shop"])}


def test_a_file_that_a_variable_leaves_does_not_open_the_root(tmp_path: Path) -> None:
    code = """import os

from flask import Flask
from sqlalchemy import create_engine

app = Flask(__name__)
engine = create_engine(os.environ.get("DATABASE_URL") or "sqlite:///shop.db")
"""
    needs = "flask==3.1\ngunicorn==23\nsqlalchemy==2.0.36\npsycopg2-binary==2.9.10\n"
    own = {
        "Dockerfile": f'{IMAGE}CMD ["gunicorn", "-b", ":8000", "shop:app"]\n',
        "shop.py": code,
        "requirements.txt": needs,
    }
    services, _ = drafted(tmp_path, own)
    assert "DATABASE_URL" in services["shop"]["env"]
    pod = yaml.safe_load((tmp_path / "deploy/kubernetes/shop/deployment.yaml").read_text())["spec"]["template"]["spec"]
    assert pod["containers"][0]["securityContext"]["readOnlyRootFilesystem"] is True


@pytest.mark.parametrize(
    ("argument", "image", "told"),
    [
        ("ARG VERSION", "node:${VERSION}", True),
        ("ARG VERSION=PLEASE_PROVIDE_VERSION", "acme/build:$VERSION-slim", True),
        ("ARG VERSION=24", "node:${VERSION}", False),
        ("ARG VERSION", "node:${VERSION:-24}", False),
        ("ARG VERSION", "--platform=$BUILDPLATFORM node:24", False),
    ],
)
def test_an_argument_that_a_base_image_needs_is_asked_for(
    tmp_path: Path, argument: str, image: str, told: bool
) -> None:
    own = {"Dockerfile": f"{argument}\nFROM {image}\nWORKDIR /srv\nCOPY . .\nUSER 1000\n{SERVES}"}
    _, ended = drafted(tmp_path, {**WEB, **own}, builds=False)
    assert ("write `build: {args: {VERSION: …}}`" in ended.err) == told


def test_a_stage_of_development_is_told(tmp_path: Path) -> None:
    own = {"Dockerfile": f"FROM docker.io/library/python:3.12 AS dev\n{IMAGE}{SERVES}"}
    compose = 'services: {shop: {build: {context: ., target: dev}, ports: ["8000:8000"]}}'
    services, ended = drafted(tmp_path, {**WEB, **own, "compose.yaml": compose})
    assert "build" not in services["shop"]
    assert "`shop` (compose.yaml:1) is built up to the stage `dev`, which is for development" in ended.err


@pytest.mark.parametrize(
    ("script", "told"),
    [("node index.js", True), ("npm-run-all tables serve", False), ("npm run tables && node index.js", False)],
)
def test_migrations_that_a_script_of_the_package_runs_are_started(tmp_path: Path, script: str, told: bool) -> None:
    package = {
        "name": "shop",
        "scripts": {"start": script, "tables": "node tables.js", "serve": "node index.js"},
        "dependencies": {"express": "^5.0.0", "knex": "^3.1.0", "pg": "^8.13.0"},
    }
    files = {
        "package.json": json.dumps(package),
        "index.js": NODE["index.js"],
        "tables.js": "require('child_process').execSync('knex migrate:latest');\n",
        "knexfile.js": "module.exports = { client: 'pg' };\n",
        "migrations/1_a.js": "exports.up = () => {};\n",
        "Dockerfile": RUNS.replace('"node", "index.js"', '"npm", "start"'),
    }
    _, ended = drafted(tmp_path, files, builds=False)
    assert ("its Dockerfile starts none" in ended.err) == told


def test_the_data_of_a_store_on_the_authors_machine_is_a_claim_and_no_file_that_is_lost(tmp_path: Path) -> None:
    compose = """services:
  shop: {build: ., ports: ["8000:8000"], environment: {DATABASE_URL: "postgresql://postgres@db/postgres"}}
  db: {image: "postgres:16", volumes: ["./data:/var/lib/postgresql/data:cached", "./init.sql:/docker-entrypoint-initdb.d/init.sql"]}
"""
    needs = {**WEB, "requirements.txt": f"{WEB['requirements.txt']}asyncpg==0.30.0\n"}
    _, ended = drafted(tmp_path, {**needs, "compose.yaml": compose}, builds=False)
    assert ("`./data`" in ended.err, "`./init.sql`" in ended.err) == (False, True)


def test_files_that_the_authors_manifest_mounts_are_told(tmp_path: Path) -> None:
    manifest = """apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      containers:
      - {name: web, image: web, ports: [{containerPort: 8000}], volumeMounts: [{name: keys, mountPath: /keys}, {name: tmp, mountPath: /tmp}]}
      volumes: [{name: keys, secret: {secretName: jwt}}, {name: tmp, emptyDir: {}}]
"""
    _, ended = drafted(tmp_path, {**below("web", WEB), **below("api", WEB), "k8s/web.yaml": manifest}, builds=False)
    assert "k8s/web.yaml mounts the Secret `jwt` at `/keys`, and the draft does not" in ended.err
    assert "/tmp" not in ended.err


@pytest.mark.parametrize(("word", "told"), [("gunicorn", False), ("/venv/bin/gunicorn", True)])
def test_migrations_behind_a_condition_that_never_holds_are_not_started(tmp_path: Path, word: str, told: bool) -> None:
    boot = f'#!/bin/sh\nif [ "$1" = "{word}" ]; then\n  python manage.py migrate --noinput\nfi\nexec "$@"\n'
    own = {
        "entry.sh": boot,
        "Dockerfile": f'{IMAGE}ENTRYPOINT ["./entry.sh"]\nCMD ["gunicorn", "-b", ":8000", "shop.wsgi"]\n',
    }
    compose = 'services: {front: {build: ., ports: ["8000:8000"]}}'
    _, ended = drafted(tmp_path, {**MANAGED, **own, "compose.yaml": compose})
    assert ("`front` has migrations (`manage.py`), and its Dockerfile starts none" in ended.err) == told
    assert ("before: [front]" in ended.err) == told


def test_a_dockerfile_that_only_the_authors_environment_names_is_that_of_the_folder_of_the_service(
    tmp_path: Path,
) -> None:
    own = 'FROM docker.io/library/alpine:3.22\nCOPY x /x\nUSER 1000\nEXPOSE 9000\nENTRYPOINT ["/x"]\n'
    files = {"src/cart/src/Dockerfile": own, "src/cart/src/x": "", "src/proxy/Dockerfile": own, "src/proxy/x": ""}
    compose = """services:
  cart: {build: {context: ., dockerfile: "${CART_DOCKERFILE}"}, environment: {MODE: fast}}
  proxy: {build: {context: ., dockerfile: "${PROXY_DOCKERFILE}"}, environment: {MODE: slow}}
"""
    services, ended = drafted(tmp_path, {**files, **below("web", WEB), "compose.yaml": compose}, builds=False)
    assert {name: services[name].get("env") for name in ("cart", "proxy")} == {
        "cart": {"MODE": "fast"},
        "proxy": {"MODE": "slow"},
    }
    assert "built from a folder that is not here" not in ended.err
