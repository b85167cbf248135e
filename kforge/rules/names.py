"""Names, labels and keys have the syntax that the API server asks for, and no object is there twice.

Patterns of k8s.io/apimachinery/pkg/util/validation; what kube-apiserver 1.34 really refuses was measured: a
StatefulSet and a Namespace take a label, a Service a label that begins with a letter, most kinds a subdomain.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from kforge.domain.document import POD_PATHS, Document, Documents
from kforge.domain.finding import Hit, Rule
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


def _object_name(documents: Documents) -> Iterator[Hit]:
    for document in documents.objects():
        name = text(mapping(document.data, "metadata"), "name")
        if fault := _name_fault(document.kind, name):
            yield Hit(document, "metadata.name", fault)


def _name_fault(kind: str, name: str) -> str:
    if not name:
        return "the object has no name"
    if kind == "Service":
        return "" if _SERVICE.fullmatch(name) else f"`{name}` is no name for a Service: a-z, 0-9, `-`, a letter first"
    if kind in _LABELLED:
        return "" if LABEL.fullmatch(name) else f"`{name}` is no name for a {kind}: at most 63 of a-z, 0-9, `-`"
    if kind in _RBAC:
        return "" if _SEGMENT.fullmatch(name) else f"`{name}` contains `/` or `%`"
    if not _SUBDOMAIN.fullmatch(name):
        return f"`{name}` is no name: a-z, 0-9, `-` and `.`, a letter or digit at both ends"
    if kind == "CronJob" and len(name) > _POD_NAME:
        return f"`{name}` is longer than {_POD_NAME} characters, so its Jobs could not be named"
    return ""


def _labels(documents: Documents) -> Iterator[Hit]:
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
                    message = f"`{value}` is no label value: at most 63 of A-Z, a-z, 0-9, `-`, `_`, `.`"
                    yield Hit(document, join(path, key), message)


def _key_fault(key: str) -> str:
    prefix, slash, name = key.rpartition("/")
    if slash and not _SUBDOMAIN.fullmatch(prefix):
        return f"`{key}` is no key: `{prefix}` is no domain name"
    return "" if _QUALIFIED.fullmatch(name) else f"`{key}` is no key: at most 63 of A-Z, a-z, 0-9, `-`, `_`, `.`"


def _annotations(documents: Documents) -> Iterator[Hit]:
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


def _config_file(documents: Documents) -> Iterator[Hit]:
    for document in documents.objects("ConfigMap", "Secret"):
        size = 0
        for part in ("data", "binaryData", "stringData"):
            for key, value in mapping(document.data, part).items():
                size += len(str(value).encode())
                if not _KEY.fullmatch(str(key)):
                    yield Hit(document, join(part, str(key)), f"`{key}` is no key: letters, digits, `-`, `_`, `.`")
        if size > 1024 * 1024:
            yield Hit(document, "data", "the content is larger than 1 MiB")


def _duplicate(documents: Documents) -> Iterator[Hit]:
    seen: dict[tuple[str, str, str, str], str] = {}
    for document in documents.objects():
        group = text(document.data, "apiVersion").rpartition("/")[0]
        identity = (group, document.kind, namespace(document), document.name)
        if identity in seen:
            yield Hit(document, "metadata.name", f"`{document.target}` is also in `{seen[identity]}`")
        seen.setdefault(identity, document.path)


def _pod_name(documents: Documents) -> Iterator[Hit]:
    for document in workloads(documents):
        name = document.name
        if document.kind in ("Deployment", "CronJob", "Pod") and ("." in name or len(name) > 63):
            yield Hit(document, "metadata.name", f"pods are named after `{name}`, and that is no DNS label")


RULES = (
    Rule("object-name", "error", "choose another name", _object_name, waivable=False),
    Rule("pod-name", "warning", "use at most 63 characters and no dot", _pod_name),
    Rule("label", "error", "shorten it, or use an annotation", _labels, waivable=False),
    Rule("annotation", "error", "correct the key, or shorten the text", _annotations, waivable=False),
    Rule("config-file", "error", "rename the file, or mount it from a volume", _config_file, waivable=False),
    Rule("duplicate-object", "error", "keep one of them", _duplicate, waivable=False),
)
