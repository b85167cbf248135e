"""Finished documents and the values of a chart → NOTES.txt, which says how to reach what was installed, and README.md."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from kforge.domain.document import Document, mark
from kforge.domain.kubernetes.objects import items, mapping
from kforge.render.helm.expressions import below
from kforge.render.helm.schema import CHART, SERVICE
from kforge.render.helm.values import Values

if TYPE_CHECKING:
    from kforge.domain.spec.types import Spec

_JSON = json.JSONEncoder(ensure_ascii=False).encode
_LONGEST = 80  # characters of a default in a table
_FIXED = """\
Everything else is fixed: names, selectors, ports, commands, probes and security are those of the spec. Names are the
services' own, since others reach them by these, so a namespace holds one release.
"""


def notes(spec: Spec, services: Mapping[str, Document], values: Values, name: str) -> str:
    """`services` are Service objects by the service that they lead to."""
    lines = [
        "{{ .Chart.Name }} {{ .Chart.AppVersion }} is release {{ .Release.Name }} in namespace {{ .Release.Namespace }}."
    ]
    exposed = [service for service in services if values["services"][service].keys() & {"ingress", "route"}]
    for service in exposed or services:
        lines += _reached(service, services[service], service in exposed, values["services"][service])
    watched = (
        f"kubectl --namespace {{{{ .Release.Namespace }}}} get pods --selector app.kubernetes.io/instance={spec.app}"
    )
    lines += ["", "Its pods:", f"  {watched}"]
    return f"{mark(name, 'template')}\n" + "\n".join(lines) + "\n"


def _reached(service: str, document: Document, exposed: bool, values: Values) -> Iterator[str]:
    """By the host of an Ingress or a route where one is enabled, else by a port that kubectl forwards."""
    port = next((each.get("port") for _, each in items(mapping(document.data, "spec"), "ports")), 0)
    # An action takes away the blank line above it, so each case has its own.
    forwarded = (
        "",
        f"{service}:",
        f"  kubectl --namespace {{{{ .Release.Namespace }}}} port-forward service/{document.name} {port}:{port}",
    )
    held = below(".Values.services", service)
    ways = [way for way in ("ingress", "route") if exposed and "host" in values.get(way, {})]
    start = [f"{{{{- if {held}.enabled }}}}"] if "enabled" in values else []
    yield from start
    for number, way in enumerate(ways):
        yield f"{{{{- {'else if' if number else 'if'} {held}.{way}.enabled }}}}"
        yield ""
        yield _address(service, way, f"{held}.{way}", values[way])
    if ways:
        yield "{{- else }}"
    yield from forwarded
    yield from ["{{- end }}"] * (len(start) + bool(ways))


def _address(service: str, way: str, held: str, values: Values) -> str:
    """Where a service is reached. Whether a Gateway has TLS is known where the chart writes its listeners."""
    scheme = f"http{{{{ if {held}.tls.enabled }}}}s{{{{ end }}}}://" if "tls" in values else ""
    path = f"{{{{ {held}.path }}}}" if "path" in values else ""
    through = " by the Gateway {{ .Values.gateway.name }}" if way == "route" else ""
    return f"{service}: {scheme}{{{{ {held}.host }}}}{path}{through}"


def readme(spec: Spec, values: Values, changes: Mapping[str, Values], name: str) -> str:
    """What the chart installs, how, and every value with what it is."""
    lines = [mark(name, "markdown"), f"# {spec.app}", "", spec.description or f"The application {spec.app}.", ""]
    lines += [
        "```console",
        f"$ helm upgrade --install {spec.app} . --namespace {home_of(spec) or spec.app} --create-namespace",
        "```",
        "",
    ]
    lines += _subcharts(spec)
    lines += _environments(spec, changes)
    lines += _secrets(values["services"])
    lines += ["## Values", "", _FIXED]
    lines += _table(("key", "default", "what it is"), _own(values))
    services: Mapping[str, Values] = values["services"]
    lines += [
        "## Values of a service",
        "",
        "Below `services.NAME`; what a service has no use for, its schema does not know.",
        "",
    ]
    lines += _table(("key", "what it is", "services"), _shared(services))
    lines += ["## What services begin with", "", "Keys that are empty are left out.", ""]
    lines += [*_table(("key", "default"), ())[:-1], *_defaults(services), ""]
    return "\n".join(lines).rstrip("\n") + "\n"


def home_of(spec: Spec, environment: str = "") -> str:
    """The namespace of the base or of an environment; "" where the spec leaves it to who installs."""
    own, declared = (spec.environments[environment].namespace if environment else None), spec.namespace
    return own or (declared if isinstance(declared, str) else declared.name if declared else "")


def _environments(spec: Spec, changes: Mapping[str, Values]) -> list[str]:
    if not changes:
        return []
    rows = [
        (f"`{each}`", f"`-f values-{each}.yaml`", f"`{home}`" if (home := home_of(spec, each)) else "")
        for each in changes
    ]
    return ["## Environments", "", *_table(("environment", "values", "namespace"), rows)]


def _subcharts(spec: Spec) -> list[str]:
    if not spec.chart.dependencies:
        return []
    rows = [
        (f"`{each.key}`", f"{each.name} {each.version}", f"`{each.key}.enabled`", _shown(each.enabled), each.repository)
        for each in spec.chart.dependencies
    ]
    said = "Charts that are installed with it. `helm dependency update .` fetches them, before anything else.\n"
    return ["## Subcharts", "", said, *_table(("values below", "chart", "condition", "default", "from"), rows)]


def _secrets(services: Mapping[str, Values]) -> list[str]:
    """Secrets that containers read, of the base's values. A key that may be missing is no condition."""
    keys: dict[str, set[str]] = {}
    users: dict[str, list[str]] = {}
    for service, held in services.items():
        for reference in held.get("secrets", {}).values():
            if not reference.get("optional"):
                keys.setdefault(reference["name"], set()).add(f"`{reference['key']}`")
                users.setdefault(reference["name"], []).append(service)
    if not keys:
        return []
    rows = [
        (f"`{name}`", ", ".join(sorted(keys[name])), ", ".join(dict.fromkeys(users[name]))) for name in sorted(keys)
    ]
    said = "The chart makes none: without them pods do not start.\n"
    return ["## Secrets that have to exist", "", said, *_table(("Secret", "keys", "services"), rows)]


def _own(values: Values) -> Iterator[tuple[str, ...]]:
    for key, value in values.items():
        inner = CHART[key].get("properties") if key in CHART else None
        if key == "services":
            continue
        if inner:
            for name, held in value.items():
                said = inner[name].get("description") or CHART[key]["description"]
                for path, each in _short(f"{key}.{name}", held):
                    yield f"`{path}`", _shown(each), said
        else:
            yield f"`{key}`", _shown(value), CHART[key]["description"]


def _shared(services: Mapping[str, Values]) -> Iterator[tuple[str, ...]]:
    for key, definition in SERVICE.items():
        held = [name for name in services if key in services[name]]
        if held:
            yield f"`{key}`", definition["description"], "all" if len(held) == len(services) else ", ".join(held)


def _defaults(services: Mapping[str, Values]) -> Iterator[str]:
    """Rows of a table."""
    known: dict[tuple[str, str], list[str]] = {}  # most values of services are those of other services
    for service, held in services.items():
        for name, value in held.items():
            each = name, repr(value)
            if each not in known:
                known[each] = [f".{key}` | {_shown(said)} |" for key, said in _set({name: value})]
            for row in known[each]:
                yield f"| `services.{service}{row}"


def _set(values: Values) -> Iterator[tuple[str, Any]]:
    """Values of a service that say something, one level down where they are blocks of one form."""
    for key, value in values.items():
        known = SERVICE[key].get("properties")
        inner = ((f"{key}.{name}", held) for name, held in value.items()) if isinstance(value, dict) and known else ()
        for path, held in inner or [(key, value)]:
            if held not in ("", {}, []):
                yield from _short(path, held)


def _short(path: str, value: Any) -> Iterator[tuple[str, Any]]:
    """A value, or its entries where it is a mapping too long for a line."""
    if isinstance(value, dict) and len(_JSON(value)) > _LONGEST:
        for name, held in value.items():
            yield from _short(f"{path}.{name}", held)
    else:
        yield path, value


def _shown(value: Any) -> str:
    text = _JSON(value)
    return f"`{text if len(text) <= _LONGEST else '…'}`".replace("|", "\\|")


def _table(head: tuple[str, ...], rows: Any) -> list[str]:
    lines = [f"| {' | '.join(row)} |" for row in (head, ("---",) * len(head), *rows)]
    return [*lines, ""]
