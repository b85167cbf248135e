"""Fragments and patches onto documents: what changes, whose origin it gets, and what is refused."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace
from typing import Any

import pytest

from kforge.domain.digest import digest
from kforge.domain.document import Document
from kforge.domain.kubernetes.pod import CONFIG_DIGEST, job_name
from kforge.domain.spec.types import Spec
from kforge.errors import InputError
from kforge.spec.read import read
from kforge.stages.patch import patched
from tests.growth import LINEAR, growth

CONTAINERS = [{"name": "web", "image": "web:1", "env": [{"name": "A", "value": "1"}]}]
TEMPLATE = {
    "metadata": {"labels": {"a": "b"}, "annotations": {CONFIG_DIGEST: "old"}},
    "spec": {"containers": CONTAINERS},
}


def document(kind: str, name: str = "web", **body: Any) -> Document:
    data = {"apiVersion": "apps/v1" if kind == "Deployment" else "v1", "kind": kind, "metadata": {"name": name}, **body}
    origins = {"spec.replicas": "spec.scale.min", "spec.template.spec.containers[0].image": "app.registry"}
    return Document(path=f"k/{name}.yaml", artifact="x", service="web", data=data, origins=origins)


DEPLOYMENT = document("Deployment", spec={"replicas": 1, "template": TEMPLATE})
DOCUMENTS = (
    DEPLOYMENT,
    document("Service", spec={"type": "ClusterIP"}),
    document("Service", "web-headless", spec={"clusterIP": "None"}),
    document("ConfigMap", data={"a": "1"}),
    Document(path="web/Dockerfile", artifact="dockerfile", service="web", lines=()),
)


def apply(text: str, environment: str = "", documents: tuple[Document, ...] = DOCUMENTS) -> dict[str, Document]:
    head = "apiVersion: kforge.dev/v1\napp: shop\n"
    raw = read(
        head + (text if "services:" in text else f"services: {{web: {{source: ./web}}}}\n{text}"), "app.kforge.yaml"
    )
    found = patched(documents, Spec.model_validate(raw.data), environment, raw)
    assert [item.path for item in found] == [item.path for item in documents]
    return {item.target: item for item in found}


def fragment(text: str) -> str:
    return f"services: {{web: {{source: ./web, kubernetes: {text}}}}}\n"


def pod(document: Document) -> Any:
    assert document.data
    return document.data["spec"]["template"]["spec"]


def test_a_pod_fragment_holds_fields_of_the_pod_spec() -> None:
    web = apply(fragment("{Pod: {tolerations: [{key: spot}]}}"))["Deployment/web"]
    assert pod(web)["tolerations"] == [{"key": "spot"}]
    assert web.origins["spec.template.spec.tolerations"] == "spec.kubernetes.Pod.tolerations"


def test_a_pod_fragment_may_say_metadata_of_the_template() -> None:
    web = apply(fragment("{Pod: {metadata: {annotations: {x: '1'}}, spec: {hostname: h}}}"))["Deployment/web"]
    assert web.data and web.data["spec"]["template"]["metadata"]["annotations"]["x"] == "1"
    assert pod(web)["hostname"] == "h"
    assert (
        web.origins["spec.template.metadata.annotations.x"]
        == "spec.kubernetes.Pod.spec.template.metadata.annotations.x"
    )


def test_containers_merge_by_name_and_new_ones_come_last() -> None:
    text = "{Pod: {containers: [{name: log, image: log:1}, {name: web, env: [{name: B, value: '2'}]}]}}"
    web = apply(fragment(text))["Deployment/web"]
    assert [entry["name"] for entry in pod(web)["containers"]] == ["web", "log"]
    assert pod(web)["containers"][0]["env"] == [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}]
    assert web.origins["spec.template.spec.containers[0].env[1]"] == "spec.kubernetes.Pod.containers"
    assert web.origins["spec.template.spec.containers[0].image"] == "app.registry"


def test_a_kind_fragment_goes_to_the_service_s_main_object() -> None:
    found = apply(fragment("{Service: {spec: {type: LoadBalancer}}}"))
    types = [(found[name].data or {})["spec"].get("type") for name in ("Service/web", "Service/web-headless")]
    assert types == ["LoadBalancer", None]


def test_a_kind_fragment_may_name_another_object() -> None:
    found = apply(fragment("{Service: {metadata: {name: web-headless}, spec: {internalTrafficPolicy: Local}}}"))
    assert "internalTrafficPolicy" in (found["Service/web-headless"].data or {})["spec"]
    assert found["Service/web"].data == DOCUMENTS[1].data


def test_null_takes_a_field_away() -> None:
    web = apply(fragment("{Deployment: {spec: {replicas: null}}}"))["Deployment/web"]
    assert "replicas" not in (web.data or {})["spec"]


def test_an_unknown_kind_is_refused_with_those_there_are() -> None:
    with pytest.raises(InputError, match="`web` has no ServiceAccount") as failure:
        apply(fragment("{ServiceAccount: {metadata: {annotations: {a: b}}}}"))
    assert "Deployment" in failure.value.problems[0].hint
    assert failure.value.problems[0].where


def test_a_fragment_of_the_wrong_shape_is_refused() -> None:
    with pytest.raises(InputError, match="does not fit: cannot merge a list into a mapping"):
        apply(fragment("{Deployment: {spec: []}}"))


@pytest.mark.parametrize("text", ["{Deployment: {metadata: {namespace: x}}}", "{Deployment: {apiVersion: apps/v2}}"])
def test_what_others_refer_to_cannot_be_changed(text: str) -> None:
    with pytest.raises(InputError, match="cannot be changed"):
        apply(fragment(text))


def test_an_environment_adds_its_fragments_after_the_base_s() -> None:
    text = (
        "services: {web: {source: ./web, kubernetes: {Pod: {hostname: a, subdomain: a}}}}\n"
        "environments: {prod: {services: {web: {kubernetes: {Pod: {hostname: b}}}}}}\n"
    )
    web = apply(text, "prod")["Deployment/web"]
    assert (pod(web)["hostname"], pod(web)["subdomain"]) == ("b", "a")


def test_a_fragment_for_what_an_environment_omits_is_passed_over() -> None:
    text = fragment("{Deployment: {spec: {paused: true}}}") + "environments: {prod: {}}\n"
    assert apply(text, "prod", DOCUMENTS[1:])


def patches(*lines: str) -> str:
    return "patches:\n" + "".join(f"- {{target: Deployment/web, reason: pools warm up, {line}}}\n" for line in lines)


def test_set_makes_a_field_and_names_the_reason_as_origin() -> None:
    web = apply(patches("op: set, path: spec.minReadySeconds, value: 10"))["Deployment/web"]
    assert (web.data or {})["spec"]["minReadySeconds"] == 10
    assert web.origins["spec.minReadySeconds"] == "patches[0]: pools warm up"


def test_set_replaces_and_the_old_origin_goes() -> None:
    web = apply(patches("path: 'spec.template.spec.containers[name=web].image', value: 'other:1'"))["Deployment/web"]
    assert pod(web)["containers"][0]["image"] == "other:1"
    assert web.origins["spec.template.spec.containers[0].image"] == "patches[0]: pools warm up"


def test_remove_takes_a_field_away() -> None:
    web = apply(patches("op: remove, path: spec.replicas"))["Deployment/web"]
    assert "replicas" not in (web.data or {})["spec"]
    assert web.origins["spec.template.spec.containers[0].image"] == "app.registry"


def test_merge_merges_strategically_at_a_path() -> None:
    value = "value: [{name: B, value: '2'}, {name: A, value: '0'}]"
    web = apply(patches(f"op: merge, path: 'spec.template.spec.containers[0].env', {value}"))["Deployment/web"]
    assert pod(web)["containers"][0]["env"] == [{"name": "A", "value": "0"}, {"name": "B", "value": "2"}]


def test_merge_at_the_top_takes_a_whole_object() -> None:
    web = apply(patches("op: merge, value: {spec: {paused: true}}"))["Deployment/web"]
    assert (web.data or {})["spec"]["paused"] is True


def test_patches_apply_in_order() -> None:
    web = apply(patches("path: spec.replicas, value: 2", "path: spec.replicas, value: 3"))["Deployment/web"]
    assert (web.data or {})["spec"]["replicas"] == 3


def test_a_target_may_be_a_pattern() -> None:
    found = apply("patches: [{target: 'Service/*', path: 'metadata.labels.x', value: 'y', reason: because}]\n")
    assert [(found[name].data or {})["metadata"]["labels"] for name in ("Service/web", "Service/web-headless")] == [
        {"x": "y"}
    ] * 2


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("patches: [{target: Deployment/wbe, path: a, value: 1, reason: because}]\n", "`Deployment/wbe` matches no object"),
        (patches("op: remove, path: spec.paused"), "nothing at `spec.paused`"),
        (patches("path: 'spec..x', value: 1"), "cannot read path"),
        (patches("path: 'spec.template.spec.containers[name=x].image', value: 1"), r"no item at `spec.template.spec.containers\[name=x\]`"),
        (patches("path: spec.replicas"), "needs a `value`"),
        (patches("op: remove"), "needs a `path`"),
        (patches("op: merge, path: spec.template, value: [1]"), "cannot merge a list into a mapping"),
        (patches("path: metadata.name, value: other"), "`metadata.name` of `Deployment/web` cannot be changed"),
    ],
)  # fmt: skip
def test_a_patch_that_does_not_fit_is_refused_at_its_place(text: str, message: str) -> None:
    with pytest.raises(InputError, match=message) as failure:
        apply(text)
    where = failure.value.problems[0].where
    assert where and where.line == 5 - ("patches: [" in text)


def test_an_environment_s_patches_come_last_and_have_their_own_origin() -> None:
    text = patches("path: spec.replicas, value: 2") + (
        "environments: {prod: {patches: [{target: Deployment/web, path: spec.replicas, value: 5, reason: load}]}}\n"
    )
    web = apply(text, "prod")["Deployment/web"]
    assert (web.data or {})["spec"]["replicas"] == 5
    assert web.origins["spec.replicas"] == "environments.prod.patches[0]: load"


def test_changed_config_changes_the_pods_that_read_it() -> None:
    found = apply("patches: [{target: ConfigMap/web, path: data.a, value: '2', reason: because}]\n")
    template = (found["Deployment/web"].data or {})["spec"]["template"]
    assert template["metadata"]["annotations"][CONFIG_DIGEST] == digest({"a": "2"})


def test_a_one_off_job_with_another_template_gets_another_name() -> None:
    job = document("Job", job_name("web", TEMPLATE), spec={"template": TEMPLATE})
    found = apply(fragment("{Pod: {hostname: h}}"), documents=(job,))
    (changed,) = found.values()
    assert changed.name == job_name("web", (changed.data or {})["spec"]["template"]) != job.name


def test_a_one_off_job_with_the_same_template_keeps_its_name() -> None:
    job = document("Job", job_name("web", TEMPLATE), spec={"template": TEMPLATE})
    found = apply(fragment("{Job: {spec: {backoffLimit: 1}}}"), documents=(job,))
    assert list(found) == [job.target]


def test_documents_are_left_as_they_were() -> None:
    before = repr(DEPLOYMENT)
    apply(fragment("{Pod: {containers: [{name: web, image: 'x:2'}]}}"))
    assert repr(DEPLOYMENT) == before


def test_a_pod_fragment_where_another_took_the_template_away_is_refused() -> None:
    text = (
        fragment("{Deployment: {spec: {template: null}}}")
        + "environments: {prod: {services: {web: {kubernetes: {Pod: {hostname: b}}}}}}\n"
    )
    with pytest.raises(InputError, match=r"does not fit: nothing at `spec\.template`"):
        apply(text, "prod")


@pytest.mark.parametrize("value", ["5", "x", "[1]", "null"])
def test_changed_config_with_odd_annotations_is_no_failure(value: str) -> None:
    lines = f"op: merge, value: {{spec: {{template: {{metadata: {{annotations: {value}}}}}}}}}"
    with pytest.raises(InputError) if value != "null" else nullcontext():
        apply(patches(lines) + "- {target: ConfigMap/web, path: data.a, value: '2', reason: because}\n")


def annotated(documents: int, origins: int) -> tuple[Document, ...]:
    known = {f"metadata.annotations.old{number}": "x" for number in range(origins)}
    made = document("Deployment", spec={"template": TEMPLATE})
    return tuple(replace(made, service=f"s{number}", origins=known) for number in range(documents))


def test_a_patch_of_many_fields_takes_time_in_proportion_to_them() -> None:
    def work(size: int) -> None:
        value = ", ".join(f"new{number}: x" for number in range(size))
        patch = (
            f"{{target: Deployment/web, op: merge, path: metadata.annotations, value: {{{value}}}, reason: because}}"
        )
        apply(f"patches: [{patch}]\n", documents=annotated(1, size))

    assert growth(work, 2000) < LINEAR


def test_a_patch_takes_the_origins_of_all_fields_below_it() -> None:
    value = ", ".join(f"new{number}: x" for number in range(40))
    patch = f"{{target: Deployment/web, path: metadata.annotations, value: {{{value}}}, reason: because}}"
    held = replace(DEPLOYMENT, origins={"metadata.annotations.old": "x", "metadata.annotationsx": "y"})
    origins = apply(f"patches: [{patch}]\n", documents=(held,))["Deployment/web"].origins
    assert sorted(origins) == ["metadata.annotations", "metadata.annotationsx"]
