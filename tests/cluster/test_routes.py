"""What the API server says to objects of the Gateway API, by the CRDs themselves, is what kforge says; and it adds nothing
to the routes that kforge writes.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from kforge import catalog
from kforge.domain.document import Document, Documents
from kforge.domain.fieldpath import put, remove
from kforge.domain.kubernetes.routing import GROUP
from kforge.system.schemas import validator
from tests.cluster.conftest import Prepared, applies_to
from tests.cluster.controlplane import ControlPlane

pytestmark = pytest.mark.cluster
GONE = object()
BACKEND = {"group": "", "kind": "Service", "name": "web", "port": 80, "weight": 1}
PARENT = {"group": GROUP, "kind": "Gateway", "name": "shared", "namespace": "infra", "sectionName": "https"}
OBJECTS: dict[str, dict[str, Any]] = {
    "HTTPRoute": {
        "parentRefs": [PARENT],
        "hostnames": ["shop.example.com"],
        "rules": [{"matches": [{"path": {"type": "PathPrefix", "value": "/"}}], "backendRefs": [BACKEND]}],
    },
    "GRPCRoute": {
        "parentRefs": [PARENT],
        "rules": [{"matches": [{"method": {"type": "Exact", "service": "shop.Orders"}}], "backendRefs": [BACKEND]}],
    },
    "TLSRoute": {"parentRefs": [PARENT], "hostnames": ["a.example.com"], "rules": [{"backendRefs": [BACKEND]}]},
    "TCPRoute": {"parentRefs": [PARENT], "rules": [{"backendRefs": [BACKEND]}]},
    "Gateway": {
        "gatewayClassName": "public",
        "listeners": [
            {"name": "http", "port": 80, "protocol": "HTTP"},
            {
                "name": "https",
                "port": 443,
                "protocol": "HTTPS",
                "hostname": "*.example.com",
                "tls": {"certificateRefs": [{"name": "wildcard"}]},
            },
        ],
    },
    "ListenerSet": {
        "parentRef": {"name": "shared", "namespace": "infra"},
        "listeners": [{"name": "a", "port": 443, "protocol": "HTTPS", "tls": {"certificateRefs": [{"name": "a-tls"}]}}],
    },
    "BackendTLSPolicy": {
        "targetRefs": [{"group": "", "kind": "Service", "name": "web", "sectionName": "https"}],
        "validation": {"hostname": "web.example.com", "wellKnownCACertificates": "System"},
    },
    "ReferenceGrant": {
        "from": [{"group": GROUP, "kind": "HTTPRoute", "namespace": "shop"}],
        "to": [{"group": "", "kind": "Service"}],
    },
}
PATH, RULE = "spec.rules[0].matches[0].path", "spec.rules[0]"
REDIRECT = {"type": "RequestRedirect", "requestRedirect": {"scheme": "https", "statusCode": 301}}
REWRITE = {
    "type": "URLRewrite",
    "urlRewrite": {"path": {"type": "ReplacePrefixMatch", "replacePrefixMatch": "/"}},
}
# kind, field, value: each is one change of a good object
CHANGES: tuple[tuple[str, str, Any], ...] = (
    *(("HTTPRoute", f"{PATH}.value", value) for value in (
        "/shop", "shop", "/a//b", "/a/../b", "/a/./b", "/a/..", "/a/.", "/a%2Fb", "/a%2fb", "/a%20b", "/a b", "/a#b", "/*",
        "/(.*)", "/a?b", "/ü", "/a%zz", "", "//", "/" + "a" * 1023, "/" + "a" * 1024,
    )),
    *(("HTTPRoute", PATH, {"type": kind, "value": "/(a|b"}) for kind in ("RegularExpression", "Prefix")),
    *(("HTTPRoute", "spec.hostnames[0]", host) for host in (
        "*.example.com", "*", "a.*.com", "Shop.example.com", "shop.example.com.", "10.0.0.1", "a_b.example.com", "",
        "shop.example.com:443", "-a.example.com", "a" * 254,
    )),
    ("HTTPRoute", "spec.hostnames", []),
    ("HTTPRoute", "spec.hostname", "a.example.com"),
    ("HTTPRoute", f"{RULE}.backendRefs[0].port", GONE),
    ("HTTPRoute", f"{RULE}.backendRefs[0].port", 0),
    ("HTTPRoute", f"{RULE}.backendRefs[0].port", "80"),
    ("HTTPRoute", f"{RULE}.backendRefs[0].weight", -1),
    ("HTTPRoute", f"{RULE}.backendRefs[0].weight", 1_000_001),
    ("HTTPRoute", f"{RULE}.backendRefs[0].group", GONE),
    ("HTTPRoute", f"{RULE}.backendRefs[0].name", GONE),
    ("HTTPRoute", f"{RULE}.backendRefs[0]", {"group": "storage.example.com", "kind": "Bucket", "name": "files"}),
    ("HTTPRoute", f"{RULE}.filters", [REDIRECT]),
    ("HTTPRoute", RULE, {"filters": [REDIRECT]}),
    ("HTTPRoute", RULE, {"filters": [REDIRECT, REDIRECT]}),
    ("HTTPRoute", RULE, {"filters": [{"type": "RequestRedirect"}]}),
    ("HTTPRoute", RULE, {"filters": [{**REDIRECT, "type": "URLRewrite"}]}),
    ("HTTPRoute", f"{RULE}.filters", [REWRITE]),
    ("HTTPRoute", f"{RULE}.filters", [REDIRECT, REWRITE]),
    ("HTTPRoute", RULE, {"matches": [{"path": {"type": "Exact", "value": "/a"}}], "filters": [REWRITE], "backendRefs": [BACKEND]}),
    ("HTTPRoute", f"{RULE}.timeouts", {"request": "10s", "backendRequest": "5s"}),
    ("HTTPRoute", f"{RULE}.timeouts", {"request": "5s", "backendRequest": "10s"}),
    ("HTTPRoute", f"{RULE}.timeouts", {"request": "0s", "backendRequest": "10s"}),
    ("HTTPRoute", f"{RULE}.timeouts", {"request": "5 s"}),
    ("HTTPRoute", f"{RULE}.sessionPersistence", {"sessionName": "a"}),
    ("HTTPRoute", f"{RULE}.name", "main"),
    ("HTTPRoute", "spec.rules", [{"name": "a", "backendRefs": [BACKEND]}, {"name": "a", "backendRefs": [BACKEND]}]),
    ("HTTPRoute", "spec.rules", [{"name": "a", "backendRefs": [BACKEND]}, {"name": "b", "backendRefs": [BACKEND]}]),
    ("HTTPRoute", "spec.rules", [{"backendRefs": [BACKEND]}] * 17),
    ("HTTPRoute", "spec.parentRefs", []),
    ("HTTPRoute", "spec.parentRefs", [PARENT, {**PARENT, "sectionName": "http"}]),
    ("HTTPRoute", "spec.parentRefs", [PARENT, PARENT]),
    ("HTTPRoute", "spec.parentRefs", [{"name": "a"}, {"name": "a", "sectionName": "b"}]),
    ("HTTPRoute", "spec.parentRefs[0].sectionName", "Not_A_Name"),
    ("HTTPRoute", "apiVersion", f"{GROUP}/v1beta1"),
    ("HTTPRoute", "apiVersion", f"{GROUP}/v1alpha2"),
    ("HTTPRoute", "metadata.annotation", {"a": "b"}),
    *(("GRPCRoute", f"{RULE}.matches[0].method", value) for value in (
        {"service": "shop.Orders", "method": "Get"}, {"method": "Get"}, {}, {"service": "a/b"}, {"service": "shop.Orders", "method": "Get/All"},
        {"service": "1shop"}, {"type": "RegularExpression", "service": "a/b"}, {"type": "Prefix", "service": "a"},
    )),
    ("GRPCRoute", f"{RULE}.matches", GONE),
    ("TLSRoute", "spec.hostnames", ["10.0.0.1"]),
    ("TLSRoute", "spec.hostnames", ["*.example.com"]),
    ("TLSRoute", "spec.hostnames", GONE),
    ("TCPRoute", "spec.rules", []),
    ("TCPRoute", "spec.hostnames", ["a.example.com"]),
    ("Gateway", "spec.listeners[0].tls", {"certificateRefs": [{"name": "a"}]}),
    ("Gateway", "spec.listeners[1].tls", {"mode": "Passthrough"}),
    ("Gateway", "spec.listeners[1].tls", {}),
    ("Gateway", "spec.listeners[1].name", "http"),
    ("Gateway", "spec.listeners[1]", {"name": "again", "port": 80, "protocol": "HTTP"}),
    ("Gateway", "spec.listeners[0].protocol", "TCP"),
    ("Gateway", "spec.listeners[0].hostname", "10.0.0.1"),
    ("Gateway", "spec.listeners", []),
    ("Gateway", "spec.addresses", [{"type": "IPAddress", "value": "10.0.0.1"}]),
    ("Gateway", "spec.addresses", [{"type": "Hostname", "value": "a_b"}]),
    ("Gateway", "spec.gatewayClassName", GONE),
    ("Gateway", "spec.allowedListeners", {"namespaces": {"from": "All"}}),
    ("ListenerSet", "spec.listeners[0].port", GONE),
    ("ListenerSet", "spec.listeners[0].tls", {"mode": "Terminate"}),
    ("ListenerSet", "spec.parentRef", GONE),
    ("ListenerSet", "spec.listeners", [{"name": "a", "port": 80, "protocol": "HTTP", "hostname": each} for each in ("a.com", "b.com")]),
    ("ListenerSet", "spec.listeners", [{"name": each, "port": 80, "protocol": "HTTP", "hostname": "a.com"} for each in ("a", "b")]),
    ("BackendTLSPolicy", "spec.validation.wellKnownCACertificates", GONE),
    ("BackendTLSPolicy", "spec.validation.hostname", "*.example.com"),
    ("BackendTLSPolicy", "spec.validation.caCertificateRefs", [{"group": "", "kind": "ConfigMap", "name": "ca"}]),
    ("BackendTLSPolicy", "spec.validation", {"hostname": "a.b", "caCertificateRefs": [{"group": "", "kind": "ConfigMap", "name": "ca"}]}),
    ("BackendTLSPolicy", "spec.validation.subjectAltNames", [{"type": "Hostname", "uri": "spiffe://a"}]),
    ("BackendTLSPolicy", "spec.targetRefs", []),
    ("ReferenceGrant", "spec.to", []),
    ("ReferenceGrant", "spec.from[0].name", "x"),
)  # fmt: skip


def changed(number: int, kind: str, field: str, value: Any) -> dict[str, Any]:
    data = {
        "apiVersion": f"{GROUP}/v1",
        "kind": kind,
        "metadata": {"name": f"web-{number}", "namespace": "default"},
        "spec": OBJECTS[kind],
    }
    if not field:
        return data
    found: dict[str, Any] = remove(data, field) if value is GONE else put(data, field, value)
    return found


def findings(data: dict[str, Any]) -> list[str]:
    """What kforge says against an object, of the rules that say what the API server refuses."""
    items = (Document(path="web.yaml", artifact="", data=data),)
    documents = Documents(items=items, validate=validator("1.34"))
    rules = (rule for rule in catalog.rules() if rule.id in ("schema", "schema-gateway"))
    return [f"{rule.id}: {hit.field}: {hit.message}" for rule in rules for hit in rule.check(documents)]


def test_kforge_refuses_what_the_crds_refuse_and_nothing_else(plane: ControlPlane) -> None:
    cases = [*((kind, "", None) for kind in OBJECTS), *CHANGES]
    tried = [changed(number, *case) for number, case in enumerate(cases)]
    # All in one: kubectl goes on after a refusal, and names what is taken.
    words = ("create", "--dry-run=server", "--validate=strict", "-o", "name", "-f", "-")
    told = plane.kubectl(*words, stdin="\n".join(map(json.dumps, tried)), ok=(1,))
    taken = {name.rpartition("/")[2] for name in told.stdout.split()}
    wrong = [
        (case, found)
        for case, data in zip(cases, tried, strict=True)
        if (data["metadata"]["name"] in taken) == bool(found := findings(data))
    ]
    assert not wrong, "\n".join(map(repr, wrong))
    assert len(OBJECTS) < len(taken) < len(tried) * 2 / 3  # or the CRDs are not there


@applies_to(lambda target: "routing" in target.spec)
def test_the_api_server_adds_nothing_to_what_is_written(prepared: Prepared) -> None:
    """So that a tool that compares what runs with what is written finds no difference."""
    routed = [item for item in prepared.objects if item["apiVersion"].startswith(f"{GROUP}/")]
    for item in routed:
        # By `apply`, since the objects may be there already.
        words = (
            "apply",
            "--server-side",
            "--force-conflicts",
            "--dry-run=server",
            "--validate=strict",
            "-o",
            "json",
            "-f",
            "-",
        )
        there = json.loads(prepared.plane.kubectl(*words, stdin=json.dumps(item)).stdout)
        assert there["spec"] == item["spec"], item["kind"]
    assert bool(routed) == (prepared.target.environment != "classic")
