"""The port of kustomize's strategic merge, alone and against the real kustomize."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from kforge.domain.kubernetes.strategic import MismatchError, diff, merge, same
from tests.growth import LINEAR, PARTS, growth

KUSTOMIZE = shutil.which("kustomize") or shutil.which("kubectl")
needs_kustomize = pytest.mark.skipif(
    KUSTOMIZE is None, reason="neither kustomize nor kubectl is here: nothing to compare"
)


def build(folder: Path) -> list[dict[str, Any]]:
    command = [KUSTOMIZE, "kustomize" if str(KUSTOMIZE).endswith("kubectl") else "build", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return [item for item in yaml.safe_load_all(done.stdout) if item]


def pod(*containers: dict[str, Any], **more: Any) -> dict[str, Any]:
    spec = {"containers": list(containers), **more}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "x"},
        "spec": {"template": {"spec": spec}},
    }


def test_a_container_merges_by_name_and_keeps_what_the_patch_leaves_out() -> None:
    merged = merge(pod({"name": "a", "image": "a:1", "args": ["x"]}), pod({"name": "a", "image": "a:2"}))
    assert merged == pod({"name": "a", "image": "a:2", "args": ["x"]})


def test_new_items_come_first_as_in_kustomize_or_last_for_fragments() -> None:
    base, patch = pod({"name": "a"}), pod({"name": "b"})
    assert [c["name"] for c in merge(base, patch)["spec"]["template"]["spec"]["containers"]] == ["b", "a"]
    appended = merge(base, patch, prepend=False)["spec"]["template"]["spec"]["containers"]
    assert [c["name"] for c in appended] == ["a", "b"]


def test_null_deletes_a_field_and_patch_delete_an_item() -> None:
    base = pod({"name": "a", "args": ["x"], "env": [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}]})
    patch = pod({"name": "a", "args": None, "env": [{"name": "A", "$patch": "delete"}]})
    assert merge(base, patch) == pod({"name": "a", "env": [{"name": "B", "value": "2"}]})


def test_patch_delete_of_the_whole_object_leaves_nothing() -> None:
    assert merge(pod(), {"$patch": "delete"}) == {}


def test_tolerations_have_no_merge_key_and_are_replaced() -> None:
    base, patch = pod(tolerations=[{"key": "a"}]), pod(tolerations=[{"key": "b"}])
    assert merge(base, patch)["spec"]["template"]["spec"]["tolerations"] == [{"key": "b"}]


def test_a_list_over_a_mapping_is_refused() -> None:
    with pytest.raises(MismatchError, match="cannot merge a list into a mapping"):
        merge(pod(), {"spec": []})


def test_true_is_not_one() -> None:
    assert not same({"a": 1}, {"a": True})


def test_equal_objects_have_no_difference() -> None:
    assert diff(pod({"name": "a"}), pod({"name": "a"})) is None


def test_a_difference_holds_only_what_changed() -> None:
    base = pod({"name": "a", "image": "a:1"}, {"name": "b", "image": "b:1"}, volumes=[{"name": "v", "emptyDir": {}}])
    target = pod({"name": "a", "image": "a:2"}, {"name": "b", "image": "b:1"}, volumes=[{"name": "v", "emptyDir": {}}])
    assert diff(base, target) == {"spec": {"template": {"spec": {"containers": [{"name": "a", "image": "a:2"}]}}}}


def test_unchanged_items_are_named_where_the_order_needs_them() -> None:
    base = pod({"name": "a", "image": "a:1"}, {"name": "b", "image": "b:1"})
    target = pod({"name": "a", "image": "a:1"}, {"name": "b", "image": "b:2"})
    containers = diff(base, target)["spec"]["template"]["spec"]["containers"]
    assert containers == [{"name": "a"}, {"name": "b", "image": "b:2"}]


def test_items_that_share_a_merge_key_cannot_be_told_apart() -> None:
    twice = pod({"name": "a", "env": [{"name": "A", "value": "1"}, {"name": "A", "value": "2"}]})
    with pytest.raises(MismatchError, match="same merge key"):
        diff(pod({"name": "a", "env": [{"name": "A", "value": "1"}]}), twice)


# --- against the real thing ---


def some(chance: random.Random, name: str, values: list[Any]) -> dict[str, Any]:
    return {name: chance.choice(values)} if chance.random() < 0.6 else {}


def listed(chance: random.Random, key: str, names: list[Any], make: Any, few: int = 0) -> list[dict[str, Any]]:
    picked = chance.sample(names, chance.randint(few, len(names)))
    return [{key: name, **make(chance)} for name in picked]


def env(chance: random.Random) -> dict[str, Any]:
    source = {"valueFrom": {"secretKeyRef": {"name": "s", "key": chance.choice("kl")}}}
    return chance.choice([{"value": chance.choice(["1", "yes", "a b", "", "0x1f", "null"])}, source])


def port(chance: random.Random) -> dict[str, Any]:
    return {**some(chance, "name", ["http", "grpc"]), **some(chance, "protocol", ["TCP", "UDP"])}


def container(chance: random.Random) -> dict[str, Any]:
    return {
        "image": chance.choice(["a:1", "a:2", "b:1"]),
        **some(chance, "args", [["x"], ["y", "z"], []]),
        **some(chance, "resources", [{"limits": {"cpu": "1"}}, {"limits": {"memory": "1Gi"}, "requests": {}}, {}]),
        **some(chance, "securityContext", [{"runAsUser": 1}, {"capabilities": {"drop": ["ALL"]}}]),
        "env": listed(chance, "name", ["A", "B", "C", "D"], env),
        "ports": listed(chance, "containerPort", [80, 81, 82], port),
        "volumeMounts": listed(chance, "mountPath", ["/a", "/b", "/c"], lambda c: {"name": c.choice("vw")}),
    }


def deployment(chance: random.Random) -> dict[str, Any]:
    spec = {
        "containers": listed(chance, "name", ["a", "b", "c"], container, 1),
        **some(chance, "tolerations", [[{"key": "spot"}], [{"key": "gpu"}, {"key": "spot"}]]),
        **some(chance, "terminationGracePeriodSeconds", [10, 30]),
        "volumes": listed(
            chance, "name", ["v", "w"], lambda c: c.choice([{"emptyDir": {}}, {"configMap": {"name": "m"}}])
        ),
        "imagePullSecrets": listed(chance, "name", ["p", "q"], lambda c: {}),
        "hostAliases": listed(chance, "ip", ["10.0.0.1", "10.0.0.2"], lambda c: {"hostnames": [c.choice("hi")]}),
    }
    metadata = {**some(chance, "annotations", [{"a": "1"}, {"a": "2", "b": "on"}]), "labels": {"app": "x"}}
    template = {"metadata": metadata, "spec": spec}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "spec": {**some(chance, "replicas", [1, 2]), "template": template},
    }


def service(chance: random.Random) -> dict[str, Any]:
    ports = listed(chance, "port", [80, 443, 90], port, 1)
    metadata = some(chance, "finalizers", [["x/y"], ["x/y", "z/y"]])
    spec = {"ports": ports, **some(chance, "type", ["ClusterIP", "NodePort"])}
    return {"apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": spec}


def autoscaler(chance: random.Random) -> dict[str, Any]:
    metrics = [{"type": "Resource", "resource": {"name": chance.choice(["cpu", "memory"])}}]
    spec = {"minReplicas": chance.randint(1, 3), "metrics": metrics * chance.randint(1, 2)}
    return {"apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "spec": spec}


def config(chance: random.Random) -> dict[str, Any]:
    data = {key: chance.choice(["1", "on", "x\ny\n", ""]) for key in chance.sample("abcd", chance.randint(0, 4))}
    return {"apiVersion": "v1", "kind": "ConfigMap", "data": data}


def job(chance: random.Random) -> dict[str, Any]:
    made = deployment(chance)
    spec = {"schedule": "0 3 * * *", "jobTemplate": {"spec": {"template": made["spec"]["template"]}}}
    return {"apiVersion": "batch/v1", "kind": "CronJob", "spec": spec}


def prune(chance: random.Random, data: Any, keep: tuple[str, ...]) -> Any:
    """Part of an object, as somebody would write it in a patch: some fields left out, some nulled, some deleted."""
    if isinstance(data, dict):
        return {
            key: None if key not in keep and chance.random() < 0.07 else prune(chance, value, keep)
            for key, value in data.items()
            if key in keep or chance.random() < 0.7
        }
    if isinstance(data, list) and data and isinstance(data[0], dict) and chance.random() < 0.3:
        named = {key: value for key, value in data[0].items() if key in keep}
        return [{**named, "$patch": "delete"}, *(prune(chance, item, keep) for item in data[1:])]
    return [prune(chance, item, keep) for item in data] if isinstance(data, list) else data


KEEP = ("apiVersion", "kind", "name", "ip", "mountPath", "containerPort", "port")
MAKERS = (deployment, service, autoscaler, config, job)


def run(folder: Path, pairs: list[tuple[dict[str, Any], dict[str, Any]]]) -> dict[str, Any]:
    patches = []
    for index, (base, patch) in enumerate(pairs):
        for data, kind in ((base, "base"), (patch, "patch")):
            data["metadata"] = {**(data.get("metadata") or {}), "name": f"n{index}"}
            (folder / f"{kind}{index}.yaml").write_text(json.dumps(data))
        patches.append({"path": f"patch{index}.yaml"})
    resources = [f"base{index}.yaml" for index in range(len(pairs))]
    (folder / "kustomization.yaml").write_text(json.dumps({"resources": resources, "patches": patches}))
    return {item["metadata"]["name"]: item for item in build(folder)}


@needs_kustomize
@pytest.mark.parametrize("seed", range(4))
def test_merge_is_what_kustomize_builds(seed: int, tmp_path: Path) -> None:
    chance = random.Random(seed)
    pairs = []
    for _ in range(120):
        maker = chance.choice(MAKERS)
        pairs.append((maker(chance), prune(chance, maker(chance), KEEP)))
    built = run(tmp_path, pairs)
    for index, (base, patch) in enumerate(pairs):
        assert same(built[f"n{index}"], merge(base, patch)), (base, patch, built[f"n{index}"], merge(base, patch))


@needs_kustomize
@pytest.mark.parametrize("seed", range(4))
def test_a_difference_applied_by_kustomize_gives_the_target(seed: int, tmp_path: Path) -> None:
    chance = random.Random(1000 + seed)
    pairs, targets = [], {}
    while len(pairs) < 120:
        maker = chance.choice(MAKERS)
        base, target = maker(chance), maker(chance)
        try:
            patch = diff(base, target) or {}
        except MismatchError:
            continue
        targets[f"n{len(pairs)}"] = target
        pairs.append((base, {"apiVersion": base["apiVersion"], "kind": base["kind"], **patch}))
    built = run(tmp_path, pairs)
    for name, target in targets.items():
        target["metadata"] = {**target.get("metadata", {}), "name": name}
        assert same(built[name], target), (target, built[name])


@pytest.mark.parametrize("items", [["a"], [5], [None], [[]], [{"name": "a"}, "b"]])
def test_an_item_without_a_key_cannot_be_merged(items: list[Any]) -> None:
    for base, patch in ((pod({"name": "a"}), pod(*items)), (pod(*items), pod({"name": "a"}))):
        with pytest.raises(MismatchError, match="not a mapping"):
            merge(base, patch)


def test_a_key_that_only_looks_like_a_number_is_a_text() -> None:
    assert merge(pod({"name": "²"}), pod({"name": "²", "image": "a"})) == pod({"name": "²", "image": "a"})


def test_a_list_too_long_to_be_merged_is_refused() -> None:
    many = pod(*({"name": str(number)} for number in range(1001)))
    with pytest.raises(MismatchError, match="more than 1000 items"):
        merge(pod({"name": "a"}), many)
    with pytest.raises(MismatchError):
        diff(many, pod({"name": "a"}))


def reordered(names: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """A pod whose variables are in one order, and in the other."""
    env = [{"name": f"A{number}", "value": "b"} for number in range(names)]
    first, second = (pod({"name": "web", "env": order}) for order in (env, env[::-1]))
    return first, second


def test_another_order_of_many_items_is_found_without_trying_every_one() -> None:
    base, target = reordered(200)
    assert merge(base, diff(base, target)) == target


def test_the_search_for_an_order_grows_no_faster_than_one_merge() -> None:
    made = {size: reordered(size) for size in (20, 160)}
    assert growth(lambda size: diff(*made[size]), 160) < PARTS * LINEAR
