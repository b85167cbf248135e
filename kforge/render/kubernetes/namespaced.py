"""A user's object → the object as kustomize's `namespace` leaves it, what names a namespace inside of it included.

Read off kustomize and held against it by tests: `metadata.namespace` of everything that has one, the name of a Namespace,
services of APIServices and of a CRD's conversion, subjects called `default` of any kind, and references to an account or Service
that the same build has, if both say the same namespace.
https://github.com/kubernetes-sigs/kustomize/blob/api/v0.20.1/api/internal/konfig/builtinpluginconsts/namespace.go
https://github.com/kubernetes-sigs/kustomize/blob/api/v0.20.1/api/filters/namespace/namespace.go
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from kforge.domain.kubernetes.objects import mapping

Named = Collection[tuple[str, str]]  # kind and name of the build's objects that name the base's namespace
REFERRED = ("ServiceAccount", "Service")  # kinds of these objects
_BINDINGS = ("RoleBinding", "ClusterRoleBinding")
_WEBHOOKS = ("MutatingWebhookConfiguration", "ValidatingWebhookConfiguration")
_CONVERSION = ("spec", "conversion", "webhook", "clientConfig", "service")


def inner(data: Mapping[str, Any], namespace: str, base: str, named: Named) -> Mapping[str, Any]:
    """The object with the namespaces inside of it moved; its own is its caller's. `base` is the base's namespace."""

    def account(subject: Any) -> Any:
        held = mapping(subject)
        refers = held.get("kind") == "ServiceAccount" and _refers(held, "ServiceAccount", base, named)
        return {**held, "namespace": namespace} if refers or held.get("name") == "default" else subject

    def webhook(hook: Any) -> Any:
        service = mapping(hook, "clientConfig", "service")
        return _set(hook, ("clientConfig", "service"), namespace) if _refers(service, "Service", base, named) else hook

    kind = data.get("kind")
    if kind in _BINDINGS:
        return _each(data, "subjects", account)
    if kind in _WEBHOOKS:
        return _each(data, "webhooks", webhook)
    if kind == "APIService":
        return _set(data, ("spec", "service"), namespace)
    if kind == "CustomResourceDefinition" and mapping(data, *_CONVERSION):
        return _set(data, _CONVERSION, namespace)
    return data


def _refers(reference: Any, kind: str, base: str, named: Named) -> bool:
    held = mapping(reference)
    return held.get("namespace") == base and (kind, held.get("name")) in named


def _each(data: Mapping[str, Any], key: str, change: Callable[[Any], Any]) -> Mapping[str, Any]:
    held = data.get(key)
    return {**data, key: [change(each) for each in held]} if isinstance(held, list) else data


def _set(data: Mapping[str, Any], path: tuple[str, ...], namespace: str) -> dict[str, Any]:
    if not path:
        return {**data, "namespace": namespace}
    return {**data, path[0]: _set(mapping(data, path[0]), path[1:], namespace)}
