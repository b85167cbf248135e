"""`routing` on the command line: what `check` sees of it, and what `explain` says of a route's fields."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import edit, run, write

SPEC = """\
apiVersion: kforge.dev/v1
app: shop
namespace: shop
services:
  web: {image: "ghcr.io/acme/web:1", port: 8080, user: 1000, expose: {host: a.example.com}}
  quiet: {image: "ghcr.io/acme/quiet:1", port: 8080, user: 1000}
environments:
  prod: {namespace: shop-prod}
"""
CHECKS = [["check"], ["check", "--full"]]
WEB = "deploy/kubernetes/web"


def built(folder: Path, text: str = SPEC) -> Path:
    run("build", cwd=write(folder, {"app.kforge.yaml": text}), code=0)
    return folder


@pytest.mark.parametrize("words", CHECKS, ids=" ".join)
@pytest.mark.parametrize(
    ("old", "new", "stale"),
    [
        ("namespace: shop\n", "namespace: shop\nrouting: {gateway: infra/shared}\n", (f"{WEB}/httproute.yaml", f"{WEB}/ingress.yaml")),
        ("namespace: shop\n", "namespace: shop\nrouting: {ingressClass: traefik}\n", (f"{WEB}/ingress.yaml",)),
        ("{namespace: shop-prod}", "{namespace: shop-prod, routing: {gateway: edge}}", ("deploy/overlays/prod/web/delete-ingress.yaml",)),
    ],
)  # fmt: skip
def test_another_way_makes_the_files_of_what_is_exposed_stale(
    old: str, new: str, stale: tuple[str, ...], words: list[str], tmp_path: Path
) -> None:
    folder = built(tmp_path)
    assert run(*words, cwd=folder).code == 0
    edit(folder / "app.kforge.yaml", old, new)
    told = run(*words, "-v", cwd=folder, code=1).out
    assert [path for path in stale if path not in told] == []
    assert "quiet" not in told
    run("build", cwd=folder, code=0)
    assert run(*words, cwd=folder).code == 0


def test_a_spec_without_routing_has_no_trace_of_it_in_its_sums(tmp_path: Path) -> None:
    assert "routing" not in (built(tmp_path) / "kforge.sum").read_text()


def test_a_field_of_a_route_is_explained_by_the_line_that_says_it(tmp_path: Path) -> None:
    text = SPEC.replace(
        "namespace: shop\n", "namespace: shop\nrouting: {gateway: infra/shared, listenerSet: true}\n", 1
    )
    folder = built(tmp_path, text)
    told = run("explain", "HTTPRoute/web", "spec.parentRefs[0].kind", cwd=folder, code=0).out
    assert "routing.listenerSet" in told and "app.kforge.yaml:4" in told
    told = run("explain", "ListenerSet/shop", "spec.listeners[0].hostname", cwd=folder, code=0).out
    assert "services.web.expose.host" in told and "app.kforge.yaml:6" in told


def test_an_environment_takes_away_what_the_base_has_and_brings_what_it_has_not(tmp_path: Path) -> None:
    text = SPEC.replace("{namespace: shop-prod}", "{namespace: shop-prod, routing: {gateway: edge, listenerSet: true}}")
    folder = built(tmp_path, text)
    found = {
        path.relative_to(folder / "deploy/overlays/prod").as_posix()
        for path in (folder / "deploy/overlays/prod").rglob("*.yaml")
    }
    assert found >= {"_app/listenerset.yaml", "web/delete-ingress.yaml", "web/httproute.yaml"}
