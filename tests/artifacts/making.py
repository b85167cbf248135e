"""Hand-made specs and decisions → documents, as the assembler makes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from kforge import catalog
from kforge.artifacts import (
    autoscaler,
    backendtls,
    claim,
    configmap,
    cronjob,
    deployment,
    disruption,
    ingress,
    job,
    listenerset,
    namespace,
    network,
    route,
    service,
    serviceaccount,
    statefulset,
)
from kforge.domain.document import Document
from kforge.domain.facts import Fact, Facts
from kforge.domain.origin import split
from kforge.domain.spec.types import Spec
from kforge.domain.view import View

SHELF = (
    namespace, serviceaccount, configmap, claim, deployment, statefulset, job, cronjob, service, ingress, route,
    backendtls, listenerset, autoscaler, disruption, network,
)  # fmt: skip
HTTP = {"name": "http", "port": 8080, "protocol": "http", "env": ""}
HTTPS = {"name": "https", "port": 8443, "protocol": "https", "env": ""}
GRPC = {"name": "grpc", "port": 9090, "protocol": "grpc", "env": ""}
PROCESS = {"command": None, "ports": [HTTP], "user": 1000, "writable": ["/tmp"]}
TCP = {"type": "tcp", "path": None, "port": "http", "period": 10, "timeout": 5, "failures": 6}
PROBES = {
    "startup": {**TCP, "period": 2, "failures": 30},
    "readiness": {**TCP, "type": "http", "path": "/ready", "period": 5, "timeout": 2, "failures": 3},
    "liveness": TCP,
}
RESOURCES = {"cpu": "100m", "memory": "256Mi", "cpuLimit": None, "memoryLimit": None, "storage": None}
ROLLOUT = {"strategy": "rolling", "surge": "25%", "unavailable": 0, "gracePeriod": 30, "drain": 5, "spread": "zone"}
JOB_ROLLOUT = {"gracePeriod": 30, "retries": 3, "deadline": 3600, "keep": 86400}


def facts(**held: Any) -> Facts:
    """Facts from plain values: a list stands for several."""
    return Facts(
        **{name: tuple(map(Fact, value)) if isinstance(value, list) else Fact(value) for name, value in held.items()}
    )


def make(
    services: Mapping[str, Any],
    *,
    environment: str = "",
    decided: Mapping[tuple[str, str], Mapping[str, Any]] | None = None,
    seen: Mapping[str, Facts] | None = None,
    **app: Any,
) -> dict[str, Document]:
    """Finished documents by target. Decisions are those above, with `decided` laid over them."""
    spec = Spec.model_validate({"apiVersion": "kforge.dev/v1", "app": "shop", "services": services, **app})
    decisions: dict[tuple[str, str], dict[str, Any]] = {}
    for name, block in spec.services.items():
        runs = bool(block.job or block.schedule)
        answers = {"process": {**PROCESS, "ports": [] if runs else [HTTP]}, "probes": PROBES, "resources": RESOURCES}
        for topic, answer in {**answers, "rollout": JOB_ROLLOUT if runs else ROLLOUT}.items():
            decisions[name, topic] = {**answer, **(decided or {}).get((name, topic), {})}
    made: list[Document] = []
    for module in SHELF:
        for owner in ("",) if module.ARTIFACT.scope == "app" else spec.services:
            view = View(spec, seen or {}, decisions, owner, environment, languages=catalog.languages())
            built = module.ARTIFACT.build(view)
            for document in built if isinstance(built, tuple) else (built,) if built else ():
                data, origins = split(document.data)
                made.append(replace(document, data=data, origins=origins))
    return {document.target: document for document in made}


def pod(document: Document) -> dict[str, Any]:
    spec: Any = document.data["spec"] if document.data else {}
    spec = spec.get("jobTemplate", {}).get("spec", spec)
    found: dict[str, Any] = spec["template"]["spec"]
    return found


def container(document: Document) -> dict[str, Any]:
    found: dict[str, Any] = pod(document)["containers"][0]
    return found
