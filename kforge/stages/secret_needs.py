"""Finished documents → the Secrets that their pods and routes name and that no document brings, with the keys that are read.

Fragments, patches and included manifests count as everything else does: only what is applied in the end is looked at.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from kforge.domain.document import Document, Documents, pod_spec
from kforge.domain.images import qualified
from kforge.domain.kubernetes.objects import containers, items, mapping, text
from kforge.domain.natural_order import natural

GENERIC, TLS, PULL = "generic", "tls", "docker-registry"  # as `kubectl create secret` calls them
# https://kubernetes.io/docs/concepts/configuration/secret/#secret-types
_KEYS = {TLS: ("tls.crt", "tls.key"), PULL: (".dockerconfigjson",)}
# Annotations by which cert-manager makes the Secret of an Ingress or a ListenerSet, and the kind that each names:
# https://cert-manager.io/docs/usage/ingress/#supported-annotations
ISSUERS = {"cert-manager.io/cluster-issuer": "ClusterIssuer", "cert-manager.io/issuer": "Issuer"}
_ACME = "kubernetes.io/tls-acme"
# Kinds that make a Secret, and where each names it; it has the object's own name otherwise.
_MAKERS = {
    "ExternalSecret": ("spec", "target", "name"),
    "SealedSecret": ("spec", "template", "metadata", "name"),
    "Certificate": ("spec", "secretName"),
    "VaultStaticSecret": ("spec", "destination", "name"),
}


@dataclass(frozen=True, slots=True)
class SecretNeed:
    """A Secret that must exist. `literals` are keys that variables are read from, `files` keys that are mounted; `whole`
    says that all its keys are read so (`env`, `files`), known or not. Keys of `spare` may be missing.
    """

    name: str
    namespace: str = ""  # "": the one that kubectl is told
    type: str = GENERIC
    literals: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    whole: tuple[str, ...] = ()
    spare: tuple[str, ...] = ()
    optional: bool = False  # everything that reads it does without
    services: tuple[str, ...] = ()
    environments: tuple[str, ...] = ()  # "" is the base
    about: tuple[str, ...] = ()  # hosts of a certificate, registries of a login

    @property
    def keys(self) -> tuple[str, ...]:
        """Keys that it must have, as far as they are known."""
        return _KEYS.get(self.type) or tuple(sorted({*self.literals, *self.files}))


@dataclass(frozen=True, slots=True)
class _Use:
    name: str
    key: str = ""
    way: str = "env"  # env, files
    optional: bool = False


def secrets(documents: Documents) -> Iterator[SecretNeed]:
    """Every Secret that one environment needs, by what uses it; some are told several times."""
    there = _made(documents)
    for item in documents.objects():
        for need in _of(item):
            if need.name and need.name not in there:
                yield replace(need, environments=(documents.environment,), namespace=namespace(item))


def joined(found: Iterable[SecretNeed]) -> tuple[SecretNeed, ...]:
    """One need for each Secret, by namespace and name: what it is for all who use it."""
    by_name: dict[tuple[str, str], SecretNeed] = {}
    for need in found:
        key = need.namespace, need.name
        by_name[key] = _both(by_name[key], need) if key in by_name else need
    return tuple(_tidy(by_name[key]) for key in sorted(by_name, key=lambda key: [*map(natural, key)]))


def namespace(document: Document) -> str:
    return text(mapping(document.data, "metadata"), "namespace")


def _both(one: SecretNeed, other: SecretNeed) -> SecretNeed:
    kinds = {one.type, other.type} - {GENERIC}
    return SecretNeed(
        one.name,
        one.namespace,
        min(kinds) if kinds else GENERIC,
        _united(one.literals, other.literals),
        _united(one.files, other.files),
        _united(one.whole, other.whole),
        _united(one.spare, other.spare),
        one.optional and other.optional,
        _united(one.services, other.services),
        _united(one.environments, other.environments),
        _united(one.about, other.about),
    )


def _united(one: tuple[str, ...], other: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted({*one, *other}))


def _tidy(need: SecretNeed) -> SecretNeed:
    """A key that one reader needs is needed; one that is read as a variable needs no file."""
    files = tuple(key for key in need.files if key not in need.literals)
    spare = tuple(key for key in need.spare if key not in {*files, *need.literals})
    return replace(need, files=files, spare=spare)


def _made(documents: Documents) -> set[str]:
    """Names of Secrets that documents bring, themselves or by a controller that reads them."""
    names = {item.name for item in documents.objects("Secret")}
    for kind, path in _MAKERS.items():
        for item in documents.objects(kind):
            names.add(text(mapping(item.data, *path[:-1]), path[-1]) or item.name)
    for item in documents.objects("Ingress", "ListenerSet", "Gateway"):
        if issued(item):
            names.update(name for name, _ in _certificates(item))
    return names


def issued(document: Document) -> bool:
    """Whether annotations ask a controller for the certificates."""
    noted = mapping(document.data, "metadata", "annotations")
    return any(noted.get(name) for name in ISSUERS) or noted.get(_ACME) == "true"


def _of(item: Document) -> Iterator[SecretNeed]:
    own = (item.service or item.name,)
    for name, hosts in _certificates(item):
        yield SecretNeed(name, type=TLS, literals=(), services=own, about=hosts)
    if item.kind == "ServiceAccount":
        yield from (SecretNeed(name, type=PULL, services=own) for name in _logins(item.data))
    found = pod_spec(item)
    if found is None:
        return
    yield from (SecretNeed(name, type=PULL, services=own, about=_registries(item)) for name in _logins(found[1]))
    for use in _uses(item, found[1]):
        yield _need(use, own)


def _need(use: _Use, services: tuple[str, ...]) -> SecretNeed:
    need = SecretNeed(use.name, services=services, optional=use.optional)
    if not use.key:
        return replace(need, whole=() if use.optional else (use.way,))
    if use.optional:
        return replace(need, spare=(use.key,))
    return replace(need, literals=(use.key,)) if use.way == "env" else replace(need, files=(use.key,))


def _certificates(item: Document) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Secrets of an Ingress or of listeners, each with its hosts."""
    spec = mapping(item.data, "spec")
    if item.kind == "Ingress":
        for _, tls in items(spec, "tls"):
            hosts = tls.get("hosts")
            yield text(tls, "secretName"), tuple(map(str, hosts)) if isinstance(hosts, list) else ()
    if item.kind in ("ListenerSet", "Gateway"):
        for _, listener in items(spec, "listeners"):
            for _, reference in items(mapping(listener, "tls"), "certificateRefs"):
                if not reference.get("namespace") and reference.get("kind", "Secret") == "Secret":
                    yield text(reference, "name"), (text(listener, "hostname"),)


def _uses(workload: Document, pod: Mapping[str, Any]) -> Iterator[_Use]:
    for _, container in containers(workload):
        for _, variable in items(container, "env"):
            source = mapping(variable, "valueFrom", "secretKeyRef")
            if source:
                yield _Use(text(source, "name"), text(source, "key"), "env", source.get("optional") is True)
        for _, source in items(container, "envFrom"):
            if whole := mapping(source, "secretRef"):
                yield _Use(text(whole, "name"), "", "env", whole.get("optional") is True)
    for _, volume in items(pod, "volumes"):
        yield from _mounted(mapping(volume, "secret"), "secretName")
        for _, source in items(mapping(volume, "projected"), "sources"):
            yield from _mounted(mapping(source, "secret"), "name")
        yield _Use(text(mapping(volume, "csi", "nodePublishSecretRef"), "name"), "", "files")


def _mounted(source: Mapping[str, Any], named: str) -> Iterator[_Use]:
    optional, keys = source.get("optional") is True, [text(item, "key") for _, item in items(source, "items")]
    for key in keys or ([""] if source else []):
        yield _Use(text(source, named), key, "files", optional)


def _logins(data: Any) -> Iterator[str]:
    yield from (text(reference, "name") for _, reference in items(data, "imagePullSecrets"))


def _registries(workload: Document) -> tuple[str, ...]:
    """Hosts that the containers' images are pulled from."""
    images = (text(container, "image") for _, container in containers(workload))
    return tuple(sorted({qualified(image).partition("/")[0] for image in images if image}))
