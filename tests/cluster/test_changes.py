"""What a change in a spec does to a cluster that runs the example already: exactly what it must, and no more."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.cluster.conftest import Prepared
from tests.cluster.examples import OVERRIDE, edit_spec, folders, kforge, read_spec
from tests.cluster.manifests import WORKLOADS, Object, of_kind
from tests.cluster.rollout import apply, pods, templates

Spec = dict[str, Any]


def rebuilt(applied: Prepared, scratch: Path, change: Callable[[Spec], None] | None = None) -> Path:
    """The kustomization of a copy of the target's folder, built again, after a change if one is given."""
    copy = scratch / applied.target.folder.name
    shutil.copytree(applied.target.folder, copy, ignore=shutil.ignore_patterns("node_modules", ".kforge", "__pycache__"))
    if change:
        edit_spec(copy, change)
    kforge(copy, "build")
    return applied.target.kustomization(copy)


def present(applied: Prepared, holds: Callable[[Spec], object]) -> list[str]:
    """Names of the services that this environment has and for which `holds`, in order."""
    spec = applied.target.spec
    changes = spec.get("environments", {}).get(applied.target.environment, {}).get("services", {})
    return [name for name, service in spec["services"].items() if holds(service) and not changes.get(name, {}).get("omit")]


def runs_on(service: Spec) -> bool:
    return not service.get("job") and not service.get("schedule")


def image_of(item: Object) -> str:
    return str(item["spec"]["template"]["spec"]["containers"][0]["image"])


def set_image(folder: Path, name: str, tag: str) -> None:
    """What `kustomize edit set image NAME=NAME:TAG` does to a component."""
    path = folder / "kustomization.yaml"
    component = yaml.safe_load(path.read_text()) | {"images": [{"name": name, "newName": name, "newTag": tag}]}
    path.write_text(yaml.safe_dump(component, sort_keys=False))


@pytest.mark.skipif(OVERRIDE in os.environ, reason="other specs than the examples are named")
def test_the_examples_hold_what_the_tests_below_change() -> None:
    services = [service for folder in folders() for service in read_spec(folder)["services"].values()]
    assert any(service.get("config") and runs_on(service) for service in services), "no example has a config that is read"
    assert any(service.get("job") for service in services), "no example has a one-off job"


def test_applying_an_unchanged_rebuild_changes_nothing(applied: Prepared, tmp_path: Path) -> None:
    folder = rebuilt(applied, tmp_path)
    done = applied.plane.kubectl("diff", "-k", str(folder), "-n", applied.namespace, ok=(0, 1))
    assert (done.returncode, done.stdout) == (0, "")


def test_a_changed_config_value_rolls_exactly_what_reads_it(applied: Prepared, tmp_path: Path) -> None:
    readers = present(applied, lambda service: service.get("config") and runs_on(service))
    if not readers:
        pytest.skip(f"{applied.target} has no config that a running service reads")
    reader = readers[0]

    def change(spec: Spec) -> None:
        blocks = [spec, spec.get("environments", {}).get(applied.target.environment, {})]
        for block in blocks:
            files = block.get("services", {}).get(reader, {}).get("config", {}).get("files", {})
            files.update({name: f"{text}# changed\n" for name, text in files.items()})

    before, running_before = templates(applied.plane, applied.namespace), pods(applied.plane, applied.namespace)
    apply(applied.plane, rebuilt(applied, tmp_path, change), applied.namespace)
    after, running_after = templates(applied.plane, applied.namespace), pods(applied.plane, applied.namespace)

    rolled = {name.split("/")[1] for name in before if before[name] != after[name]}
    replaced = {name for name in running_before if not running_before[name] & running_after[name]}
    assert (rolled, replaced, before.keys()) == ({reader}, {reader}, after.keys())


def test_an_image_that_ci_sets_rolls_what_runs_it_and_leaves_the_files_current(applied: Prepared, tmp_path: Path) -> None:
    before = {f"{item['kind']}/{item['metadata']['name']}": image_of(item) for item in of_kind(applied.objects, *WORKLOADS)}
    if not before:
        pytest.skip(f"{applied.target} has nothing that runs on")
    name = min(before.values()).rpartition(":")[0]
    folder = rebuilt(applied, tmp_path)
    set_image(applied.target.images(tmp_path / applied.target.folder.name), name, "ci-1")

    objects = apply(applied.plane, folder, applied.namespace)

    after = {f"{item['kind']}/{item['metadata']['name']}": image_of(item) for item in of_kind(objects, *WORKLOADS)}
    assert after == {key: f"{name}:ci-1" if image.startswith(f"{name}:") else image for key, image in before.items()}
    kforge(tmp_path / applied.target.folder.name, "check", "--full")


def test_a_new_version_of_a_one_off_job_applies(applied: Prepared, tmp_path: Path) -> None:
    jobs = present(applied, lambda service: service.get("job"))
    if not jobs:
        pytest.skip(f"{applied.target} has no one-off job")

    def change(spec: Spec) -> None:
        blocks = [spec, spec.get("environments", {}).get(applied.target.environment, {})]
        for name in jobs:
            service = spec["services"][name]
            if "image" in service:
                service["image"] = service["image"].split("@")[0].rpartition(":")[0] + ":9.9.9"
            else:
                service["version"] = "9.9.9"
            for block in blocks[1:]:
                block.get("services", {}).get(name, {}).pop("version", None)

    objects = apply(applied.plane, rebuilt(applied, tmp_path, change), applied.namespace)

    old = {item["metadata"]["name"] for item in of_kind(applied.objects, "Job")}
    new = {item["metadata"]["name"] for item in of_kind(objects, "Job")}
    images = {image_of(item).rpartition(":")[2] for item in of_kind(objects, "Job")}
    assert (old & new, images) == (set(), {"9.9.9"})
