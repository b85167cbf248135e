"""What a change in a spec does to a cluster that runs the example already: exactly what it must, and no more."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from tests.cluster.conftest import Prepared, applies_to
from tests.cluster.examples import SPEC, SPECS, Target, edit_spec, kforge
from tests.cluster.manifests import WORKLOADS, Object, of_kind
from tests.cluster.rollout import apply, pods, templates

Spec = dict[str, Any]


def running(target: Target) -> list[str]:
    return target.services(lambda service: not service.get("job") and not service.get("schedule"))


def readers(target: Target) -> list[str]:
    return [name for name in running(target) if target.spec["services"][name].get("config")]


def jobs(target: Target) -> list[str]:
    return target.services(lambda service: service.get("job"))


def replaced(applied: Prepared, workspace: Path) -> set[str]:
    """Apply the workspace; the workloads with another template, which are just those with other pods."""
    templates_before, pods_before = templates(applied.plane, applied.namespace), pods(applied.plane, applied.namespace)
    apply(applied.plane, applied.target.kustomization(workspace), applied.namespace)
    templates_after, pods_after = templates(applied.plane, applied.namespace), pods(applied.plane, applied.namespace)
    rolled = {name for name in templates_before if templates_before[name] != templates_after[name]}
    assert {name for name in pods_before if not pods_before[name] & pods_after[name]} == rolled
    assert templates_before.keys() == templates_after.keys()
    return rolled


def image_of(item: Object) -> str:
    """The image of the program, which is the first to run where something is done after it."""
    pod = item["spec"]["template"]["spec"]
    first = pod.get("initContainers") if item["kind"] == "Job" else None
    return str((first or pod["containers"])[0]["image"])


def set_image(folder: Path, name: str, tag: str) -> None:
    """What `kustomize edit set image NAME=NAME:TAG` does to a component."""
    path = folder / "kustomization.yaml"
    component = yaml.safe_load(path.read_text()) | {"images": [{"name": name, "newName": name, "newTag": tag}]}
    path.write_text(yaml.safe_dump(component, sort_keys=False))


def test_the_examples_hold_what_the_tests_below_change() -> None:
    examples = [Target(folder) for folder in sorted(SPECS.iterdir()) if (folder / SPEC).exists()]
    assert any(readers(target) for target in examples), "no example has a config that is read"
    assert any(jobs(target) for target in examples), "no example has a one-off job"


def test_applying_an_unchanged_rebuild_changes_nothing(applied: Prepared, workspace: Path) -> None:
    folder = applied.target.kustomization(workspace)
    done = applied.plane.kubectl("diff", "-k", str(folder), "-n", applied.namespace, ok=(0, 1))
    assert (done.returncode, done.stdout) == (0, "")


@applies_to(readers)
def test_a_changed_config_value_rolls_exactly_what_reads_it(applied: Prepared, workspace: Path) -> None:
    reader = readers(applied.target)[0]

    def change(spec: Spec) -> None:
        for block in (spec, spec.get("environments", {}).get(applied.target.environment, {})):
            files = block.get("services", {}).get(reader, {}).get("config", {}).get("files", {})
            files.update({name: f"{text}# changed\n" for name, text in files.items()})

    edit_spec(workspace, change)
    kforge(workspace, "build")
    assert replaced(applied, workspace) == {reader}


@applies_to(running)
def test_an_image_that_ci_sets_rolls_exactly_what_runs_it(applied: Prepared, workspace: Path) -> None:
    images = {
        item["metadata"]["name"]: image_of(item).rpartition(":")[0] for item in of_kind(applied.objects, *WORKLOADS)
    }
    # The image of a Job for which others wait is the spec's to set: `job-image` says so.
    held = {image_of(item).rpartition(":")[0] for item in of_kind(applied.objects, "Job")}
    chosen = next(image for _, image in sorted(images.items()) if image not in held)
    set_image(applied.target.images(workspace), chosen, "ci-1")
    assert replaced(applied, workspace) == {name for name, image in images.items() if image == chosen}
    kforge(workspace, "check", "--full")


@applies_to(jobs)
def test_a_new_version_of_a_one_off_job_applies(applied: Prepared, workspace: Path) -> None:
    def change(spec: Spec) -> None:
        environment = spec.get("environments", {}).get(applied.target.environment, {})
        for name in jobs(applied.target):
            service = spec["services"][name]
            environment.get("services", {}).get(name, {}).pop("version", None)
            if "image" in service:
                service["image"] = service["image"].split("@")[0].rpartition(":")[0] + ":9.9.9"
            else:
                service["version"] = "9.9.9"

    edit_spec(workspace, change)
    kforge(workspace, "build")
    objects = apply(applied.plane, applied.target.kustomization(workspace), applied.namespace)

    old, new = ({item["metadata"]["name"] for item in of_kind(items, "Job")} for items in (applied.objects, objects))
    images = {image_of(item).rpartition(":")[2] for item in of_kind(objects, "Job")}
    assert (old & new, images) == (set(), {"9.9.9"})
