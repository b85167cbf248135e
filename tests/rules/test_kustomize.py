"""What kustomize does with an annotation of its own is not what was checked."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
import yaml

from kforge.domain.document import Document, Documents
from kforge.stages.check import check
from tests.domain.kubernetes.test_strategic import needs_kustomize
from tests.rules.families import family

RULES = family("kustomize")

TAKEN = {
    "config.kubernetes.io/local-config": "true",
    "config.kubernetes.io/index": "0",
    "config.kubernetes.io/path": "a.yaml",
    "config.kubernetes.io/origin": "path: a",
    "config.k8s.io/id": "1",
    "alpha.config.kubernetes.io/transformations": "x",
    "internal.config.kubernetes.io/previousNames": "a,b",
    "internal.config.kubernetes.io/needsHashSuffix": "enabled",
    "internal.config.kubernetes.io/refBy": "::::",
    "internal.config.kubernetes.io/prefixes": "x-",
}
LEFT = {
    "config.kubernetes.io/local-config": "false",
    "config.kubernetes.io/depends-on": "apps/namespaces/shop/Deployment/web",
    "config.kubernetes.io/function": "exec: {path: /bin/sh}",
    "kustomize.config.k8s.io/behavior": "merge",
    "kustomize.config.k8s.io/needs-hash": "true",
    "kustomize.config.k8s.io/id": "1",
    "example.com/internal.config.kubernetes.io": "x",
}


def config(key: str, value: str) -> dict[str, object]:
    metadata = {"name": "x", "annotations": {key: value}}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": {"a": "b"}}


def findings(key: str, value: str) -> list[tuple[str, str, str]]:
    documents = Documents((Document(path="x.yaml", artifact="included", data=config(key, value)),))
    found = check(documents, RULES, (), date(2026, 1, 1), lambda document, origin: None)
    return [(item.rule, item.level, item.field) for item in found]


@pytest.mark.parametrize("key", TAKEN)
def test_an_annotation_that_kustomize_acts_on_is_an_error(key: str) -> None:
    assert findings(key, TAKEN[key]) == [("kustomize-annotation", "error", f'metadata.annotations["{key}"]')]


@pytest.mark.parametrize("key", LEFT)
def test_another_annotation_is_none(key: str) -> None:
    assert findings(key, LEFT[key]) == []


@needs_kustomize
@pytest.mark.parametrize(("table", "kept"), [(TAKEN, False), (LEFT, True)], ids=["taken", "left"])
def test_kustomize_itself_says_which(table: dict[str, str], kept: bool, tmp_path: Path) -> None:
    (tmp_path / "kustomization.yaml").write_text("resources: [x.yaml]\n")
    wrong = []
    for key, value in table.items():
        (tmp_path / "x.yaml").write_text(yaml.safe_dump(config(key, value)))
        done = subprocess.run(["kubectl", "kustomize", str(tmp_path)], capture_output=True, text=True, check=False)
        same = done.returncode == 0 and yaml.safe_load(done.stdout or "") == config(key, value)
        wrong += [key] if same is not kept else []
    assert wrong == []


def test_it_cannot_be_waived() -> None:
    assert [replace(rule).waivable for rule in RULES] == [False]
