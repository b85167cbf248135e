"""Annotations that kustomize keeps for itself."""

from __future__ import annotations

from collections.abc import Iterator

from kforge.domain.document import Documents
from kforge.domain.finding import Hit, rule
from kforge.domain.kubernetes.objects import mapping
from kforge.domain.origin import join

_LOCAL = "config.kubernetes.io/local-config"
_INTERNAL = "internal.config.kubernetes.io/"
_TAKEN = frozenset((
    "config.kubernetes.io/index", "config.kubernetes.io/path", "config.kubernetes.io/origin", "config.k8s.io/id",
    "alpha.config.kubernetes.io/transformations",
))  # fmt: skip
_SHOWN = 100  # characters of a key


@rule(
    "kustomize-annotation",
    "error",
    "leave the annotation out; leave the object out if it must not be applied",
    sources=("https://github.com/kubernetes-sigs/kustomize/blob/api/v0.20.1/kyaml/kio/kioutil/kioutil.go",),
    waivable=False,
)
def kustomize_annotation(documents: Documents) -> Iterator[Hit]:
    """Objects carry no annotation that kustomize keeps for itself.

    kustomize drops an object with `config.kubernetes.io/local-config` (unless it says "false"), renames one with
    `internal.config.kubernetes.io/needsHashSuffix`, ends in a panic over another, and takes all of them away. So what
    reaches the cluster would not be what was checked. A file that is for kustomize alone does not belong under `include`.

    Wrong:
        kind: Service
        metadata: {annotations: {config.kubernetes.io/local-config: "true"}}
    Right:
        kind: Service
        metadata: {annotations: {config.kubernetes.io/local-config: "false"}}
    """
    for document in documents.objects():
        annotations = mapping(document.data, "metadata", "annotations")
        for key, value in annotations.items():
            field = join("metadata.annotations", key)
            if key == _LOCAL and value != "false":
                yield Hit(document, field, f"`{_LOCAL}` makes kustomize drop `{document.target[:_SHOWN]}`")
            elif key.startswith(_INTERNAL) or key in _TAKEN:
                yield Hit(document, field, f"`{key[:_SHOWN]}` is an annotation that kustomize uses itself")


RULES = (kustomize_annotation,)
