"""What `kforge init` makes of whole repositories: which folders are services, and what the author's files say of them."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest

from kforge.spec.read import read
from tests.conftest import Ended, run, write

WEB = {
    "requirements.txt": "fastapi==0.115.6\nuvicorn==0.34.0\n",
    "app.py": "from fastapi import FastAPI\napp = FastAPI()\n\n@app.get('/alive')\ndef alive(): return {}\n",
}
EXPRESS = {
    "package.json": '{"name": "orders", "main": "index.js", "scripts": {"start": "node index.js"}, "dependencies": {"express": "^5.0.0"}}',
    "index.js": 'const express = require("express");\nexpress().listen(4001);\n',
}
GO = 'package main\n\nimport "net/http"\n\nfunc main() {{ http.ListenAndServe(":{}", nil) }}\n'
QUIET = 'package main\n\nimport "os"\n\nfunc main() { os.WriteFile("x.go", nil, 0o644) }\n'


@pytest.fixture(autouse=True)
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No model, no configuration, no terminal."""
    for name in ("KFORGE_MODEL", "KFORGE_BASE_URL", "KFORGE_PROVIDER"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setattr("sys.stdin", io.StringIO())


def below(folder: str, files: dict[str, str]) -> dict[str, str]:
    return {f"{folder}/{path}": text for path, text in files.items()}


def drafted(folder: Path, files: dict[str, str], builds: bool = True) -> tuple[dict[str, Any], Ended]:
    """The services of a draft, which a build accepts, and what was said."""
    write(folder, files)
    ended = run("init", "--name", "shop", cwd=folder, code=0)
    if builds:
        run("build", cwd=folder, code=0)
    return read((folder / "app.kforge.yaml").read_bytes(), "f").data["services"], ended


def left(ended: Ended) -> dict[str, str]:
    """What was left out, with the reasons."""
    lines = ended.err.partition("left out:\n")[2].splitlines()
    rows = [line.strip().split("  ", 1) for line in lines if line.startswith("  ")]
    return {name: why.strip() for name, why in rows}


# ---- which folders --------------------------------------------------------------------------------------------
def test_a_root_that_holds_only_tools_is_no_service(tmp_path: Path) -> None:
    root = {"package.json": '{"name": "root", "private": true, "devDependencies": {"markdownlint-cli": "^0.45.0"}}'}
    services, ended = drafted(tmp_path, {**root, **below("services/orders", EXPRESS), **below("services/stock", WEB)})
    assert {name: one["source"] for name, one in services.items()} == {
        "orders": "./services/orders",
        "stock": "./services/stock",
    }
    assert "only tools" in left(ended)["."]


@pytest.mark.parametrize(
    "root",
    [
        {"pyproject.toml": '[dependency-groups]\ndev = ["ruff"]\n\n[tool.uv.workspace]\nmembers = ["api"]\n'},
        {"package.json": '{"private": true, "workspaces": ["api"], "scripts": {"start": "npm -w api start"}}'},
        {"pyproject.toml": '[project]\nname = "root"\nversion = "0"\n[tool.uv.workspace]\nmembers = ["api"]\n', "scripts/notes.py": "if __name__ == '__main__':\n    print(1)\n"},
    ],
    ids=["uv", "npm", "uv with a script"],
)  # fmt: skip
def test_of_a_workspace_the_members_that_start_are_services(root: dict[str, str], tmp_path: Path) -> None:
    library = {"pyproject.toml": '[project]\nname = "core"\nversion = "0"\n', "core/__init__.py": "X = 1\n"}
    services, ended = drafted(tmp_path, {**root, **below("api", WEB), **below("packages/core", library)})
    assert services.keys() == {"api"}
    assert left(ended)["packages/core"] == "is a library: it has no program to start"


def _member(name: str, **more: object) -> str:
    return json.dumps({"name": name, "version": "1.0.0", **more}, indent=2)


MONOREPO = {
    "package.json": _member("all", private=True, workspaces=["apps/*", "packages/*"]),
    "apps/api/package.json": _member(
        "@acme/api", scripts={"start": "node index.js"}, dependencies={"express": "5", "@acme/db": "*", "@acme/ui": "*"}
    ),
    "apps/api/index.js": "require('@acme/db');\n" + EXPRESS["index.js"],
    "apps/jobs/package.json": _member(
        "@acme/jobs", scripts={"start": "node jobs.js"}, dependencies={"bullmq": "5", "@acme/db": "*"}
    ),
    "apps/jobs/jobs.js": "const { Worker } = require('bullmq');\nnew Worker('mail', async () => {});\n",
    "packages/db/package.json": _member(
        "@acme/db", main="./index.js", dependencies={"bullmq": "5", "ioredis": "5", "prisma": "6", "@prisma/client": "6"}
    ),
    "packages/db/index.js": "const Redis = require('ioredis');\nexports.redis = new Redis({ host: process.env.REDIS_HOST });\n",
    "packages/ui/package.json": _member("@acme/ui", scripts={"build": "vite build"}, devDependencies={"vite": "7"}),
    "packages/ui/index.html": "<p>",
}  # fmt: skip


def test_a_package_that_others_take_and_nothing_starts_is_no_service(tmp_path: Path) -> None:
    services, ended = drafted(tmp_path, MONOREPO)
    assert {name: one["source"] for name, one in services.items() if "source" in one} == {
        "api": "./apps/api",
        "jobs": "./apps/jobs",
    }
    assert left(ended)["packages/db"] == "is a library, built into `apps/api`, `apps/jobs`"
    assert left(ended)["packages/ui"] == "is a library, built into `apps/api`"


def test_a_library_is_none_either_where_no_program_shows_a_port(tmp_path: Path) -> None:
    files = {
        "package.json": _member("all", private=True, workspaces=["apps/*", "packages/*"]),
        "apps/sync/package.json": _member(
            "@acme/sync", scripts={"start": "node main.js"}, dependencies={"@acme/db": "*"}
        ),
        "apps/sync/main.js": "require('@acme/db');\nsetInterval(() => {}, 1000);\n",
        "packages/db/package.json": _member("@acme/db", main="./index.js", dependencies={"@acme/log": "*"}),
        "packages/db/index.js": "require('@acme/log');\n",
        "packages/log/package.json": _member("@acme/log", main="./index.js", dependencies={"@acme/db": "*"}),
        "packages/log/index.js": "exports.say = console.log;\n",
    }
    services, ended = drafted(tmp_path, files)
    assert [one["source"] for one in services.values() if "source" in one] == ["./apps/sync"]
    assert left(ended)["packages/db"] == "is a library, built into `apps/sync`"


def test_one_that_has_a_start_of_its_own_is_a_service(tmp_path: Path) -> None:
    started = _member("@acme/db", scripts={"start": "node index.js"}, dependencies={"bullmq": "5"})
    assert "db" in drafted(tmp_path, {**MONOREPO, "packages/db/package.json": started})[0]


def test_migrations_of_a_package_are_a_job_before_those_that_take_it(tmp_path: Path) -> None:
    files = {"packages/db/prisma/migrations/1_init/migration.sql": "SELECT 1;\n"}
    files["packages/db/prisma/schema.prisma"] = (
        'datasource db {\n  provider = "postgresql"\n  url = env("DATABASE_URL")\n}\n'
    )
    services, _ = drafted(tmp_path, {**MONOREPO, **files, **below("apps/web", EXPRESS)})
    migrate = services["migrate"]
    assert (migrate["source"], migrate["job"]) == ("./packages/db", True)
    assert sorted(migrate["before"]) == ["api", "jobs"]


def test_a_module_of_go_that_others_are_built_with_is_no_service(tmp_path: Path) -> None:
    more = "\nrequire example.test/common v0.0.0\n\nreplace example.test/common => ../common\n"
    files = {
        "common/go.mod": "module example.test/common\n\ngo 1.24\n",
        "common/server.go": 'package common\n\nimport "net/http"\n\nfunc Serve() { http.ListenAndServe(":8080", nil) }\n',
        "orders/go.mod": f"module example.test/orders\n\ngo 1.24\n{more}",
        "orders/main.go": GO.format(4100).replace('"net/http"', '(\n\t"net/http"\n\n\t_ "example.test/common"\n)'),
    }
    services, ended = drafted(tmp_path, files)
    assert [*services] == ["orders"]
    assert left(ended)["common"].startswith("is a library")


def test_a_module_of_go_without_a_program_is_no_service(tmp_path: Path) -> None:
    serves = 'package common\n\nimport "net/http"\n\nfunc Serve() { http.ListenAndServe(":8080", nil) }\n'
    files = {"kit/go.mod": "module example.test/kit\n\ngo 1.24\n", "kit/server.go": serves, **below("web", EXPRESS)}
    assert left(drafted(tmp_path, files)[1])["kit"] == "is a library: it has no program to start"


def test_a_store_that_a_package_reaches_is_wired_into_those_that_take_it(tmp_path: Path) -> None:
    files = {
        "compose.yaml": "services:\n  cache:\n    image: redis:8\n  api:\n    build: apps/api\n    ports: ['4001:4001']\n"
    }
    services, _ = drafted(tmp_path, {**MONOREPO, **files})
    assert "REDIS_HOST" in services["api"]["env"]


def test_every_folder_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    other = {"ledger/pom.xml": "<project/>", "cart/Cart.csproj": "<Project/>", "ui/Gemfile": ""}
    _, ended = drafted(tmp_path, {**below("web", WEB), **other})
    assert {name: why.split("(")[0].strip() for name, why in left(ended).items()} == {
        "cart": "is written in C#",
        "ledger": "is written in Java",
        "ui": "is written in Ruby",
    }


def test_what_lies_beside_an_application_is_named_with_its_reason(tmp_path: Path) -> None:
    beside = {
        **below("e2e", EXPRESS),
        **below("docs", EXPRESS),
        **below("tools/gen", EXPRESS),
        **below("examples/x", WEB),
        "phone/package.json": '{"name": "phone", "dependencies": {"react-native": "1"}, "scripts": {"start": "x"}}',
        "phone/index.js": "",
        "once/package.json": '{"name": "once", "main": "index.js"}',
        "once/index.js": "console.log(1);\n",
    }
    services, ended = drafted(tmp_path, {**below("web", WEB), **beside})
    assert services.keys() == {"web"}
    assert left(ended).keys() == {"e2e", "docs", "tools/gen", "examples/x", "phone", "once"}
    assert left(ended)["phone"] == "is a mobile app"


def test_a_front_end_that_a_server_serves_is_its_part(tmp_path: Path) -> None:
    ui = {
        "package.json": '{"name": "ui", "scripts": {"build": "vite build"}, "devDependencies": {"vite": "6"}}',
        "index.html": "",
    }
    app = 'package main\n\nimport ("embed"; "net/http")\n\n//go:embed ui/dist\nvar files embed.FS\n\nfunc main() { http.ListenAndServe(":8080", nil) }\n'
    services, ended = drafted(
        tmp_path, {"go.mod": "module x/shop\n\ngo 1.24\n", "main.go": app, **below("ui", ui)}, builds=False
    )
    assert services.keys() == {"shop"}
    assert left(ended)["ui"] == "is a part of `.`, whose `main.go` builds or serves it"


def test_a_front_end_beside_the_server_that_serves_it_is_built_into_it(tmp_path: Path) -> None:
    ui = {
        "package.json": '{"name": "ui", "scripts": {"build": "vite build"}, "devDependencies": {"vite": "6"}}',
        "index.html": "",
    }
    serving = {**EXPRESS, "index.js": EXPRESS["index.js"] + "app.use(express.static('../client/dist'));\n"}
    services, ended = drafted(tmp_path, {**below("server", serving), **below("client", ui)})
    assert (services.keys(), left(ended)) == ({"server"}, {"client": "is built into `server`, which serves it"})


def test_a_further_address_of_the_only_database_is_wired_where_the_program_ends_without_it(tmp_path: Path) -> None:
    code = "import os\nmain = os.environ['DATABASE_URL']\nmore = os.environ['METRICS_DB_URL']\nold = os.environ['OLD_DB_URL']\ntried = os.getenv('OTHER_DB_URL')\n"
    web = {**WEB, "requirements.txt": WEB["requirements.txt"] + "psycopg\n", "db.py": code}
    services, _ = drafted(tmp_path, below("web", web))
    url = "postgresql://shop@${services.db.address}/shop"
    assert services["web"]["env"] == {"DATABASE_URL": url, "METRICS_DB_URL": url}


@pytest.mark.parametrize(
    ("read", "wired"),
    [
        ("os.environ.get('ACCOUNTS_DB_URI')", {"ACCOUNTS_DB_URI"}),
        ("os.getenv('BILLING_POSTGRES_DSN')", {"BILLING_POSTGRES_DSN"}),
        ("os.getenv('A_DB_URI') or os.getenv('B_DB_URI')", set()),  # which of them, only the user knows
        ("os.getenv('TEST_DB_URI')", set()),
        ("os.getenv('DATABASE_URL') or os.getenv('A_DB_URI')", {"DATABASE_URL"}),
        ("os.getenv('PARTNER_URL')", set()),
    ],
)
def test_the_only_variable_that_may_hold_the_address_of_a_database_holds_it(
    tmp_path: Path, read: str, wired: set[str]
) -> None:
    web = {**WEB, "requirements.txt": WEB["requirements.txt"] + "psycopg\n", "db.py": f"import os\nuri = {read}\n"}
    services, _ = drafted(tmp_path, below("web", web))
    assert services["web"].get("env", {}).keys() == wired


@pytest.mark.parametrize(
    ("variable", "form"),
    [
        ("ORDERS_API_ADDR", "address"),
        ("ORDERS_SERVICE_URL", "url"),
        ("ORDERS_HOST", "host"),
        ("STRIPE_API_URL", ""),
    ],
)
def test_a_service_is_meant_also_where_the_variable_says_that_it_is_one(
    tmp_path: Path, variable: str, form: str
) -> None:
    web = {**WEB, "c.py": f"import os\nhost = os.environ['{variable}']\n"}
    services, _ = drafted(tmp_path, {**below("web", web), **below("orders", EXPRESS)})
    assert services["web"].get("env", {}) == ({variable: f"${{services.orders.{form}}}"} if form else {})


def test_a_secret_that_one_place_insists_on_is_drafted_whatever_another_does_without(tmp_path: Path) -> None:
    code = "from pydantic_settings import BaseSettings\n\n\nclass App(BaseSettings):\n    secret_key: str\n\n\nclass Dev(App):\n    secret_key: str = 'x'\n"
    services, _ = drafted(tmp_path, below("web", {**WEB, "conf.py": code}))
    assert services["web"]["secrets"] == {"SECRET_KEY": {"secret": "shop-web", "key": "secret-key"}}


READS = "import os\nurl = os.environ['DATABASE_URL']\n"


@pytest.mark.parametrize(
    ("needs", "scheme"),
    [
        ("asyncpg\n", "postgresql"),
        ("sqlalchemy\nasyncpg\n", "postgresql+asyncpg"),
        ("sqlalchemy\nasyncpg\npsycopg2-binary\n", "postgresql"),  # both drivers are there: only the code knows
        ("sqlmodel\npsycopg[binary]\n", "postgresql+psycopg"),
        ("tortoise-orm\nasyncpg\n", "postgres"),
    ],
)
def test_an_address_has_the_scheme_that_the_library_takes(tmp_path: Path, needs: str, scheme: str) -> None:
    web = {**WEB, "requirements.txt": WEB["requirements.txt"] + needs, "db.py": READS}
    services, _ = drafted(tmp_path, web)
    assert services["shop"]["env"] == {"DATABASE_URL": f"{scheme}://shop@${{services.db.address}}/shop"}


@pytest.mark.parametrize(
    ("needs", "code", "example"),
    [
        ("sqlalchemy\npymysql\n", READS, "mysql+pymysql://shop:PASSWORD@db:3306/shop"),
        ("pymysql\n", "import os\nurl = os.getenv('DATABASE_URL', 'mysql+pymysql://root:x@localhost/a?charset=utf8mb4')\n", "mysql+pymysql://shop:PASSWORD@db:3306/shop?charset=utf8mb4"),
        ("sqlalchemy\npg8000\n", READS, "postgresql+pg8000://shop:PASSWORD@db:5432/shop"),
        ("motor\n", "import os\nurl = os.environ['MONGO_URL']\n", "mongodb://shop:PASSWORD@mongo:27017/shop?authSource=admin"),
        ("aio-pika\n", "import os\nurl = os.environ['RABBITMQ_URL']\n", "amqp://shop:PASSWORD@queue:5672"),
        ("aio-pika\n", "import os\nurl = os.getenv('X_URL', 'amqps://guest:guest@localhost/')\n", "amqp://shop:PASSWORD@queue:5672"),
    ],
)  # fmt: skip
def test_a_whole_address_in_a_secret_has_an_example_that_the_driver_takes(
    tmp_path: Path, needs: str, code: str, example: str
) -> None:
    web = {**WEB, "requirements.txt": WEB["requirements.txt"] + needs, "db.py": code}
    _, ended = drafted(tmp_path, web)
    assert f"with the password in it, like `{example}`" in ended.err


def test_two_forms_of_one_stores_address_are_two_keys_of_its_secret(tmp_path: Path) -> None:
    api = {**WEB, "requirements.txt": WEB["requirements.txt"] + "sqlalchemy\npymysql\n", "db.py": READS}
    js = {
        "package.json": '{"name": "orders", "main": "index.js", "dependencies": {"express": "^5.0.0", "mysql2": "^3"}}',
        "index.js": 'const express = require("express");\nconnect(new URL(process.env.DATABASE_URL));\nexpress().listen(4001);\n',
    }
    services, ended = drafted(tmp_path, {**below("api", api), **below("orders", js)})
    keys = {name: services[name]["secrets"]["DATABASE_URL"]["key"] for name in ("api", "orders")}
    assert keys == {"api": "url", "orders": "url-orders"}
    assert "`url-orders` in the Secret `shop-db`" in ended.err


@pytest.mark.parametrize(
    "address",
    [
        "f'http://{os.environ[\"ORDERS_URL\"]}/items'",
        "'http://' + os.environ['ORDERS_URL']",
        "'http://%s/items' % os.environ['ORDERS_URL']",
        "'http://{}/items'.format(os.environ['ORDERS_URL'])",
    ],
)
def test_a_variable_that_the_code_puts_a_scheme_before_holds_none(address: str, tmp_path: Path) -> None:
    code = f"import os\nimport requests\nrequests.get({address})\n"
    services, _ = drafted(tmp_path, {**below("web", {**WEB, "c.py": code}), **below("orders", EXPRESS)})
    assert services["web"]["env"] == {"ORDERS_URL": "${services.orders.address}"}


@pytest.mark.parametrize(
    ("code", "env"),
    [
        ("if os.environ['TRACING'] == 'true':\n    x = 1\n", {"TRACING": "false"}),
        ("if os.environ['TRACING'].lower() == 'true':\n    x = 1\n", {"TRACING": "false"}),
        ("if os.environ['TRACING'] == 'gcp':\n    x = 1\n", None),
        ("if os.environ.get('TRACING') == 'true':\n    x = 1\n", None),
    ],
)
def test_a_switch_without_which_the_program_ends_is_off(tmp_path: Path, code: str, env: dict[str, str] | None) -> None:
    services, _ = drafted(tmp_path, {**WEB, "t.py": f"import os\n{code}"})
    assert services["shop"].get("env") == env


def test_a_drafted_store_is_not_asked_for_a_certificate(tmp_path: Path) -> None:
    code = "import os\nurl = os.getenv('REDIS_URL', 'rediss://localhost:6379/2')\n"
    services, _ = drafted(tmp_path, {**WEB, "requirements.txt": WEB["requirements.txt"] + "redis\n", "db.py": code})
    assert services["shop"]["env"] == {"REDIS_URL": "redis://${services.cache.address}/2"}


def test_a_folder_of_sources_does_not_name_the_service(tmp_path: Path) -> None:
    files = {**below("src", WEB), **below("orders/src", EXPRESS)}
    services, _ = drafted(tmp_path, {**files})
    assert {(name, one["source"]) for name, one in services.items()} == {
        ("shop", "./src"),
        ("orders", "./orders/src"),
    }


def test_a_front_end_of_its_own_is_a_service(tmp_path: Path) -> None:
    ui = {
        "package.json": '{"name": "ui", "scripts": {"build": "vite build"}, "devDependencies": {"vite": "6"}}',
        "index.html": "",
    }
    services, _ = drafted(tmp_path, {**below("api", WEB), **below("ui", ui)})
    assert services.keys() == {"api", "ui"}


# ---- programs of one module -----------------------------------------------------------------------------------
def test_the_program_that_is_named_like_the_module_is_the_service(tmp_path: Path) -> None:
    services, ended = drafted(
        tmp_path,
        {
            "go.mod": "module example.com/notes\n\ngo 1.24\n",
            "cmd/notes/main.go": GO.format(8080),
            "internal/words/gen/main.go": QUIET,
            "cmd/admin/main.go": GO.format(9000),
        },
    )
    assert services == {"shop": {"source": "."}}
    assert left(ended).keys() == {"internal/words/gen", "cmd/admin"}


def test_two_programs_of_one_module_have_each_their_own_port(tmp_path: Path) -> None:
    files = {"go.mod": "module x/mono\n\ngo 1.24\n", "cmd/a/main.go": GO.format(8080), "cmd/b/main.go": GO.format(8090)}
    services, _ = drafted(tmp_path, {**files, "tools/gen/main.go": QUIET})
    assert services == {
        "a": {"source": ".", "command": ["/app/a"], "port": 8080},
        "b": {"source": ".", "command": ["/app/b"], "port": 8090},
    }


def test_the_program_that_the_readme_runs_is_the_service(tmp_path: Path) -> None:
    files = {"go.mod": "module x/mono\n\ngo 1.24\n", "cmd/a/main.go": GO.format(8080), "cmd/b/main.go": GO.format(8090)}
    services, _ = drafted(tmp_path, {**files, "README.md": "Run it:\n\n    go run ./cmd/b\n"})
    assert services == {"shop": {"source": ".", "command": ["/app/b"], "port": 8090}}


# ---- what the author's files say ------------------------------------------------------------------------------
COMPOSE = """services:
  api:
    build: .
    command: uvicorn app:app --host 0.0.0.0 --port 9000
    environment: {DATABASE_URL: "postgresql://app:secret@db:5432/app", GREETING: hello, DEBUG: "1", API_TOKEN: t0ps3cr3t}
    ports: ["9000:9000"]
    volumes: ["uploads:/app/uploads", "./:/app"]
    healthcheck: {test: ["CMD", "curl", "-f", "http://localhost:9000/up"]}
    depends_on: [db]
  worker:
    build: .
    command: [python, -m, worker]
    environment: {DATABASE_URL: "postgresql://app:secret@db:5432/app"}
    deploy: {replicas: 2, resources: {limits: {memory: 256M}}}
  db:
    image: postgres:16
    environment: {POSTGRES_USER: app, POSTGRES_PASSWORD: secret, POSTGRES_DB: app}
  mail: {image: "mailhog/mailhog:v1.0.1"}
  seed: {build: ., profiles: [seed]}
  search: {image: "acme/search:2.1", ports: ["7700:7700"]}
  latest: {image: "acme/thing"}
"""
WORKER = "import os\n\nwhile True:\n    print(os.getpid())\n"


def test_compose_gives_names_ports_commands_variables_and_stores(tmp_path: Path) -> None:
    services, ended = drafted(tmp_path, {**WEB, "worker.py": WORKER, "compose.yaml": COMPOSE})
    assert services.keys() == {"api", "worker", "db", "search"}
    api = services["api"]
    assert (api["port"], api["command"][0], api["probes"]) == (
        9000,
        "uvicorn",
        {"readiness": {"type": "http", "path": "/up"}},
    )
    assert api["env"] == {"DATABASE_URL": "postgresql://app@${services.db.address}/app", "GREETING": "hello"}
    assert api["secrets"] == {
        "PGPASSWORD": {"secret": "shop-db", "key": "password"},
        "API_TOKEN": {"secret": "shop-api", "key": "api-token"},
    }
    assert [(each["name"], each["path"]) for each in api["volumes"]] == [("uploads", "/app/uploads")]
    assert services["db"]["image"] == "docker.io/library/postgres:16"
    assert services["search"] == {"image": "docker.io/acme/search:2.1", "port": 7700}
    assert left(ended).keys() == {"mail", "seed", "latest"}
    assert "secret@" not in (tmp_path / "app.kforge.yaml").read_text()


def test_what_one_folder_runs_several_times_is_said_once(tmp_path: Path) -> None:
    services, _ = drafted(tmp_path, {**WEB, "worker.py": WORKER, "compose.yaml": COMPOSE})
    assert services["worker"] == {
        "like": "api",
        "command": ["python", "-m", "worker"],
        "scale": {"min": 2},
        "resources": {"memory": "256Mi"},
    }


def test_a_port_of_compose_is_told_to_a_program_that_kforge_does_not_start(tmp_path: Path) -> None:
    own = 'FROM eclipse-temurin:21-jre\nUSER 1000\nCOPY . ./\nENTRYPOINT ["java", "-jar", "ads.jar"]\n'
    compose = (
        "services:\n  ads: {build: ./ads, environment: [ADS_PORT=9555], ports: ['9555']}\n"
        "  mail: {build: ./mail, environment: {PORT: 8025}, ports: ['8025']}\n"
        "  api: {build: ./api, environment: {PORT: 8000, SMTP_PORT: 1025}, ports: ['8000']}\n"
    )
    files = {"ads/Dockerfile": own, "mail/Dockerfile": own, **below("api", WEB), "compose.yaml": compose}
    services, _ = drafted(tmp_path, files)
    assert {name: (one.get("port"), one.get("env")) for name, one in services.items()} == {
        "ads": (9555, {"ADS_PORT": "9555"}),
        "mail": (8025, {"PORT": "8025"}),
        "api": (None, {"SMTP_PORT": "1025"}),
    }


def test_a_store_that_compose_does_not_run_is_not_drafted(tmp_path: Path) -> None:
    files = {**WEB, "requirements.txt": f"{WEB['requirements.txt']}redis==5.0\npsycopg==3.2\n"}
    compose = 'services: {api: {build: .}, db: {image: "postgres:16"}}'
    services, ended = drafted(tmp_path, {**files, "compose.yaml": compose})
    assert services.keys() == {"api", "db"}
    assert "`redis`, which . could use, is left out: the Compose file does not run it" in ended.err


def test_a_folder_that_compose_builds_keeps_the_name_that_others_call(tmp_path: Path) -> None:
    web = {**WEB, "app.py": WEB["app.py"] + "import os\nX = os.environ['BACKEND']\n"}
    compose = "services:\n  web: {build: ./frontend, environment: {BACKEND: 'http://core:8000'}}\n  core: {build: {context: ., dockerfile: backend/Dockerfile}, ports: ['8000']}\n"
    services, _ = drafted(tmp_path, {**below("frontend", web), **below("backend", WEB), "compose.yaml": compose})
    assert services["core"]["source"] == "./backend"
    assert services["web"]["env"] == {"BACKEND": "${services.core.url}"}


def test_a_dockerfile_in_a_folder_for_it_is_the_authors(tmp_path: Path) -> None:
    dockerfile = (
        'FROM docker.io/library/python:3.12-slim\nWORKDIR /app\nCOPY . .\nUSER 1000\nCMD ["uvicorn", "app:app"]\n'
    )
    services, ended = drafted(tmp_path, {**WEB, "docker/Dockerfile": dockerfile})
    assert services == {"shop": {"source": ".", "build": {"dockerfile": "docker/Dockerfile"}}}
    assert left(ended)["docker"] == "holds a Dockerfile of `.`"


@pytest.mark.parametrize(("name", "taken"), [("Containerfile", True), ("Dockerfile.prod", True), ("buildx.Dockerfile", True), ("Dockerfile.dev", False), ("test.Dockerfile", False)])  # fmt: skip
def test_other_names_of_dockerfiles_are_known(name: str, taken: bool, tmp_path: Path) -> None:
    text = 'FROM docker.io/library/python:3.12-slim\nWORKDIR /app\nCOPY . .\nUSER 1000\nCMD ["uvicorn", "app:app"]\n'
    services, _ = drafted(tmp_path, {**WEB, name: text})
    assert services["shop"].get("build") == ({"dockerfile": name} if taken else None)


def test_a_procfile_names_processes_beside_the_web(tmp_path: Path) -> None:
    procfile = "web: uvicorn app:app --host 0.0.0.0 --port $PORT\nworker: python -m worker\n"
    services, _ = drafted(tmp_path, {**WEB, "worker.py": WORKER, "Procfile": procfile})
    assert services["shop"]["source"] == "."
    assert services["worker"] == {"like": "shop", "command": ["python", "-m", "worker"]}


def test_what_a_build_would_refuse_is_left_out_and_named(tmp_path: Path) -> None:
    compose = "services: {web: {build: ./web}, ledger: {build: ./ledger}}"
    services, ended = drafted(tmp_path, {**below("web", WEB), "ledger/pom.xml": "<project/>", "compose.yaml": compose})
    assert services.keys() == {"web"}
    assert left(ended)["ledger (./ledger)"].startswith("cannot be built yet: ")


# ---- variables ------------------------------------------------------------------------------------------------
SETTINGS = """from fastapi import FastAPI
from pydantic_settings import BaseSettings, SettingsConfigDict

class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="LEDGER_")
    database_url: str = "postgresql+asyncpg://ledger:ledger@localhost/ledger"
    redis_url: str = "redis://localhost:6379/0"
    secret_key: str
    rates_addr: str = "localhost:50051"
    log_level: str = "INFO"

settings = Settings()
app = FastAPI()
"""


def test_variables_with_a_prefix_are_wired_or_told(tmp_path: Path) -> None:
    requirements = "fastapi==0.115.6\nuvicorn==0.34.0\npydantic-settings==2.4\nasyncpg==0.30\n"
    services, ended = drafted(tmp_path, {"api/requirements.txt": requirements, "api/app.py": SETTINGS})
    assert services["api"]["env"] == {
        "LEDGER_DATABASE_URL": "postgresql+asyncpg://shop@${services.db.address}/shop",
        "LEDGER_REDIS_URL": "redis://${services.cache.address}/0",
    }
    assert services["cache"]["image"].startswith("docker.io/library/redis:")
    assert (
        "`LEDGER_RATES_ADDR` of `api` defaults to `localhost:50051`, which in a cluster is the pod itself: set the address that it needs"
        in ended.err
    )


def test_one_variable_of_several_services_is_one_note(tmp_path: Path) -> None:
    code = {**WEB, "app.py": WEB["app.py"] + "import os\nX = os.environ['LEDGER']\n"}
    _, ended = drafted(tmp_path, {**below("a", code), **below("b", code)})
    assert "note: `a`, `b` need `LEDGER`: set it under `env` or `secrets`" in ended.err


def test_of_databases_that_replace_each_other_one_is_drafted(tmp_path: Path) -> None:
    requirements = f"{WEB['requirements.txt']}psycopg==3.2\npymysql==1.1\nredis==5.0\n"
    services, ended = drafted(tmp_path, below("api", {**WEB, "requirements.txt": requirements}))
    assert services.keys() == {"api", "db", "cache"}
    assert "`mysql`, which ./api could use, is left out: another database is drafted instead" in ended.err


def test_a_job_that_others_wait_for_is_before_them(tmp_path: Path) -> None:
    compose = (
        "services:\n  api: {build: ., ports: ['8000'], depends_on: {prestart: {condition: service_completed_successfully}}}\n"
        "  prestart: {build: ., command: [python, -m, worker]}\n"
    )
    services, _ = drafted(tmp_path, {**WEB, "worker.py": WORKER, "compose.yaml": compose})
    assert services["prestart"] == {
        "like": "api",
        "command": ["python", "-m", "worker"],
        "job": True,
        "before": ["api"],
    }


MANIFESTS = """apiVersion: v1
kind: ConfigMap
metadata: {name: shared}
data: {GREETING: hello, DATABASE_URI: "postgresql://u:p@elsewhere.example.org:5432/x"}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: api}
spec:
  template:
    spec:
      containers:
        - name: api
          envFrom: [{configMapRef: {name: shared}}]
          env: [{name: PORT, value: "8088"}, {name: LEVEL, value: info}]
          readinessProbe: {httpGet: {path: /up, port: 8088}}
"""


def test_manifests_of_the_authors_are_hints(tmp_path: Path) -> None:
    chart = {"deploy/chart/templates/api.yaml": MANIFESTS.replace("hello", "{{ .Values.x }}")}
    services, ended = drafted(tmp_path, {**below("api", WEB), "k8s/api.yaml": MANIFESTS, **chart})
    api = services["api"]
    assert (api["port"], api["env"], api["probes"]["readiness"]["path"]) == (
        8088,
        {"GREETING": "hello", "LEVEL": "info"},
        "/up",
    )
    assert api["secrets"].keys() == {"DATABASE_URI"}
    assert "come from your manifests (`k8s/api.yaml`)" in ended.err


def test_an_image_that_is_called_like_a_folder_is_built_from_it(tmp_path: Path) -> None:
    compose = "services: {vote: {image: 'acme/vote', ports: ['80:8070']}}"
    services, _ = drafted(tmp_path, {**below("vote", WEB), "docker-stack.yml": compose})
    assert services["vote"] == {"source": "./vote", "port": 8070}


def test_names_of_variables_in_another_case_are_a_login_as_well(tmp_path: Path) -> None:
    requirements = f"{WEB['requirements.txt']}psycopg==3.2\n"
    compose = (
        "services:\n  api: {build: ., environment: {SHOP_db__host: db, SHOP_db__user: shop, SHOP_db__password: shop}}\n"
        "  db: {image: 'postgres:17', environment: {POSTGRES_USER: shop, POSTGRES_PASSWORD: shop}}\n"
    )
    services, _ = drafted(tmp_path, {**WEB, "requirements.txt": requirements, "compose.yaml": compose})
    assert services["api"]["env"] == {"SHOP_db__host": "${services.db.host}", "SHOP_db__user": "shop"}
    assert services["api"]["secrets"] == {"SHOP_db__password": {"secret": "shop-db", "key": "password"}}


def test_an_expo_app_that_is_built_for_browsers_is_a_service_and_any_other_is_none(tmp_path: Path) -> None:
    keys = '"main": "expo-router/entry", "dependencies": {"expo": "56", "react-native": "1"}, "scripts": {"start": "expo start"'
    web = {"package.json": f'{{{keys}, "build": "expo export -p web"}}}}', "src/app/index.tsx": "//\n"}
    phone = {"package.json": f"{{{keys}}}}}", "src/app/index.tsx": "//\n"}
    services, said = drafted(tmp_path, below("shop", web) | below("pager", phone) | below("api", WEB))
    assert (set(services), "pager" in said.err) == ({"shop", "api"}, True)


PAGES = {"index.html": "<title>Shop</title>\n<script src='app.js'></script>\n", "app.js": "fetch('/api')\n"}


def test_a_folder_of_pages_beside_a_program_is_a_service_that_nginx_serves(tmp_path: Path) -> None:
    services, _ = drafted(tmp_path, below("frontend", PAGES) | below("api", WEB))
    assert set(services) == {"frontend", "api"}
    assert "COPY . /usr/share/nginx/html/\n" in (tmp_path / "frontend/Dockerfile").read_text()
    # what was written beside the pages changes nothing of what they are
    assert "up to date" in run("build", cwd=tmp_path, code=0).err
    run("check", "--full", cwd=tmp_path, code=0)


@pytest.mark.parametrize("place", ["templates", "api/static", "docs", "coverage"])
def test_pages_that_are_parts_of_something_else_are_no_service(tmp_path: Path, place: str) -> None:
    services, _ = drafted(tmp_path, below(place, PAGES) | below("api", WEB))
    assert set(services) == {"api"}


def test_pages_below_a_program_in_a_language_that_is_not_read_are_no_service(tmp_path: Path) -> None:
    java = {"pom.xml": "<project/>\n", **below("src/main/resources/public", PAGES), **below("web", PAGES)}
    services, _ = drafted(tmp_path, below("shop", java) | below("api", WEB))
    assert set(services) == {"api"}


def test_a_page_above_all_services_is_not_served_with_their_sources(tmp_path: Path) -> None:
    services, said = drafted(tmp_path, PAGES | below("api", WEB))
    assert (set(services), "would be served too" in said.err) == ({"api"}, True)


@pytest.mark.parametrize("folder, name", [
    ("contacts", "CONTACTS_API_ADDR"), ("userservice", "USERSERVICE_API_ADDR"), ("contacts-api", "CONTACTS_ADDR"),
    ("user-contacts", "USERCONTACTS_SERVICE_ADDR"), ("contacts", "CONTACTS_BASE_ADDR"), ("contacts", "CONTACTS_API_BASE_ADDR"),
])  # fmt: skip
def test_an_address_names_its_service_with_or_without_the_word_api(folder: str, name: str, tmp_path: Path) -> None:
    reading = f'import os\nBASE = "http://" + os.environ["{name}"]\n' + WEB["app.py"]
    files = {**below("front", {**WEB, "app.py": reading}), **below(folder, EXPRESS)}
    services, _ = drafted(tmp_path, files)
    assert services["front"]["env"] == {name: f"${{services.{folder}.address}}"}


def test_an_address_that_two_services_could_be_is_wired_to_neither(tmp_path: Path) -> None:
    reading = 'import os\nBASE = "http://" + os.environ["CONTACTS_ADDR"]\n' + WEB["app.py"]
    files = {**below("front", {**WEB, "app.py": reading}), **below("contacts-api", EXPRESS)}
    services, ended = drafted(tmp_path, {**files, **below("contacts-service", EXPRESS)})
    assert "env" not in services["front"]
    assert "`front` needs `CONTACTS_ADDR`" in ended.err


@pytest.mark.parametrize("name", ["DB_CONNECTION_STRING", "DATABASE_CONN_STR", "POSTGRES_CONNSTRING"])
def test_a_connection_string_is_the_address_of_its_store(name: str, tmp_path: Path) -> None:
    code = f"import os, psycopg\npsycopg.connect(os.environ['{name}'])\n" + WEB["app.py"]
    files = {"requirements.txt": WEB["requirements.txt"] + "psycopg==3.2.0\n", "app.py": code}
    services, _ = drafted(tmp_path, files)
    assert "${services.db.address}" in services["shop"]["env"][name]


def test_a_name_that_the_program_must_be_told_is_that_of_its_service(tmp_path: Path) -> None:
    code = "import os\nos.environ['OTEL_SERVICE_NAME']\n" + WEB["app.py"]
    services, _ = drafted(tmp_path, below("orders", {**WEB, "app.py": code}))
    assert services["orders"]["env"] == {"OTEL_SERVICE_NAME": "orders"}


def test_an_address_of_a_folder_that_is_left_out_is_told_with_that_folder(tmp_path: Path) -> None:
    code = "import os\nos.environ['CART_ADDR']\n" + WEB["app.py"]
    files = {**below("orders", {**WEB, "app.py": code}), "src/cart/src/cart.csproj": "<Project/>\n"}
    services, ended = drafted(tmp_path, files)
    assert "env" not in services["orders"]
    assert "`CART_ADDR` of `orders` is the address of `src/cart/src`, which is left out" in ended.err


# ---- a program in a folder, its manifest above ----------------------------------------------------------------------
BOT = 'import os\nimport telegram\n\nprint(os.environ["TOKEN"])\n'
GUARD = 'if __name__ == "__main__":\n    main()\n'


@pytest.mark.parametrize(
    ("files", "command"),
    [
        ({"bot/main.py": BOT + GUARD}, '["python", "bot/main.py"]'),
        ({"bot/main.py": BOT, "bot/plugins.py": "import requests\n"}, '["python", "bot/main.py"]'),
        ({"bot/__main__.py": BOT, "bot/__init__.py": ""}, '["python", "-m", "bot"]'),
        ({"worker/run.py": BOT + GUARD, "worker/client.py": BOT + GUARD}, '["python", "worker/run.py"]'),
    ],
)
def test_a_program_is_built_from_the_folder_whose_manifest_it_needs(
    tmp_path: Path, files: dict[str, str], command: str
) -> None:
    services, _ = drafted(tmp_path, {"requirements.txt": "python-telegram-bot==21.9\n", **files})
    made = (tmp_path / "Dockerfile").read_text()
    assert ([one["source"] for one in services.values()], "requirements.txt" in made, f"CMD {command}" in made) == (
        ["."],
        True,
        True,
    )


def test_a_program_beside_other_scripts_of_its_manifest_is_the_one_that_starts(tmp_path: Path) -> None:
    files = {
        "requirements.txt": "requests==2.32.0\n",
        "bot/main.py": BOT + GUARD,
        "app.py": "import requests\n" + GUARD,
    }
    services, _ = drafted(tmp_path, files)
    assert (services["bot"]["source"], "bot/main.py" in str((tmp_path / "Dockerfile").read_text())) == (".", True)


def test_a_program_with_a_manifest_of_its_own_is_built_from_its_folder(tmp_path: Path) -> None:
    own = below("bot", {"requirements.txt": "python-telegram-bot==21.9\n", "main.py": BOT + GUARD})
    services, _ = drafted(tmp_path, {"requirements.txt": "ruff==0.9.0\n", "tool.py": GUARD, **own})
    assert services["bot"]["source"] == "./bot"


LIBRARY = '{"name": "@shop/viz", "version": "1.0.0", "main": "dist/viz.js", "peerDependencies": {"react": "*"}, "scripts": {"build": "webpack"}, "devDependencies": {"webpack": "5"}}'


@pytest.mark.parametrize(
    ("changed", "service"),
    [
        ("", False),
        ("peerDependencies|files", False),
        ("page", True),  # a site that also has an entry
    ],
)
def test_a_bundle_that_others_take_as_a_package_is_no_service(tmp_path: Path, changed: str, service: bool) -> None:
    old, _, new = changed.partition("|")
    manifest = LIBRARY.replace('"peerDependencies": {"react": "*"}', '"files": ["dist"]') if new else LIBRARY
    files = {
        "viz/package.json": manifest,
        "viz/src/index.ts": "export default 1\n",
        "api/requirements.txt": "flask\ngunicorn\n",
        "api/app.py": "from flask import Flask\napp = Flask(__name__)\n",
    }
    if old == "page":
        files["viz/index.html"] = "<html></html>\n"
    (tmp_path / ".git").mkdir()
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    run("init", cwd=tmp_path, code=0)
    assert ("viz:" in (tmp_path / "app.kforge.yaml").read_text()) is service


def test_what_fills_a_store_by_hand_is_no_service(tmp_path: Path) -> None:
    files = {
        "go.mod": "module example.com/x\n\ngo 1.24\n",
        "cmd/api/main.go": GO.format("8080"),
        "cmd/seed/main.go": QUIET,
    }
    services, ended = drafted(tmp_path, files)
    assert (len(services), "cmd/seed" in left(ended)) == (1, True)
