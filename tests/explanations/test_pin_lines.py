"""A line of a generated file is pinned by its place: the spec says the value then, and nothing else changes."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from tests.conftest import contents, copied, run


def line_of(folder: Path, path: str, begins: str) -> str:
    lines = (folder / path).read_text().splitlines()
    return f"{path}:{next(number for number, line in enumerate(lines, 1) if line.strip().startswith(begins))}"


@pytest.mark.parametrize(
    ("path", "begins", "pinned"),
    [
        ("deploy/kubernetes/web/deployment.yaml", "memory:", {"resources": {"memory": "192Mi"}}),
        ("web/Dockerfile", "USER", {"process": {"user": 10001}}),
        ("deploy/kubernetes/web/deployment.yaml", "terminationGracePeriodSeconds:", {"rollout": {"gracePeriod": 30}}),
        ("kforge.lock", "drain:", {"rollout": {"drain": 5}}),
    ],
)
def test_a_line_is_pinned_and_a_build_changes_no_file(
    path: str, begins: str, pinned: dict[str, object], tmp_path: Path
) -> None:
    folder = copied("hello", tmp_path / "hello")
    run("build", cwd=folder, code=0)
    before = contents(folder)
    run("pin", line_of(folder, path, begins), cwd=folder, code=0)
    assert yaml.safe_load((folder / "app.kforge.yaml").read_text())["services"]["web"] == {"source": "./web", **pinned}
    run("build", cwd=folder, code=0)
    run("check", "--full", cwd=folder, code=0)
    after = contents(folder)
    assert {name for name in before if before[name] != after[name]} <= {"app.kforge.yaml", "kforge.lock", "kforge.sum"}


def test_a_line_takes_a_value(tmp_path: Path) -> None:
    folder = copied("hello", tmp_path / "hello")
    run("build", cwd=folder, code=0)
    run("pin", line_of(folder, "deploy/kubernetes/web/deployment.yaml", "memory:"), "1Gi", cwd=folder, code=0)
    assert yaml.safe_load((folder / "app.kforge.yaml").read_text())["services"]["web"]["resources"] == {"memory": "1Gi"}


@pytest.mark.parametrize(
    ("path", "begins", "says"),
    [
        ("deploy/kubernetes/web/deployment.yaml", "automountServiceAccountToken", "a patch changes it: `patches: [{target: Deployment/web,"),
        ("deploy/kubernetes/web/deployment.yaml", "minReadySeconds", "app.kforge.yaml:83"),
        ("deploy/overlays/prod/db/statefulset.yaml", "memory:", "app.kforge.yaml:80"),
        ("deploy/overlays/prod/web/horizontalpodautoscaler.yaml", "maxReplicas", "app.kforge.yaml:79"),
        ("web/Dockerfile", "WORKDIR", "the recipe writes `WORKDIR /app`"),
        ("docker-bake.hcl", "default", "is fixed by kforge"),
        ("deploy/kubernetes/web/deployment.yaml", "containers:", "holds several decisions"),
    ],
)  # fmt: skip
def test_what_cannot_be_pinned_says_what_to_do(path: str, begins: str, says: str, built_shop: Path) -> None:
    before = contents(built_shop)
    ended = run("pin", line_of(built_shop, path, begins), cwd=built_shop, code=2)
    assert says in ended.err and "help: " in ended.err
    assert contents(built_shop) == before


@pytest.mark.parametrize("words", [["web.port", "8081"], ["orders/process.ports", "[{name: http, port: 8081}]"], ["deploy/web", "limits.memory", "1Gi"], ["web.memory", "1Gi"]])  # fmt: skip
def test_words_of_explain_take_a_value(words: list[str], built_shop: Path) -> None:
    out = run("pin", *words, "--dry-run", cwd=built_shop, code=0).out
    assert "+    port: 8081" in out or "port: 8081}" in out or "memory: 1Gi" in out


@pytest.mark.parametrize(("words", "says"), [(["web"], "which decision of `web`?"), (["prod"], "is an environment"), ([], "what is to be pinned?"), (["web.scale"], "the spec says"), (["cache/resources", "memory"], "is pinned already in app.kforge.yaml:60"), (["cache.memory"], "is pinned already in app.kforge.yaml:60"), (["cache", "resources.memory"], "is pinned already in app.kforge.yaml:60"), (["deploy/cache", "limits.memory"], "is pinned already in app.kforge.yaml:60"), (["Ingress/web", "secretName"], "`services.web.expose.tls` changes it")])  # fmt: skip
def test_words_that_name_no_decision(words: list[str], says: str, built_shop: Path) -> None:
    assert says in run("pin", *words, cwd=built_shop, code=2).err
