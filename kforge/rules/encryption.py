"""Services that speak TLS themselves: their certificates are there."""

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
from kforge.domain.kubernetes.objects import EMPTY, items, programs, text, workloads
from kforge.domain.source.kept_data import within
from kforge.domain.source.sightings import WORKDIR

_SECRET = re.compile(r".*\.(?:pem|key|p12|pfx|jks|keystore)", re.IGNORECASE)  # in no image that kforge builds
_LONGEST = 4000  # characters of a command
_NO_FILES = ("adhoc", "auto", "none")  # certificates that a program makes for itself


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
    said = f"`{service}` serves TLS with {named}, found neither in its source nor in a mount"
    mount = f"{{name: {service}, volumeMounts: [{{name: tls, mountPath: {folder}, readOnly: true}}]}}"
    hint = f"mount a Secret there, `services.{service}.kubernetes: {{Pod: {{volumes: [{{name: tls, secret: {{secretName: {service}-tls}}}}], containers: [{mount}]}}}}`, or serve without TLS"
    return Hit(workload, path, said, hint)


RULES = (missing_certificate,)
