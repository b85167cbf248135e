"""Kubernetes objects against the schemas of the API."""

from __future__ import annotations

from collections.abc import Iterator

from kforge.domain.document import Document, Documents, Misfit
from kforge.domain.finding import Hit, rule
from kforge.domain.kubernetes.objects import text
from kforge.domain.kubernetes.routing import GROUP


@rule(
    "schema",
    "error",
    "see the API reference of this Kubernetes version",
    sources=("https://kubernetes.io/docs/reference/kubernetes-api/",),
    waivable=False,
    types=True,
)
def schema(documents: Documents) -> Iterator[Hit]:
    """Every field exists in the API of the chosen Kubernetes version and has its type.

    The API server decodes strictly: one unknown field, or a text in place of a number, refuses the whole object. The
    version is the spec's `kubernetes`. What is wrong stands in a fragment, a patch or an included manifest; where a
    type is wrong, the other rules do not look.

    Wrong:
        kind: Deployment
        spec: {replicas: "2"}
    Right:
        kind: Deployment
        spec: {replicas: 2}
    """
    if documents.validate is None:
        return
    for document in documents.objects():
        for fault in documents.validate(document.data or {}) or ():
            if isinstance(fault, Misfit) or not _of_gateway(document):
                yield Hit(document, fault.field, fault.message, fault.hint, isinstance(fault, Misfit))


def _of_gateway(document: Document) -> bool:
    return text(document.data, "apiVersion").startswith(f"{GROUP}/")


@rule(
    "schema-gateway",
    "error",
    "correct it, or waive this if your cluster has the experimental channel or another release of the Gateway API",
    sources=("https://gateway-api.sigs.k8s.io/reference/spec/",),
)
def schema_gateway(documents: Documents) -> Iterator[Hit]:
    """An object of the Gateway API is as the CRDs of its standard channel have it.

    Unknown fields are refused, as are values and combinations that the CRDs' own rules forbid: a path with `//`, a
    Service without its port. Routes of your own, included or changed by a fragment, are held to it as well. The CRDs are
    a cluster's own to install: one with an older release knows less, one with the experimental channel more.

    Wrong:
        kind: HTTPRoute
        spec: {parentRefs: [{name: shared}], hostname: shop.example.com}
    Right:
        kind: HTTPRoute
        spec: {parentRefs: [{name: shared}], hostnames: [shop.example.com]}
    """
    if documents.validate is None:
        return
    for document in documents.objects():
        for fault in (documents.validate(document.data or {}) or ()) if _of_gateway(document) else ():
            if not isinstance(fault, Misfit):
                yield Hit(document, fault.field, fault.message, fault.hint)


@rule("schema-unknown", "info", "the cluster checks a custom resource")
def schema_unknown(documents: Documents) -> Iterator[Hit]:
    """An object of a kind without a schema is not checked, and that is said.

    Kubernetes's own kinds have schemas here, and those of the Gateway API, of Argo CD and of Flux. Any other custom
    resource has its own in the cluster, which kforge does not ask, so a typing error in one is seen at `kubectl apply`
    and not before.
    """
    if documents.validate is None:
        return
    for document in documents.objects():
        if documents.validate(document.data or {}) is None:
            yield Hit(document, "kind", f"`{document.kind}` is not checked: there is no schema for it")


RULES = (schema, schema_gateway, schema_unknown)
