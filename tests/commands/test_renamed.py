"""A service under another name: its decisions go on where one service alone stands for it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.conftest import edit, run

WEB = "import http.server, os\nhttp.server.ThreadingHTTPServer(('', 8000), http.server.SimpleHTTPRequestHandler).serve_forever()\n"
SPEC = """apiVersion: kforge.dev/v1
app: shop
namespace: shop
registry: ghcr.io/acme
services:
  web: {source: ./web, command: [python, main.py], env: {API_URL: "${services.api.url}"}}
  api: {source: ./api, command: [python, main.py]}
  move: {source: ./api, command: [python, move.py], job: true, before: [api]}
  db: {image: "docker.io/library/redis:8.8.3", resources: {memory: 256Mi}}
environments:
  prod: {services: {web: {scale: {min: 2}}, api: {scale: {min: 3}}}}
"""
KEPT = "~ {} → {}: decisions kept; "


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    for folder, port in (("web", "8000"), ("api", "9100")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "main.py").write_text(WEB.replace("8000", port))
    (tmp_path / "api/move.py").write_text("print('moved')\n")
    (tmp_path / "app.kforge.yaml").write_text(SPEC)
    run("build", cwd=tmp_path, code=0)
    return tmp_path


def renamed(folder: Path, **names: str) -> None:
    """Each service under its other name, wherever the spec says it."""
    text = SPEC
    for old, new in names.items():
        for said in (f"  {old}: {{", f"{{{old}: {{", f", {old}: {{", f"services.{old}.", f"[{old}]"):
            text = text.replace(said, said.replace(old, new))
    (folder / "app.kforge.yaml").write_text(text)


def states(folder: Path) -> dict[str, str]:
    """Of each decision, whether the lock has it; reasons that heuristics gave may name another service."""
    told = json.loads(run("plan", "--format", "json", cwd=folder).out)["decisions"]
    return {each["target"]: "locked" if "reasons" in each["why"] else each["state"] for each in told}


@pytest.mark.parametrize(
    "names",
    [
        {"web": "storefront"},
        {"api": "backend"},
        {"move": "migrate"},
        {"db": "cache"},
        {"web": "storefront", "api": "backend", "db": "cache", "move": "migrate"},
    ],
)
def test_what_was_decided_of_a_service_is_kept_under_its_new_name(names: dict[str, str], shop: Path) -> None:
    renamed(shop, **names)
    assert set(states(shop).values()) == {"locked"}
    for old, new in names.items():
        assert f"~ {old} → {new}  decisions kept\n" in run("plan", cwd=shop, code=0).out
        assert f"{old} → {new}: decisions kept; " in run("check", cwd=shop, code=1).out
    shown = run("build", cwd=shop, code=0).out
    assert all(KEPT.format(old, new) in shown for old, new in names.items())
    assert run("check", "--full", cwd=shop, code=0).out == ""


def test_a_build_writes_what_it_would_have_written_for_that_name_at_first(shop: Path, tmp_path: Path) -> None:
    renamed(shop, web="storefront", api="backend")
    run("build", cwd=shop, code=0)
    files = {path: path.read_bytes() for path in shop.rglob("*") if path.is_file() and ".kforge" not in path.parts}
    (shop / "kforge.lock").unlink()
    run("build", "--force", cwd=shop, code=0)
    assert {path: path.read_bytes() for path in files} == files


def test_what_else_changed_is_decided_and_told(shop: Path) -> None:
    edit(shop / "web/main.py", "8000", "8100")
    renamed(shop, web="storefront")
    edit(shop / "app.kforge.yaml", "resources: {memory: 256Mi}", "resources: {memory: 300Mi}")
    shown = run("build", cwd=shop, code=0).out
    assert "~ web → storefront: decisions kept, port 8000 → 8100 (web/main.py:2); " in shown
    assert "~ db: memory 256Mi → 300Mi (app.kforge.yaml:9); " in shown


def test_a_source_that_moved_with_its_service_shows_the_same(shop: Path) -> None:
    (shop / "web").rename(shop / "storefront")
    renamed(shop, web="storefront")
    edit(shop / "app.kforge.yaml", "./web", "./storefront")
    assert "~ web → storefront: decisions kept" in run("build", cwd=shop, code=0).out


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (
            "  web: {source: ./web,",
            "  one: {source: ./web, command: [python, main.py]}\n  two: {source: ./web,",
        ),  # two fit
        ("./web", "./api"),  # the name stays
        ('  db: {image: "docker.io/library/redis:8.8.3"', '  store: {image: "docker.io/library/postgres:18.6"'),
    ],
)
def test_nothing_is_guessed(old: str, new: str, shop: Path) -> None:
    edit(shop / "app.kforge.yaml", old, new)
    edit(shop / "app.kforge.yaml", "{web: {scale: {min: 2}}, ", "{")
    shown = run("plan", cwd=shop)
    assert "decisions kept" not in shown.out and " → one" not in shown.out


def test_names_that_two_services_swap_are_two_changed_services(shop: Path) -> None:
    text = SPEC.replace("./api, command: [python, main.py]", "./x, command: [python, main.py]")
    (shop / "app.kforge.yaml").write_text(text.replace("./web", "./api").replace("./x", "./web"))
    assert "decisions kept" not in run("plan", cwd=shop).out


def test_machines_are_told(shop: Path) -> None:
    renamed(shop, web="storefront")
    (change,) = json.loads(run("plan", "--format", "json", cwd=shop, code=0).out)["changes"]
    assert (change["service"], change["status"], change["why"]) == ("storefront", "renamed", "decisions kept")
    assert change["subjects"] == ["web → storefront"]


def test_of_very_many_at_once_none_is_looked_for(tmp_path: Path) -> None:
    def written(prefix: str) -> None:
        services = "".join(
            f"  {prefix}{number}: {{image: 'docker.io/acme/web{number}:1', port: 80}}\n" for number in range(51)
        )
        (tmp_path / "app.kforge.yaml").write_text(f"apiVersion: kforge.dev/v1\napp: shop\nservices:\n{services}")

    written("a")
    run("build", cwd=tmp_path, code=0)
    written("b")
    assert "decisions kept" not in run("plan", cwd=tmp_path).out
    (tmp_path / "app.kforge.yaml").write_text((tmp_path / "app.kforge.yaml").read_text().replace("  b0:", "  a0:"))
    assert "~ a1 → b1  decisions kept" in run("plan", cwd=tmp_path).out
