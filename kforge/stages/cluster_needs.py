"""Finished documents of every environment → what they name and do not bring: Secrets, namespaces, host names, classes,
Gateways. Asks no cluster.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from kforge.domain.document import Document, Documents, pod_spec
from kforge.domain.kubernetes.objects import items, mapping, text
from kforge.domain.kubernetes.routing import ROUTES
from kforge.domain.natural_order import natural
from kforge.stages.secret_needs import ISSUERS, SecretNeed, joined, namespace, secrets

_FOLLOWERS = ("argoproj.io", "toolkit.fluxcd.io")  # groups
_ALWAYS = ("", "default", "kube-system", "kube-public", "kube-node-lease")  # every cluster has them


@dataclass(frozen=True, slots=True)
class ObjectNeed:
    """An object that must exist: `StorageClass fast`, `Gateway infra/shared`. Without a name it is the cluster's default."""

    kind: str
    name: str
    namespace: str = ""
    environments: tuple[str, ...] = ()  # "" is the base
    detail: str = ""  # what it must have: `listener https`

    def __str__(self) -> str:
        if not self.name:
            return f"a default {self.kind}"
        return f"{self.kind} {f'{self.namespace}/' if self.namespace else ''}{self.name}"


# https://kubernetes.io/docs/concepts/services-networking/ingress/#default-ingress-class
NO_CLASS = ObjectNeed("IngressClass", "", detail="or name one: `routing: {ingressClass: …}`")


@dataclass(frozen=True, slots=True)
class HostNeed:
    """A host name that must lead to the cluster, and through what."""

    host: str
    through: str = ""
    environments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NamespaceNeed:
    """A namespace, and whether the manifests bring it: its Secrets are made before they are applied."""

    name: str
    brought: bool = False
    environments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ClusterNeeds:
    """What must be there, outside of what is written."""

    namespaces: tuple[NamespaceNeed, ...] = ()
    secrets: tuple[SecretNeed, ...] = ()
    hosts: tuple[HostNeed, ...] = ()
    objects: tuple[ObjectNeed, ...] = ()


def deployed(environments: Iterable[str]) -> tuple[str, ...]:
    """Environments that are deployed: the base ("") only where there is no other."""
    held = tuple(sorted(environments))
    return tuple(name for name in held if name) or held


def cluster_needs(documents: Mapping[str, Documents]) -> ClusterNeeds:
    """What the environments that are deployed need, each thing once, with the environments that need it."""
    here = [documents[name] for name in deployed(documents)]
    objects: dict[ObjectNeed, list[str]] = {}
    hosts: dict[HostNeed, list[str]] = {}
    namespaces: dict[NamespaceNeed, list[str]] = {}
    for each in here:
        for need in {*_objects(each)}:
            objects.setdefault(need, []).append(each.environment)
        for host in {*_hosts(each)}:
            hosts.setdefault(host, []).append(each.environment)
        for home in {*_namespaces(each)}:
            namespaces.setdefault(home, []).append(each.environment)
    return ClusterNeeds(
        tuple(
            NamespaceNeed(one.name, one.brought, tuple(where))
            for one, where in sorted(namespaces.items(), key=lambda pair: natural(pair[0].name))
        ),
        joined(need for each in here for need in secrets(each)),
        tuple(
            HostNeed(one.host, one.through, tuple(where))
            for one, where in sorted(
                hosts.items(), key=lambda pair: (pair[1], natural(pair[0].host), natural(pair[0].through))
            )
        ),
        tuple(
            ObjectNeed(one.kind, one.name, one.namespace, tuple(where), one.detail)
            for one, where in sorted(objects.items(), key=lambda pair: (natural(str(pair[0])), natural(pair[0].detail)))
        ),
    )


def _namespaces(documents: Documents) -> Iterator[NamespaceNeed]:
    brought = {item.name for item in documents.objects("Namespace")}
    homes = {namespace(item) for item in documents.objects() if not _follower(item)}
    for name in sorted(homes.difference(_ALWAYS)):
        yield NamespaceNeed(name, name in brought)


def _follower(item: Document) -> bool:
    """Whether Argo CD or Flux reads an object, in a namespace that came with them."""
    return text(item.data, "apiVersion").partition("/")[0].endswith(_FOLLOWERS)


def _hosts(documents: Documents) -> Iterator[HostNeed]:
    for item in documents.objects("Ingress"):
        class_ = text(mapping(item.data, "spec"), "ingressClassName")
        for _, rule in items(mapping(item.data, "spec"), "rules"):
            if host := text(rule, "host"):
                yield HostNeed(host, f"IngressClass {class_}" if class_ else "")
    for item in documents.objects(*ROUTES):
        hosts = mapping(item.data, "spec").get("hostnames")
        through = next(_gateways(item, documents), None)
        for host in hosts if isinstance(hosts, list) else ():
            yield HostNeed(str(host), str(through) if through else "")


def _objects(documents: Documents) -> Iterator[ObjectNeed]:
    there = {f"{item.kind} {item.name}" for item in documents.objects()}
    for item in documents.objects():
        for need in _named(item, documents):
            if need == NO_CLASS:
                if not any(map(_default, documents.objects(need.kind))):
                    yield need
            elif need.name and f"{need.kind} {need.name}" not in there:
                yield need


def _default(item: Document) -> bool:
    noted = mapping(item.data, "metadata", "annotations")
    return noted.get("ingressclass.kubernetes.io/is-default-class") == "true"


def _named(item: Document, documents: Documents) -> Iterator[ObjectNeed]:
    spec = mapping(item.data, "spec")
    pod = pod_spec(item)
    if pod is not None:
        class_ = text(pod[1], "priorityClassName")
        yield ObjectNeed("PriorityClass", "" if class_.startswith("system-") else class_)
        yield ObjectNeed("RuntimeClass", text(pod[1], "runtimeClassName"))
    if item.kind == "PersistentVolumeClaim":
        yield ObjectNeed("StorageClass", text(spec, "storageClassName"))
    for _, claim in items(spec, "volumeClaimTemplates"):
        yield ObjectNeed("StorageClass", text(mapping(claim, "spec"), "storageClassName"))
    if item.kind == "Ingress":
        class_ = text(spec, "ingressClassName")
        old = text(mapping(item.data, "metadata", "annotations"), "kubernetes.io/ingress.class")
        yield ObjectNeed("IngressClass", class_) if class_ or old else NO_CLASS
    if item.kind == "BackendTLSPolicy":
        for _, reference in items(mapping(spec, "validation"), "caCertificateRefs"):
            yield ObjectNeed(text(reference, "kind"), text(reference, "name"), namespace(item), detail="ca.crt")
    yield from _gateways(item, documents)
    noted = mapping(item.data, "metadata", "annotations")
    for name, kind in ISSUERS.items():
        yield ObjectNeed(kind, text(noted, name), namespace(item) if kind == "Issuer" else "")


def _gateways(item: Document, documents: Documents) -> Iterator[ObjectNeed]:
    """Gateways that a route or a ListenerSet attaches to; a route may do so through a ListenerSet."""
    spec = mapping(item.data, "spec")
    parents = [each for _, each in items(spec, "parentRefs")] if item.kind in ROUTES else []
    parents += [mapping(spec, "parentRef")] if item.kind == "ListenerSet" else []
    for parent in parents:
        kind, name = text(parent, "kind") or "Gateway", text(parent, "name")
        if kind == "ListenerSet" and item.kind != kind:
            held = documents.get(kind, name)
            yield from _gateways(held, documents) if held else (ObjectNeed(kind, name, namespace(item)),)
        elif kind == "Gateway":
            section = text(parent, "sectionName")
            detail = f"listener {section}" if section else ""
            yield ObjectNeed(kind, name, text(parent, "namespace") or namespace(item), detail=detail)
