"""An Ingress that is told what is behind it speaks: TLS, or gRPC."""

from __future__ import annotations

from typing import Any

import pytest

from kforge.domain.document import Document, Documents
from tests.rules.families import family

HTTPS, GRPC = family("ingress_backends")
PORTS = [
    {"name": "https", "port": 8443, "appProtocol": "https"},
    {"name": "http", "port": 8080},
    {"name": "grpc", "port": 50051, "appProtocol": "kubernetes.io/h2c"},
    {"name": "wire", "port": 50052, "appProtocol": "grpc"},
]


def ingress(
    class_: str, annotations: dict[str, str], name: str = "https", service: dict[str, str] | None = None, **more: Any
) -> list[str]:
    backend = {"service": {"name": "web", "port": {"name": name}}}
    rules = [{"host": "a.example.com", "http": {"paths": [{"path": "/", "pathType": "Prefix", "backend": backend}]}}]
    spec = {"rules": rules, **({"ingressClassName": class_} if class_ else {})}
    noted = {"name": "web", "annotations": service or {}}
    made = [
        {"kind": "Ingress", "metadata": {"name": "web", "annotations": annotations}, "spec": spec},
        {"kind": "Service", "metadata": noted, "spec": {"ports": PORTS}},
    ]
    documents = Documents(
        items=tuple(
            Document(path=f"{one['kind']}.yaml", artifact="x", service="web", data={"apiVersion": "v1", **one})
            for one in made
        ),
        **more,
    )
    return [hit.message for rule in (HTTPS, GRPC) for hit in rule.check(documents)]


@pytest.mark.parametrize("class_", ["", "own", "nginx"])
def test_an_ingress_before_tls_is_told_of_it(class_: str) -> None:
    assert len(ingress(class_, {})) == 1
    assert ingress(class_, {"nginx.ingress.kubernetes.io/backend-protocol": "HTTPS"}) == []


@pytest.mark.parametrize("given", [("traefik", {}, "https"), ("contour", {}, "https"), ("contour", {}, "grpc"), ("own", {}, "http"), ("own", {"own.io/backend-protocol": "tls"}, "https")])  # fmt: skip
def test_one_that_needs_no_word_or_has_one_is_left(given: tuple[str, dict[str, str], str]) -> None:
    assert ingress(*given) == []


@pytest.mark.parametrize("name", ["grpc", "wire"])
@pytest.mark.parametrize("class_", ["", "own", "traefik", "gce", "azure-application-gateway"])
def test_an_ingress_before_grpc_is_told_of_it(class_: str, name: str) -> None:
    (said,) = ingress(class_, {}, name)
    of = f"of class `{class_}`" if class_ else "without a class"
    assert said == f"`web` speaks gRPC, but the Ingress {of} does not say so: its controller would speak HTTP/1"


@pytest.mark.parametrize(
    ("class_", "annotations", "service"),
    [
        ("traefik", {}, {"traefik.ingress.kubernetes.io/service.serversscheme": "h2c"}),
        ("nginx", {"nginx.org/grpc-services": "web"}, {}),
        ("own", {"haproxy.org/server-proto": "h2"}, {}),
        ("own", {"nginx.ingress.kubernetes.io/backend-protocol": "GRPC"}, {}),
        ("kong", {"konghq.com/protocols": "grpc,grpcs"}, {}),
        ("openshift-default", {}, {}),
    ],
)
def test_one_that_is_told_of_grpc_is_left(class_: str, annotations: dict[str, str], service: dict[str, str]) -> None:
    assert ingress(class_, annotations, "grpc", service) == []


def test_openshifts_router_reads_it_off_the_service() -> None:
    assert ingress("", {}, "grpc", platform="openshift") == []
    assert len(ingress("", {}, "grpc", platform="eks")) == 1


def test_what_is_said_of_something_else_is_not_said_of_grpc() -> None:
    assert len(ingress("own", {"own.io/proxy-body-size": "8m", "own.io/ssl-redirect": "true"}, "grpc")) == 1
