"""Kubernetes objects against the schemas of the API."""

from __future__ import annotations

from collections.abc import Iterator

from kforge.domain.document import Documents, Misfit
from kforge.domain.finding import Hit, rule


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
            yield Hit(document, fault.field, fault.message, fault.hint, isinstance(fault, Misfit))


@rule("schema-unknown", "info", "a custom resource is the cluster's to check")
def schema_unknown(documents: Documents) -> Iterator[Hit]:
    """An object of a kind without a schema is not checked, and that is said.

    Kubernetes's own kinds have schemas here. A custom resource has its own in the cluster, which kforge does not ask,
    so a typing error in one is seen at `kubectl apply` and not before.
    """
    if documents.validate is None:
        return
    for document in documents.objects():
        if documents.validate(document.data or {}) is None:
            yield Hit(document, "kind", f"`{document.kind}` is not checked: there is no schema for it")


RULES = (schema, schema_unknown)
