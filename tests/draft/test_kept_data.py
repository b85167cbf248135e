"""`kforge init` drafts claims for what a source keeps on disk."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.conftest import run
from tests.detectors.reading import lay

DJANGO = {
    "requirements.txt": "django==5.1\ngunicorn==23.0.0\n",
    "manage.py": "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'shop.settings')\n",
    "shop/__init__.py": "",
    "shop/wsgi.py": "from django.core.wsgi import get_wsgi_application\napplication = get_wsgi_application()\n",
    "shop/urls.py": "urlpatterns = []\n",
}
HEAD = (
    "import os\nfrom pathlib import Path\nBASE = Path(__file__).resolve().parent.parent\nROOT_URLCONF = 'shop.urls'\n"
)
SQLITE = "DATABASES = {{'default': {{'ENGINE': 'django.db.backends.sqlite3', 'NAME': {}}}}}\n"
NODE = '{"name": "shop", "main": "s.js", "dependencies": {"express": "4.0.0", "better-sqlite3": "11.0.0", "knex": "3.0.0"}}'
LISTEN = "require('express')().listen(3000)\n"
KNEX = "const lite = process.env.KIND !== 'pg'\nconst knex = require('knex')\nknex({ client: process.env.KIND, connection: { ...(lite && { filename: process.env.DB_FILE || 'db/data' }) } })\n"
GO = 'package main\nimport (\n\t"net/http"\n\t"go.etcd.io/bbolt"\n)\nfunc main() {\n\tbbolt.Open("state/a.db", 0o600, nil)\n\thttp.ListenAndServe(":8080", nil)\n}\n'


def django(settings: str, **files: str) -> dict[str, str]:
    return {**DJANGO, "shop/settings.py": HEAD + settings, **files}


def drafted(folder: Path, files: Any) -> dict[str, Any]:
    (folder / ".git").mkdir(parents=True)
    lay(folder, files)
    run("init", cwd=folder, code=0)
    spec: dict[str, Any] = yaml.safe_load((folder / "app.kforge.yaml").read_text())
    return dict(spec["services"])


def claims(block: dict[str, Any]) -> list[tuple[str, str]]:
    return [(one["name"], one["path"]) for one in block.get("volumes", ())]


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        (django(SQLITE.format("BASE / 'data' / 'a.sqlite3'")), [("data", "/app/data")]),
        (django(SQLITE.format("BASE / 'data' / 'a.sqlite3'") + "MEDIA_ROOT = BASE / 'data' / 'media'\n"), [("data", "/app/data")]),
        (django(SQLITE.format("BASE / 'db' / 'a.sqlite3'") + "MEDIA_ROOT = BASE / 'media'\n"), [("db", "/app/db"), ("media", "/app/media")]),
        (django(SQLITE.format("BASE / 'a.sqlite3'")), []),  # nothing moves it out of the source
        ({"package.json": NODE, "s.js": "const Database = require('better-sqlite3')\nnew Database('var/a.db')\n" + LISTEN}, [("var", "/app/var")]),
        ({"package.json": NODE, "s.js": LISTEN + KNEX}, [("db", "/app/db")]),
        ({"go.mod": "module example.com/shop\n\ngo 1.24\n", "main.go": GO}, [("state", "/app/state")]),
        ({"requirements.txt": "flask\n", "app.py": "from flask import Flask\napp = Flask(__name__)\napp.config['UPLOAD_FOLDER'] = 'in'\n"}, [("in", "/app/in")]),
        ({"requirements.txt": "flask\n", "app.py": "from flask import Flask\napp = Flask(__name__)\nopen('cache/x', 'w')\n"}, []),
    ],
)  # fmt: skip
def test_a_service_has_a_claim_for_each_folder_that_it_keeps(
    tmp_path: Path, files: dict[str, str], expected: list[tuple[str, str]]
) -> None:
    (block,) = drafted(tmp_path / "shop", files).values()
    assert claims(block) == expected


@pytest.mark.parametrize(
    ("settings", "variables"),
    [
        (SQLITE.format("os.getenv('DB_FILE', BASE / 'a.sqlite')"), {"DB_FILE": "/data/a.sqlite"}),
        (SQLITE.format("BASE / os.environ.get('DB_FILE', 'shopdb')"), {"DB_FILE": "/data/shopdb"}),
        (SQLITE.format("os.path.join(BASE, os.environ.get('DB_FILE', 'shopdb'))"), {"DB_FILE": "/data/shopdb"}),
        ("URL = os.environ.get('SHOP_URL', 'sqlite:///a.db')\n", {"SHOP_URL": "sqlite:////data/a.db"}),
        ("MEDIA_ROOT = os.getenv('MEDIA', 'shop')\n", {"MEDIA": "/data/shop"}),
    ],
)  # fmt: skip
def test_a_variable_moves_what_lies_among_files_of_the_source(
    tmp_path: Path, settings: str, variables: dict[str, str]
) -> None:
    block = drafted(tmp_path / "shop", django(settings))["shop"]
    assert (block.get("env"), claims(block)) == (variables, [("data", "/data")])


def test_what_moved_out_of_the_source_leaves_the_root_file_system_read_only(tmp_path: Path) -> None:
    drafted(tmp_path / "shop", django(SQLITE.format("os.getenv('DB_FILE', BASE / 'a.sqlite')")))
    run("build", cwd=tmp_path / "shop", code=0)
    workload = (tmp_path / "shop/deploy/kubernetes/shop/statefulset.yaml").read_text()
    assert "readOnlyRootFilesystem: true" in workload
    assert "mountPath: /data" in workload
    assert "install -d -o 10001 -g 10001 /app" not in (tmp_path / "shop/Dockerfile").read_text()


def test_a_worker_of_the_same_source_has_no_claim_of_its_own(tmp_path: Path) -> None:
    files = django(SQLITE.format("BASE / 'data' / 'a.sqlite3'"))
    files["Procfile"] = "web: gunicorn shop.wsgi\nworker: python manage.py work\n"
    found = drafted(tmp_path / "shop", files)
    assert [claims(block) for block in found.values()] == [[("data", "/app/data")], []]


def test_a_volume_of_the_authors_file_is_no_second_claim(tmp_path: Path) -> None:
    files = {"requirements.txt": "flask\n", "app.py": "from flask import Flask\nimport sqlite3\napp = Flask(__name__)\nsqlite3.connect('/data/db/a.db')\n"}  # fmt: skip
    files["compose.yaml"] = "services:\n  web:\n    build: .\n    ports: ['5000:5000']\n    volumes: ['keep:/data']\nvolumes: {keep: {}}\n"  # fmt: skip
    assert claims(drafted(tmp_path / "shop", files)["web"]) == [("keep", "/data")]


def test_a_password_that_may_be_missing_moves_nothing_elsewhere(tmp_path: Path) -> None:
    settings = "if os.getenv('DB') == 'postgres':\n    PASSWORD = os.getenv('DB_PASSWORD')\n" + SQLITE.format(
        "BASE / 'data' / 'a.sqlite3'"
    )
    block = drafted(tmp_path / "shop", django(settings))["shop"]
    assert (block["secrets"]["DB_PASSWORD"]["optional"], claims(block)) == (True, [("data", "/app/data")])
    assert "lost-data" not in run("build", cwd=tmp_path / "shop", code=0).err


NOTES = "from flask import Flask\nimport os\napp = Flask(__name__)\n"


def writing(*names: str) -> dict[str, str]:
    lines = "".join(f"os.makedirs(os.path.join(os.environ['{name}'], 'own'))\n" for name in names)
    return {"requirements.txt": "flask\ngunicorn\n", "app.py": NOTES + lines}


@pytest.mark.parametrize(
    ("names", "variables", "expected"),
    [
        (["NOTES_PATH"], {"NOTES_PATH": "/data"}, [("data", "/data")]),
        (["A_DIR", "B_DIR"], {"A_DIR": "/data", "B_DIR": "/data-2"}, [("data", "/data"), ("data-2", "/data-2")]),
        (["CACHE_DIR"], None, []),
    ],
)
def test_a_folder_that_only_a_variable_names_is_a_claim_s(
    tmp_path: Path, names: list[str], variables: dict[str, str] | None, expected: list[tuple[str, str]]
) -> None:
    block = drafted(tmp_path / "shop", writing(*names))["shop"]
    assert (block.get("env"), claims(block)) == (variables, expected)


def test_a_folder_that_an_author_s_file_names_is_left_there(tmp_path: Path) -> None:
    compose = "services:\n  shop:\n    build: .\n    ports: ['8000:8000']\n    environment: {NOTES_PATH: /srv}\n    volumes: ['keep:/srv']\nvolumes: {keep: {}}\n"  # fmt: skip
    block = drafted(tmp_path / "shop", {**writing("NOTES_PATH"), "compose.yaml": compose})["shop"]
    assert (block["env"], claims(block)) == ({"NOTES_PATH": "/srv"}, [("keep", "/srv")])
