"""Charts of applications behind a Gateway: what operators change is a value, and what no value says is refused.

That such a chart is, in every environment, object for object what kustomize gives is held by the example `edge` in
`test_helm_program.py`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.conftest import once, run, write
from tests.targets.charts import HELMS, environments, helm, kustomized, objects, templated, without_helms_own

SPEC = """\
apiVersion: kforge.dev/v1
app: shop
namespace: shop
outputs: [kubernetes, helm]
routing: ROUTING
services:
  web: {image: "ghcr.io/acme/web:1", port: 8080, user: 1000, expose: {host: a.example.com}}
  api: {image: "ghcr.io/acme/api:1", port: 8080, user: 1000, expose: {host: a.example.com, path: /api}}
  tls: {image: "ghcr.io/acme/tls:1", user: 1000, ports: [{name: https, port: 8443}], expose: {host: t.example.com}}
environments:
  other: {namespace: shop-other, routing: OTHER}
"""
OWN, SHARED = "{gateway: infra/shared, listenerSet: true}", "{gateway: infra/shared, section: https}"
WAYS = {"own": (OWN, SHARED), "shared": (SHARED, "{gateway: edge}"), "ingress": ("{ingressClass: alb}", SHARED),
        "mixed": ("{ingressClass: alb}", OWN), "back": (OWN, "{ingressClass: alb}")}  # fmt: skip
PARENT = {"group": "gateway.networking.k8s.io", "kind": "Gateway"}


def chart(folder: Path, ways: str) -> Path:
    base, other = WAYS[ways]
    text = SPEC.replace("ROUTING", base).replace("OTHER", other)
    run("build", cwd=write(folder, {"app.kforge.yaml": text}), code=0)
    return folder


@pytest.fixture(scope="module", params=WAYS)
def built(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return once(tmp_path_factory, f"gateway-{request.param}", lambda folder: chart(folder, request.param))


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return once(tmp_path_factory, "gateway-own", lambda folder: chart(folder, "own"))


@pytest.mark.parametrize("which", HELMS)
def test_a_chart_goes_from_ingresses_to_routes_and_back_as_kustomize_does(which: str, built: Path) -> None:
    for environment in environments(built):
        found = without_helms_own(objects(templated(helm(which), built, environment)))
        assert found == kustomized(built, environment), environment


def set_(which: str, folder: Path, *values: str) -> dict[tuple[str, str], Any]:
    return objects(templated(helm(which), folder, "", *(word for each in values for word in ("--set", each))))


@pytest.mark.parametrize("which", HELMS)
def test_another_gateway_is_one_value_for_all_routes(which: str, own: Path) -> None:
    found = set_(
        which, own, "gateway.listenerSet=false", "gateway.name=public", "gateway.namespace=", "gateway.section=web"
    )
    parents = {each["spec"]["parentRefs"][0]["name"] for (kind, _), each in found.items() if kind == "HTTPRoute"}
    assert parents == {"public"}
    assert found["HTTPRoute", "web"]["spec"]["parentRefs"] == [{**PARENT, "name": "public", "sectionName": "web"}]
    assert ("ListenerSet", "shop") not in found


@pytest.mark.parametrize("which", HELMS)
def test_a_host_that_changes_gets_its_listener_and_its_certificate(which: str, own: Path) -> None:
    changes = ("host=b.example.com", "tls.secretName=other")
    found = set_(
        which, own, *(f"services.web.route.{each}" for each in changes), "services.tls.route.tls.enabled=false"
    )
    assert found["HTTPRoute", "web"]["spec"]["hostnames"] == ["b.example.com"]
    listeners = {each["hostname"]: each for each in found["ListenerSet", "shop"]["spec"]["listeners"]}
    assert {host: each["port"] for host, each in listeners.items()} == {
        "a.example.com": 443,
        "b.example.com": 443,
        "t.example.com": 80,
    }
    assert listeners["b.example.com"]["tls"]["certificateRefs"][0]["name"] == "other"


@pytest.mark.parametrize("which", HELMS)
def test_a_route_that_is_switched_off_takes_its_policy_listener_and_opened_port_with_it(which: str, own: Path) -> None:
    on, off = set_(which, own), set_(which, own, "services.tls.route.enabled=false")
    assert on.keys() - off.keys() == {("HTTPRoute", "tls"), ("BackendTLSPolicy", "tls")}
    assert "t.example.com" not in [each["hostname"] for each in off["ListenerSet", "shop"]["spec"]["listeners"]]
    opened = [each["NetworkPolicy", "tls"]["spec"]["ingress"] for each in (on, off)]
    assert opened[0] == [*opened[1], {"ports": [{"port": 8443}]}]


@pytest.mark.parametrize("which", HELMS)
def test_a_service_that_is_not_installed_has_no_listener(which: str, own: Path) -> None:
    found = set_(which, own, "services.tls.enabled=false")
    assert [each["hostname"] for each in found["ListenerSet", "shop"]["spec"]["listeners"]] == ["a.example.com"]


@pytest.mark.parametrize("which", HELMS)
def test_the_authority_of_a_service_is_a_value(which: str, own: Path) -> None:
    found = set_(which, own, "services.tls.route.verify.ca=tls-ca", "services.tls.route.verify.host=tls.shop.svc")
    ca = [{"group": "", "kind": "ConfigMap", "name": "tls-ca"}]
    assert found["BackendTLSPolicy", "tls"]["spec"]["validation"] == {
        "hostname": "tls.shop.svc",
        "caCertificateRefs": ca,
    }


@pytest.mark.parametrize("which", HELMS)
@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("services.web.route.host=", "/services/web/route/host"),
        ("services.web.route.path=api", "/services/web/route/path"),
        ("services.web.route.path=/a//b", "/services/web/route/path"),
        ("services.web.route.verify.ca=x", "/services/web/route"),
        ("services.tls.route.verify.host=*.example.com", "/services/tls/route/verify/host"),
        ("gateway.name=", "/gateway/name"),
        ("gateway.class=x", "/gateway"),
    ],
)
def test_a_value_that_no_route_takes_is_refused(which: str, value: str, said: str, own: Path) -> None:
    assert said in templated(helm(which), own, "", "--set", value, code=1)


def refused(folder: Path, text: str) -> str:
    told = run("build", cwd=write(folder, {"app.kforge.yaml": text}), code=2).err
    assert not (folder / "deploy").exists()
    return told


PLAIN = SPEC.replace("ROUTING", OWN).replace("OTHER", SHARED)


def test_a_patched_listener_set_is_refused_with_its_line(tmp_path: Path) -> None:
    text = (
        PLAIN
        + "patches: [{target: ListenerSet/shop, path: 'spec.listeners[0].port', value: 8443, reason: other port}]\n"
    )
    told = refused(tmp_path, text)
    assert (
        "`ListenerSet/shop` is patched" in told and "app.kforge.yaml:12" in told and "`helm` out of `outputs`" in told
    )


def test_a_route_with_several_hosts_is_refused_beside_a_listener_set_with_its_line(tmp_path: Path) -> None:
    more = "  hosts: {image: 'ghcr.io/acme/h:1', port: 80, user: 1000, expose: {host: h.example.com},\n" + (
        "    kubernetes: {HTTPRoute: {spec: {hostnames: [h.example.com, i.example.com]}}}}\n"
    )
    told = refused(tmp_path, PLAIN.replace("environments:", f"{more}environments:"))
    assert "`spec.hostnames` of `HTTPRoute/hosts` is not a single host" in told and "app.kforge.yaml:11" in told


def test_what_only_an_environments_class_is_told_is_refused_with_its_line(tmp_path: Path) -> None:
    """Traefik is told of HTTPS by the Service, which a chart has for all environments."""
    told = refused(tmp_path, PLAIN.replace(SHARED, "{ingressClass: traefik}"))
    assert "`metadata.annotations` of `Service/tls` differs in environment `other`" in told
    assert "app.kforge.yaml:" in told and "leave `helm` out of `outputs`" in told


def test_values_say_the_gateway_once_and_an_environment_what_differs(tmp_path: Path) -> None:
    folder = chart(tmp_path, "shared") / "deploy/helm/shop"
    values = yaml.safe_load((folder / "values.yaml").read_text())
    assert values["gateway"] == {"name": "shared", "namespace": "infra", "section": "https"}
    assert values["services"]["web"]["route"] == {
        "enabled": True,
        "host": "a.example.com",
        "path": "/",
        "annotations": {},
    }
    other = yaml.safe_load((folder / "values-other.yaml").read_text())
    assert other == {"gateway": {"name": "edge", "namespace": "", "section": ""}}
