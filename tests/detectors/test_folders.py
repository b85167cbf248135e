"""What the running program writes, what it keeps there, and what lies there already."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.detectors.reading import facts, values

EXPRESS = '{"name": "a", "main": "server.js", "dependencies": {"express": "4"}}'
SERVER = "require('express')().listen(3000)\n"
DJANGO = {
    "requirements.txt": "Django==5.2\ngunicorn==23\n",
    "manage.py": 'import os\nos.environ.setdefault("DJANGO_SETTINGS_MODULE", "site_.settings")\n',
    "site_/__init__.py": "",
    "site_/wsgi.py": "from django.core.wsgi import get_wsgi_application\napplication = get_wsgi_application()\n",
}
MOD = "module example.com/shop\n\ngo 1.24\n"


def kept(found: Any) -> dict[str, tuple[str, list[str]]]:
    return {one["folder"]: (one["what"], one["env"]) for one in found.value("kept")}


def python(code: str) -> dict[str, str | bytes]:
    return {"requirements.txt": "flask\n", "app.py": code}


def node(code: str, **files: str) -> dict[str, str | bytes]:
    return {"package.json": EXPRESS, "server.js": SERVER + code, **files}


def go(body: str, before: str = "") -> dict[str, str | bytes]:
    imports = '\t"os"\n\t"database/sql"\n\t"go.etcd.io/bbolt"\n'
    return {
        "go.mod": MOD,
        "main.go": f"package main\n\nimport (\n{imports})\n\n{before}\n\nfunc main() {{\n{body}\n}}\n",
    }


# ---- what is kept -------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("files", "expected"),
    [
        (python('import sqlite3\nsqlite3.connect("data/shop.db")\n'), {"/app/data": ("a SQLite database", [])}),
        (python('import sqlite3\nsqlite3.connect(":memory:")\n'), {}),
        (python('import os, sqlite3\nsqlite3.connect(os.getenv("DB_FILE", "/var/lib/shop/a.db"))\n'),
         {"/var/lib/shop": ("a SQLite database", ["DB_FILE"])}),
        (python('from sqlalchemy import create_engine\ncreate_engine("sqlite:///./data/app.db")\n'), {"/app/data": ("a SQLite database", [])}),
        (python('from sqlalchemy import create_engine\ncreate_engine("sqlite:////data/app.db?timeout=5")\n'), {"/data": ("a SQLite database", [])}),
        (python('import os\nURL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///data/a.db")\n'),
         {"/app/data": ("a SQLite database", ["DATABASE_URL"])}),
        (python('if url.startswith("sqlite:///"):\n    pass\nx = "sqlite://"\ny = "sqlite:///:memory:"\n'), {}),
        (python('from flask_sqlalchemy import SQLAlchemy\napp.config["SQLALCHEMY_DATABASE_URI"] = "sqlite:///shop.db"\n'),
         {"/app/instance": ("a SQLite database", [])}),
        (python('class TestingConfig:\n    URI = "sqlite:///test.db"\nclass DevelopmentConfig:\n    URI = "sqlite:///dev/dev.db"\n'), {}),
        (python('from pydantic_settings import BaseSettings\nclass Settings(BaseSettings):\n    database_url: str = "sqlite:///db/a.db"\n'),
         {"/app/db": ("a SQLite database", ["DATABASE_URL"])}),
        (python('import os\napp.config["UPLOAD_FOLDER"] = os.path.join(os.getcwd(), "in")\n'), {}),
        (python('app.config["UPLOAD_FOLDER"] = "in"\n'), {"/app/in": ("uploads", [])}),
        (python('app.config.update(UPLOAD_FOLDER="/srv/files")\n'), {"/srv/files": ("uploads", [])}),
        (python('import os\nos.makedirs("static/uploads", exist_ok=True)\n'), {"/app/static/uploads": ("uploads", [])}),
        (python('from tinydb import TinyDB\nTinyDB("store/db.json")\n'), {"/app/store": ("a TinyDB file", [])}),
        (python('from pathlib import Path\nimport duckdb\nduckdb.connect(str(Path(__file__).parent / "wh" / "a.duckdb"))\n'),
         {"/app/wh": ("a DuckDB database", [])}),
        (python('import os\nopen(os.path.expanduser("~/.x"), "w")\nopen("/var/run/a.pid", "w")\n'), {}),
        (python('import tempfile\ntempfile.mkdtemp()\nopen("/tmp/uploads/x", "w")\n'), {}),
        (node("const Database = require('better-sqlite3'); new Database('data/a.db')"), {"/app/data": ("a SQLite database", [])}),
        (node("import Database from 'better-sqlite3'\nnew Database(process.env.DB_PATH || './db/a.db')"), {"/app/db": ("a SQLite database", ["DB_PATH"])}),
        (node("const { Database } = require('arangojs'); new Database('x/y')"), {}),
        (node("const s = new Sequelize({ dialect: 'sqlite', storage: 'var/a.sqlite' })"), {"/app/var": ("a SQLite database", [])}),
        (node("const s = new Sequelize({ dialect: 'postgres', storage: 'var/a.sqlite' })"), {}),
        (node("new DataSource({ type: 'better-sqlite3', database: 'var/a.sqlite' })"), {"/app/var": ("a SQLite database", [])}),
        (node("knex({ client: 'sqlite3', connection: { filename: './var/a.sqlite' } })"), {"/app/var": ("a SQLite database", [])}),
        (node("module.exports = { development: { client: 'sqlite3', connection: { filename: './dev/a.sqlite' } }, production: { client: 'pg' } }"), {}),
        (node("const { JSONFilePreset } = require('lowdb/node'); JSONFilePreset('state/db.json', {})"), {"/app/state": ("a lowdb file", [])}),
        (node("const multer = require('multer'); const up = multer({ dest: 'uploads/' })"), {"/app/uploads": ("uploads", [])}),
        (node("const st = multer.diskStorage({ destination: (req, file, cb) => { cb(null, 'in/files') } })"), {"/app/in/files": ("uploads", [])}),
        (node("const st = multer.diskStorage({ destination: './in' })"), {"/app/in": ("uploads", [])}),
        (node("const { Level } = require('level'); new Level('./index')"), {"/app/index": ("a LevelDB database", [])}),
        (node("", **{"prisma/schema.prisma": 'datasource db {\n  provider = "sqlite"\n  url = "file:./dev.db"\n}\n'}), {"/app/prisma": ("a SQLite database", [])}),
        (node("", **{"prisma/schema.prisma": 'datasource db {\n  provider = "sqlite"\n  url = env("DATABASE_URL")\n}\n'}),
         {"/app/prisma": ("a SQLite database", ["DATABASE_URL"])}),
        (node("", **{"prisma/schema.prisma": 'datasource db {\n  provider = "postgresql"\n  url = env("DATABASE_URL")\n}\n'}), {}),
        (go('sql.Open("sqlite3", "file:var/a.db?_fk=1")'), {"/app/var": ("a SQLite database", [])}),
        (go('sql.Open("postgres", "host=db")'), {}),
        (go('sql.Open(driver, "var/a.db")', 'const driver = "sqlite"'), {"/app/var": ("a SQLite database", [])}),
        (go('bbolt.Open("/data/my.db", 0o600, nil)'), {"/data": ("a Bolt database", [])}),
        (go('path := os.Getenv("STORE")\nif path == "" {\n\tpath = "store/my.db"\n}\nbbolt.Open(path, 0o600, nil)'), {"/app/store": ("a Bolt database", ["STORE"])}),
        (go('os.WriteFile("cache/x", nil, 0o600)'), {}),
    ],
)  # fmt: skip
def test_embedded_stores_and_uploads_are_kept(
    tmp_path: Path, files: dict[str, str | bytes], expected: dict[str, Any]
) -> None:
    found = kept(facts(tmp_path, files))
    assert found == expected


@pytest.mark.parametrize(
    ("settings", "folder"),
    [
        ('DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": os.path.join(BASE, "data", "a.db")}}\n', "/app/data"),
        ('DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ROOT / "a.db"}}\n', "/app"),
        ('DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": UP / "var/a.db"}}\n', "/app/var"),
        ('DATABASES = {"default": dj_database_url.config(default=f"sqlite:///{ROOT / \'var\' / \'a.db\'}")}\n', "/app/var"),
        ('MEDIA_ROOT = ROOT / "media"\n', "/app/media"),
        ('MEDIA_ROOT = os.path.join(BASE, "public", "files")\n', "/app/public/files"),
    ],
)  # fmt: skip
def test_paths_beside_the_settings_lead_to_the_program(tmp_path: Path, settings: str, folder: str) -> None:
    code = (
        "import os\nfrom pathlib import Path\nBASE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))\n"
        "ROOT = Path(__file__).resolve().parent.parent\nUP = Path(__file__).resolve().parents[1]\n"
    )
    assert list(kept(facts(tmp_path, {**DJANGO, "site_/settings.py": code + settings}))) == [folder]


def test_a_variable_that_chooses_another_store_is_named_with_what_it_replaces(tmp_path: Path) -> None:
    code = (
        'import os\nDATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "/data/a.db"}}\n'
        'if os.getenv("DB") == "postgres":\n    DATABASES = {"default": {"ENGINE": "django.db.backends.postgresql", "NAME": os.getenv("DB_NAME")}}\n'
        'SECRET = os.getenv("SECRET_KEY")\n'
    )
    found = kept(facts(tmp_path, {**DJANGO, "site_/settings.py": code}))
    assert found == {"/data": ("a SQLite database", ["DB", "DB_NAME"])}


def test_compiled_code_writes_beside_where_it_runs(tmp_path: Path) -> None:
    manifest = '{"name": "a", "scripts": {"build": "tsc", "start": "node dist/server.js"}, "devDependencies": {"typescript": "5"}}'
    code = "import path from 'path'\nfs.mkdirSync(path.join(__dirname, '..', 'data'))\nfs.mkdirSync(path.join(__dirname, 'out'))\n"
    files: dict[str, str | bytes] = {
        "package.json": manifest,
        "tsconfig.json": '{"compilerOptions": {"outDir": "dist", "rootDir": "src"}}',
        "src/lib/server.ts": code,
        "src/server.ts": code,
    }
    assert values(facts(tmp_path, files), "writable") == [
        "/app/data",
        "/app/dist/data",
        "/app/dist/lib/out",
        "/app/dist/out",
    ]


# ---- what runs ----------------------------------------------------------------------------------------------------
WRITES_PY = 'import os\nos.makedirs("made/x", exist_ok=True)\nopen("made/y.txt", "w")\n'
WRITES_JS = "fs.mkdirSync('made/x'); fs.writeFileSync('made/y.txt', '')\n"


@pytest.mark.parametrize(
    "path",
    ["shop/management/commands/export.py", "scripts/fill.py", "tools/x.py", "tests_e2e/helpers.py", "load_tests/x.py", "seed.py", "config/settings/test.py",
     "shop/migrations/0001_initial.py", "alembic/env.py", "manage.py"],
)  # fmt: skip
def test_what_runs_once_or_by_hand_writes_nothing_of_the_service(tmp_path: Path, path: str) -> None:
    found = facts(
        tmp_path, {"requirements.txt": "flask\n", "app.py": "import flask\napp = flask.Flask('a')\n", path: WRITES_PY}
    )
    assert values(found, "writable") == []


@pytest.mark.parametrize(
    "path", ["scripts/icons.js", "prisma/seed.ts", "e2e-tests/x.js", "build.mjs", "seeders/a.js", "make-icons.js"]
)
def test_what_scripts_of_a_package_write_is_not_the_services(tmp_path: Path, path: str) -> None:
    manifest = '{"name": "a", "main": "server.js", "scripts": {"start": "node server.js", "icons": "node make-icons.js"}, "dependencies": {"express": "4"}}'
    assert values(facts(tmp_path, {"package.json": manifest, "server.js": SERVER, path: WRITES_JS}), "writable") == []


def test_a_script_that_the_program_imports_runs_with_it(tmp_path: Path) -> None:
    code = "const { fill } = require('./scripts/fill')\n"
    found = facts(tmp_path, {"package.json": EXPRESS, "server.js": SERVER + code, "scripts/fill.js": WRITES_JS})
    assert values(found, "writable") == ["/app/made", "/app/made/x"]


def test_a_python_script_that_the_program_imports_runs_with_it(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "requirements.txt": "flask\n",
        "app.py": "from scripts.fill import fill\n",
        "scripts/fill.py": WRITES_PY,
    }
    assert values(facts(tmp_path, files), "writable") == ["/app/made", "/app/made/x"]


def test_what_a_module_does_only_where_it_is_run_itself_is_not_the_services(tmp_path: Path) -> None:
    code = 'if __name__ == "__main__":\n    open("made/y.txt", "w")\n'
    files: dict[str, str | bytes] = {
        "requirements.txt": "flask\ngunicorn\n",
        "app.py": "import flask, lib\napp = flask.Flask('a')\n",
        "lib.py": code,
    }
    assert values(facts(tmp_path, files), "writable") == ["/tmp"]


@pytest.mark.parametrize(
    ("package", "call"),
    [
        ("github.com/jinzhu/gorm", 'gorm.Open("sqlite3", "./data/a.db")'),
        ("github.com/jmoiron/sqlx", 'sqlx.ConnectContext(ctx, "sqlite", "data/a.db")'),
        ("github.com/beego/beego/v2/client/orm", 'orm.RegisterDataBase("default", "sqlite3", "data/a.db")'),
    ],
)
def test_a_library_of_go_that_is_told_the_driver_keeps_a_database(tmp_path: Path, package: str, call: str) -> None:
    code = f'package main\n\nimport "{package}"\n\nfunc main() {{\n\t{call}\n}}\n'
    found = facts(tmp_path, {"go.mod": MOD, "main.go": code})
    assert kept(found) == {"/app/data": ("a SQLite database", [])}


def test_a_library_of_go_with_a_database_elsewhere_keeps_nothing(tmp_path: Path) -> None:
    code = 'package main\n\nimport "github.com/jinzhu/gorm"\n\nfunc main() {\n\tgorm.Open("postgres", "host=db")\n}\n'
    assert kept(facts(tmp_path, {"go.mod": MOD, "main.go": code})) == {}


# ---- what lies there already --------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("beside", "occupied"),
    [
        ({"out/index.html": "x"}, ["/app/out"]),
        ({"out/deep/index.html": "x"}, ["/app/out"]),
        ({"out/.gitkeep": "", "out/README.md": "x", "out/.gitignore": "*"}, []),
        ({"output/index.html": "x", "out.txt": "x"}, []),
    ],
)
def test_a_folder_that_holds_files_of_the_source_is_occupied(
    tmp_path: Path, beside: dict[str, str | bytes], occupied: list[str]
) -> None:
    found = facts(tmp_path, {**node("fs.writeFileSync('out/x.txt', '')"), **beside})
    assert (values(found, "writable"), values(found, "occupied")) == (["/app/out"], occupied)


def test_the_programs_own_folder_is_occupied(tmp_path: Path) -> None:
    assert values(facts(tmp_path, python('open("a.log", "a")\n')), "occupied") == ["/app"]


@pytest.mark.parametrize(
    ("written", "occupied"), [("dist/plugins/x.txt", ["/app/dist/plugins"]), ("dist/made/x.txt", [])]
)
def test_a_folder_of_compiled_code_is_occupied(tmp_path: Path, written: str, occupied: list[str]) -> None:
    code = f"import fs from 'fs'\nimport './plugins/one'\nfs.writeFileSync('{written}', '')\napp.listen(3000)\n"
    scripts = {"build": "tsc", "start": "node dist/server.js"}
    files: dict[str, str | bytes] = {
        "package.json": json.dumps({"scripts": scripts, "devDependencies": {"typescript": "5"}}),
        "tsconfig.json": '{"compilerOptions": {"outDir": "dist", "rootDir": "src"}}',
        "src/server.ts": code,
        "src/plugins/one.ts": "export const one = 1\n",
    }
    assert values(facts(tmp_path, files), "occupied") == occupied


def test_a_parameter_is_no_field_of_the_same_name(tmp_path: Path) -> None:
    code = "use(load, { dir: 'plugins' })\nconst files = {\n  make(dir) {\n    fs.mkdirSync(dir)\n  },\n}\n"
    assert values(facts(tmp_path, node(code)), "writable") == []


@pytest.mark.parametrize(("written", "occupied"), [("ui/dist/index.html", ["/app/ui/dist"]), ("ui/made/x.html", [])])
def test_a_folder_that_a_front_ends_build_fills_is_occupied(tmp_path: Path, written: str, occupied: list[str]) -> None:
    code = f"from flask import Flask\napp = Flask('a', static_folder='ui/dist')\nopen('{written}', 'w').write('x')\n"
    files: dict[str, str | bytes] = {
        "requirements.txt": "flask\ngunicorn\n",
        "app.py": code,
        "ui/package.json": '{"scripts": {"build": "vite build"}, "devDependencies": {"vite": "6"}}',
        "ui/index.html": "",
    }
    assert values(facts(tmp_path, files), "occupied") == occupied


@pytest.mark.parametrize(("workdir", "folder"), [("/srv/shop", "/srv/shop/out"), ("/app", "/app/out")])
def test_an_own_dockerfile_says_where_relative_paths_lie(tmp_path: Path, workdir: str, folder: str) -> None:
    files = {
        **node("fs.writeFileSync('out/x.txt', '')"),
        "Dockerfile": f"FROM node:22\nWORKDIR {workdir}\nCOPY . .\nCMD node server.js\n",
    }
    assert values(facts(tmp_path, files), "writable") == [folder]


# ---- linking C ----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("mod", "imported"),
    [
        ("require (\n\tgorm.io/driver/sqlite v1.5.7\n)\nrequire (\n\tgithub.com/mattn/go-sqlite3 v1.14.24 // indirect\n)\n", "gorm.io/driver/sqlite"),
        ("require gorm.io/driver/sqlite v1.5.7\n", "gorm.io/driver/sqlite"),
    ],
)  # fmt: skip
def test_what_links_c_through_another_module_needs_a_compiler(tmp_path: Path, mod: str, imported: str) -> None:
    code = f'package main\n\nimport "{imported}"\n\nfunc main() {{ sqlite.Open("a/b.db") }}\n'
    found = facts(tmp_path, {"go.mod": MOD + mod, "main.go": code})
    assert values(found, "build_packages") == ["gcc", "libc6-dev"]


def test_sqlite_in_pure_go_needs_no_compiler(tmp_path: Path) -> None:
    code = 'package main\n\nimport "github.com/glebarez/sqlite"\n\nfunc main() { sqlite.Open("a/b.db") }\n'
    found = facts(tmp_path, {"go.mod": MOD + "require github.com/glebarez/sqlite v1.11.0\n", "main.go": code})
    assert (values(found, "build_packages"), list(kept(found))) == ([], ["/app/a"])
