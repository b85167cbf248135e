"""What happens to an application day by day: an own Dockerfile, a service that goes or has another name, a lost lock."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import copied, edit, run
from tests.mutations import SPEC

OWN = 'FROM docker.io/library/python:3.13-slim-trixie\nWORKDIR /app\nCOPY . .\nUSER 1000\nCMD ["python", "main.py"]\n'
GONE = "gone: a cluster keeps what was applied before: `kubectl delete --namespace "


def test_an_own_dockerfile_keeps_the_dockerignore_of_the_one_it_replaces(built_shop: Path) -> None:
    ignored = (built_shop / "catalog/.dockerignore").read_text()
    (built_shop / "catalog/Dockerfile").write_text(OWN)
    assert "catalog/Dockerfile is yours from now on" in run("check", cwd=built_shop, code=1).out
    ended = run("build", cwd=built_shop, code=0)
    assert "note: `catalog/.dockerignore`, `catalog/Dockerfile` are yours from now on" in ended.err
    assert (built_shop / "catalog/.dockerignore").read_text() == ignored
    assert (built_shop / "catalog/Dockerfile").read_text() == OWN
    run("check", "--full", cwd=built_shop, code=0)
    assert "yours" not in run("build", cwd=built_shop, code=0).err


def test_without_it_kforges_own_are_there_again(built_shop: Path) -> None:
    before = (built_shop / "catalog/Dockerfile").read_text()
    (built_shop / "catalog/Dockerfile").write_text(OWN)
    run("build", cwd=built_shop, code=0)
    (built_shop / "catalog/Dockerfile").unlink()
    run("build", cwd=built_shop, code=0)
    assert (built_shop / "catalog/Dockerfile").read_text() == before
    run("check", "--full", cwd=built_shop, code=0)


def test_a_service_of_another_name_leaves_objects_behind_in_each_namespace(built_shop: Path) -> None:
    edit(built_shop / SPEC, "  nightly:", "  everynight:")
    told = run("build", cwd=built_shop, code=0).err
    for namespace in ("shop", "shop-staging"):
        assert f"{GONE}{namespace} cronjob/nightly networkpolicy/nightly serviceaccount/nightly`" in told


def test_an_object_that_a_service_no_longer_has_is_named_alone(built_shop: Path) -> None:
    edit(built_shop / SPEC, "    expose: {host: shop.example.com, class: traefik}\n", "")
    edit(built_shop / SPEC, ", expose: {host: shop.staging.example.com}", "")
    assert f"{GONE}shop ingress/web`" in run("build", cwd=built_shop, code=0).err


def test_what_an_environment_takes_out_is_gone_there_alone(built_shop: Path) -> None:
    edit(
        built_shop / SPEC,
        "      orders: {scale: {min: 1}}",
        "      orders: {scale: {min: 1}}\n      nightly: {omit: true}",
    )
    told = run("build", cwd=built_shop, code=0).err
    assert f"{GONE}shop-staging cronjob/nightly" in told and f"{GONE}shop " not in told


@pytest.mark.parametrize("outputs", ["dockerfile, kubernetes, argocd", "dockerfile, helm"])
def test_what_removes_objects_itself_needs_no_word(outputs: str, built_shop: Path) -> None:
    gitops = "gitops: {repository: 'https://github.com/acme/shop'}\n" if "argocd" in outputs else ""
    edit(built_shop / SPEC, "labels: {team: shop}", f"{gitops}outputs: [{outputs}]\nlabels: {{team: shop}}")
    run("build", "--allow-data-loss", cwd=built_shop, code=0)
    edit(built_shop / SPEC, "  nightly:", "  everynight:")
    assert "gone: " not in run("build", "--allow-data-loss", cwd=built_shop, code=0).err


@pytest.mark.parametrize("lost", [("kforge.lock",), ("kforge.sum",), ("kforge.lock", "kforge.sum")])
def test_a_lost_lock_is_made_again(lost: tuple[str, ...], built_shop: Path) -> None:
    before = {name: (built_shop / name).read_text() for name in ("kforge.lock", "kforge.sum")}
    for name in lost:
        (built_shop / name).unlink()
    assert len(run("check", cwd=built_shop, code=1).out.splitlines()) == 1
    run("build", cwd=built_shop, code=0)
    assert {name: (built_shop / name).read_text() for name in before} == before


def test_services_at_one_host_share_its_certificate(built_shop: Path) -> None:
    edit(
        built_shop / SPEC,
        "    scale: {min: 2}\n\n  orders:",
        "    scale: {min: 2}\n    expose: {host: shop.example.com, path: /catalog, class: traefik}\n\n  orders:",
    )
    run("build", cwd=built_shop, code=0)
    for name in ("catalog", "web"):
        assert "secretName: catalog-tls" in (built_shop / f"deploy/kubernetes/{name}/ingress.yaml").read_text()
    edit(built_shop / SPEC, "host: shop.example.com, class", "host: shop.example.com, tls: shop-cert, class")
    assert run("check", cwd=built_shop, code=1).out
    run("build", cwd=built_shop, code=0)
    assert "secretName: shop-cert" in (built_shop / "deploy/kubernetes/catalog/ingress.yaml").read_text()
    run("check", "--full", cwd=built_shop, code=0)


@pytest.mark.parametrize("name", ["shop", "edge", "notes"])
def test_a_first_build_tells_of_nothing_that_a_cluster_keeps(name: str, tmp_path: Path) -> None:
    assert "gone:" not in run("build", cwd=copied(name, tmp_path / name), code=0).err


def test_what_an_overlay_takes_out_of_a_new_object_was_never_there(built_shop: Path) -> None:
    text = (built_shop / SPEC).read_text().replace("catalog:", "items:").replace("services.catalog.", "services.items.")
    (built_shop / SPEC).write_text(text)
    said = run("build", cwd=built_shop, code=0).err
    assert "poddisruptionbudget/catalog" in said and "poddisruptionbudget/items" not in said
