"""Objects of bundled CRDs: what their schemas and rules find, and that the bundled files are what the CRDs give."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from kforge.system import crd_schemas
from kforge.system.crd_schemas import BUNDLES
from kforge.system.schemas import validator

ROOT = Path(__file__).parents[2]
CRDS = Path(crd_schemas.__file__).parent / "crds"
VALIDATE = validator("1.34")
SOURCE = {"repoURL": "https://github.com/acme/shop", "path": "deploy/overlays/prod", "targetRevision": "main"}


def application(**more: Any) -> dict[str, Any]:
    spec = {"project": "default", "destination": {"namespace": "shop"}, "source": SOURCE, **more}
    return {"apiVersion": "argoproj.io/v1alpha1", "kind": "Application", "metadata": {"name": "shop"}, "spec": spec}


def test_a_fault_leads_to_the_reference_of_the_tool_and_not_to_that_of_kubernetes() -> None:
    (fault,) = VALIDATE(application(destinations={})) or ()
    assert fault.hint == "did you mean `destination`"
    (fault,) = VALIDATE(flux("kustomize", "Kustomization", prune=True)) or ()
    assert fault.hint == "see the reference of Flux's kustomize-controller 1.10"
    route = {"apiVersion": "gateway.networking.k8s.io/v1", "kind": "HTTPRoute", "metadata": {"name": "a"}, "spec": 3}
    assert [fault.hint for fault in VALIDATE(route) or ()] == [""]


def flux(api: str, kind: str, **spec: Any) -> dict[str, Any]:
    return {"apiVersion": f"{api}.toolkit.fluxcd.io/{'v2' if api == 'helm' else 'v1'}", "kind": kind,
            "metadata": {"name": "shop"}, "spec": {"interval": "10m", **spec}}  # fmt: skip


REFERENCE = {"kind": "GitRepository", "name": "shop"}
RIGHT = {
    "an Application": application(),
    "values of a chart, of any form": application(source={**SOURCE, "helm": {"valuesObject": {"a": {"b": [1]}}}}),
    "a GitRepository": flux("source", "GitRepository", url="https://github.com/acme/shop", ref={"branch": "main"}),
    "a Kustomization": flux("kustomize", "Kustomization", prune=True, path="./deploy", sourceRef=REFERENCE),
    "a HelmRelease": flux(
        "helm", "HelmRelease", chart={"spec": {"chart": "./c", "sourceRef": REFERENCE}}, values={"a": 1}
    ),
}
WRONG = {
    "a field that is not there": (application(destinations={}), "spec.destinations", "unknown field `destinations`"),
    "a field that is missing": (
        flux("kustomize", "Kustomization", prune=True), "spec.sourceRef", "`sourceRef` is missing"
    ),
    "a wrong type": (application(source={**SOURCE, "path": 3}), "spec.source.path", "expected string, got integer `3`"),
    "a wrong form": (flux("source", "GitRepository", url="git@github.com:acme/shop"), "spec.url", "does not match"),
    "a word of a list": (
        flux("kustomize", "Kustomization", prune=True, sourceRef={"kind": "Git", "name": "x"}),
        "spec.sourceRef.kind",
        "expected `OCIRepository`, `GitRepository`",
    ),
    "a rule of the CRD": (flux("helm", "HelmRelease", values={}), "spec", "either chart or chartRef must be set"),
    "a label that is no text": (
        {**application(), "metadata": {"name": "x", "labels": {"a": 1}}}, "metadata.labels.a", "expected string"
    ),
}  # fmt: skip


@pytest.mark.parametrize("data", RIGHT.values(), ids=[*RIGHT])
def test_a_valid_object_has_no_fault(data: dict[str, Any]) -> None:
    assert VALIDATE(data) == ()


@pytest.mark.parametrize(("data", "field", "message"), WRONG.values(), ids=[*WRONG])
def test_a_fault_is_told_with_its_field(data: dict[str, Any], field: str, message: str) -> None:
    (fault,) = VALIDATE(data) or ()
    assert fault.field == field and message in fault.message


@pytest.mark.parametrize(
    ("api_version", "kind"),
    [("argoproj.io/v1alpha1", "Rollout"), ("argoproj.io/v1alpha1", "Workflow"), ("source.toolkit.fluxcd.io/v1beta2", "GitRepository")],
)  # fmt: skip
def test_a_kind_of_another_tool_or_an_older_version_of_the_group_is_not_judged(api_version: str, kind: str) -> None:
    assert VALIDATE({"apiVersion": api_version, "kind": kind, "metadata": {"name": "x"}}) is None


def test_a_kind_that_a_whole_group_does_not_have_is_a_fault() -> None:
    (fault,) = (
        VALIDATE({"apiVersion": "gateway.networking.k8s.io/v1", "kind": "HTTPRout", "metadata": {"name": "x"}}) or ()
    )
    assert fault.field == "kind" and "the standard channel of the Gateway API" in fault.message


def test_every_bundle_names_its_module_version_and_licence() -> None:
    held = [json.loads((CRDS / f"{bundle.file}.json").read_bytes()) for bundle in BUNDLES.values()]
    assert all(each["licence"] == "Apache-2.0" and each["module"] and each["version"][:1] == "v" for each in held)
    assert {f"{bundle.file}.json" for bundle in BUNDLES.values()} == {path.name for path in CRDS.iterdir()}


def test_every_group_is_the_one_of_its_file() -> None:
    for group, bundle in BUNDLES.items():
        kinds = json.loads((CRDS / f"{bundle.file}.json").read_bytes())["kinds"]
        assert {name.partition("/")[0] for name in kinds} == {group}


def test_the_bundled_files_are_what_the_crds_give() -> None:
    offline = {**os.environ, "GOPROXY": "off", "GOFLAGS": "-mod=mod"}  # what another run has brought, and no network
    words = [sys.executable, str(ROOT / "schemas/crds.py"), "--check"]
    done = subprocess.run(words, capture_output=True, text=True, check=False, env=offline)
    if "FileNotFoundError" in done.stderr:
        pytest.skip("the modules with the CRDs are not here")
    assert done.returncode == 0, done.stderr
