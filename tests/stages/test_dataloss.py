"""What a build would lose is told before, and a file that is no claim loses nothing and ends nothing."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from kforge.domain.change import Change, Changes
from kforge.domain.lock import Sums
from kforge.domain.yaml_text import to_yaml
from kforge.stages.dataloss import losses
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
