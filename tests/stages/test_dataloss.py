"""What a build would lose is told before, and a file that is no claim loses nothing and ends nothing."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest

from kforge.domain.change import Change, Changes
from kforge.domain.lock import Sums
from kforge.domain.yaml_text import to_yaml
from kforge.stages.dataloss import losses
from tests.conftest import edit, run, write
from tests.stages.junk import JUNK

SPEC = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
CLAIM = {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "files"}, "spec": SPEC}
STORE = {
    "apiVersion": "apps/v1",
    "kind": "StatefulSet",
    "metadata": {"name": "db"},
    "spec": {"volumeClaimTemplates": [{"metadata": {"name": "data"}, "spec": SPEC}]},
}


def told(before: Any, after: Any) -> list[str]:
    texts = [to_yaml(each).encode() for each in (before, after)]
    return [problem.message for problem in losses(Changes((Change("x.yaml", "changed", *texts),), Sums()))]


def sized(storage: Any) -> dict[str, Any]:
    return {**CLAIM, "spec": {**SPEC, "resources": {"requests": {"storage": storage}}}}


@pytest.mark.parametrize(
    ("was", "now", "shrinks"),
    [("2Gi", "1Gi", True), ("1Gi", "1024Mi", False), ("1G", "1Gi", False), ("1Gi", "1G", True), ("x", "1Gi", False),
     ("9" * 5000, "1Gi", False), ("\u00b2", "1Gi", False), ("nan", "1Gi", False), ("1e999", "1Gi", False), ("2e9", "1G", True)],
)  # fmt: skip
def test_a_claim_that_shrinks_is_told(was: str, now: str, shrinks: bool) -> None:
    assert (told(sized(was), sized(now)) != []) is shrinks


def places(data: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    return [path, *(each for key, value in inner for each in places(value, (*path, key)))]


@pytest.mark.parametrize("whole", [CLAIM, STORE], ids=lambda whole: whole["kind"])
def test_junk_in_what_was_there_ends_nothing(whole: dict[str, Any]) -> None:
    for path in places(whole)[1:]:
        for value in JUNK:
            spoilt = copy.deepcopy(whole)
            here: Any = spoilt
            for part in path[:-1]:
                here = here[part]
            here[path[-1]] = value
            assert isinstance(told(spoilt, whole), list)


def test_what_merge_keys_would_make_of_a_claim_is_not_worked_out() -> None:
    bomb = b"kind: StatefulSet\na0: &a {x: x}\n" + b"".join(
        b"a%d: &b%d {<<: [%s]}\n" % (n, n, b", ".join([b"*b%d" % (n - 1) if n > 1 else b"*a"] * 10))
        for n in range(1, 12)
    )
    assert losses(Changes((Change("x.yaml", "changed", bomb, to_yaml(STORE).encode()),), Sums())) == ()


# ---- patches of an environment ---------------------------------------------------------------------------------------
WHOLE = {**STORE, "metadata": {"name": "db", "namespace": "shop", "labels": {"a": "b"}}}
WHOLE["spec"] = {**STORE["spec"], "selector": {}}
PLACED = {"name": "db", "namespace": "shop"}


def taken_back(spec: dict[str, Any], *more: Change) -> list[str]:
    """What is told where an environment's patch of a StatefulSet goes, and the base stays as it is."""
    text, patch = to_yaml(WHOLE).encode(), to_yaml({**STORE, "metadata": PLACED, "spec": spec}).encode()
    base = Change("base/db/statefulset.yaml", "unchanged", text, text)
    changes = Changes((base, Change("prod/db/statefulset.yaml", "removed", patch, None), *more), Sums())
    return [problem.message for problem in losses(changes)]


def test_an_environment_may_take_back_what_it_changed_of_a_workload() -> None:
    assert taken_back({"template": {"spec": {"containers": [{"name": "db", "env": [{"name": "A"}]}]}}}) == []


def test_a_claim_that_it_changed_is_told() -> None:
    larger = {**SPEC, "resources": {"requests": {"storage": "9Gi"}}}
    (message,) = taken_back({"volumeClaimTemplates": [{"metadata": {"name": "data"}, "spec": larger}]})
    assert message == "claim `data` of StatefulSet `db` would change, which Kubernetes refuses"


def test_a_workload_that_it_has_no_more_is_told() -> None:
    gone = to_yaml({"apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": PLACED, "$patch": "delete"}).encode()
    (message,) = taken_back({"replicas": 1}, Change("prod/db/delete-statefulset.yaml", "created", None, gone))
    assert message == "StatefulSet `db` would be removed: its claims stay without a workload"


def test_the_last_override_of_an_environment_can_go(tmp_path: Path) -> None:
    text = (
        "apiVersion: kforge.dev/v1\napp: shop\nnamespace: shop\nservices:\n  db:\n    image: docker.io/library/postgres:18.6\n"
        "    secrets: {POSTGRES_PASSWORD: {secret: db, key: password}}\n"
        "    volumes: [{name: data, path: /var/lib/postgresql, size: 1Gi}]\n"
        "environments:\n  prod: {namespace: shop-prod, services: {db: {env: {TZ: UTC}}}}\n"
    )
    run("build", cwd=write(tmp_path, {"app.kforge.yaml": text}), code=0)
    edit(tmp_path / "app.kforge.yaml", ", services: {db: {env: {TZ: UTC}}}", "")
    run("build", cwd=tmp_path, code=0)


def test_a_workload_that_an_environment_patches_is_told_once_where_it_goes() -> None:
    whole, patch = to_yaml(WHOLE).encode(), to_yaml({**STORE, "metadata": PLACED, "spec": {"replicas": 2}}).encode()
    removed = [("base/db/statefulset.yaml", whole), ("prod/db/statefulset.yaml", patch)]
    changes = Changes(tuple(Change(path, "removed", text, None) for path, text in removed), Sums())
    assert [str(problem.where and problem.where.file) for problem in losses(changes)] == ["base/db/statefulset.yaml"]


FORMS = """apiVersion: kforge.dev/v1
app: shop
namespace: shop
outputs: [kubernetes, rendered]
services:
  db:
    image: docker.io/library/postgres:18.6
    secrets: {POSTGRES_PASSWORD: {secret: db, key: password}}
    volumes: [{name: data, path: /var/lib/postgresql, size: 1Gi}]
environments:
  prod: {namespace: shop-prod}
  staging: {namespace: shop-staging}
"""


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("[kubernetes, rendered]", "[kubernetes]", False),
        ("[kubernetes, rendered]", "[rendered]", False),
        ("  staging: {namespace: shop-staging}\n", "", True),
        ("  db:\n    image", "  other:\n    image", True),
    ],
)
def test_a_form_of_output_may_go_where_another_has_the_same_objects(
    old: str, new: str, told: bool, tmp_path: Path
) -> None:
    run("build", cwd=write(tmp_path, {"app.kforge.yaml": FORMS}), code=0)
    edit(tmp_path / "app.kforge.yaml", old, new)
    assert ("would be removed" in run("build", cwd=tmp_path).err) is told
