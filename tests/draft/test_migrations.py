"""`kforge init` drafts the job that migrates before the programs of a source start."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.conftest import run
from tests.detectors.reading import lay

FASTAPI = "import os\nfrom fastapi import FastAPI\napp = FastAPI()\nURL = os.environ['DATABASE_URL']\n"
ALEMBIC = {
    "requirements.txt": "fastapi==0.115.0\nuvicorn==0.30.0\nalembic==1.13.0\npsycopg==3.2.0\n",
    "alembic.ini": "[alembic]\nscript_location = alembic\n",
    "main.py": FASTAPI,
}
SETTINGS = "import os\nDATABASES = {{'default': {{'ENGINE': 'django.db.backends.{0}', 'NAME': {1}}}}}\nROOT_URLCONF = 'shop.urls'\nWSGI_APPLICATION = 'shop.wsgi.application'\n"
DJANGO = {
    "requirements.txt": "django==5.1\ngunicorn==23.0.0\npsycopg==3.2.0\n",
    "manage.py": "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'shop.settings')\n",
    "shop/__init__.py": "",
    "shop/wsgi.py": "from django.core.wsgi import get_wsgi_application\napplication = get_wsgi_application()\n",
    "shop/urls.py": "urlpatterns = []\n",
    "shop/settings.py": SETTINGS.format("postgresql", "os.environ['DB_NAME']"),
}
FLASK = {
    "requirements.txt": "flask==3.0.0\nflask-migrate==4.0.0\ngunicorn==23.0.0\npsycopg2-binary==2.9.9\n",
    "shop.py": "from flask import Flask\napp = Flask(__name__)\n",
    "migrations/env.py": "",
}
NODE = {
    "package.json": '{"name": "shop", "version": "1.0.0", "scripts": {"start": "node s.js"}, "dependencies": {"%s": "1.0.0", "pg": "8.0.0"}}',
    "s.js": "require('http').createServer().listen(3000)\n",
}


def node(tool: str, file: str) -> dict[str, str]:
    return {**NODE, "package.json": NODE["package.json"] % tool, file: ""}


def drafted(folder: Path, files: dict[str, str]) -> dict[str, Any]:
    (folder / ".git").mkdir(parents=True)
    lay(folder, files)
    run("init", cwd=folder, code=0)
    spec: dict[str, Any] = yaml.safe_load((folder / "app.kforge.yaml").read_text())
    return spec


GO = {
    "go.mod": "module example.com/shop\n\ngo 1.24\n\nrequire github.com/lib/pq v1.10.9\n",
    "go.sum": "",
    "main.go": 'package main\nimport _ "github.com/lib/pq"\nfunc main() {\n\tm := flag.Bool("migrate", false, "m")\n\tflag.Parse()\n\tdb := open(os.Getenv("DATABASE_URL"))\n\tif *m {\n\t\tup(db)\n\t\treturn\n\t}\n\thttp.ListenAndServe(":8080", nil)\n}\n',
}


@pytest.mark.parametrize(
    ("files", "command"),
    [
        (ALEMBIC, ["python", "-m", "alembic", "upgrade", "head"]),
        (DJANGO, ["python", "manage.py", "migrate", "--noinput"]),
        (FLASK, ["flask", "--app", "shop:app", "db", "upgrade"]),
        (
            {**FLASK, "Procfile": "web: flask db upgrade; gunicorn shop:app\n"},
            ["flask", "--app", "shop:app", "db", "upgrade"],
        ),
        (node("prisma", "prisma/migrations/1_init/migration.sql"), ["prisma", "migrate", "deploy"]),
        (node("knex", "knexfile.cjs"), ["knex", "migrate:latest"]),
        (GO, ["/app/shop", "--migrate"]),
        (node("sequelize-cli", "migrations/1-init.js"), ["sequelize", "db:migrate"]),
        (node("drizzle-kit", "drizzle/0000_init.sql"), ["drizzle-kit", "migrate"]),
    ],
    ids=["alembic", "django", "flask", "flask by a shell", "prisma", "knex", "go", "sequelize", "drizzle"],
)
def test_a_source_with_a_migration_tool_has_a_job_before_it(
    tmp_path: Path, files: dict[str, str], command: list[str]
) -> None:
    spec = drafted(tmp_path / "shop", files)
    job = spec["services"]["migrate"]
    assert (job["like"], job["command"], job["job"], job["before"]) == ("shop", command, True, ["shop"])
    assert spec["namespace"] == "shop"


@pytest.mark.parametrize("files", [ALEMBIC, DJANGO], ids=["alembic", "django"])
def test_such_a_draft_builds(tmp_path: Path, files: dict[str, str]) -> None:
    drafted(tmp_path / "shop", files)
    run("build", cwd=tmp_path / "shop", code=0)
    assert list((tmp_path / "shop/deploy/kubernetes/migrate").glob("job.yaml"))


def test_a_file_of_the_program_is_not_migrated_from_another_pod(tmp_path: Path) -> None:
    files = {**DJANGO, "requirements.txt": "django==5.1\ngunicorn==23.0.0\n"}
    files["shop/settings.py"] = SETTINGS.format("sqlite3", "'/data/db.sqlite3'")
    assert "migrate" not in drafted(tmp_path / "shop", files)["services"]


def test_a_release_of_a_procfile_is_the_job(tmp_path: Path) -> None:
    files = {**DJANGO, "Procfile": "web: gunicorn shop.wsgi\nrelease: python manage.py migrate\n"}
    jobs = [name for name, block in drafted(tmp_path / "shop", files)["services"].items() if block.get("job")]
    assert jobs == ["release"]


def test_a_tool_that_only_development_installs_is_kept_for_the_job(tmp_path: Path) -> None:
    files = node("x", "prisma/migrations/1_init/migration.sql")
    files["package.json"] = files["package.json"].replace(
        '"dependencies"', '"devDependencies": {"prisma": "1"}, "dependencies"'
    )
    assert drafted(tmp_path / "shop", files)["services"]["migrate"]["command"] == ["prisma", "migrate", "deploy"]
    run("build", cwd=tmp_path / "shop", code=0)
    assert "--omit=dev" not in (tmp_path / "shop/Dockerfile").read_text()


def test_an_address_says_what_a_client_needs_of_a_server_without_certificate(tmp_path: Path) -> None:
    spec = drafted(tmp_path / "shop", GO)
    assert spec["services"]["shop"]["env"]["DATABASE_URL"].endswith("${services.db.address}/shop?sslmode=disable")
    (tmp_path / "other").mkdir()
    pgx = {
        name: text.replace("github.com/lib/pq v1.10.9", "github.com/jackc/pgx/v5 v5.7.0") for name, text in GO.items()
    }
    assert "?" not in drafted(tmp_path / "other" / "shop", pgx)["services"]["shop"]["env"]["DATABASE_URL"]


def test_the_password_of_prismas_store_stands_in_its_address(tmp_path: Path) -> None:
    files = node("prisma", "prisma/migrations/1_init/migration.sql")
    files["prisma/schema.prisma"] = 'datasource db {\n  provider = "postgresql"\n  url = env("DATABASE_URL")\n}\n'
    services = drafted(tmp_path / "shop", files)["services"]
    assert services["shop"]["secrets"] == {"DATABASE_URL": {"secret": "shop-db", "key": "url"}}
    assert services["migrate"]["like"] == "shop" and services["db"]["image"].startswith("docker.io/library/postgres:")


def test_a_file_of_the_programs_own_pod_is_migrated_before_it_starts(tmp_path: Path) -> None:
    files = node("knex", "knexfile.js")
    files["package.json"] = files["package.json"].replace('"pg": "8.0.0"', '"better-sqlite3": "11"')
    files["knexfile.js"] = "module.exports = {client: env.DB_CLIENT, connection: {filename: env.DB_FILENAME}}\n"
    files["env.js"] = (
        "const { cleanEnv, str } = require('envalid');\nmodule.exports = cleanEnv(process.env, { DB_FILENAME: str({ default: 'db/data' }) });\n"
    )
    services = drafted(tmp_path / "shop", files)["services"]
    assert "migrate" not in services
    assert services["shop"]["command"] == ["sh", "-c", "knex migrate:latest && exec node s.js"]


@pytest.mark.parametrize(
    ("name", "default", "on"),
    [("RUN_MIGRATIONS", "0", "1"), ("SHOP_AUTO_MIGRATE", "false", "true"), ("MIGRATE_ON_START", "true", None), ("MIGRATION_TIMEOUT", "0", None)],
)  # fmt: skip
def test_a_program_that_migrates_as_it_starts_is_told_to(
    tmp_path: Path, name: str, default: str, on: str | None
) -> None:
    code = f'package main\nfunc get(name, fallback string) string {{\n\tif v := os.Getenv(name); v != "" {{\n\t\treturn v\n\t}}\n\treturn fallback\n}}\nfunc main() {{\n\tget("{name}", "{default}")\n\thttp.ListenAndServe(":8080", nil)\n}}\n'
    spec = drafted(tmp_path / "shop", {**GO, "main.go": code})
    assert spec["services"]["shop"].get("env", {}).get(name) == on


# ---- programs of a source that are built together -----------------------------------------------------------------------
BUILT = {
    "go.mod": GO["go.mod"],
    "go.sum": "",
    "cmd/api/main.go": 'package main\nimport _ "github.com/lib/pq"\nfunc main() {\n\topen(os.Getenv("DATABASE_URL"))\n\thttp.ListenAndServe(":8080", nil)\n}\n',
    "cmd/worker/main.go": 'package main\nfunc main() {\n\topen(os.Getenv("DATABASE_URL"))\n\tfor {\n\t}\n}\n',
    "cmd/migrate/main.go": 'package main\nfunc main() {\n\tm := migrate.New("file://db/migrations", os.Getenv("DATABASE_URL"))\n\tm.Up()\n}\n',
    "db/migrations/1_init.up.sql": "create table a (id int);\n",
}
ASKING = 'package main\nfunc main() {\n\tswitch os.Args[1] {\n\tcase "up":\n\t\tup()\n\t\treturn\n\tcase "down":\n\t\tdown()\n\t}\n}\n'


@pytest.mark.parametrize(
    ("code", "command"),
    [(BUILT["cmd/migrate/main.go"], ["/app/migrate"]), (ASKING, ["/app/migrate", "up"])],
    ids=["plain", "by a word"],
)
def test_a_program_that_is_called_after_migrating_is_the_job(tmp_path: Path, code: str, command: list[str]) -> None:
    services = drafted(tmp_path / "shop", {**BUILT, "cmd/migrate/main.go": code})["services"]
    job = services["migrate"]
    assert (job["command"], job["job"], job["before"]) == (command, True, ["api", "worker"])


def test_a_program_that_bears_the_modules_name_waits_for_the_one_that_migrates(tmp_path: Path) -> None:
    files = {name.replace("cmd/api/", "cmd/shop/"): text for name, text in BUILT.items()}
    assert drafted(tmp_path / "shop", files)["services"]["migrate"]["before"] == ["shop"]


def test_the_image_has_what_each_of_its_programs_opens(tmp_path: Path) -> None:
    drafted(tmp_path / "shop", BUILT)
    run("build", cwd=tmp_path / "shop", code=0)
    assert "COPY --from=build /src/db/migrations ./db/migrations" in (tmp_path / "shop/Dockerfile").read_text()


def test_a_program_that_shows_no_port_has_neither_service_nor_probe(tmp_path: Path) -> None:
    services = drafted(tmp_path / "shop", BUILT)["services"]
    assert "no port is known" not in run("build", cwd=tmp_path / "shop", code=0).out
    made = tmp_path / "shop/deploy/kubernetes/worker"
    assert services["worker"]["ports"] == []
    assert not (made / "service.yaml").exists()
    assert "Probe" not in (made / "deployment.yaml").read_text()


@pytest.mark.parametrize(
    "lines",
    [
        "web: bin/api\nworker: bin/worker -q high\nrelease: bin/migrate\n",
        "worker: ./worker -q high\nrelease: ./migrate\nweb: ./api\n",
        "release: go run ./cmd/migrate\nweb: go run ./cmd/api\nworker: go run ./cmd/worker -q high\n",
    ],
    ids=["bin", "worker first", "by the toolchain"],
)
def test_lines_of_a_procfile_start_the_programs_of_the_image(tmp_path: Path, lines: str) -> None:
    services = drafted(tmp_path / "shop", {**BUILT, "Procfile": lines})["services"]
    commands = {name: one.get("command") for name, one in services.items() if "image" not in one}
    assert commands == {"shop": None, "worker": ["/app/worker", "-q", "high"], "release": ["/app/migrate"]}
    assert services["release"]["before"] == ["shop", "worker"]


def test_words_of_the_line_that_serves_are_given_to_the_program(tmp_path: Path) -> None:
    files = {**GO, "Procfile": "web: bin/shop -addr :$PORT\n"}
    services = drafted(tmp_path / "shop", files)["services"]
    assert services["shop"]["command"] == ["/app/shop", "-addr", ":8080"]


def test_what_supervisord_keeps_running_of_a_source_that_is_built_is_a_service_each(tmp_path: Path) -> None:
    told = "[program:worker]\ncommand=/app/worker -q high\n\n[program:nginx]\ncommand=nginx\n\n[program:api]\ncommand=/usr/local/bin/api\n"
    services = drafted(tmp_path / "shop", {**BUILT, "supervisord.conf": told})["services"]
    assert services["worker"]["command"] == ["/app/worker", "-q", "high"]
    assert services["worker"]["like"] == "api" and "command" not in services["api"]


TOOLS = {
    "go.mod": GO["go.mod"],
    "go.sum": "",
    "main.go": BUILT["cmd/api/main.go"],
}
UP = {
    "db/migrations/000001_init.up.sql": "create table a (id int);\n",
    "db/migrations/000001_init.down.sql": "drop table a;\n",
}
GOOSE = {"sql/schema/001_users.sql": "-- +goose Up\ncreate table a (id int);\n-- +goose Down\ndrop table a;\n"}


@pytest.mark.parametrize(
    ("files", "command", "folder", "tool"),
    [
        (UP, ["/app/migrate", "-path", "/app/db/migrations", "-database", "$(DATABASE_URL)", "up"], "db/migrations", "cmd/migrate@v4"),
        (GOOSE, ["/app/goose", "-dir", "/app/sql/schema", "postgres", "$(DATABASE_URL)", "up"], "sql/schema", "cmd/goose@v3"),
    ],
    ids=["golang-migrate", "goose"],
)  # fmt: skip
def test_migrations_of_a_program_beside_the_sources_own_are_a_job_with_that_program(
    tmp_path: Path, files: dict[str, str], command: list[str], folder: str, tool: str
) -> None:
    services = drafted(tmp_path / "shop", {**TOOLS, **files})["services"]
    assert (services["migrate"]["command"], services["migrate"]["before"]) == (command, ["shop"])
    run("build", cwd=tmp_path / "shop", code=0)
    dockerfile = (tmp_path / "shop/Dockerfile").read_text()
    assert tool in dockerfile and f"COPY --from=build /src/{folder} ./{folder}" in dockerfile


def test_a_program_with_the_library_of_its_migrations_needs_no_other(tmp_path: Path) -> None:
    required = GO["go.mod"] + "\nrequire github.com/pressly/goose/v3 v3.20.0\n"
    services = drafted(tmp_path / "shop", {**TOOLS, **GOOSE, "go.mod": required})["services"]
    assert "migrate" not in services and "build" not in services["shop"]


@pytest.mark.parametrize(
    "changed",
    [
        {"main.go": TOOLS["main.go"].replace('os.Getenv("DATABASE_URL")', '"postgres://db/shop"')},
        {"go.mod": "module example.com/shop\n\ngo 1.24\n\nrequire github.com/go-sql-driver/mysql v1.8.0\n"},
        {"other/migrations/1_a.up.sql": "select 1;\n"},
        {"Dockerfile": 'FROM scratch\nCOPY shop /shop\nCMD ["/shop"]\n'},
    ],
    ids=["no variable", "another database", "two folders", "own Dockerfile"],
)
def test_migrations_that_nothing_shows_how_to_apply_are_left(tmp_path: Path, changed: dict[str, str]) -> None:
    assert "migrate" not in drafted(tmp_path / "shop", {**TOOLS, **UP, **changed})["services"]


AERICH = {
    "pyproject.toml": '[project]\nname = "shop"\nversion = "1.0"\ndependencies = ["fastapi", "uvicorn", "tortoise-orm[asyncpg]"%s]\n[dependency-groups]\ndev = [%s]\n[tool.aerich]\ntortoise_orm = "settings.TORTOISE_ORM"\n',
    "main.py": FASTAPI,
    "migrations/models/0_2024_init.py": "",
}


def aerich(run: str = "", dev: str = "") -> dict[str, str]:
    return {**AERICH, "pyproject.toml": AERICH["pyproject.toml"] % (run, dev)}


DBMATE = "-- migrate:up\ncreate table x (id int);\n-- migrate:down\n"


@pytest.mark.parametrize(
    ("files", "command"),
    [
        (aerich(run=', "aerich"'), ["aerich", "upgrade"]),
        (aerich(dev='"aerich>=0.8"'), ["aerich", "upgrade"]),
        ({**node("dbmate", "db/migrations/20240101_x.sql")}, ["dbmate", "--no-dump-schema", "up"]),
        ({**node("db-migrate", "migrations/20240101-x.js"), "database.json": "{}"}, ["db-migrate", "up"]),
        (node("graphile-migrate", "migrations/committed/000001.sql"), ["graphile-migrate", "migrate"]),
        (node("kysely-ctl", "kysely.config.ts"), ["kysely", "migrate:latest"]),
        ({**ALEMBIC, "alembic.ini": "", "yoyo.ini": "", "requirements.txt": "fastapi\nuvicorn\nyoyo-migrations\npsycopg\n"}, ["yoyo", "apply", "--batch"]),
    ],
)  # fmt: skip
def test_tools_that_a_source_installs_are_a_job_that_builds(
    tmp_path: Path, files: dict[str, str], command: list[str]
) -> None:
    migrate = drafted(tmp_path, files)["services"]["migrate"]
    assert (migrate["command"], migrate["job"]) == (command, True)
    assert "absent-program" not in run("build", cwd=tmp_path).err


def test_the_group_that_has_the_tool_is_installed(tmp_path: Path) -> None:
    drafted(tmp_path, aerich(dev='"aerich>=0.8"'))
    spec = tmp_path / "app.kforge.yaml"
    spec.write_text(spec.read_text().replace("registry.example.com", "ghcr.io"))
    run("build", cwd=tmp_path)
    assert "--group dev" in (tmp_path / "Dockerfile").read_text()


@pytest.mark.parametrize(
    "files",
    [
        {**aerich(run=', "aerich"'), "pyproject.toml": aerich(run=', "aerich"')["pyproject.toml"].partition("[tool.aerich]")[0]},
        aerich(),
        node("db-migrate", "migrations/20240101-x.js"),
    ],
)  # fmt: skip
def test_a_tool_that_is_not_installed_or_not_told_what_to_do_is_no_job(tmp_path: Path, files: dict[str, str]) -> None:
    assert "migrate" not in drafted(tmp_path, files)["services"]


FLYWAY = "create table x (id int);\n"


def noted(folder: Path, files: dict[str, str]) -> str:
    (folder / ".git").mkdir(parents=True)
    lay(folder, files)
    return run("init", cwd=folder, code=0).err


@pytest.mark.parametrize(
    ("file", "text", "title", "image"),
    [
        ("db/sql/V1__init.sql", FLYWAY, "Flyway", "FROM flyway/flyway"),
        ("db/migrations/20240101_x.sql", DBMATE, "dbmate", "FROM ghcr.io/amacneil/dbmate"),
        ("migrations/atlas.sum", "h1:x\n", "Atlas", "FROM arigaio/atlas"),
        ("migrations/0001_x.up.sql", FLYWAY, "golang-migrate", "FROM migrate/migrate"),
        (
            "db/changelog-master.yaml",
            "databaseChangeLog:\n- changeSet: {id: 1}\n",
            "Liquibase",
            "FROM liquibase/liquibase",
        ),
        ("db/sqitch.plan", "%project=x\n", "Sqitch", "FROM sqitch/sqitch"),
        ("migrations/0001_x.sql", "-- +goose Up\n", "goose", "an image that has goose"),
        ("migrations/0001_x.sql", "-- +migrate Up\n", "sql-migrate", "an image that has sql-migrate"),
    ],
)
def test_migrations_that_no_image_applies_are_named_with_a_way_out(
    tmp_path: Path, file: str, text: str, title: str, image: str
) -> None:
    said = " ".join(
        noted(
            tmp_path, {**{f"api/{name}": held for name, held in ALEMBIC.items() if name != "alembic.ini"}, file: text}
        ).split()
    )
    folder, _, name = file.rpartition("/")
    assert f"`{folder}` holds migrations of {title} (`{name}`)" in said
    assert image in said
    assert f"migrate: {{source: ./{folder}, command: [" in said
    assert "before: [api]}" in said


@pytest.mark.parametrize(
    "more",
    [
        {"tests/sql/V1__init.sql": FLYWAY},
        {"core/pom.xml": "", "core/src/main/resources/db/migration/V1__init.sql": FLYWAY},
        {"queries/20240101_x.sql": "select 1;\n"},
        {"CHANGELOG.md": "changes\n", "docs/changelog.yaml": "a: b\n"},
    ],
)
def test_files_that_only_look_alike_are_not_named(tmp_path: Path, more: dict[str, str]) -> None:
    files = {f"api/{name}": held for name, held in ALEMBIC.items() if name != "alembic.ini"}
    assert "holds migrations" not in noted(tmp_path, {**files, **more})


def test_tern_is_built_beside_the_program(tmp_path: Path) -> None:
    files = {**GO, "main.go": GO["main.go"].replace("m := flag", "_ = flag").replace("if *m", "if false")}
    files["migrations/001_x.sql"] = "create table x (id int);\n---- create above / drop below ----\ndrop table x;\n"
    migrate = drafted(tmp_path, files)["services"]["migrate"]
    assert migrate["command"] == [
        "/app/tern",
        "migrate",
        "--migrations",
        "/app/migrations",
        "--conn-string",
        "$(DATABASE_URL)",
    ]


API = {f"api/{name}": held for name, held in ALEMBIC.items() if name != "alembic.ini"}


def test_an_image_of_the_tools_own_that_packs_the_migrations_is_named(tmp_path: Path) -> None:
    files = {**API, "db/sql/V1__init.sql": FLYWAY, "db/Dockerfile": "FROM flyway/flyway:11\nCOPY sql /flyway/sql\n"}
    said = " ".join(noted(tmp_path, files).split())
    assert (
        "which `db/Dockerfile` packs and nothing starts: add `migrate: {source: ./db, command: [flyway, migrate]"
        in said
    )


def test_a_folder_that_is_an_image_of_migrations_is_done_before_the_others(tmp_path: Path) -> None:
    made = 'FROM migrate/migrate\nCOPY . /migrations\nENTRYPOINT ["migrate", "-path", "/migrations"]\nCMD ["up"]\n'
    files = {**API, "migrations/0001_x.up.sql": FLYWAY, "migrations/Dockerfile": made}
    assert drafted(tmp_path, files)["services"]["migrations"] == {
        "source": "./migrations",
        "job": True,
        "before": ["api"],
    }


def test_a_tool_that_takes_the_whole_address_gets_it_from_a_secret_of_its_own_job(tmp_path: Path) -> None:
    files = {**node("mysql2", "db/migrations/20240101_x.sql")}
    files["package.json"] = (
        files["package.json"].replace('"pg"', '"dbmate"').replace('"node s.js"', '"node s.js", "migrate": "dbmate up"')
    )
    files["s.js"] += "const host = process.env.DATABASE_HOST, password = process.env.DATABASE_PASSWORD;\n"
    services = drafted(tmp_path / "shop", files)["services"]
    assert services["migrate"]["secrets"] == {"DATABASE_URL": {"secret": "shop-db", "key": "url"}}
    assert services["migrate"]["env"]["DBMATE_NO_DUMP_SCHEMA"] == "true"
    assert "DATABASE_URL" not in str(services["shop"])


def test_the_job_that_is_left_to_the_user_names_the_application_of_the_image(tmp_path: Path) -> None:
    files = {
        **FLASK,
        "Dockerfile": 'FROM python:3.12\nCOPY . .\nCMD ["gunicorn", "factory:made"]\n',
        "factory.py": FLASK["shop.py"].replace("app =", "made ="),
    }
    assert "command: [flask, --app, factory:made, db, upgrade]" in " ".join(noted(tmp_path, files).split())
