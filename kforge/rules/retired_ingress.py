"""Ingresses are for a controller that is still looked after."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kforge.domain.document import Documents
from kforge.domain.finding import Hit, rule
from kforge.domain.kubernetes.objects import mapping, text

_CLASS = re.compile(r"(ingress-)?nginx(-(internal|external|public|private))?")
_NOTED = "nginx.ingress.kubernetes.io/"
_HINT = (
    "route through a Gateway, `routing: {gateway: NAMESPACE/NAME}`, or name another controller's class, "
    "`routing: {ingressClass: NAME}`; waive this where F5's NGINX Ingress Controller has the class"
)


@rule(
    "retired-ingress",
    "warning",
    _HINT,
    kinds=("Ingress",),
    sources=("https://kubernetes.io/blog/2025/11/11/ingress-nginx-retirement/",),
)
def retired_ingress(documents: Documents) -> Iterator[Hit]:
    """No Ingress is left to ingress-nginx.

    The class `nginx` is that of the Kubernetes project's ingress-nginx, which ended in March 2026: there are no releases
    any more, and what is found in it stays open. kforge writes no annotation of it, so a service that speaks HTTPS or gRPC
    is not reached through it. F5's NGINX Ingress Controller has the same class and is looked after: waive the rule for it.

    Wrong:
        kind: Ingress
        spec: {ingressClassName: nginx}
    Right:
        kind: Ingress
        spec: {ingressClassName: traefik}
    """
    for ingress in documents.objects("Ingress"):
        class_ = text(mapping(ingress.data, "spec"), "ingressClassName")
        notes = mapping(ingress.data, "metadata", "annotations")
        class_ = class_ or text(notes, "kubernetes.io/ingress.class")
        if _CLASS.fullmatch(class_):
            said = f"class `{class_}` is that of ingress-nginx, which was retired in March 2026"
            field = "spec.ingressClassName"
            yield Hit(ingress, field, said)
        for key in sorted(key for key in notes if isinstance(key, str) and key.startswith(_NOTED)):
            yield Hit(
                ingress, "metadata.annotations", f"annotation `{key}` is read by ingress-nginx alone, which was retired"
            )


RULES = (retired_ingress,)
