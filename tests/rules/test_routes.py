"""Routes of the Gateway API and Ingresses of the retired controller, beside what looks like them and is in order."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.conftest import run, write
from tests.rules.families import family
from tests.rules.objects import documents

GROUP = "gateway.networking.k8s.io"
RULES = {rule.id: rule for name in ("gateway", "retired", "schema") for rule in family(name)}
REF = {"name": "shared", "namespace": "infra"}


def route(name: str, kind: str = "HTTPRoute", version: str = f"{GROUP}/v1", **spec: Any) -> dict[str, Any]:
    return {"apiVersion": version, "kind": kind, "metadata": {"name": name}, "spec": spec}


def told(rule: str, *extra: dict[str, Any]) -> list[str]:
    return [hit.message for hit in RULES[rule].check(documents(extra=extra))]


# ---- what routes attach to ---------------------------------------------------------------------------------------
@pytest.mark.parametrize("kind", ["HTTPRoute", "GRPCRoute", "TLSRoute", "TCPRoute", "UDPRoute"])
@pytest.mark.parametrize("spec", [{}, {"parentRefs": []}, {"parentRefs": [{"namespace": "infra"}]}])
def test_a_route_without_a_gateway_is_refused(kind: str, spec: dict[str, Any]) -> None:
    (said,) = told("route-parent", route("lost", kind, **spec))
    assert said == f"`{kind}/lost` has no Gateway, so it never routes anything"


def test_routes_of_other_groups_are_their_own_affair() -> None:
    assert told("route-parent", route("mesh", version="policy.linkerd.io/v1beta3")) == []


def test_a_listener_is_looked_for_where_the_gateway_is_included_and_only_there() -> None:
    gateway = {
        "apiVersion": f"{GROUP}/v1",
        "kind": "Gateway",
        "metadata": {"name": "edge"},
        "spec": {"gatewayClassName": "public", "listeners": [{"name": "https", "port": 443, "protocol": "HTTPS"}]},
    }

    def asked(**ref: str) -> list[str]:
        return told("route-listener", gateway, route("a", parentRefs=[{"name": "edge", **ref}]))

    assert asked(sectionName="http") == ["`Gateway/edge` has no listener `http`; it has `https`"]
    assert asked(sectionName="https") == asked() == []
    assert asked(sectionName="http", namespace="infra") == []  # another Gateway of that name


# ---- what they claim ---------------------------------------------------------------------------------------------
def test_grpc_and_http_at_one_host_are_refused_unless_they_attach_to_different_gateways() -> None:
    http = route("a", parentRefs=[REF], hostnames=["a.example.com"])
    grpc = route("b", "GRPCRoute", parentRefs=[REF], hostnames=["a.example.com"])
    (said,) = told("route-mixed", http, grpc)
    assert said == "`a.example.com` is also the host of `HTTPRoute/a`, and a Gateway may use only one of the two"
    assert told("route-mixed", http, route("b", "GRPCRoute", parentRefs=[REF], hostnames=["b.example.com"])) == []
    assert (
        told("route-mixed", http, route("b", "GRPCRoute", parentRefs=[{"name": "x"}], hostnames=["a.example.com"]))
        == []
    )


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ({}, {"matches": [{"path": {"type": "PathPrefix", "value": "/"}}]}, True),  # what is left out is `/`
        ({"matches": [{"path": {"value": "/api"}}]}, {"matches": [{"path": {"value": "/api/"}}]}, True),
        (
            {"matches": [{"path": {"value": "/api"}}]},
            {"matches": [{"path": {"type": "Exact", "value": "/api"}}]},
            False,
        ),
        ({"matches": [{"path": {"value": "/a"}}]}, {"matches": [{"path": {"value": "/a"}, "method": "GET"}]}, False),
    ],
)
def test_two_routes_that_match_the_same_are_refused(one: dict[str, Any], other: dict[str, Any], same: bool) -> None:
    pair = [
        route(name, parentRefs=[REF], hostnames=["a.example.com"], rules=[each])
        for name, each in (("a", one), ("b", other))
    ]
    assert bool(told("route-overlap", *pair)) is same


def test_one_route_may_have_several_rules_for_a_match() -> None:
    assert told("route-overlap", route("a", parentRefs=[REF], hostnames=["a.example.com"], rules=[{}, {}])) == []


# ---- what they lead to -------------------------------------------------------------------------------------------
def led(rule: str, *extra: dict[str, Any], **backend: Any) -> list[str]:
    return told(rule, route("a", parentRefs=[REF], rules=[{"backendRefs": [{"name": "web", **backend}]}]), *extra)


def test_a_route_leads_to_a_service_and_a_port_that_are_there() -> None:
    assert led("route-backend", port=80) == []
    assert led("route-backend", port=81) == ["Service `web` has no port `81`"]
    assert led("route-backend", name="wbe", port=80) == ["Service `wbe` does not exist"]
    assert led("route-backend", name="wbe", port=80, namespace="other") == []
    assert led("route-backend", name="files", kind="Bucket", group="storage.example.com") == []


def test_https_behind_a_route_needs_a_policy() -> None:
    ports = [{"name": "https", "port": 8443, "appProtocol": "https"}]
    service = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "tls"}, "spec": {"ports": ports}}
    policy = route("tls", "BackendTLSPolicy", targetRefs=[{"group": "", "kind": "Service", "name": "tls"}])
    (said,) = led("route-https", service, name="tls", port=8443)
    assert said == "`tls` speaks HTTPS, but no BackendTLSPolicy tells the Gateway"
    assert led("route-https", service, policy, name="tls", port=8443) == []
    assert led("route-https", port=80) == []


# ---- the controller that was retired -----------------------------------------------------------------------------
def ingress(class_: str = "", **annotations: str) -> dict[str, Any]:
    spec = {"ingressClassName": class_} if class_ else {}
    metadata = {"name": "a", "annotations": {key.replace("__", "/"): value for key, value in annotations.items()}}
    return {"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": metadata, "spec": spec}


@pytest.mark.parametrize("class_", ["nginx", "nginx-internal", "ingress-nginx"])
def test_an_ingress_of_the_retired_controller_is_told_with_the_way_out(class_: str) -> None:
    (hit,) = RULES["retired-ingress"].check(documents(extra=(ingress(class_),)))
    assert hit.message == f"class `{class_}` belongs to ingress-nginx, which was retired in March 2026"
    assert "`routing: {gateway: NAMESPACE/NAME}`" in RULES["retired-ingress"].hint


@pytest.mark.parametrize("class_", ["", "traefik", "nginx-plus", "my-nginx-proxy", "contour"])
def test_other_classes_are_not(class_: str) -> None:
    assert told("retired-ingress", ingress(class_)) == []


def test_its_annotations_are_told_on_whatever_class_they_stand() -> None:
    key = "nginx.ingress.kubernetes.io/proxy-body-size"
    found = told("retired-ingress", ingress("traefik", **{key: "8m"}))
    assert found == [f"annotation `{key}` is for ingress-nginx, which was retired"]


def test_azures_managed_one_ends_too() -> None:
    (said,) = told("retired-ingress", ingress("webapprouting.kubernetes.azure.com"))
    assert said.endswith("belongs to AKS's managed NGINX, which gets no fixes after November 2026")
    assert told("retired-ingress", ingress("webapprouting-istio")) == []


def test_the_old_annotation_names_a_class_as_well_and_is_the_place() -> None:
    (hit,) = RULES["retired-ingress"].check(documents(extra=(ingress(**{"kubernetes.io/ingress.class": "nginx"}),)))
    assert hit.field == "metadata.annotations"


@pytest.mark.parametrize(
    ("name", "controller", "count"),
    [
        ("public", "k8s.io/ingress-nginx", 1),
        ("nginx", "nginx.org/ingress-controller", 0),
        ("nginx", "traefik.io/ingress-controller", 0),
        ("internal", "webapprouting.kubernetes.azure.com/nginx", 1),
        ("public", "haproxy.org/ingress-controller/haproxy", 0),
    ],
)
def test_an_included_class_goes_by_its_controller(name: str, controller: str, count: int) -> None:
    class_ = {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "IngressClass",
        "metadata": {"name": name},
        "spec": {"controller": controller},
    }
    assert len(told("retired-ingress", class_, ingress(name))) == count
    assert told("retired-ingress", class_, ingress("other")) == []


# ---- from a spec and from manifests of the user's, with their places ---------------------------------------------
SPEC = """\
apiVersion: kforge.dev/v1
app: shop
namespace: shop
routing: {gateway: infra/shared}
include: [own/*.yaml]
services:
  web:
    image: ghcr.io/acme/web:1
    user: 1000
    ports: [{name: PORT, port: 8443}]
    expose: {host: a.example.comMORE}
"""
OWN = """\
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: own}
spec:
  parentRefs: [{name: shared, namespace: infra}]
  rules:
  - matches: [{path: {value: /own}}]
    backendRefs: [{name: web, port: 8443}]
"""


def built(folder: Path, own: str = OWN, port: str = "http", more: str = "", code: int = 0) -> str:
    text = SPEC.replace("PORT", port).replace("MORE", more)
    done = run("build", cwd=write(folder, {"app.kforge.yaml": text, "own/route.yaml": own}), code=code)
    return done.err + done.out


@pytest.mark.parametrize(
    ("old", "new", "said", "line"),
    [
        (
            "  parentRefs: [{name: shared, namespace: infra}]\n",
            "",
            "error[route-parent]: `HTTPRoute/own` has no Gateway",
            4,
        ),
        ("value: /own", "value: /own//x", "error[schema-gateway]: must not contain '//'", 7),
        ("parentRefs:", "parentRef:", "error[schema-gateway]: unknown field `parentRef`", 5),
        (", port: 8443", ', port: "8443"', "expected integer, got string `8443`", 8),
        (", port: 8443", "", "error[schema-gateway]: must have port for Service reference", 8),
        ("port: 8443", "port: 1", "error[route-backend]: Service `web` has no port `1`", 8),
    ],
)
def test_a_route_of_the_users_own_is_refused_with_its_place(
    old: str, new: str, said: str, line: int, tmp_path: Path
) -> None:
    assert old in OWN
    text = built(tmp_path, OWN.replace(old, new), code=1 if "error[" in said else 2)
    assert said in text and f"own/route.yaml:{line}" in text, text
    assert not (tmp_path / "deploy").exists()


def test_a_fragment_that_takes_the_gateway_away_is_refused_with_its_line(tmp_path: Path) -> None:
    more = "}\n    kubernetes: {HTTPRoute: {spec: {parentRefs: []}}"
    text = built(tmp_path, more=more, code=1)
    assert "error[route-parent]" in text and "app.kforge.yaml:12" in text, text


def test_a_field_of_the_experimental_channel_is_waived_with_a_reason(tmp_path: Path) -> None:
    own = OWN + "    sessionPersistence: {sessionName: a}\n"
    assert "error[schema-gateway]: unknown field `sessionPersistence`" in built(tmp_path, own, code=1)
    waiver = (
        "}\nwaivers: [{rule: schema-gateway, target: HTTPRoute/own, reason: our cluster has the experimental channel}"
    )
    more = waiver.replace("}\nwaivers: [", "}\nwaivers: [").removesuffix("}") + "}]\n#{"
    assert "schema-gateway" not in built(tmp_path, own, more=more)


def test_a_certificate_that_nobody_vouches_for_is_told_until_the_spec_says_whose_it_is(tmp_path: Path) -> None:
    said = "warning[backend-trust]: it is not known who signed the certificate of `web`"
    assert said in built(tmp_path / "a", port="https")
    assert said not in built(tmp_path / "b", port="https", more=", verify: {ca: web-ca, host: web.shop.svc}")
    assert said not in built(tmp_path / "c", port="https", more=", verify: {}")
    assert said not in built(tmp_path / "d")


def test_a_path_of_grpc_that_names_no_service_is_refused_with_its_line(tmp_path: Path) -> None:
    text = built(tmp_path, port="grpc", more=", path: /a/b/c", code=1)
    assert "error[schema-gateway]: method must only contain valid characters" in text
    assert "app.kforge.yaml:11" in text


def test_annotations_of_ingress_controllers_do_nothing_on_a_route_and_that_is_said(tmp_path: Path) -> None:
    more = ", annotations: {nginx.ingress.kubernetes.io/proxy-body-size: 8m}"
    text = built(tmp_path, more=more)
    assert "warning[route-annotation]: annotation `nginx.ingress.kubernetes.io/proxy-body-size` does nothing" in text
