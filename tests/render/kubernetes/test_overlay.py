"""Overlays, aggregates and image components, held against the real kustomize."""

from __future__ import annotations

import random
import shutil
import subprocess
from collections.abc import Iterable
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from kforge.domain.document import Document
from kforge.domain.kubernetes.strategic import same
from kforge.domain.yaml_text import render
from kforge.errors import InputError
from kforge.render.kubernetes.kustomize import FILE, Layout, aggregates, placed, relative, seeds
from kforge.render.kubernetes.overlay import overlay
from tests.domain.kubernetes.test_strategic import MAKERS, build, needs_kustomize
from tests.growth import LINEAR, growth
from tests.trials import sample

LAYOUT = Layout()
needs_edit = pytest.mark.skipif(
    shutil.which("kustomize") is None, reason="kustomize is not here: `edit set image` is its own"
)


def container(name: str = "web", image: str = "ghcr.io/acme/shop-web:1.4.2", **more: Any) -> dict[str, Any]:
    return {"name": name, "image": image, **more}


def workload(*containers: dict[str, Any], kind: str = "Deployment", name: str = "web", **more: Any) -> Document:
    template = {
        "metadata": {"labels": {"app": name}},
        "spec": {"containers": list(containers or (container(),)), **more},
    }
    version = {"Job": "batch/v1"}.get(kind, "apps/v1")
    return document(
        {"apiVersion": version, "kind": kind, "metadata": {"name": name}, "spec": {"template": template}}, name
    )


def document(data: dict[str, Any], service: str = "web", namespace: str | None = "shop", file: str = "") -> Document:
    if namespace and data["kind"] != "Namespace":
        data["metadata"]["namespace"] = namespace
    folder = f"{LAYOUT.kubernetes}/{service}" if service else LAYOUT.kubernetes
    return Document(
        path=f"{folder}/{file or data['kind'].lower()}.yaml", artifact=data["kind"].lower(), service=service, data=data
    )


def config(**data: str) -> Document:
    return document({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "web"}, "data": dict(data)})


def simple(kind: str, version: str, spec: dict[str, Any], name: str = "web", service: str = "web") -> Document:
    return document({"apiVersion": version, "kind": kind, "metadata": {"name": name}, "spec": spec}, service)


def moved(documents: Iterable[Document], namespace: str) -> list[Document]:
    """The documents in another namespace."""
    found = []
    for item in documents:
        data: Any = deepcopy(item.data)
        data["metadata"]["name" if item.kind == "Namespace" else "namespace"] = namespace
        found.append(replace(item, data=data))
    return found


def write(
    folder: Path,
    base: list[Document],
    target: list[Document],
    namespaces: dict[str, str | None],
    includes: dict[str, str] | None = None,
) -> dict[str, str]:
    files = {item.path: render(item, "app.kforge.yaml") for item in base}
    files |= overlay(LAYOUT, "prod", base, target, "app.kforge.yaml")
    files |= aggregates(LAYOUT, files, includes or {}, namespaces, "app.kforge.yaml")
    files |= {**seeds(LAYOUT, ["prod"]), **(includes or {})}
    for path, text in files.items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
    return files


def assert_built(folder: Path, path: str, wanted: list[Document]) -> None:
    def order(data: Any) -> tuple[str, ...]:
        return (data["kind"], data["metadata"]["name"])

    built = sorted(build(folder / path), key=order)
    expected = sorted((item.data for item in wanted), key=order)
    assert [order(item) for item in built] == [order(item) for item in expected]
    for left, right in zip(built, expected, strict=True):
        assert same(left, right), (left, right)


def pair(base: list[Document], target: list[Document]) -> tuple[list[Document], list[Document]]:
    return base, target


PORT = {"port": 80, "targetPort": "http", "name": "http"}
TWICE = [{"name": "A", "value": "1"}, {"name": "A", "value": "2"}]
CASES = {
    "nothing differs": pair([workload()], [workload()]),
    "one variable differs": pair(
        [workload(container(env=[{"name": "A", "value": "1"}, {"name": "B", "value": "2"}]))],
        [workload(container(env=[{"name": "A", "value": "1"}, {"name": "B", "value": "yes"}]))],
    ),
    "a variable in the middle is new": pair(
        [workload(container(env=[{"name": "A", "value": "1"}, {"name": "C", "value": "2"}]))],
        [workload(container(env=[{"name": "A", "value": "1"}, {"name": "B", "value": "$(A)"}, {"name": "C", "value": "2"}]))],
    ),
    "a variable becomes a reference": pair(
        [workload(container(env=[{"name": "A", "value": "1"}]))],
        [workload(container(env=[{"name": "A", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}}]))],
    ),
    "variables twice need a JSON patch": pair(
        [workload(container(env=TWICE))], [workload(container(env=[*TWICE, {"name": "B", "value": "0"}]))]
    ),
    "config files come and go": pair([config(a="1\n", b="2")], [config(a="on", c="x\ny\n")]),
    "only the namespace differs": pair([workload(), config(a="1")], moved([workload(), config(a="1")], "shop-prod")),
    "another registry": pair([workload()], [workload(container(image="registry.acme.internal/shop-web:1.4.2"))]),
    "another version": pair([workload()], [workload(container(image="ghcr.io/acme/shop-web:2.0.0"))]),
    "a digest": pair([workload()], [workload(container(image=f"ghcr.io/acme/shop-web@sha256:{'a' * 64}"))]),
    "a tag and a digest": pair([workload()], [workload(container(image=f"ghcr.io/acme/shop-web:3@sha256:{'a' * 64}"))]),
    "a registry with a port": pair([workload()], [workload(container(image="localhost:5000/shop-web:1.4.2"))]),
    "one of two that run the same image": pair(
        [workload(), workload(container("worker"), name="worker")],
        [workload(), workload(container("worker", "ghcr.io/acme/shop-web:2"), name="worker")],
    ),
    "images change places": pair(
        [workload(container("a", "x/a:1"), container("b", "x/b:1"))], [workload(container("a", "x/b:1"), container("b", "x/a:1"))]
    ),
    "a sidecar only there": pair([workload()], [workload(container("proxy", "envoy:1"), container())]),
    "a sidecar after the others": pair([workload()], [workload(container(), container("proxy", "envoy:1"))]),
    "a sidecar that runs the retagged image": pair(
        [workload()],
        [workload(container(image="ghcr.io/acme/shop-web:2"), container("copy", "ghcr.io/acme/shop-web:1.4.2"))],
    ),
    "containers in another order": pair(
        [workload(container("a", "a:1"), container("b", "b:1"))], [workload(container("b", "b:1"), container("a", "a:1"))]
    ),
    "tolerations are replaced": pair(
        [workload(tolerations=[{"key": "a", "operator": "Exists"}])], [workload(tolerations=[{"key": "b", "operator": "Exists"}])]
    ),
    "an object only there": pair(
        [workload()], [workload(), simple("PodDisruptionBudget", "policy/v1", {"minAvailable": 1})]
    ),
    "an object only in the base": pair(
        [workload(), simple("HorizontalPodAutoscaler", "autoscaling/v2", {"minReplicas": 1, "maxReplicas": 3})], [workload()]
    ),
    "a service is omitted": pair([workload(), workload(name="api")], [workload()]),
    "a one-off job gets another name": pair(
        [workload(kind="Job", name="migrate-1")], moved([workload(container(image="m:2"), kind="Job", name="migrate-2")], "shop-prod")
    ),
    "an autoscaler's metrics have no merge key": pair(
        [simple("HorizontalPodAutoscaler", "autoscaling/v2", {"metrics": [{"type": "Resource", "resource": {"name": "cpu"}}]})],
        [simple("HorizontalPodAutoscaler", "autoscaling/v2", {"metrics": [{"type": "Resource", "resource": {"name": "memory"}}]})],
    ),
    "ports of a service": pair(
        [simple("Service", "v1", {"ports": [PORT, {"port": 443, "name": "https"}]})],
        [simple("Service", "v1", {"ports": [{**PORT, "targetPort": 8080}, {"port": 443, "name": "https"}], "type": "NodePort"})],
    ),
    "a host of an ingress": pair(
        [simple("Ingress", "networking.k8s.io/v1", {"rules": [{"host": "a.example"}], "tls": [{"hosts": ["a.example"]}]})],
        [simple("Ingress", "networking.k8s.io/v1", {"rules": [{"host": "b.example"}]})],
    ),
    "a name with a dot needs no regular expression": pair(
        [workload(container(env=TWICE), name="a.b"), workload(container(env=TWICE), name="a-b")],
        [workload(container(env=TWICE[:1]), name="a.b"), workload(container(env=TWICE), name="a-b")],
    ),
    "the app's own namespace is renamed": pair(
        [document({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop", "labels": {"a": "1"}}}, ""), workload()],
        moved([document({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop", "labels": {"a": "2"}}}, ""), workload()],
              "shop-prod"),
    ),
}  # fmt: skip


def namespace(documents: list[Document]) -> str | None:
    return next(
        (item.data["metadata"].get("namespace") for item in documents if item.data and item.kind != "Namespace"), None
    )


@needs_kustomize
@pytest.mark.parametrize("case", sample(CASES, 3))
def test_kustomize_builds_exactly_the_objects(case: str, tmp_path: Path) -> None:
    base, target = deepcopy(CASES[case])
    write(tmp_path, base, target, {"": namespace(base), "prod": namespace(target)})
    assert_built(tmp_path, LAYOUT.kubernetes, base)
    assert_built(tmp_path, LAYOUT.overlay("prod"), target)


@needs_kustomize
def test_without_a_namespace_nothing_gets_one(tmp_path: Path) -> None:
    base = [
        document(
            {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "web"}, "data": {"a": "1"}}, namespace=None
        )
    ]
    target = [
        document(
            {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "web"}, "data": {"a": "2"}}, namespace=None
        )
    ]
    write(tmp_path, base, target, {"": None, "prod": None})
    assert_built(tmp_path, LAYOUT.kubernetes, base)
    assert_built(tmp_path, LAYOUT.overlay("prod"), target)


@needs_kustomize
def test_an_environment_may_be_the_only_one_with_a_namespace(tmp_path: Path) -> None:
    base = [
        document(
            {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "web"}, "data": {"a": "1"}}, namespace=None
        )
    ]
    target = moved(base, "prod")
    write(tmp_path, base, target, {"": None, "prod": "prod"})
    assert_built(tmp_path, LAYOUT.overlay("prod"), target)


@needs_kustomize
@pytest.mark.parametrize("seed", range(3))
def test_kustomize_builds_any_objects_from_any_others(seed: int, tmp_path: Path) -> None:
    chance = random.Random(seed)
    base, target = [], []
    for index in range(60):
        maker = chance.choice(MAKERS)
        for found in (base, target):
            if chance.random() < 0.85:
                data = maker(chance)
                data["metadata"] = {**data.get("metadata", {}), "name": f"n{index}"}
                found.append(document(data, f"n{index}"))
    target = moved(target, "elsewhere")
    write(tmp_path, base, target, {"": "shop", "prod": "elsewhere"})
    assert_built(tmp_path, LAYOUT.kubernetes, base)
    assert_built(tmp_path, LAYOUT.overlay("prod"), target)


def test_a_patch_says_only_what_differs() -> None:
    base = [workload(container(env=[{"name": "A", "value": "1"}]))]
    target = [workload(container(env=[{"name": "A", "value": "2"}]))]
    files = overlay(LAYOUT, "prod", base, target, "app.kforge.yaml")
    patch = files["deploy/overlays/prod/web/deployment.yaml"]
    assert patch.splitlines()[0] == "# Generated by kforge from app.kforge.yaml; change the spec, not this file."
    spec = {"template": {"spec": {"containers": [{"name": "web", "env": [{"name": "A", "value": "2"}]}]}}}
    metadata = {"name": "web", "namespace": "shop"}
    assert yaml.safe_load(patch) == {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata, "spec": spec}


def test_an_environment_without_differences_has_no_files() -> None:
    assert overlay(LAYOUT, "prod", [workload()], moved([workload()], "prod"), "app.kforge.yaml") == {}


def test_each_service_has_its_own_component_so_that_branches_do_not_meet() -> None:
    base = [workload(), workload(container("api", "ghcr.io/acme/shop-api:1"), name="api")]
    target = [workload(container(image="r/shop-web:1.4.2")), workload(container("api", "r/shop-api:1"), name="api")]
    files = overlay(LAYOUT, "prod", base, target, "app.kforge.yaml")
    assert sorted(files) == [f"deploy/overlays/prod/api/{FILE}", f"deploy/overlays/prod/web/{FILE}"]


# --- CI's images ---


def images(folder: Path, path: str) -> list[str]:
    found = [
        item["spec"]["template"]["spec"]["containers"] for item in build(folder / path) if item["kind"] == "Deployment"
    ]
    return sorted(entry["image"] for containers in found for entry in containers)


def set_image(folder: Path, environment: str, image: str) -> None:
    command = [str(shutil.which("kustomize")), "edit", "set", "image", image]
    subprocess.run(command, cwd=folder / LAYOUT.component(environment), check=True, capture_output=True)


@needs_kustomize
def test_the_seeds_change_nothing_as_they_are(tmp_path: Path) -> None:
    write(tmp_path, [workload()], [workload()], {"": "shop", "prod": "shop"})
    assert images(tmp_path, LAYOUT.overlay("prod")) == ["ghcr.io/acme/shop-web:1.4.2"]


@needs_edit
def test_a_tag_that_ci_sets_wins_in_the_base(tmp_path: Path) -> None:
    write(tmp_path, [workload()], [workload()], {"": "shop", "prod": "shop"})
    set_image(tmp_path, "", "ghcr.io/acme/shop-web=ghcr.io/acme/shop-web:ci")
    assert images(tmp_path, LAYOUT.kubernetes) == ["ghcr.io/acme/shop-web:ci"]


@needs_edit
@pytest.mark.parametrize(
    "image", ["registry.acme.internal/shop-web:1.4.2", "registry.acme.internal/shop-web:2", "ghcr.io/acme/shop-web:2"]
)
def test_a_tag_that_ci_sets_wins_where_registry_or_version_differ(image: str, tmp_path: Path) -> None:
    write(
        tmp_path,
        [workload()],
        [workload(container(image=image), container("log", "fluent:1"))],
        {"": "shop", "prod": "shop"},
    )
    name = image.rpartition(":")[0]
    set_image(tmp_path, "prod", f"{name}={name}:ci")
    set_image(tmp_path, "prod", "fluent=fluent:ci")
    assert images(tmp_path, LAYOUT.overlay("prod")) == ["fluent:ci", f"{name}:ci"]


@needs_edit
def test_a_tag_that_ci_sets_on_the_base_lives_on_behind_another_registry(tmp_path: Path) -> None:
    write(
        tmp_path, [workload()], [workload(container(image="r.internal/shop-web:1.4.2"))], {"": "shop", "prod": "shop"}
    )
    set_image(tmp_path, "", "ghcr.io/acme/shop-web=ghcr.io/acme/shop-web:ci")
    assert images(tmp_path, LAYOUT.overlay("prod")) == ["r.internal/shop-web:ci"]


# --- the user's own manifests ---

EXTRA = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: extra\n"


@needs_kustomize
def test_included_files_are_listed_and_go_where_the_app_goes(tmp_path: Path) -> None:
    includes = {"deploy/extra/a.yaml": EXTRA, "deploy/kubernetes/own/b.yaml": EXTRA.replace("extra", "own")}
    write(tmp_path, [workload()], moved([workload()], "prod"), {"": "shop", "prod": "prod"}, includes)
    built = {
        item["metadata"]["name"]: item["metadata"]["namespace"] for item in build(tmp_path / LAYOUT.overlay("prod"))
    }
    assert built == {"extra": "prod", "own": "prod", "web": "prod"}


@needs_kustomize
def test_included_objects_are_checked_as_kustomize_hands_them_on(tmp_path: Path) -> None:
    own = [
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}},
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "b", "namespace": "shop"}},
        {"apiVersion": "storage.k8s.io/v1", "kind": "StorageClass", "metadata": {"name": "c"}},
        {"apiVersion": "example.com/v1", "kind": "Thing", "metadata": {"name": "d"}},
    ]
    extra = [Document(path="deploy/extra/all.yaml", artifact="included", data=data) for data in own]
    text = "---\n".join(yaml.safe_dump(data) for data in own)
    base, target = [workload()], moved([workload()], "prod")
    write(tmp_path, base, target, {"": "shop", "prod": "prod"}, {"deploy/extra/all.yaml": text})
    assert_built(tmp_path, LAYOUT.kubernetes, [*base, *placed(extra, "shop", "shop")])
    assert_built(tmp_path, LAYOUT.overlay("prod"), [*target, *placed(extra, "prod", "shop")])


def test_an_included_object_of_another_namespace_is_refused() -> None:
    data = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a", "namespace": "monitoring"}}
    with pytest.raises(InputError, match="names namespace `monitoring`"):
        placed([Document(path="x.yaml", artifact="included", data=data)], "shop", "shop")


@pytest.mark.parametrize("path", ["extra.yaml", "deploy/extra.yaml"])
def test_an_included_file_above_the_manifests_is_refused(path: str) -> None:
    with pytest.raises(InputError, match="where kustomize cannot load it"):
        aggregates(LAYOUT, [], [path], {"": None}, "app.kforge.yaml")


ADDRESSES = (
    "http:x.yaml",
    "HTTPS:x.yaml",
    "git::x.yaml",
    "git@x.yaml",
    "github.com",
    "a?ref=b.yaml",
    "gh:a.yaml",
    "~.yaml",
)


@needs_kustomize
@pytest.mark.parametrize("name", ADDRESSES)
def test_a_file_that_is_called_like_an_address_is_a_file(name: str, tmp_path: Path) -> None:
    includes = {f"deploy/extra/{name}": EXTRA, f"deploy/kubernetes/{name}": EXTRA.replace("extra", "own")}
    write(tmp_path, [workload()], [workload()], {"": "shop", "prod": "shop"}, includes)
    assert {item["metadata"]["name"] for item in build(tmp_path / LAYOUT.overlay("prod"))} == {"extra", "own", "web"}


@needs_kustomize
@pytest.mark.parametrize("folder", ["github.com/acme/images", "git@github.com:acme", "http:/x", "www.github.com/a/b"])
def test_a_folder_that_is_called_like_a_repository_is_never_cloned(folder: str, tmp_path: Path) -> None:
    inside = replace(LAYOUT, images=f"{LAYOUT.kubernetes}/{folder}")
    paths = [f"{LAYOUT.kubernetes}/web/deployment.yaml", f"{inside.images}/base/{FILE}"]
    held = {**aggregates(inside, paths[:1], [], {"": None}, "s"), **seeds(inside, [])}
    for path, text in {**held, paths[0]: render(workload(), "s")}.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    assert [item["kind"] for item in build(tmp_path / inside.kubernetes)] == ["Deployment"]


@needs_kustomize
def test_an_image_whose_name_stands_for_another_is_changed_alone(tmp_path: Path) -> None:
    base = [workload(container(image="ghcr.io/acme/a.b:1"), container("log", "ghcr.io/acme/a-b:1"))]
    target = [workload(container(image="ghcr.io/acme/a.b:2"), container("log", "ghcr.io/acme/a-b:1"))]
    write(tmp_path, base, target, {"": "shop", "prod": "shop"})
    assert images(tmp_path, LAYOUT.overlay("prod")) == ["ghcr.io/acme/a-b:1", "ghcr.io/acme/a.b:2"]


def test_aggregates_depend_on_the_paths_alone() -> None:
    paths = [
        "deploy/kubernetes/b/x.yaml",
        "deploy/kubernetes/a/x.yaml",
        "deploy/overlays/prod/b/kustomization.yaml",
        "web/Dockerfile",
    ]
    spec, spaces = "app.kforge.yaml", {"": "shop", "prod": None}
    assert aggregates(LAYOUT, paths, [], spaces, spec) == aggregates(LAYOUT, paths[::-1], [], spaces, spec)


@pytest.mark.parametrize(
    ("path", "start", "found"),
    [
        ("deploy/images/base", "deploy/kubernetes", "../images/base"),
        ("deploy/kubernetes/web/x.yaml", "deploy/kubernetes", "web/x.yaml"),
        ("../images", "../k8s/x", "../../images"),
        ("images", ".", "images"),
        ("deploy", "deploy", "."),
    ],
)
def test_a_path_is_seen_from_a_folder(path: str, start: str, found: str) -> None:
    assert relative(path, start) == found


def test_a_folder_above_the_spec_cannot_lead_below_it() -> None:
    with pytest.raises(InputError):
        relative("deploy/images", "../k8s")


def test_kustomizations_of_many_environments_are_listed_in_time_in_proportion_to_them() -> None:
    def work(size: int) -> None:
        paths = [f"deploy/overlays/e{number}/web/kustomization.yaml" for number in range(size)]
        aggregates(LAYOUT, paths, [], {"": None, **{f"e{number}": None for number in range(size)}}, "app.kforge.yaml")

    assert growth(work, 500) < LINEAR
