"""How exposed services are reached where `routing` says it: routes, policies, listeners, or an Ingress of a class."""

from __future__ import annotations

from typing import Any

import pytest

from kforge.domain.document import Document
from tests.artifacts.making import GRPC, HTTP, HTTPS, make

GROUP = "gateway.networking.k8s.io"
GATEWAY = {"gateway": "infra/shared", "section": "https"}
REACHING = ("Ingress", "HTTPRoute", "GRPCRoute", "BackendTLSPolicy", "ListenerSet")


def exposed(host: str = "a.example.com", **more: Any) -> dict[str, Any]:
    return {"source": "./web", "expose": {"host": host, **more}}


def made(routing: dict[str, Any] | None = GATEWAY, port: dict[str, Any] = HTTP, **more: Any) -> dict[str, Document]:
    services = more.pop("services", {"web": exposed()})
    decided = {(name, "process"): {"ports": [port]} for name in services}
    return make(services, decided=decided, routing=routing, **more)


def reached(documents: dict[str, Document]) -> list[str]:
    return [target for target in documents if target.startswith(tuple(f"{kind}/" for kind in REACHING))]


def spec_of(documents: dict[str, Document], target: str) -> dict[str, Any]:
    data = documents[target].data or {}
    found: dict[str, Any] = data["spec"]
    return found


# ---- routes ---------------------------------------------------------------------------------------------------
def test_a_route_leads_from_the_gateways_listener_to_the_service_and_no_ingress_does() -> None:
    documents = made(services={"web": exposed(path="/shop")})
    assert reached(documents) == ["HTTPRoute/web"]
    assert spec_of(documents, "HTTPRoute/web") == {
        "parentRefs": [
            {"group": GROUP, "kind": "Gateway", "name": "shared", "namespace": "infra", "sectionName": "https"}
        ],
        "hostnames": ["a.example.com"],
        "rules": [
            {
                "matches": [{"path": {"type": "PathPrefix", "value": "/shop"}}],
                "backendRefs": [{"group": "", "kind": "Service", "name": "web", "port": 8080, "weight": 1}],
            }
        ],
    }


def test_a_gateway_of_the_same_namespace_and_of_any_listener_is_named_alone() -> None:
    documents = made({"gateway": "edge"})
    assert spec_of(documents, "HTTPRoute/web")["parentRefs"] == [{"group": GROUP, "kind": "Gateway", "name": "edge"}]


@pytest.mark.parametrize(
    ("path", "matches"),
    [
        ("/", None),
        ("/shop.Orders", [{"method": {"type": "Exact", "service": "shop.Orders"}}]),
        ("/shop.Orders/", [{"method": {"type": "Exact", "service": "shop.Orders"}}]),
        ("/shop.Orders/Get", [{"method": {"type": "Exact", "service": "shop.Orders", "method": "Get"}}]),
    ],
)
def test_grpc_is_routed_by_its_services_and_methods(path: str, matches: Any) -> None:
    documents = made(port=GRPC, services={"web": exposed(path=path)})
    assert reached(documents) == ["GRPCRoute/web"]
    assert spec_of(documents, "GRPCRoute/web")["rules"][0].get("matches") == matches


def test_annotations_of_expose_are_the_routes() -> None:
    noted = {"external-dns.alpha.kubernetes.io/ttl": "60"}
    documents = made(services={"web": exposed(annotations=noted)})
    assert (documents["HTTPRoute/web"].data or {})["metadata"]["annotations"] == noted


def test_what_is_not_exposed_and_what_is_a_job_has_no_route() -> None:
    assert reached(made(services={"web": {"source": "./web"}})) == []
    assert reached(make({"web": {"source": "./web", "job": True}}, routing=GATEWAY)) == []


def test_every_field_of_a_route_says_where_it_comes_from() -> None:
    origins = made()["HTTPRoute/web"].origins
    assert origins["spec.parentRefs[0].name"] == "app.routing.gateway"
    assert origins["spec.parentRefs[0].sectionName"] == "app.routing.section"
    assert origins["spec.hostnames[0]"] == "spec.expose.host"


# ---- a service that speaks HTTPS ---------------------------------------------------------------------------------
def validation(**expose: Any) -> Any:
    documents = made(port=HTTPS, services={"web": exposed(**expose)})
    assert reached(documents) == ["HTTPRoute/web", "BackendTLSPolicy/web"]
    policy = spec_of(documents, "BackendTLSPolicy/web")
    assert policy["targetRefs"] == [{"group": "", "kind": "Service", "name": "web", "sectionName": "https"}]
    return policy["validation"]


def test_a_gateway_is_told_of_https_by_a_policy_and_no_annotation() -> None:
    assert validation() == {"hostname": "a.example.com", "wellKnownCACertificates": "System"}
    service = made(port=HTTPS)["Service/web"].data or {}
    assert "annotations" not in service["metadata"]


def test_the_spec_says_whose_certificate_it_is() -> None:
    ca = [{"group": "", "kind": "ConfigMap", "name": "web-ca"}]
    said = validation(verify={"ca": "web-ca", "host": "web.shop.svc"})
    assert said == {"hostname": "web.shop.svc", "caCertificateRefs": ca}
    assert validation(verify={"ca": "web-ca"}) == {"hostname": "a.example.com", "caCertificateRefs": ca}


# ---- listeners of the application's own --------------------------------------------------------------------------
OWN = {"gateway": "infra/shared", "listenerSet": True}


def listeners(**services: dict[str, Any]) -> list[tuple[Any, ...]]:
    documents = made(OWN, services=services)
    parents = [spec_of(documents, each)["parentRefs"] for each in documents if each.startswith("HTTPRoute/")]
    assert all(each == [{"group": GROUP, "kind": "ListenerSet", "name": "shop"}] for each in parents)
    held = spec_of(documents, "ListenerSet/shop")
    assert held["parentRef"] == {"group": GROUP, "kind": "Gateway", "name": "shared", "namespace": "infra"}
    return [
        (
            each["name"],
            each["hostname"],
            each["port"],
            each["protocol"],
            [ref["name"] for ref in each.get("tls", {}).get("certificateRefs", ())],
        )
        for each in held["listeners"]
    ]


def test_a_host_has_one_listener_with_the_certificate_of_the_first_service_there() -> None:
    assert listeners(
        web=exposed("b.example.com"), api=exposed("b.example.com", path="/api"), www=exposed("a.example.com")
    ) == [
        ("a.example.com", "a.example.com", 443, "HTTPS", ["www-tls"]),
        ("b.example.com", "b.example.com", 443, "HTTPS", ["api-tls"]),
    ]


def test_a_secret_that_a_service_names_counts_for_its_host() -> None:
    found = listeners(web=exposed("b.example.com", tls="cert"), api=exposed("b.example.com", path="/api"))
    assert found == [("b.example.com", "b.example.com", 443, "HTTPS", ["cert"])]


def test_a_wildcard_has_a_name_and_a_host_without_tls_another_port() -> None:
    found = listeners(web=exposed("*.example.com", tls=False))
    assert found == [("wildcard.example.com", "*.example.com", 80, "HTTP", [])]


def test_no_listener_is_written_where_nothing_is_exposed_or_the_wish_is_not_there() -> None:
    assert reached(made(OWN, services={"web": {"source": "./web"}})) == []
    assert "ListenerSet/shop" not in made()


# ---- Ingress ---------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("routing", "class_", "expected"),
    [
        (None, None, None),
        ({"ingressClass": "traefik"}, None, "traefik"),
        ({"ingressClass": "traefik"}, "contour", "contour"),
        (None, "contour", "contour"),
    ],
)
def test_an_ingress_has_the_class_of_its_service_or_of_the_application(
    routing: Any, class_: Any, expected: Any
) -> None:
    documents = made(routing, services={"web": exposed(**({"class": class_} if class_ else {}))})
    assert reached(documents) == ["Ingress/web"]
    assert spec_of(documents, "Ingress/web").get("ingressClassName") == expected


def test_the_class_of_the_application_is_told_of_https_too() -> None:
    service = made({"ingressClass": "traefik"}, port=HTTPS)["Service/web"].data or {}
    assert service["metadata"]["annotations"] == {"traefik.ingress.kubernetes.io/service.serversscheme": "https"}


# ---- environments and network policies --------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("base", "there", "expected"),
    [
        ({"ingressClass": "traefik"}, GATEWAY, ["HTTPRoute/web"]),
        (GATEWAY, {"ingressClass": "traefik"}, ["Ingress/web"]),
        (GATEWAY, None, ["HTTPRoute/web"]),
        (GATEWAY, OWN, ["HTTPRoute/web", "ListenerSet/shop"]),
        (None, GATEWAY, ["HTTPRoute/web"]),
    ],
)
def test_an_environments_routing_takes_the_place_of_the_applications(
    base: Any, there: Any, expected: list[str]
) -> None:
    environments = {"prod": {"routing": there} if there else {}}
    assert reached(made(base, environment="prod", environments=environments)) == expected


@pytest.mark.parametrize("network", ["app", "strict"])
def test_traffic_of_a_gateway_gets_in_as_that_of_an_ingress(network: str) -> None:
    by = [made(each, network=network) for each in (GATEWAY, {"ingressClass": "traefik"})]
    rules = [spec_of(each, "NetworkPolicy/web")["ingress"] for each in by]
    assert rules[0] == rules[1]
    assert {"ports": [{"port": 8080}]} in rules[0]
    assert {"ports": [{"port": 8080}]} not in spec_of(
        made(services={"web": {"source": "./web"}}, network=network), "NetworkPolicy/web"
    ).get("ingress", [])
