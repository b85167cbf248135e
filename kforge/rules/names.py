"""Names, labels and keys as the API server asks for them.

Patterns of k8s.io/apimachinery/pkg/util/validation; what kube-apiserver 1.34 really refuses was measured: a
StatefulSet and a Namespace take a label, a Service a label that begins with a letter, most kinds a subdomain.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from kforge.domain.document import POD_PATHS, Document, Documents
from kforge.domain.finding import Hit, rule
from kforge.domain.kubernetes.objects import mapping, namespace, pod_labels, text, workloads
from kforge.domain.origin import join

LABEL = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
_SERVICE = re.compile(r"[a-z]([-a-z0-9]{0,61}[a-z0-9])?")
_SUBDOMAIN = re.compile(r"(?=.{1,253}\Z)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
_SEGMENT = re.compile(r"(?!\.{1,2}\Z)[^/%]+")
_QUALIFIED = re.compile(r"[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?")
_VALUE = re.compile(r"([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?")
_KEY = re.compile(r"(?!\.\.)(?!\.\Z)[-._a-zA-Z0-9]{1,253}")
_RBAC = ("Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding")
_LABELLED = ("StatefulSet", "Namespace", "Job")  # a Job's name becomes a label of its pods
_POD_NAME = 52  # CronJob adds 11 characters; k8s.io/kubernetes/pkg/apis/batch/validation
_ANNOTATIONS = 256 * 1024
_NAMES = "https://kubernetes.io/docs/concepts/overview/working-with-objects/names/"
_LABELS = "https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#syntax-and-character-set"


@rule("object-name", "error", "choose another name", sources=(_NAMES,), waivable=False)
def object_name(documents: Documents) -> Iterator[Hit]:
    """An object's name has the form that its kind takes.

    Most kinds take a DNS subdomain: lower-case letters, digits, `-` and `.`. The name of a Service is a DNS label that
    begins with a letter, those of a StatefulSet, a Job and a Namespace are labels, and a CronJob's has at most 52
    characters, since the names of its Jobs are longer. The API server refuses any other.

    Wrong:
        kind: Service
        metadata: {name: 1web}
    Right:
        kind: Service
        metadata: {name: web}
    """
    for document in documents.objects():
        name = text(mapping(document.data, "metadata"), "name")
        if fault := _name_fault(document.kind, name):
            yield Hit(document, "metadata.name", fault)


def _name_fault(kind: str, name: str) -> str:
    if not name:
        return "the object has no name"
    if kind == "Service":
        return "" if _SERVICE.fullmatch(name) else f"`{name}` is not a Service name: a-z, 0-9, `-`, a letter first"
    if kind in _LABELLED:
        return "" if LABEL.fullmatch(name) else f"`{name}` is not a {kind} name: at most 63 of a-z, 0-9, `-`"
    if kind in _RBAC:
        return "" if _SEGMENT.fullmatch(name) else f"`{name}` contains `/` or `%`"
    if not _SUBDOMAIN.fullmatch(name):
        return f"`{name}` is not a name: a-z, 0-9, `-` and `.`, a letter or digit at both ends"
    if kind == "CronJob" and len(name) > _POD_NAME:
        return f"`{name}` is longer than {_POD_NAME} characters, so its Jobs could not be named"
    return ""


@rule(
    "pod-name",
    "warning",
    "use at most 63 characters and no dot",
    kinds=("Deployment", "CronJob", "Pod"),
    sources=("https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#writing-a-deployment-spec",),
)
def pod_name(documents: Documents) -> Iterator[Hit]:
    """A workload's name is one that its pods can bear as a host name.

    Pods are named after their workload, and a pod's host name is a DNS label: at most 63 characters, no dot. The API
    server takes the name of the workload all the same, and the programs in its pods then see a host name that is cut
    off or that no resolver takes.

    Wrong:
        kind: Deployment
        metadata: {name: web.v2}
    Right:
        kind: Deployment
        metadata: {name: web-v2}
    """
    for document in workloads(documents):
        name = document.name
        if document.kind in ("Deployment", "CronJob", "Pod") and ("." in name or len(name) > 63):
            yield Hit(document, "metadata.name", f"pods are named after `{name}`, which is not a DNS label")


@rule("label", "error", "shorten it, or use an annotation", sources=(_LABELS,), waivable=False)
def label(documents: Documents) -> Iterator[Hit]:
    """Labels and selectors have keys and values of the label syntax.

    A key is at most 63 letters, digits, `-`, `_` and `.`, with a domain and `/` before it or none; a value is the same
    without a domain, or empty. The API server refuses the object otherwise. A text for people is an annotation.

    Wrong:
        kind: ServiceAccount
        metadata: {labels: {team: the shop team}}
    Right:
        kind: ServiceAccount
        metadata: {labels: {team: shop}}
    """
    for document in documents.objects():
        found = [("metadata.labels", mapping(document.data, "metadata", "labels"))]
        if document.kind in POD_PATHS and document.kind != "Pod" and (template := pod_labels(document))[1]:
            found.append(template)
        if document.kind == "Service":
            found.append(("spec.selector", mapping(document.data, "spec", "selector")))
        for path, labels in found:
            for key, value in labels.items():
                if fault := _key_fault(str(key)):
                    yield Hit(document, join(path, str(key)), fault)
                elif isinstance(value, str) and not _VALUE.fullmatch(value):
                    message = f"`{value}` is not a label value: at most 63 of A-Z, a-z, 0-9, `-`, `_`, `.`"
                    yield Hit(document, join(path, key), message)


def _key_fault(key: str) -> str:
    prefix, slash, name = key.rpartition("/")
    if slash and not _SUBDOMAIN.fullmatch(prefix):
        return f"`{key}` is not a key: `{prefix}` is not a domain name"
    return "" if _QUALIFIED.fullmatch(name) else f"`{key}` is not a key: at most 63 of A-Z, a-z, 0-9, `-`, `_`, `.`"


@rule(
    "annotation",
    "error",
    "correct the key, or shorten the text",
    sources=(
        "https://kubernetes.io/docs/concepts/overview/working-with-objects/annotations/#syntax-and-character-set",
    ),
    waivable=False,
)
def annotation(documents: Documents) -> Iterator[Hit]:
    """Annotations have keys of the label syntax, and are at most 256 KiB together.

    Values may be any text; the key is a name of at most 63 characters with one domain before it or none. The API server
    refuses the object otherwise.

    Wrong:
        kind: ServiceAccount
        metadata: {annotations: {example.com/shop/owner: me}}
    Right:
        kind: ServiceAccount
        metadata: {annotations: {example.com/shop-owner: me}}
    """
    for document in documents.objects():
        found = [("metadata.annotations", mapping(document.data, "metadata", "annotations"))]
        for path, notes in found + _template_annotations(document):
            for key in notes:
                if fault := _key_fault(str(key).lower()):  # the server lowers annotation keys before it looks
                    yield Hit(document, join(path, str(key)), fault)
            if sum(len(f"{key}{value}".encode()) for key, value in notes.items()) > _ANNOTATIONS:
                yield Hit(document, path, "annotations are larger than 256 KiB")


def _template_annotations(document: Document) -> list[tuple[str, Mapping[str, Any]]]:
    path = pod_labels(document)[0].removesuffix(".labels") + ".annotations"
    found = mapping(document.data, *path.split("."))
    return [(path, found)] if found and path != "metadata.annotations" else []


@rule(
    "config-file",
    "error",
    "rename the file, or mount it from a volume",
    kinds=("ConfigMap", "Secret"),
    sources=("https://kubernetes.io/docs/concepts/configuration/configmap/#configmap-object",),
    waivable=False,
)
def config_file(documents: Documents) -> Iterator[Hit]:
    """The keys of a ConfigMap or Secret can be names of files, and its content is at most 1 MiB.

    A key has letters, digits, `-`, `_` and `.`, since each becomes a file where the object is mounted. The API server
    refuses others, and objects that are larger than a database of its kind should hold. In a spec these are the names
    under `config.files`.

    Wrong:
        kind: ConfigMap
        data: {"features (new).yaml": "checkout: true"}
    Right:
        kind: ConfigMap
        data: {features-new.yaml: "checkout: true"}
    """
    for document in documents.objects("ConfigMap", "Secret"):
        size = 0
        for part in ("data", "binaryData", "stringData"):
            for key, value in mapping(document.data, part).items():
                size += len(str(value).encode())
                if not _KEY.fullmatch(str(key)):
                    yield Hit(document, join(part, str(key)), f"`{key}` is not a key: letters, digits, `-`, `_`, `.`")
        if size > 1024 * 1024:
            yield Hit(document, "data", "the content is larger than 1 MiB")


@rule("duplicate-object", "error", "keep one of them", sources=(_NAMES,), waivable=False)
def duplicate_object(documents: Documents) -> Iterator[Hit]:
    """No two objects have the same kind, namespace and name.

    The second replaces the first in the cluster, and kustomize refuses both. It happens where an included manifest
    makes what the spec makes already.

    Wrong:
        kind: ConfigMap
        metadata: {name: web}
        ---
        kind: ConfigMap
        metadata: {name: web}
    Right:
        kind: ConfigMap
        metadata: {name: web}
        ---
        kind: ConfigMap
        metadata: {name: web-more}
    """
    seen: dict[tuple[str, str, str, str], str] = {}
    for document in documents.objects():
        group = text(document.data, "apiVersion").rpartition("/")[0]
        identity = (group, document.kind, namespace(document), document.name)
        if identity in seen:
            yield Hit(document, "metadata.name", f"`{document.target}` is also in `{seen[identity]}`")
        seen.setdefault(identity, document.path)


RULES = (object_name, pod_name, label, annotation, config_file, duplicate_object)
