"""A program that answers for listed hosts alone: `kforge init` lists the service, and probes name a host that is allowed."""

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
    "shop/urls.py": "from django.urls import path\nurlpatterns = [path('healthz/', status)]\n",
}
SPEC = "apiVersion: kforge.dev/v1\napp: shop\nservices:\n  web: {{source: ., env: {0}, secrets: {1}}}\n"
LISTED = "ALLOWED_HOSTS = os.environ.get('HOSTS', '{}').split(',')\n"


def laid(folder: Path, settings: str) -> Path:
    (folder / "shop/.git").mkdir(parents=True)
    lay(folder / "shop", {**DJANGO, "shop/settings.py": f"import os\nROOT_URLCONF = 'shop.urls'\n{settings}"})
    return folder / "shop"


def probe(folder: Path, name: str) -> Any:
    workload = yaml.safe_load((folder / f"deploy/kubernetes/{name}/deployment.yaml").read_text())
    return workload["spec"]["template"]["spec"]["containers"][0]["readinessProbe"]


def headers(found: Any) -> dict[str, str] | None:
    asked = found.get("httpGet")
    return None if asked is None else {one["name"]: one["value"] for one in asked.get("httpHeaders", ())}


@pytest.mark.parametrize(
    ("settings", "variable"),
    [
        (LISTED.format(""), "shop,localhost"),
        (LISTED.format("shop.example.com"), "shop.example.com,shop,localhost"),  # the author's own stay
        ("ALLOWED_HOSTS = os.environ['HOSTS'].split()\n", "shop localhost"),
        ("ALLOWED_HOSTS = [os.environ['HOSTS']]\n", "shop"),
        (LISTED.format("*"), None),
    ],
)
def test_a_draft_lists_the_service_among_the_hosts(tmp_path: Path, settings: str, variable: str | None) -> None:
    folder = laid(tmp_path, settings)
    run("init", cwd=folder, code=0)
    block = yaml.safe_load((folder / "app.kforge.yaml").read_text())["services"]["shop"]
    assert block.get("env", {}).get("HOSTS") == variable


def test_a_draft_says_that_the_public_host_is_to_be_added(tmp_path: Path) -> None:
    shown = run("init", cwd=laid(tmp_path, LISTED.format("")), code=0)
    assert "`HOSTS` of `shop` accepts only the hosts that it lists: add the one that browsers use" in shown.err


@pytest.mark.parametrize(
    ("settings", "env", "expected"),
    [
        (LISTED.format(""), "{HOSTS: 'shop.example.com,web'}", {"Host": "shop.example.com"}),
        (LISTED.format(""), "{HOSTS: 'web,localhost'}", {"Host": "localhost"}),
        (LISTED.format(""), "{HOSTS: '*'}", {}),
        (LISTED.format(""), "{}", None),  # nothing is allowed: it is asked whether the port accepts
        (LISTED.format("a.example.com"), "{}", {"Host": "a.example.com"}),
        ("ALLOWED_HOSTS = ['.example.com']\n", "{}", {"Host": "example.com"}),
        ("ALLOWED_HOSTS = ['.localhost', '127.0.0.1', '[::1]']\n", "{}", {"Host": "localhost"}),
        ("ALLOWED_HOSTS = ['*']\n", "{}", {}),
        ("ALLOWED_HOSTS = ['*']\nSECURE_SSL_REDIRECT = True\nSECURE_PROXY_SSL_HEADER = ('HTTP_X_FORWARDED_PROTO', 'https')\n", "{}", {"X-Forwarded-Proto": "https"}),
        ("ALLOWED_HOSTS = ['*']\nSECURE_SSL_REDIRECT = os.environ.get('REDIRECT', 'True').lower() == 'true'\n", "{}", None),
    ],
)  # fmt: skip
def test_a_probe_names_what_is_allowed(tmp_path: Path, settings: str, env: str, expected: Any) -> None:
    folder = laid(tmp_path, settings)
    (folder / "app.kforge.yaml").write_text(SPEC.format(env, "{}"))
    run("build", cwd=folder, code=0)
    assert headers(probe(folder, "web")) == expected


def test_hosts_that_a_secret_holds_are_unknown(tmp_path: Path) -> None:
    folder = laid(tmp_path, LISTED.format("a.example.com"))
    (folder / "app.kforge.yaml").write_text(SPEC.format("{}", "{HOSTS: {secret: shop, key: hosts}}"))
    run("build", cwd=folder, code=0)
    assert headers(probe(folder, "web")) is None


def test_an_environment_that_lists_others_has_its_own_probe(tmp_path: Path) -> None:
    folder = laid(tmp_path, LISTED.format(""))
    staging = "environments:\n  staging: {services: {web: {env: {HOSTS: staging.example.com}}}}\n"
    (folder / "app.kforge.yaml").write_text(SPEC.format("{HOSTS: shop.example.com}", "{}") + staging)
    run("build", cwd=folder, code=0)
    changed = "".join(path.read_text() for path in sorted((folder / "deploy/overlays/staging").rglob("*.yaml")))
    assert "value: staging.example.com" in changed and changed.count("staging.example.com") > 1
