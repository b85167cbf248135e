"""Helm itself makes of the charts of all examples what kustomize makes of their overlays, and finds nothing to say."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from kforge import catalog
from kforge.domain.document import Document, Documents
from kforge.domain.finding import Finding
from kforge.stages.check import check_all
from kforge.system.schemas import validator
from tests.conftest import edit, once, run, write
from tests.targets.charts import (
    EXAMPLES,
    HELMS,
    Identity,
    chart_of,
    conforming,
    environments,
    folder_of,
    helm,
    kustomized,
    linted,
    objects,
    templated,
    with_hooks,
    without_helms_own,
)
from tests.targets.drawn_values import drawn, outside
from tests.targets.test_every_output import built_example
from tests.trials import sample


@pytest.fixture(scope="module", params=EXAMPLES)
def example(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return once(tmp_path_factory, f"chart-{request.param}", lambda folder: chart_of(request.param, folder))


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return once(tmp_path_factory, "chart-shop", lambda folder: chart_of("shop", folder))


@pytest.mark.parametrize("which", HELMS)
def test_every_environment_is_object_for_object_what_kustomize_gives(which: str, example: Path) -> None:
    program = helm(which)
    for environment in environments(example):
        found = without_helms_own(objects(templated(program, example, environment)))
        wanted = with_hooks(folder_of(example).name, kustomized(example, environment))
        assert found == wanted, environment


@pytest.mark.parametrize("which", HELMS)
def test_environments_on_unlike_platforms_are_what_kustomize_gives(
    which: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    program, folder = helm(which), once(tmp_path_factory, "chart-openshift", openshift)
    for environment in environments(folder):
        found = without_helms_own(objects(templated(program, folder, environment)))
        assert found == kustomized(folder, environment), environment


def openshift(folder: Path) -> None:
    chart_of("shop", folder)
    edit(folder / "app.kforge.yaml", "  staging:\n", "  staging:\n    platform: openshift\n")
    run("build", cwd=folder, code=0)


@pytest.mark.parametrize("which", HELMS)
def test_a_strict_lint_has_nothing_to_say(which: str, example: Path) -> None:
    linted(helm(which), example)


def test_kubeconform_takes_every_rendered_object(example: Path, tmp_path: Path) -> None:
    program = helm(HELMS[-1])
    for environment in environments(example):
        conforming(objects(templated(program, example, environment)), tmp_path, "1.34")


def test_kforges_own_rules_find_no_error_in_rendered_objects(example: Path) -> None:
    program = helm(HELMS[-1])
    for environment in environments(example):
        assert errors(objects(templated(program, example, environment))) == []


def errors(found: Mapping[Identity, Any]) -> list[Finding]:
    """What kforge's own rules refuse of rendered objects, as strictly as the API server would, and more."""
    items = tuple(
        Document(path=f"{kind}-{name}.yaml", artifact="chart", service=_service(data), data=data)
        for (kind, name), data in found.items()
    )
    held = Documents(items=items, kubernetes="1.34", validate=validator("1.34"))
    told = check_all([held], catalog.rules(), (), date(2026, 1, 1), lambda document, origin: None)
    return [each for each in told if each.level == "error"]


def _service(data: Mapping[str, Any]) -> str:
    return str(data["metadata"].get("labels", {}).get("app.kubernetes.io/name", ""))


@pytest.mark.parametrize("which", HELMS)
@pytest.mark.parametrize(
    ("flags", "said"),
    [
        ("services.web.replicas=-1", "/services/web/replicas"),
        ("services.web.resources.limits.memory=much", "/services/web/resources/limits/memory"),
        ("services.web.env.A=1", "/services/web/env/A"),
        ("services.web.env.1A=x", "/services/web/env"),
        ("services.web.image.tag=a b", "/services/web/image/tag"),
        ("services.web.ingress.host=", "/services/web/ingress/host"),
        ("services.web.replica=2", "/services/web"),
        ("services.wbe.replicas=2", "/services"),
        ("services.cache.ingress.enabled=true", "/services/cache"),
        ("services.db.storage.data.size=big", "/services/db/storage/data/size"),
        ("services.web.image=null", "/services/web"),
        ("images.registry=x", "additional"),
        ("services.web.autoscaling.minReplicas=50", "minReplicas is more than maxReplicas"),
        ("services.web.autoscaling.maxReplicas=3000000000", "/services/web/autoscaling/maxReplicas"),
        (
            "services.web.resources.requests.memory=20Gi",
            "resources.requests.memory, 20Gi, is more than resources.limits",
        ),
        ("services.web.resources.requests.example\\.com/fpga=1x", "/services/web/resources/requests"),
        ("services.web.resources.requests.disk=1Gi", "/services/web/resources/requests"),
        ("services.web.env.SESSION_KEY=x", "variable SESSION_KEY is in `env` and in `secrets`"),
        ("services.web.extraEnv[0].name=FEATURES", "variable FEATURES of `extraEnv` is there already"),
        ("services.web.env.\\.\\.A=x", "/services/web/env"),
        ("services.cache.image.tag=", "library/redis needs a tag or a digest"),
        ("services.web.resources.limits.memory=0", "is more than resources.limits.memory, 0"),
        ("services.web.tolerations[0].operator=Equal", "/services/web/tolerations/0"),
        (
            "services.web.tolerations[0].operator=Exists,services.web.tolerations[0].tolerationSeconds=5",
            "/services/web/tolerations/0",
        ),
        ("services.web.ingress.path=/a/../b", "/services/web/ingress/path"),
        ("services.web.ingress.tls.secretName=a..b", "/services/web/ingress/tls/secretName"),
        (
            "services.web.imagePullSecrets[0].name=a,services.web.imagePullSecrets[1].name=a",
            "/services/web/imagePullSecrets",
        ),
        ("services.web.affinity.nodeAffinity.preferred=x", "/services/web/affinity/nodeAffinity"),
    ],
)
def test_a_value_that_no_template_takes_is_refused(which: str, flags: str, said: str, shop: Path) -> None:
    assert said in templated(helm(which), shop, "", "--set", flags, code=1)


@pytest.mark.parametrize("which", HELMS)
@pytest.mark.parametrize(
    "amount", ["0.1Gi", "100e6", "134217728", "134217728000m", "0.000134T", "131072Ki"]
)  # of 128Mi or a little less
def test_a_request_may_be_as_much_as_its_limit_in_any_unit(which: str, amount: str, shop: Path) -> None:
    flags = ("services.web.resources.limits.memory=128Mi", f"services.web.resources.requests.memory={amount}")
    found = objects(templated(helm(which), shop, "", *(word for flag in flags for word in ("--set-string", flag))))
    (program,) = found["Deployment", "web"]["spec"]["template"]["spec"]["containers"]
    assert program["resources"]["requests"]["memory"] == amount


@pytest.mark.parametrize("which", HELMS)
def test_what_the_chart_writes_itself_stands_once(which: str, shop: Path) -> None:
    given = {
        "imagePullSecrets": [{"name": "a"}, {"name": "b"}],
        "services": {
            "web": {
                "imagePullSecrets": [{"name": "b"}],
                "podAnnotations": {"kforge.dev/config": "mine", "example.com/own": "x"},
                "env": {"SESSION_KEY": "x"},
                "secrets": {"SESSION_KEY": None},
            }
        },
    }
    path = shop / f"{which}.json"
    path.write_text(json.dumps(given))
    text = templated(helm(which), shop, "", "-f", str(path))
    pod = objects(text)["Deployment", "web"]["spec"]["template"]
    assert text.count("kforge.dev/config:") == 1 and pod["metadata"]["annotations"]["example.com/own"] == "x"
    assert pod["metadata"]["annotations"]["kforge.dev/config"] != "mine"
    assert pod["spec"]["imagePullSecrets"] == [{"name": "a"}, {"name": "b"}]
    assert {"name": "SESSION_KEY", "value": "x"} in pod["spec"]["containers"][0]["env"]


@pytest.mark.parametrize("which", HELMS)
def test_a_label_of_a_long_name_and_version_is_one_that_kubernetes_takes(which: str, tmp_path: Path) -> None:
    app, version = f"a{'b' * 50}", "1.4.2-rc.1234567890"
    spec = WITH_SUBCHART[: WITH_SUBCHART.index("chart:")] + WITH_SUBCHART[WITH_SUBCHART.index("services:") :]
    folder = write(tmp_path, {"app.kforge.yaml": spec.replace("app: shop", f"app: {app}\nversion: {version}")})
    run("build", cwd=folder, code=0)
    assert errors(objects(templated(helm(which), folder, ""))) == []


@pytest.mark.parametrize("which", HELMS)
@pytest.mark.parametrize("number", sample(range(40), 10))
def test_what_is_drawn_from_the_schema_renders_valid_objects(
    number: int, which: str, example: Path, tmp_path: Path
) -> None:
    schema = json.loads((folder_of(example) / "values.schema.json").read_text())
    (tmp_path / "values.yaml").write_text(json.dumps(drawn(schema, number), ensure_ascii=False))
    found = objects(templated(helm(which), example, "", "-f", str(tmp_path / "values.yaml")))
    assert {key: each for key, data in found.items() if (each := validator("1.34")(data))} == {}
    assert [each for each in errors(found) if each.rule not in _OF_OTHERS] == []
    if shutil.which("kubeconform"):
        conforming(found, tmp_path, "1.34")


@pytest.mark.parametrize("which", HELMS)
def test_what_lies_outside_of_the_schema_is_refused(which: str, shop: Path, tmp_path: Path) -> None:
    schema = json.loads((folder_of(shop) / "values.schema.json").read_text())
    for number, (place, wrong) in enumerate(outside(drawn(schema, 1), schema, 1)):
        path = tmp_path / f"{number}.yaml"
        path.write_text(json.dumps(wrong, ensure_ascii=False))
        refused = "missing" not in place  # Helm adds the chart's own value for a key that is not there
        templated(helm(which), shop, "", "-f", str(path), code=1 if refused else 0)


@pytest.mark.parametrize("which", HELMS)
def test_an_autoscaler_that_is_switched_on_counts_the_pods(which: str, shop: Path) -> None:
    off = objects(templated(helm(which), shop, ""))
    on = objects(templated(helm(which), shop, "", "--set", "services.orders.autoscaling.enabled=true"))
    assert on.keys() - off.keys() == {("HorizontalPodAutoscaler", "orders")}
    assert "replicas" not in on["Deployment", "orders"]["spec"]


@pytest.mark.parametrize("which", HELMS)
@pytest.mark.parametrize("name", ["notes", "shop"])
def test_annotations_of_the_chart_stand_once_and_stay_whatever_values_say(
    which: str, name: str, tmp_path_factory: pytest.TempPathFactory, tmp_path: Path
) -> None:
    folder, program = built_example(name, tmp_path_factory), helm(which)
    before = objects(templated(program, folder, ""))
    said: dict[str, Any] = {}
    for each in before.values():
        keys = dict.fromkeys((*annotations(each), *annotations(pod(each))), "mine")
        for way in ("annotations", "podAnnotations") if (service := _service(each)) else ():
            said.setdefault(service, {}).setdefault(way, {"example.com/own": "mine"}).update(keys)
    (tmp_path / "values.yaml").write_text(json.dumps({"services": said}))
    after = objects(templated(program, folder, "", "-f", str(tmp_path / "values.yaml")))
    for identity in before.keys() & after.keys():
        fixed = annotations(before[identity])
        assert annotations(after[identity]).items() >= fixed.items(), identity
    assert annotations(after["Deployment", "web" if name == "shop" else "api"])["example.com/own"] == "mine"


def annotations(data: Mapping[str, Any]) -> dict[str, str]:
    return dict(data.get("metadata", {}).get("annotations") or {})


def pod(data: Mapping[str, Any]) -> Mapping[str, Any]:
    return dict((data.get("spec") or {}).get("template") or {})


# What depends on what else is in the cluster, or on what another service has.
_OF_OTHERS = {"config-key", "route-conflict", "route-mixed", "route-overlap"}

PLACED = """apiVersion: kforge.dev/v1
app: shop
namespace: shop
outputs: [kubernetes, helm]
services:
  web:
    image: "ghcr.io/acme/web:2.0"
    port: 8080
    secrets: {TOKEN: {secret: web-credentials-that-an-operator-made-with-a-name-longer-than-sixty-three-letters, key: token}}
    kubernetes:
      Pod:
        containers:
          - {name: web, resources: {limits: {nvidia.com/gpu: 1, memory: 134217728000}, requests: {cpu: 2}}}
        tolerations: [{key: gpu, operator: Exists, effect: NoExecute, tolerationSeconds: 30}, {operator: Exists}, {key: a}]
        affinity:
          nodeAffinity:
            requiredDuringSchedulingIgnoredDuringExecution:
              nodeSelectorTerms:
                - matchFields: [{key: metadata.name, operator: In, values: [ip-10-0-1-2.ec2.internal]}]
                  matchExpressions:
                    - {key: kubernetes.io/arch, operator: In, values: [amd64]}
                    - {key: cores, operator: Gt, values: ["4"]}
          podAntiAffinity:
            preferredDuringSchedulingIgnoredDuringExecution:
              - weight: 100
                podAffinityTerm:
                  topologyKey: kubernetes.io/hostname
                  matchLabelKeys: [pod-template-hash]
                  labelSelector: {matchLabels: {app.kubernetes.io/name: web}}
"""


@pytest.mark.parametrize("which", HELMS)
def test_devices_tolerations_and_affinity_of_a_spec_are_values_that_its_chart_takes(which: str, tmp_path: Path) -> None:
    folder = write(tmp_path, {"app.kforge.yaml": PLACED})
    run("build", cwd=folder, code=0)
    assert without_helms_own(objects(templated(helm(which), folder, ""))) == kustomized(folder, "")
    for same in ("hugepages-2Mi", "cpu"):
        amounts = ("1Gi", "1024Mi") if same != "cpu" else ("2.5", "2500m")
        told = json.dumps({"limits": {same: amounts[0]}, "requests": {same: amounts[1]}})
        assert objects(templated(helm(which), folder, "", f"--set-json=services.web.resources={told}"))
    whole = '--set-json=services.web.resources={"limits": {"cpu": 2.5}, "requests": {"cpu": 0.5}}'
    assert objects(templated(helm(which), folder, "", whole))
    more = ("--set", r"services.web.resources.requests.nvidia\.com/gpu=2")
    assert "resources.limits.nvidia.com/gpu has to be the same" in templated(helm(which), folder, "", *more, code=1)


SUBCHART = {
    "charts/store/Chart.yaml": "apiVersion: v2\nname: store\nversion: 1.2.3\n",
    "charts/store/templates/config.yaml": """apiVersion: v1
kind: ConfigMap
metadata: {name: "{{ .Release.Name }}-store"}
data: {size: {{ .Values.size | quote }}, registry: {{ .Values.global.registry | default "none" | quote }}}
""",
}
WITH_SUBCHART = """apiVersion: kforge.dev/v1
app: shop
namespace: shop
outputs: [helm]
chart:
  dependencies:
    - {name: store, version: ~1.2.0, repository: "file://../../../charts/store", alias: db, enabled: false, values: {size: 8Gi}}
services:
  web: {image: "ghcr.io/acme/web:2.0", port: 8080, user: 1000}
"""


@pytest.mark.parametrize("which", HELMS)
def test_a_subchart_is_installed_where_its_condition_says_so(which: str, tmp_path: Path) -> None:
    program = helm(which)
    folder = write(tmp_path, {"app.kforge.yaml": WITH_SUBCHART, **SUBCHART})
    run("build", cwd=folder, code=0)
    chart = folder_of(folder)
    for words in (["dependency", "update", "--skip-refresh"], ["lint", "--strict"]):
        done = subprocess.run([program, *words, str(chart)], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
    run("check", "--full", cwd=folder, code=0)
    off, on = (
        objects(templated(program, folder, "", *flags))
        for flags in ((), ("--set", "db.enabled=true", "--set", "global.registry=x"))
    )
    assert on.keys() - off.keys() == {("ConfigMap", "shop-store")}
    assert on["ConfigMap", "shop-store"]["data"] == {"size": "8Gi", "registry": "x"}
    assert "/db/enabled" in templated(program, folder, "", "--set", "db.enabled=x", code=1)
