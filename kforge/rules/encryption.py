"""Services that speak TLS themselves: what leads to them is told so, and their certificates are there."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from typing import Any

from kforge.domain.commands.read_command import CommandContext, read
from kforge.domain.dockerfiles import dockerfiles
from kforge.domain.document import POD_PATHS, Dockerfile, Document, Documents, pod_spec
from kforge.domain.facts import Fact
from kforge.domain.finding import Hit, rule
from kforge.domain.kubernetes.ingress_classes import tells
from kforge.domain.kubernetes.objects import EMPTY, items, mapping, programs, text, workloads
from kforge.domain.source.kept_data import within
from kforge.domain.source.sightings import WORKDIR

_TOLD = re.compile(r"backend-?protocol|serversscheme|server-ssl|ssl-services|upstream-protocol|app-protocols|secure-backends|/protocol$|termination$")  # fmt: skip
_ITSELF = ("traefik",)  # controllers that go by the name of the Service's port
_SECRET = re.compile(r".*\.(?:pem|key|p12|pfx|jks|keystore)", re.IGNORECASE)  # in no image that kforge builds
_LONGEST = 4000  # characters of a command
_NO_FILES = ("adhoc", "auto", "none")  # certificates that a program makes for itself


@rule(
    "backend-https",
    "warning",
    "name the class (`routing.ingressClass`, `expose.class`), or say it by an annotation in `expose.annotations`",
    kinds=("Ingress",),
    sources=(
        "https://kubernetes.io/docs/concepts/services-networking/ingress/#tls",
        "https://haproxy-ingress.github.io/docs/configuration/keys/#backend-protocol",
    ),
)
def backend_https(documents: Documents) -> Iterator[Hit]:
    """An Ingress knows that the service behind it speaks TLS.

    Controllers end TLS and speak plain HTTP to what is behind them, which answers `400` or closes. Each is told otherwise
    in its own way. kforge writes it for the classes that it knows by their names: F5's nginx, Traefik, HAProxy, Contour, Kong,
    AWS (`alb`), Google (`gce`), Azure's gateway, OpenShift.

    Wrong:
        kind: Ingress
        metadata: {name: web}
        spec: {ingressClassName: own, rules: [{host: a.example.com, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {name: https}}}}]}}]}
        ---
        kind: Service
        metadata: {name: web}
        spec: {ports: [{name: https, port: 8443, appProtocol: https}]}
    Right:
        kind: Ingress
        metadata: {name: web, annotations: {haproxy-ingress.github.io/backend-protocol: h1-ssl}}
        spec: {ingressClassName: own, rules: [{host: a.example.com, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {name: https}}}}]}}]}
        ---
        kind: Service
        metadata: {name: web}
        spec: {ports: [{name: https, port: 8443, appProtocol: https}]}
    """
    services = {service.name: service for service in documents.objects("Service")}
    for ingress in documents.objects("Ingress"):
        for at, entry in items(mapping(ingress.data, "spec"), "rules", "spec"):
            for path, below in items(mapping(entry, "http"), "paths", f"{at}.http"):
                named = mapping(below, "backend", "service")
                service = services.get(text(named, "name"))
                if service is not None and _encrypted(service, mapping(named, "port")):
                    yield from _untold(ingress, service, f"{path}.backend.service.port")


def _encrypted(service: Document, port: Mapping[str, Any]) -> bool:
    """Whether a port of a Service says that it speaks HTTPS."""
    for _, entry in items(mapping(service.data, "spec"), "ports"):
        if text(port, "name") == text(entry, "name") or (port.get("number") or 0) == entry.get("port"):
            return text(entry, "appProtocol").lower() == "https"
    return False


def _untold(ingress: Document, service: Document, field: str) -> Iterator[Hit]:
    class_ = text(mapping(ingress.data, "spec"), "ingressClassName")
    noted = {**mapping(ingress.data, "metadata", "annotations"), **mapping(service.data, "metadata", "annotations")}
    known = tells(class_, "https")
    if not known.isdisjoint(noted) or any(_TOLD.search(str(key)) for key in noted):
        return
    if any(name in class_ for name in _ITSELF):
        return
    of = f"of class `{class_}`" if class_ else "of no class"
    said = f"`{service.name}` speaks HTTPS, and the Ingress {of} is not told: its controller speaks plain HTTP to it"
    hint = f"add `{min(known)}` to its annotations" if known else ""
    yield Hit(ingress, field, said, hint)


@rule(
    "missing-certificate",
    "warning",
    "mount it from a Secret",
    kinds=tuple(POD_PATHS),
    sources=("https://kubernetes.io/docs/concepts/configuration/secret/#tls-secrets",),
)
def missing_certificate(documents: Documents) -> Iterator[Hit]:
    """The certificate and the key that a server is told to serve with are there.

    A server ends at once when a file of its TLS configuration is missing. Keys are in no image that kforge builds: what
    is in an image is known to all who pull it. The finding names the file, as the command or a line of the code says it.

    Mount a Secret at the file's folder by a fragment of the service, or take TLS off the command: inside of a cluster an
    Ingress or a mesh ends it.

    Wrong:
        command: [uvicorn, "main:app", --ssl-certfile, /tls/tls.crt, --ssl-keyfile, /tls/tls.key]
    Right:
        command: [uvicorn, "main:app", --ssl-certfile, /tls/tls.crt, --ssl-keyfile, /tls/tls.key]
        volumeMounts: [{name: tls, mountPath: /tls, readOnly: true}]
    """
    built = {document.service: _starts(dockerfile) for document, dockerfile in dockerfiles(documents)}
    for workload in workloads(documents):
        path, container = next(programs(workload), ("", EMPTY))
        if not path:
            continue
        where, pod = pod_spec(workload) or ("", {})
        fleeting = {text(volume, "name") for _, volume in items(pod, "volumes", where) if "emptyDir" in volume}
        mounts = [mount for _, mount in items(container, "volumeMounts") if text(mount, "name") not in fleeting]
        mounted = [text(mount, "mountPath") for mount in mounts]
        lacking: dict[str, str] = {}
        for file, place in _files(documents, workload, container, built.get(workload.service)):
            if not within(file, mounted):
                lacking.setdefault(file, place)
        if lacking:
            yield _lacking(workload, path, lacking)


def _starts(dockerfile: Dockerfile) -> list[str]:
    """What an image starts."""
    last = dockerfile.stages[-1].instructions if dockerfile.stages else ()
    return [word for name in ("ENTRYPOINT", "CMD") for one in last if one.name == name for word in one.args]


def _files(
    documents: Documents, workload: Document, container: Mapping[str, Any], built: list[str] | None
) -> Iterator[tuple[str, str]]:
    """Absolute paths of the files of TLS that are in no image, each with the place that shows it. `built`: what the image
    starts, where kforge builds it.
    """
    words = [word for key in ("command", "args") for word in _list(container.get(key))]
    facts = documents.facts.get(workload.service)
    own = bool(words) and facts is not None and words not in [fact.value for fact in facts.start[:1]]
    if not words and not (words := built or []) and facts is not None:
        words = next((list(map(str, fact.value)) for fact in facts.start), [])
    given = {text(one, "name"): text(one, "value") for _, one in items(container, "env") if "value" in one}
    told = read(words, CommandContext(given)).certificates if sum(map(len, words)) <= _LONGEST else ()
    for file in told:
        inside = not file.startswith("/") or within(file, [WORKDIR])
        if file.lower() in _NO_FILES or "$" in file or (inside and not (built is not None and _SECRET.fullmatch(file))):
            continue
        yield posixpath.normpath(posixpath.join(WORKDIR, file)), ""
    for fact in facts.certificates if facts is not None and not own else ():
        if not _moved(fact, container):
            yield fact.value["path"], fact.where


def _moved(fact: Fact, container: Mapping[str, Any]) -> bool:
    """Whether a variable of the container names another file."""
    return fact.value["env"] in {text(one, "name") for _, one in items(container, "env")}


def _list(value: object) -> list[str]:
    return [word for word in value if isinstance(word, str)] if isinstance(value, list) else []


def _lacking(workload: Document, path: str, files: Mapping[str, str]) -> Hit:
    named = " and ".join(f"`{file}`{place}" for file, place in sorted(files.items()))
    folder, service = posixpath.dirname(min(files)), workload.service
    said = f"`{service}` serves TLS with {named}, which nothing brings"
    mount = f"{{name: {service}, volumeMounts: [{{name: tls, mountPath: {folder}, readOnly: true}}]}}"
    hint = f"mount a Secret there, `services.{service}.kubernetes: {{Pod: {{volumes: [{{name: tls, secret: {{secretName: {service}-tls}}}}], containers: [{mount}]}}}}`, or serve without TLS"
    return Hit(workload, path, said, hint)


RULES = (backend_https, missing_certificate)
