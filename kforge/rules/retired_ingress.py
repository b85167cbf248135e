"""Ingresses are for a controller that is still looked after."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from kforge.domain.document import Document, Documents
from kforge.domain.finding import Hit, rule
from kforge.domain.kubernetes.objects import mapping, text
from kforge.domain.kubernetes.platforms import fact, source

_CLASS = re.compile(r"(ingress-)?nginx(-(internal|external|public|private))?")
_AKS = str(fact("aks-automatic", "retired-class"))
_NOTED = "nginx.ingress.kubernetes.io/"
_OLD = "kubernetes.io/ingress.class"  # the annotation that named the class before Kubernetes 1.18
# By the `controller` of an IngressClass, or the class alone where none is included: what became of it.
_NGINX = "belongs to ingress-nginx, which was retired in March 2026"
_MANAGED = "belongs to AKS's managed NGINX, which gets no fixes after November 2026"
_RETIRED = {"k8s.io/ingress-nginx": _NGINX, f"{_AKS}/nginx": _MANAGED}
_HINT = (
    "route through a Gateway, `routing: {gateway: NAMESPACE/NAME}`, or name another controller's class, "
    "`routing: {ingressClass: NAME}`; waive this if another controller has the class, such as F5's or Traefik's"
)


@rule(
    "retired-ingress",
    "warning",
    _HINT,
    kinds=("Ingress",),
    sources=(
        "https://kubernetes.io/blog/2025/11/11/ingress-nginx-retirement/",
        source("aks-automatic", "retired-class"),
        "https://doc.traefik.io/traefik/migrate/nginx-to-traefik/",
    ),
)
def retired_ingress(documents: Documents) -> Iterator[Hit]:
    """No Ingress is left to ingress-nginx.

    The class `nginx` is that of the Kubernetes project's ingress-nginx, which ended in March 2026: there are no releases
    any more, and what is found in it stays open. Azure's managed one, `webapprouting.kubernetes.azure.com`, is built on it
    and gets fixes until November 2026. Where an IngressClass is among your manifests, its `controller` decides, and
    not its name.

    kforge writes no annotation of it, so a service that speaks HTTPS or gRPC is not reached through it. Two others may
    have the class and are looked after, F5's NGINX Ingress Controller and Traefik, which reads many of the annotations
    as well (`kubernetesIngressNGINX`): waive the rule for them.

    Wrong:
        kind: Ingress
        spec: {ingressClassName: nginx}
    Right:
        kind: Ingress
        spec: {ingressClassName: traefik}
    """
    controllers = {
        each.name: text(mapping(each.data, "spec"), "controller") for each in documents.objects("IngressClass")
    }
    for ingress in documents.objects("Ingress"):
        field, class_ = _class(ingress)
        if became := _became(class_, controllers):
            yield Hit(ingress, field, f"class `{class_}` {became}")
        notes = mapping(ingress.data, "metadata", "annotations")
        for key in sorted(key for key in notes if isinstance(key, str) and key.startswith(_NOTED)):
            yield Hit(ingress, "metadata.annotations", f"annotation `{key}` is for ingress-nginx, which was retired")


def _class(ingress: Document) -> tuple[str, str]:
    """The field that names an Ingress' class, and the class; "" for none."""
    if named := text(mapping(ingress.data, "spec"), "ingressClassName"):
        return "spec.ingressClassName", named
    return "metadata.annotations", text(mapping(ingress.data, "metadata", "annotations"), _OLD)


def _became(class_: str, controllers: Mapping[str, str]) -> str:
    """What became of a class' controller, "" where it is looked after."""
    if controller := controllers.get(class_):
        return _RETIRED.get(controller, "")
    if _CLASS.fullmatch(class_):
        return _NGINX
    return _MANAGED if class_ == _AKS else ""


RULES = (retired_ingress,)
