"""Routes of the Gateway API → their templates: which Gateway they attach to is said once for the chart, hosts a service.

A ListenerSet is made of the hosts and certificates that services have as values, so that a changed host gets a listener.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from kforge.domain.document import INCLUDED, Document
from kforge.domain.kubernetes.objects import items, mapping, text
from kforge.domain.kubernetes.routing import GROUP, Certificate, certificates
from kforge.domain.spec.overlaid import overlaid
from kforge.domain.target import UnwritableError
from kforge.render.helm.expressions import SERVICE
from kforge.render.helm.scope import Scope
from kforge.render.helm.slots import LineSlot, ValueSlot

if TYPE_CHECKING:
    from kforge.domain.spec.types import Spec

Data = dict[str, Any]
ROUTES = ("HTTPRoute", "GRPCRoute")
_KINDS = (*ROUTES, "BackendTLSPolicy")
LISTENERS = "listenerset"  # the artifact
_PARENT = (
    "- group: gateway.networking.k8s.io",
    "  kind: Gateway",
    "  name: {{ $.Values.gateway.name | quote }}",
    "  {{- with $.Values.gateway.namespace }}",
    "  namespace: {{ . | quote }}",
    "  {{- end }}",
    "  {{- with $.Values.gateway.section }}",
    "  sectionName: {{ . | quote }}",
    "  {{- end }}",
)
# Services' values → `$listeners`, by host; the first service at a host says how it has TLS.
_FOUND = """\
{{- $listeners := dict }}
{{- range $name, $each := .Values.services }}
{{- if and $each.route (ne (toString $each.enabled) "false") }}
{{- if and $each.route.enabled (not (hasKey $listeners $each.route.host)) }}
{{- $_ := set $listeners $each.route.host $each.route.tls }}
{{- end }}
{{- end }}
{{- end }}
"""
_LISTENERS = (
    "listeners:",
    "{{- range $host, $tls := $listeners }}",
    '- name: {{ replace "*" "wildcard" $host | quote }}',
    "  allowedRoutes:",
    "    namespaces:",
    "      from: Same",
    "  hostname: {{ $host | quote }}",
    "  {{- if $tls.enabled }}",
    "  port: 443",
    "  protocol: HTTPS",
    "  tls:",
    "    certificateRefs:",
    '    - group: ""',
    "      kind: Secret",
    "      name: {{ $tls.secretName | quote }}",
    "    mode: Terminate",
    "  {{- else }}",
    "  port: 80",
    "  protocol: HTTP",
    "  {{- end }}",
    "{{- end }}",
)


def gateway_values(spec: Spec, environment: str) -> Data | None:
    """The Gateway of an environment, as the chart's values say it; None where no environment has one.

    An environment that has Ingresses keeps the Gateway of the base, or of the first one that has one.
    """
    said = {"": spec.routing, **{name: each.routing or spec.routing for name, each in spec.environments.items()}}
    ways = [each for each in (said.get(environment), *said.values()) if each is not None and each.gateway]
    if not ways:
        return None
    namespace, _, name = str(ways[0].gateway).rpartition("/")
    held: Data = {"name": name, "namespace": namespace, "section": ways[0].section or ""}
    if any(each.listenerSet for each in ways):
        held["listenerSet"] = ways[0].listenerSet
    return held


def hosts(spec: Spec, environment: str, documents: Iterable[Document]) -> dict[str, Certificate]:
    """How each host that is exposed in an environment has TLS, were it by a ListenerSet."""
    changed = spec.environments.get(environment)
    exposed = {}
    for item in documents:
        if item.kind in (*ROUTES, "Ingress") and item.artifact != INCLUDED and item.service in spec.services:
            own = changed.services.get(item.service) if changed else None
            exposed[item.service] = overlaid(spec.services[item.service].expose, own.expose if own else None)
    return certificates({name: expose for name, expose in exposed.items() if expose is not None})


def route(document: Document, data: Data, scope: Scope) -> Data:
    """A route with slots. Raises UnwritableError for hosts that a ListenerSet of the chart would not have."""
    spec = dict(mapping(data, "spec"))
    held = scope.values.setdefault("route", {})
    held["enabled"] = True
    if scope.gateway is not None and spec.get("parentRefs") == [_parent(scope)]:
        spec["parentRefs"] = _parents(scope)
    found = spec.get("hostnames")
    listeners = scope.gateway is not None and "listenerSet" in scope.gateway
    if isinstance(found, list) and len(found) == 1 and isinstance(found[0], str):
        held["host"] = found[0]
        spec["hostnames"] = [ValueSlot(f"{SERVICE}.route.host | quote")]
    elif listeners:
        said = (
            f"`spec.hostnames` of `{document.target}` is no single host, and the chart's ListenerSet has one a service"
        )
        last = f"spec.hostnames[{len(found) - 1}]" if isinstance(found, list) and found else "spec.hostnames"
        raise UnwritableError(document, last, said, "leave one host, or `helm` out of `outputs`")
    if listeners:
        certificate = scope.hosts.get(str(held["host"]), Certificate(scope.service, True, f"{scope.service}-tls"))
        held["tls"] = {"enabled": certificate.tls, "secretName": certificate.secret}
    rules = [each for _, each in items(spec, "rules")]
    matches = [each for rule in rules for _, each in items(rule, "matches")]
    path = mapping(matches[0], "path") if len(rules) == len(matches) == 1 else {}
    if isinstance(path.get("value"), str):
        held["path"] = path["value"]
        slot = {**path, "value": ValueSlot(f"{SERVICE}.route.path | quote")}
        spec["rules"] = [{**rules[0], "matches": [{**matches[0], "path": slot}]}]
    return {**data, "spec": spec}


def _parent(scope: Scope) -> Data:
    """The parent of a route as the artifact writes it."""
    held = scope.gateway or {}
    if held.get("listenerSet"):
        return {"group": GROUP, "kind": "ListenerSet", "name": scope.app}
    out = {"group": GROUP, "kind": "Gateway", "name": held.get("name")}
    optional = {"namespace": held.get("namespace"), "sectionName": held.get("section")}
    return {**out, **{key: value for key, value in optional.items() if value}}


def _parents(scope: Scope) -> LineSlot:
    if "listenerSet" not in (scope.gateway or {}):
        return LineSlot(("parentRefs:", *_PARENT))
    own = ("- group: gateway.networking.k8s.io", "  kind: ListenerSet", f"  name: {scope.app}")
    return LineSlot(
        ("parentRefs:", "{{- if $.Values.gateway.listenerSet }}", *own, "{{- else }}", *_PARENT, "{{- end }}")
    )


def backend_policy(data: Data, scope: Scope) -> Data:
    """A BackendTLSPolicy whose certificate is known by values, where it is of the form that kforge writes."""
    spec = dict(mapping(data, "spec"))
    validation = mapping(spec, "validation")
    ca = [text(each, "name") for _, each in items(validation, "caCertificateRefs")]
    known = (
        {"caCertificateRefs": [{"group": "", "kind": "ConfigMap", "name": ca[0]}]}
        if ca
        else {"wellKnownCACertificates": "System"}
    )
    held = scope.values.setdefault("route", {})
    held["enabled"] = True
    if validation == {"hostname": text(validation, "hostname"), **known}:
        held["verify"] = {"host": validation["hostname"], "ca": ca[0] if ca else ""}
        spec["validation"] = LineSlot(
            (
                "validation:",
                f"  hostname: {{{{ {SERVICE}.route.verify.host | quote }}}}",
                f"  {{{{- with {SERVICE}.route.verify.ca }}}}",
                "  caCertificateRefs:",
                '  - group: ""',
                "    kind: ConfigMap",
                "    name: {{ . | quote }}",
                "  {{- else }}",
                "  wellKnownCACertificates: System",
                "  {{- end }}",
            )
        )
    return {**data, "spec": spec}


def listener_set(document: Document, data: Data, scope: Scope) -> Data:
    """A ListenerSet that follows the services' values. Raises UnwritableError where a patch made it another one."""
    patches = (path for path, origin in document.origins.items() if origin.startswith(("patches", "environments")))
    if patched := next(patches, ""):
        said = f"`{document.target}` is patched, and the chart makes it of the services' hosts"
        raise UnwritableError(document, patched, said, "leave the patch out, or `helm` out of `outputs`")
    parent = ("parentRef:", *(f"  {line[2:]}" for line in _PARENT[:6]))
    return {**data, "spec": {"listeners": LineSlot(_LISTENERS), "parentRef": LineSlot(parent)}}


def listener_text(body: str) -> str:
    """The template of a ListenerSet, which is there where a host is."""
    return f"{_FOUND}{{{{- if and $.Values.gateway.listenerSet $listeners }}}}\n{body}{{{{- end }}}}\n"


def switch(kinds: frozenset[str]) -> str:
    """The expression that says whether a service is reached from outside, by the kinds of its objects in any environment."""
    by = [f"{SERVICE}.ingress.enabled"] * ("Ingress" in kinds)
    by += [f"{SERVICE}.route.enabled"] * (not kinds.isdisjoint(ROUTES))
    return f"or {' '.join(by)}" if len(by) > 1 else "".join(by)
