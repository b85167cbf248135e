"""A variable that chooses a store is set with what it chooses."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.conftest import run
from tests.detectors.reading import facts, lay

DJANGO = {
    "manage.py": "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'shop.settings')\n",
    "shop/__init__.py": "",
    "shop/wsgi.py": "from django.core.wsgi import get_wsgi_application\napplication = get_wsgi_application()\n",
    "shop/urls.py": "urlpatterns = []\n",
}
LITE = "DATABASES = {'default': {'ENGINE': 'django.db.backends.sqlite3', 'NAME': '/data/a.db'}}\n"
FULL = "DATABASES = {{'default': {{'ENGINE': 'django.db.backends.{}', 'HOST': os.getenv('DB_HOST', ''), 'NAME': os.getenv('DB_NAME', 'shop'), 'USER': os.getenv('DB_USER', ''), 'PASSWORD': os.getenv('DB_PASSWORD', '')}}}}\n"


def branch(condition: str, engine: str = "postgresql") -> str:
    return f"{LITE}if {condition}:\n    {FULL.format(engine)}"


def switch(env: str, value: str, store: str = "postgres") -> dict[str, str]:
    return {"env": env, "value": value, "store": store}


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        (branch("os.getenv('DB') == 'postgres'"), [switch("DB", "postgres")]),
        (branch("os.getenv('DB') in ['mysql', 'mariadb']", "mysql"), [switch("DB", "mysql", "mysql")]),
        (branch("os.getenv('DB') in ('pg', 'postgresql')"), [switch("DB", "postgresql")]),
        ("ENGINE = os.getenv('APP_ENGINE', 'sqlite')\n" + branch("ENGINE == 'postgres'"), [switch("APP_ENGINE", "postgres")]),
        (branch("os.getenv('MODE') == 'cluster'"), [switch("MODE", "cluster")]),
        (branch("os.getenv('DB') == 'sqlite'"), []),  # the branch of another store
        (LITE + "if os.getenv('MODE') == 'x':\n    A = 1\n" + FULL.format("postgresql"), []),
        ("DATABASES = {'default': {'ENGINE': os.getenv('DB_ENGINE', 'django.db.backends.sqlite3')}}\n",
         [switch("DB_ENGINE", "django.db.backends.postgresql"), switch("DB_ENGINE", "django.db.backends.mysql", "mysql")]),
        ("kind = os.getenv('KIND', 'sqlite3')\nDATABASES = {'default': {'ENGINE': f'django.db.backends.{kind}'}}\n",
         [switch("KIND", "postgresql"), switch("KIND", "mysql", "mysql")]),
        ("if os.getenv('KIND') == 'pg':\n    URL = f\"postgresql+psycopg://{os.environ['HOST']}/x\"\n", [switch("KIND", "pg")]),
        (LITE, []),
    ],
)  # fmt: skip
def test_what_chooses_a_store_is_known(tmp_path: Path, settings: str, expected: list[dict[str, str]]) -> None:
    files: dict[str, str | bytes] = {**DJANGO, "requirements.txt": "django==5.1\ngunicorn==23.0.0\n"}
    files["shop/settings.py"] = f"import os\n{settings}"
    assert facts(tmp_path, files).value("switches") == expected


def drafted(folder: Path, packages: str) -> dict[str, Any]:
    (folder / ".git").mkdir(parents=True)
    settings = "import os\n" + branch("os.getenv('DB') == 'postgres'")
    lay(
        folder,
        {**DJANGO, "requirements.txt": f"django==5.1\ngunicorn==23.0.0\n{packages}", "shop/settings.py": settings},
    )
    run("init", cwd=folder, code=0)
    spec: dict[str, Any] = yaml.safe_load((folder / "app.kforge.yaml").read_text())
    return dict(spec["services"])


def test_a_drafted_store_is_chosen_and_has_the_data(tmp_path: Path) -> None:
    found = drafted(tmp_path / "shop", "psycopg[binary]==3.2.3\n")
    assert (found["shop"]["env"]["DB"], "volumes" in found["shop"]) == ("postgres", False)
    assert found["shop"]["env"]["DB_HOST"] == "${services.db.host}"


def test_without_the_store_its_switch_stays_and_the_file_has_a_claim(tmp_path: Path) -> None:
    block = drafted(tmp_path / "shop", "")["shop"]
    assert ("DB" in block.get("env", {}), [one["path"] for one in block["volumes"]]) == (False, ["/data"])
