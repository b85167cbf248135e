"""Two forms of output that claim one file are refused, at the line of the spec that has them meet."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from kforge import catalog, render
from tests.conftest import run, write
from tests.render.roster.target import TARGET

SPEC = """apiVersion: kforge.dev/v1
app: shop
outputs:
- dockerfile
- kubernetes
- roster
services:
  web: {source: ./web, port: 8080, command: [python, main.py]}
  cache: {image: "docker.io/library/redis:7.4"}
environments:
  prod: {services: {cache: {omit: true}}}
"""
SOURCE = {"web/main.py": "import http.server\n"}
Claim = Callable[[str], None]


@pytest.fixture
def claim(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """Have a made-up target write a file, an aggregate or a seed at a path."""
    monkeypatch.setattr(render, "__path__", [*render.__path__, str(Path(__file__).parent)])
    monkeypatch.setattr(catalog, "TARGETS", (*catalog.TARGETS, "roster"))

    def claiming(sort: str, path: str) -> None:
        made: dict[str, Any] = {
            "files": lambda spec, documents, name: [(path, "", "a: b\n")],
            "aggregates": lambda listed: {path: "a: b\n"},
            "seeds": lambda listed: {path: "a: b\n"},
        }
        none = {"files": lambda spec, documents, name: [], "aggregates": lambda listed: {}, "seeds": lambda listed: {}}
        module = __import__("kforge.render.roster.target", fromlist=["TARGET"])
        monkeypatch.setattr(module, "TARGET", replace(TARGET, **{**none, sort: made[sort]}))

    yield claiming
    for module in ("kforge.render.roster", "kforge.render.roster.target"):
        sys.modules.pop(module, None)


CLAIMED = {
    "a document": ("deploy/kubernetes/cache/deployment.yaml", "kubernetes"),
    "an overlay's file": ("deploy/overlays/prod/cache/delete-deployment.yaml", "kubernetes"),
    "an aggregate": ("deploy/kubernetes/kustomization.yaml", "kubernetes"),
    "a seed": ("deploy/images/prod/kustomization.yaml", "kubernetes"),
    "a Dockerfile": ("web/Dockerfile", "dockerfile"),
    "the bake file": ("docker-bake.hcl", "dockerfile"),
}


@pytest.mark.parametrize("sort", ["files", "aggregates", "seeds"])
@pytest.mark.parametrize(("path", "owner"), CLAIMED.values(), ids=[*CLAIMED])
def test_a_second_claim_is_refused_at_the_line_of_the_output(
    path: str, owner: str, sort: str, claim: Callable[..., None], tmp_path: Path
) -> None:
    claim(sort, path)
    told = run("build", cwd=write(tmp_path, {"app.kforge.yaml": SPEC, **SOURCE}), code=2).err
    assert f"`{path}` would be written by both" in told and f"`{owner}`" in told and "`roster`" in told
    line = 6 if "and `roster`" in told else 5 if owner == "kubernetes" else 4
    assert f"--> app.kforge.yaml:{line}:3" in told and "under `paths`" in told
    assert not (tmp_path / "deploy").exists()


def test_it_is_refused_at_the_path_that_the_spec_gives(claim: Callable[..., None], tmp_path: Path) -> None:
    claim("files", "duty/build.hcl")
    text = SPEC.replace("services:\n  web", "paths:\n  bake: duty/build.hcl\nservices:\n  web", 1)
    told = run("build", cwd=write(tmp_path, {"app.kforge.yaml": text, **SOURCE}), code=2).err
    assert "`duty/build.hcl` would be written by both `roster` and `dockerfile`" in told
    assert "--> app.kforge.yaml:8:9" in told


@pytest.mark.parametrize("words", [["build"], ["check"], ["check", "--full"]], ids=" ".join)
def test_one_output_that_claims_a_file_twice_is_refused(words: list[str], tmp_path: Path) -> None:
    text = SPEC.replace("- roster\n", "paths:\n  kubernetes: deploy/overlays/prod\n")
    folder = write(tmp_path, {"app.kforge.yaml": SPEC.replace("- roster\n", ""), **SOURCE})
    run("build", cwd=folder, code=0)
    told = run(*words, cwd=write(folder, {"app.kforge.yaml": text}), code=2).err
    assert "`deploy/overlays/prod/kustomization.yaml` would be written by `kubernetes` twice" in told
    assert "--> app.kforge.yaml:7:15" in told
