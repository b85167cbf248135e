"""Objects have the fields that the API of the chosen Kubernetes version has, and their types.

The API server decodes strictly: one unknown field or a string in place of a number refuses the whole object.
"""

from __future__ import annotations

from collections.abc import Iterator

from kforge.domain.document import Documents, Misfit
from kforge.domain.finding import Hit, Rule


def _schema(documents: Documents) -> Iterator[Hit]:
    if documents.validate is None:
        return
    for document in documents.objects():
        for fault in documents.validate(document.data or {}) or ():
            yield Hit(document, fault.field, fault.message, fault.hint, isinstance(fault, Misfit))


def _unknown(documents: Documents) -> Iterator[Hit]:
    if documents.validate is None:
        return
    for document in documents.objects():
        if documents.validate(document.data or {}) is None:
            yield Hit(document, "kind", f"`{document.kind}` is not checked: there is no schema for it")


RULES = (
    Rule("schema", "error", "see the API reference of this Kubernetes version", _schema, waivable=False, types=True),
    Rule("schema-unknown", "info", "a custom resource is the cluster's to check", _unknown),
)
