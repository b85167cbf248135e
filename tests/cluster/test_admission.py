"""What the API server says to hosts, paths, schedules and time zones is what kforge says; and it takes what speaks TLS."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from kforge import catalog
from kforge.domain.document import Document, Documents
from tests.cluster.controlplane import ControlPlane
from tests.cluster.examples import kforge
from tests.cluster.rollout import make_namespace

pytestmark = pytest.mark.cluster
WHERE = "default"
HOSTS = (
    "shop.example.com", "*.example.com", "10.0.0.1", "::1", "[::1]", "Shop.example.com", "shop_a.example.com", "*", "*.",
    "a.*.example.com", "shop.example.com.", "shop..example.com", "localhost", "-a.example.com", "a-.example.com", "1.2.3",
    "10.0.0.256", "xn--bcher-kva.example", "shop.example.com:8080", "*.1.2.3.4", "010.0.0.1", f"{'a' * 64}.example.com",
    f"{'a.' * 130}com", "shop.example.com/",
)  # fmt: skip
PATHS = (
    ("/", "Prefix"), ("/api", "Exact"), ("/api/*", "Prefix"), ("/api/*", "ImplementationSpecific"), ("api", "Prefix"),
    ("", "Prefix"), ("", "ImplementationSpecific"), ("/a//b", "Prefix"), ("/a/../b", "Exact"), ("/a/./b", "Prefix"),
    ("/a/..", "Prefix"), ("/a/.", "Exact"), ("/a%2Fb", "Prefix"), ("/a%2fb", "Exact"), ("/(.*)", "Prefix"),
    ("/(.*)", "ImplementationSpecific"), ("/a b", "Prefix"), ("/a?b=c", "Prefix"), ("//", "Exact"), ("/a/", "Prefix"),
    ("*", "ImplementationSpecific"), ("/a;b", "Prefix"), ("/a//b", "ImplementationSpecific"), ("/a%20b", "Exact"),
)  # fmt: skip
SCHEDULES = (
    "0 3 * * *", "0 3 * * 7", "@daily", "@every 1h30m", "@every 1", "CRON_TZ=UTC 0 3 * * *", "TZ=UTC 0 3 * * *", "60 * * * *",
    "*/0 * * * *", "0 3 * * MON-FRI", "0 3 * * monday", "0 3 31 2 *", "* * * *", "0 0 3 * * *", "@reboot", "5-1 * * * *",
    "0 3 ? * ?", "0,,1 3 * * *", "*/15 * * JAN,feb 0-6", "@Daily", "@every -1h", " 0 3 * * *", "",
)  # fmt: skip
STRICTER = ("*-3 * * * *", "+5 * * * *", ", * * * *")  # which the API server reads as what they do not say
ZONES = (
    "Europe/Berlin", "Etc/UTC", "UTC", "utc", "GMT", "Local", "local", "", "europe/berlin", "Europe/Berln", "CEST", "CET",
    "EST5EDT", "UTC+2", "+02:00", "Etc/GMT+5", "Europe", "Europe/", "../etc/passwd", "Asia/Calcutta", "US/Pacific",
    "America/Argentina/Buenos_Aires", " Europe/Berlin", "Factory", "Europe/Kyiv", "Zulu",
)  # fmt: skip


def ingress(host: str = "a.example.com", path: str = "/", kind: str = "Prefix") -> dict[str, Any]:
    backend = {"service": {"name": "web", "port": {"number": 80}}}
    rule = {"host": host, "http": {"paths": [{"path": path, "pathType": kind, "backend": backend}]}}
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": {"name": "web", "namespace": WHERE},
        "spec": {"rules": [rule]},
    }


def cronjob(schedule: str = "0 3 * * *", **more: Any) -> dict[str, Any]:
    container = {"name": "web", "image": "web:1", "resources": {}}
    return {
        "apiVersion": "batch/v1",
        "kind": "CronJob",
        "metadata": {"name": "web", "namespace": WHERE},
        "spec": {
            "schedule": schedule,
            **more,
            "jobTemplate": {"spec": {"template": {"spec": {"restartPolicy": "Never", "containers": [container]}}}},
        },
    }


def refusal(plane: ControlPlane, data: dict[str, Any]) -> str:
    """What the API server says against an object, "" for one that it takes."""
    told = plane.kubectl(
        "create", "--dry-run=server", "--validate=strict", "-f", "-", stdin=json.dumps(data), ok=(0, 1)
    )
    return told.stderr if told.returncode else ""


def findings(data: dict[str, Any]) -> list[str]:
    """What kforge says against it, of the rules that say what the API server refuses."""
    documents = Documents(items=(Document(path="web.yaml", artifact="", data=data),))
    rules = (
        rule
        for rule in catalog.rules()
        if rule.id in ("schema", "ingress-host", "ingress-path", "schedule", "time-zone")
    )
    return [f"{rule.id}: {hit.message}" for rule in rules for hit in rule.check(documents)]


def test_kforge_refuses_what_the_api_server_refuses_and_nothing_else(plane: ControlPlane) -> None:
    tried = [
        *(ingress(host) for host in HOSTS),
        *(ingress("a.example.com", path, kind) for path, kind in PATHS),
        *(cronjob(schedule) for schedule in SCHEDULES),
        *(cronjob(timeZone=zone) for zone in ZONES),
    ]
    wrong = [
        (data["spec"].get("timeZone", data["spec"].get("schedule", data["spec"].get("rules"))), refused[-300:], found)
        for data in tried
        if bool(refused := refusal(plane, data)) != bool(found := findings(data))
    ]
    assert [(refusal(plane, cronjob(one)), bool(findings(cronjob(one)))) for one in STRICTER] == [("", True)] * 3
    assert not wrong, "\n".join(map(repr, wrong))


SPEC = """\
apiVersion: kforge.dev/v1
app: shop
namespace: encrypted
network: strict
services:
  web:
    image: ghcr.io/acme/shop:1.0.0
    user: 1000
    ports: [{name: https, port: 8443}, {name: admin, port: 9443, protocol: https}]
    probes: {readiness: {type: http, path: /healthz}, liveness: {type: http, path: /livez, port: admin}}
    expose: {host: shop.example.com, class: nginx}
  caller: {image: "ghcr.io/acme/caller:1.0.0", user: 1000, ports: [], env: {SHOP: "${services.web.url}"}}
  rpc: {image: "ghcr.io/acme/rpc:1.0.0", user: 1000, ports: [{name: grpc, port: 50051}], probes: {readiness: {type: grpc}}}
"""


def test_a_service_with_tls_is_taken_and_asked_with_tls(plane: ControlPlane, tmp_path: Path) -> None:
    (tmp_path / "app.kforge.yaml").write_text(SPEC)
    kforge(tmp_path, "build")
    make_namespace(plane, "encrypted")
    manifests = str(tmp_path / "deploy/kubernetes")
    plane.kubectl("apply", "-k", manifests, "--dry-run=server", "--validate=strict")
    plane.kubectl("apply", "-k", manifests, "--validate=strict")
    for name in ("web", "caller", "rpc"):
        plane.kubectl("rollout", "status", f"deployment/{name}", "-n", "encrypted", "--timeout=120s")
    (pod,) = plane.get("pods", "-n", "encrypted", "-l", "app.kubernetes.io/name=web")
    asked = pod["spec"]["containers"][0]
    assert [asked[probe]["httpGet"]["scheme"] for probe in ("readinessProbe", "livenessProbe")] == ["HTTPS", "HTTPS"]
    (slices,) = plane.get("endpointslices", "-n", "encrypted", "-l", "kubernetes.io/service-name=web")
    assert {port["name"]: port["appProtocol"] for port in slices["ports"]} == {"https": "https", "admin": "https"}
    plane.kubectl("delete", "namespace", "encrypted", "--wait=false")
