"""One application on every platform: what each assigns, refuses or rewrites, as its documented rules have it."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from datetime import date
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
import yaml

from kforge import pipeline
from kforge.domain.document import Document, pod_spec
from kforge.domain.kubernetes import platforms
from kforge.domain.kubernetes.objects import containers, workloads
from kforge.domain.kubernetes.quantity import number
from kforge.domain.spec.project import Project
from kforge.outcome import Options, Outcome
from tests.platforms import APPLICATION

KUSTOMIZE = shutil.which("kustomize")
MANAGED = ("openshift", "aks", "gke", "eks")


def worked_out(text: str, folder: Path) -> Outcome:
    (folder / "app.kforge.yaml").write_text(text)
    return pipeline.run(Project(folder / "app.kforge.yaml", folder), Options(date(2026, 11, 30)))


@lru_cache
def outcome() -> Outcome:
    with TemporaryDirectory() as place:
        return worked_out(APPLICATION, Path(place).resolve())


def pods(environment: str) -> Iterator[tuple[Document, Mapping[str, Any]]]:
    for item in workloads(outcome().documents[environment]):
        found = pod_spec(item)
        assert found
        yield item, found[1]


def test_no_platform_refuses_what_is_settled() -> None:
    assert [(item.environment, item.message) for item in outcome().errors] == []


def test_openshift_gets_no_user_and_no_group_of_volumes() -> None:
    fixed = re.compile("runAsUser|runAsGroup|fsGroup")
    assert [item.target for item, spec in pods("openshift") if fixed.search(str(spec))] == []
    assert {item.target for item, spec in pods("") if fixed.search(str(spec))} >= {
        "Deployment/web",
        "StatefulSet/store",
    }


def mutated_by_aks(container: Mapping[str, Any]) -> bool:
    """Whether the resource requests mutator changes a container, by the tables of its page."""
    requests, limits = container["resources"].get("requests", {}), container["resources"].get("limits", {})
    lone = ("cpu" in requests) != ("cpu" in limits)
    small = any(number(held[key]) < number(least) for held in (requests, limits) for key, least in (("cpu", "100m"), ("memory", "100Mi")) if key in held)  # fmt: skip
    above = any(number(requests[key]) > number(limits[key]) for key in requests if key in limits)
    return lone or small or above or not requests or not limits


def test_aks_has_no_container_to_change() -> None:
    changed = [
        (item.target, each["name"]) for item, _ in pods("aks") for _, each in containers(item) if mutated_by_aks(each)
    ]
    assert changed == []
    assert [item.target for item, spec in pods("aks") if "topologySpreadConstraints" not in spec] == []
    # What holds nowhere holds by itself: without the platform the same rules find something.
    assert any(mutated_by_aks(each) for item, _ in pods("") for _, each in containers(item))


def test_aks_finds_no_two_services_with_one_selector() -> None:
    selectors = [item.data["spec"]["selector"] for item in outcome().documents["aks"].objects("Service") if item.data]
    assert len({str(sorted(each.items())) for each in selectors}) == len(selectors) == 4
    labels = next(item for item in outcome().documents["aks"].objects("StatefulSet"))
    held = (labels.data or {})["spec"]["template"]["metadata"]["labels"]
    assert all(each.items() <= held.items() for each in selectors if each["app.kubernetes.io/name"] == "store")


def test_autopilot_has_no_request_to_raise() -> None:
    low = []
    for item, _ in pods("gke"):
        asked = [each["resources"]["requests"] for _, each in containers(item)]
        whole = max(asked, key=lambda each: number(each["cpu"]))
        ratio = number(whole["memory"]) / number(whole["cpu"]) / (1 << 30)
        small = number(whole["cpu"]) < Fraction(50, 1000) or number(whole["memory"]) < 52 << 20
        bare = any("ephemeral-storage" not in each for each in asked)
        if small or bare or not 1 <= ratio <= Fraction(13, 2):
            low.append((item.target, asked))
    assert low == []


def test_autopilot_confines_what_it_would_confine_itself() -> None:
    _, spec = next((item, spec) for item, spec in pods("gke") if item.name == "old")
    assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert spec["containers"][0]["securityContext"]["capabilities"] == {"drop": ["NET_RAW"]}
    assert "hostUsers" not in spec
    assert next(spec for item, spec in pods("") if item.name == "old")["hostUsers"] is False


@pytest.mark.parametrize(
    ("environment", "class_"), [("", None), ("aks", "azurefile-csi"), ("gke", "standard-rwx"), ("eks", None)]
)
def test_a_shared_volume_gets_the_class_that_shares(environment: str, class_: str | None) -> None:
    claim = outcome().documents[environment].get("PersistentVolumeClaim", "web-media")
    assert ((claim and claim.data) or {})["spec"].get("storageClassName") == class_


@pytest.mark.parametrize(
    ("environment", "annotation"),
    [
        ("aks", "azure.workload.identity/client-id"),
        ("gke", "iam.gke.io/gcp-service-account"),
        ("eks", "eks.amazonaws.com/role-arn"),
    ],
)
def test_an_identity_is_written_as_the_platform_reads_it(environment: str, annotation: str) -> None:
    account = outcome().documents[environment].get("ServiceAccount", "web")
    held = ((account and account.data) or {})["metadata"]["annotations"]
    assert annotation in held
    labels = next(item for item, _ in pods(environment) if item.name == "web")
    marked = "azure.workload.identity/use" in (labels.data or {})["spec"]["template"]["metadata"]["labels"]
    assert marked == (environment == "aks")


@pytest.mark.skipif(KUSTOMIZE is None, reason="kustomize is not here: the overlays are looked at by kforge alone")
@pytest.mark.parametrize("environment", MANAGED)
def test_kustomize_makes_of_an_overlay_what_was_checked(environment: str, tmp_path: Path) -> None:
    for path, file in worked_out(APPLICATION, tmp_path).files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(file.content)
    built = subprocess.run(
        [str(KUSTOMIZE), "build", str(tmp_path / "deploy/overlays" / environment)],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    objects = {f"{each['kind']}/{each['metadata']['name']}": each for each in yaml.safe_load_all(built.stdout)}
    assert objects == {item.target: item.data for item in outcome().documents[environment].objects()}


PINNED = """\
apiVersion: kforge.dev/v1
app: shop
platform: {platform}
services:
  web:
    image: ghcr.io/acme/web:1.0.0
    process: {{writable: [/tmp]}}
    port: 8080
    {said}
"""


@pytest.mark.parametrize(
    ("platform", "said", "rule", "line"),
    [
        ("openshift", "user: 1000", "platform-user", "9:11"),
        ("aks-automatic", "resources: {cpu: 50m}", "platform-resources", "9:22"),
        ("gke-autopilot", "resources: {memory: 32Mi}", "platform-resources", "9:25"),
        ("gke-autopilot", "resources: {cpu: 100m, memory: 4Gi}", "platform-resources", "9:36"),
        ("aks-automatic", "labels: {kubernetes.azure.com/team: shop}", "platform-label", "9:5"),
        ("openshift", "kubernetes: {Pod: {hostNetwork: true}, Deployment: {metadata: {}}}", "host-namespaces", "9:37"),
        ("aks-automatic", "hardening: none\n    kubernetes: {Pod: {hostPID: true}}", "host-namespaces", "10:33"),
    ],
)
def test_what_a_platform_will_not_have_is_refused_where_it_stands(
    platform: str, said: str, rule: str, line: str, tmp_path: Path
) -> None:
    found = worked_out(PINNED.format(platform=platform, said=said), tmp_path).errors
    assert [(item.rule, str(item.where)) for item in found if item.rule == rule][:1] == [
        (rule, f"app.kforge.yaml:{line}")
    ]


def test_what_is_settled_is_raised_and_what_is_pinned_stays(tmp_path: Path) -> None:
    text = PINNED.format(platform="aks-automatic", said="resources: {cpuLimit: '2'}")
    made = worked_out(text, tmp_path).documents[""].get("Deployment", "web")
    limits = ((made and made.data) or {})["spec"]["template"]["spec"]["containers"][0]["resources"]["limits"]
    assert limits["cpu"] == "2"


@pytest.mark.parametrize(("kind", "message"), [("openshift", "has no cloud accounts"), ("eks", "is not an account of")])
def test_an_identity_that_the_platform_does_not_know_is_refused(kind: str, message: str, tmp_path: Path) -> None:
    from kforge.errors import InputError

    with pytest.raises(InputError) as failure:
        worked_out(PINNED.format(platform=kind, said="identity: web"), tmp_path)
    (problem,) = failure.value.problems
    assert message in problem.message and str(problem.where).startswith("app.kforge.yaml:9:") and problem.hint


def test_another_platform_changes_nothing_of_the_base(tmp_path: Path) -> None:
    plain = worked_out(APPLICATION.partition("environments:")[0], tmp_path).documents[""]
    assert [item.data for item in plain] == [item.data for item in outcome().documents[""]]


def test_every_fact_has_its_source_its_day_and_what_was_checked() -> None:
    held = [(name, key, fact) for name in platforms.PLATFORMS for key, fact in platforms.facts(name).items()]
    assert len(held) > 20
    for name, key, each in held:
        assert each.keys() == {"value", "says", "does", "source", "seen", "checked"}, (name, key)
        assert re.fullmatch(r"https://\S+", each["source"]) and (not each["seen"] or date.fromisoformat(each["seen"]))


CHART = """\
apiVersion: kforge.dev/v1
app: shop
namespace: shop
outputs: [kubernetes, helm]
services:
  web:
    image: ghcr.io/acme/web:1.0.0
    process: {writable: [/tmp]}
    ports: [{name: http, port: 8080}]
    scale: {min: 3, max: 6}
    volumes: [{name: media, path: /media, size: 5Gi, shared: true}]
environments:
  openshift: {platform: openshift}
  gke:
    platform: gke-autopilot
    services: {web: {identity: web@acme.iam.gserviceaccount.com}}
"""
HELM = shutil.which("helm3") or shutil.which("helm")


@pytest.mark.skipif(HELM is None, reason="helm is not here: the chart's values are not rendered")
@pytest.mark.parametrize("environment", ["", "openshift", "gke"])
def test_a_chart_says_by_values_what_a_platform_changes(environment: str, tmp_path: Path) -> None:
    worked = worked_out(CHART, tmp_path)
    chart = tmp_path / "deploy/helm/shop"
    for path, file in worked.files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(file.content)
    values = ["-f", str(chart / f"values-{environment}.yaml")] if environment else []
    words = [str(HELM), "template", "shop", str(chart), "-n", "shop", "--kube-version", "1.36.0", *values]
    rendered = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    made = {(each["kind"], each["metadata"]["name"]): each for each in yaml.safe_load_all(rendered) if each}
    for kind, name in (("Deployment", "web"), ("PersistentVolumeClaim", "web-media"), ("ServiceAccount", "web")):
        wanted = worked.documents[environment].get(kind, name)
        assert wanted and wanted.data
        held = made[kind, name]
        assert spec_of(held) == spec_of(wanted.data)
        identities = {key: value for key, value in (held["metadata"].get("annotations") or {}).items() if "gke" in key}
        assert identities == {key: value for key, value in (wanted.data["metadata"].get("annotations") or {}).items() if "gke" in key}  # fmt: skip


def spec_of(data: Mapping[str, Any]) -> Any:
    """The spec, of a workload that of its pods: other labels are a chart's own."""
    held = data.get("spec", {})
    return held["template"]["spec"] if "template" in held else held


def test_what_no_value_of_a_chart_can_say_is_refused_where_it_stands(tmp_path: Path) -> None:
    from kforge.errors import InputError

    text = (
        CHART.replace("gke:\n", "aks:\n")
        .replace("gke-autopilot", "aks-automatic")
        .replace("scale: {min: 3, max: 6}", "scale: {min: 1}")
    )
    with pytest.raises(InputError) as failure:
        worked_out(text.partition("    services: {web: {identity")[0], tmp_path)
    (problem,) = failure.value.problems
    assert (
        "topologySpreadConstraints" in problem.message and "aks" in problem.message and problem.where and problem.hint
    )
