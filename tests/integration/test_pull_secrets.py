"""A registry that asks for a login: every pod names the Secret, and an environment may have one of its own."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from tests.conftest import edit, run, write

SPEC = """\
apiVersion: kforge.dev/v1
app: shop
registry: ghcr.io/acme
pullSecret: regcred
outputs: [dockerfile, kubernetes, helm]
services:
  cache: {image: 'docker.io/library/redis:8.8.3'}
  web: {source: ., kubernetes: {Pod: {imagePullSecrets: [{name: mirror}]}}}
environments:
  prod: {registry: registry.acme.internal, pullSecret: acme-pull}
"""
PROGRAM = "import http.server\nhttp.server.HTTPServer(('', 8000), http.server.BaseHTTPRequestHandler).serve_forever()\n"


@pytest.fixture
def built(tmp_path: Path) -> Path:
    write(tmp_path, {"app.kforge.yaml": SPEC, "main.py": PROGRAM})
    run("build", cwd=tmp_path, code=0)
    return tmp_path


def pulled(file: Path) -> list[dict[str, str]]:
    found: list[dict[str, str]] = yaml.safe_load(file.read_text())["spec"]["template"]["spec"]["imagePullSecrets"]
    return found


def test_every_pod_names_it_beside_its_own(built: Path) -> None:
    files = [built / f"deploy/kubernetes/{name}/deployment.yaml" for name in ("cache", "web")]
    assert [sorted(each["name"] for each in pulled(file)) for file in files] == [["regcred"], ["mirror", "regcred"]]


def test_an_environment_has_its_own_instead(built: Path) -> None:
    patch = pulled(built / "deploy/overlays/prod/cache/deployment.yaml")
    assert patch == [{"name": "acme-pull"}, {"name": "regcred", "$patch": "delete"}]


def test_a_chart_has_it_as_a_value_of_all(built: Path) -> None:
    held, prod = (yaml.safe_load((built / f"deploy/helm/shop/{name}").read_text()) for name in ("values.yaml", "values-prod.yaml"))  # fmt: skip
    assert held["imagePullSecrets"] == [{"name": "regcred"}] and prod["imagePullSecrets"] == [{"name": "acme-pull"}]
    assert [held["services"][name]["imagePullSecrets"] for name in ("cache", "web")] == [[], [{"name": "mirror"}]]


def test_a_change_of_it_is_noticed(built: Path) -> None:
    run("check", cwd=built, code=0)
    edit(built / "app.kforge.yaml", "pullSecret: regcred\n", "")
    assert "imagePullSecrets name regcred → none" in run("check", cwd=built, code=1).out


def test_a_neighbours_word_for_it_is_understood(built: Path) -> None:
    edit(built / "app.kforge.yaml", "pullSecret: regcred", "imagePullSecrets: regcred")
    assert "`pullSecret`" in run("check", cwd=built, code=2).err
