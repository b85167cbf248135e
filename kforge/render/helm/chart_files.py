"""What a chart has beside its templates of objects: Chart.yaml, values and their schema, helpers, notes, README."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from kforge.domain.document import INCLUDED, Document, Documents, mark
from kforge.domain.kubernetes.pod import short
from kforge.domain.yaml_text import to_yaml
from kforge.render.helm.connection_tests import tests
from kforge.render.helm.expressions import begin
from kforge.render.helm.guards import GUARDS
from kforge.render.helm.notes import home_of, notes, readme
from kforge.render.helm.schema import schema
from kforge.render.helm.schema_text import schema_text
from kforge.render.helm.slots import LineSlot, ValueSlot, text
from kforge.render.helm.values import Values, in_order, subcharts_text, whole_text

if TYPE_CHECKING:
    from kforge.domain.spec.chart_types import Subchart
    from kforge.domain.spec.types import Spec

_SEMVER = re.compile(r"v?((?:0|[1-9]\d*)\.(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)(?:-[0-9A-Za-z.-]+)?)")
_HELPERS = """\
{{- /* An image: its repository, with registry, tag and digest where they are not empty. */ -}}
{{- define "APP.image" -}}
{{- with .registry }}{{ . }}/{{ end }}{{ .repository }}
{{- with .tag }}:{{ . }}{{ end }}
{{- with .digest }}@{{ . }}{{ end }}
{{- end }}

{{- /* An image that the application builds: what it does not say is said for all, or is the chart's appVersion. */ -}}
{{- define "APP.builtImage" -}}
{{- $root := index . 0 }}{{ $image := index . 1 }}
{{- $registry := $image.registry | default $root.Values.image.registry }}
{{- $tag := $image.tag | default $root.Values.image.tag | default $root.Chart.AppVersion }}
{{- include "APP.pinnedImage" (merge (dict "registry" $registry "tag" $tag) $image) }}
{{- end }}

{{- /* Labels of an object: root, values of its service, and its name. Selectors are fixed, since none can change. */ -}}
{{- define "APP.labels" -}}
{{- $root := index . 0 }}{{ $service := index . 1 -}}
helm.sh/chart: {{ printf "%s-%s" $root.Chart.Name $root.Chart.Version | replace "+" "_" | trunc 63 | trimAll "-_." }}
app.kubernetes.io/managed-by: {{ $root.Release.Service }}
{{ include "APP.standardLabels" (index . 2) }}
{{- with merge (dict) $service.labels $root.Values.labels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- /* Labels of a pod. None names the chart's version or its installer: that would replace pods with every release. */ -}}
{{- define "APP.podLabels" -}}
{{- $root := index . 0 }}{{ $service := index . 1 -}}
app.kubernetes.io/managed-by: kforge
{{ include "APP.standardLabels" (index . 2) }}
{{- with merge (dict) $service.podLabels $service.labels $root.Values.labels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "APP.standardLabels" -}}
app.kubernetes.io/instance: APP
app.kubernetes.io/name: {{ . }}
app.kubernetes.io/part-of: APP
{{- end }}

{{- /* Variables of a container: Secrets first, and last those that use others, which have to stand above them. */ -}}
{{- define "APP.env" -}}
{{- include "APP.refuseTwice" (list .extraEnv (concat (keys .secrets) (keys .env) | sortAlpha)) }}
{{- range $name, $key := .secrets }}
- name: {{ $name }}
  valueFrom:
    secretKeyRef:
      {{- toYaml $key | nindent 6 }}
{{- end }}
{{- range $name, $value := .env }}
{{- if not (contains "$(" $value) }}
- name: {{ $name }}
  value: {{ $value | quote }}
{{- end }}
{{- end }}
{{- range $name, $value := .env }}
{{- if contains "$(" $value }}
- name: {{ $name }}
  value: {{ $value | quote }}
{{- end }}
{{- end }}
{{- with .extraEnv }}
{{ toYaml . }}
{{- end }}
{{- end }}
"""
_IGNORED = """\
# What is no part of a packaged chart.
.git/
.gitignore
.DS_Store
*.orig
*.swp
*.tmp
*.tgz
values-*.yaml
"""


def app_version(spec: Spec, objects: Mapping[Any, Document]) -> str:
    """The version of the application: the spec's, else the tag of the first image that it builds."""
    if spec.version:
        return spec.version
    from kforge.domain.images import tag
    from kforge.domain.kubernetes.objects import programs

    built = {name for name, service in spec.services.items() if service.image is None}
    for document in objects.values():
        for _, container in programs(document) if document.service in built else ():
            if found := tag(str(container.get("image", ""))):
                return found
    return "0.1.0"


def files(
    spec: Spec, documents: Mapping[str, Documents], values: Values, changes: Mapping[str, Values], name: str
) -> Iterator[tuple[str, str, str]]:
    """Path, service ("" is the app) and text of each."""
    objects = {item.path: item for item in documents[""].items if item.data}
    yield "Chart.yaml", "", marked_in_order(_chart(spec, documents, app_version(spec, objects)), name)
    yield "values.yaml", "", f"{mark(name)}\n{_ABOUT}{whole_text(values)}{subcharts_text(spec.chart.dependencies)}"
    for environment, changed in sorted(changes.items()):
        yield f"values-{environment}.yaml", "", _environment(spec, environment, changed, name)
    found = schema(mark(name), f"Values of the chart {spec.app}", values, spec.chart.dependencies)
    yield "values.schema.json", "", schema_text(found) + "\n"
    yield "templates/_helpers.tpl", "", f"{mark(name, 'template')}\n{(_HELPERS + GUARDS).replace('APP', spec.app)}"
    ignored = (
        _IGNORED.replace("*.tgz", "/*.tgz") if spec.chart.dependencies else _IGNORED
    )  # those in `charts/` are needed
    yield ".helmignore", "", f"{mark(name)}\n{ignored}"
    services, workloads = _listening(documents)
    yield "templates/NOTES.txt", "", notes(spec, services, values, name)
    yield "README.md", "", readme(spec, values, changes, name)
    if "tests" in values:
        yield from tests(spec, services, workloads, values, name)


def _listening(documents: Mapping[str, Documents]) -> tuple[dict[str, Document], dict[str, Document]]:
    """Services that clients use, and the workloads behind them, by the spec's services; of all environments."""
    services: dict[str, Document] = {}
    workloads: dict[str, Document] = {}
    for held in documents.values():
        for item in held.objects():
            if item.service and item.kind == "Service" and item.artifact != INCLUDED and item.name == item.service:
                services.setdefault(item.service, item)
            elif item.service and item.kind in ("Deployment", "StatefulSet"):
                workloads.setdefault(item.service, item)
    return dict(sorted(services.items())), workloads


_ABOUT = """\
# What may be changed when the chart is installed, as `helm install -f` and `--set` take it. Everything else is fixed:
# names, selectors, ports, commands, probes and security are the spec's.
"""


def _environment(spec: Spec, environment: str, changed: Values, name: str) -> str:
    home = home_of(spec, environment)
    into = f" --namespace {home}" if home else ""
    head = f"{mark(name)}\n# The environment `{environment}`: helm upgrade --install {spec.app} .{into} -f values-{environment}.yaml\n"
    return head + ("\n".join(in_order(changed)) + "\n" if changed else "{}\n")


def marked_in_order(data: Mapping[str, Any], name: str) -> str:
    """A file whose keys stand in the order in which they are given."""
    return f"{mark(name)}\n" + "".join(to_yaml({key: value}) for key, value in data.items())


def _chart(spec: Spec, documents: Mapping[str, Documents], version: str) -> dict[str, Any]:
    semver = _SEMVER.fullmatch(version)
    oldest = min((each.kubernetes for each in documents.values()), key=lambda each: int(each.partition(".")[2]))
    own = spec.chart
    said = {
        "apiVersion": "v2",
        "name": spec.app,
        "description": spec.description or f"The application {spec.app}.",
        "type": "application",
        "version": own.version or (semver[1] if semver else "0.1.0"),
        "appVersion": version,
        "kubeVersion": f">={oldest}.0-0",
        "keywords": [*own.keywords],
        "home": own.home,
        "sources": [*own.sources],
        "maintainers": [each.model_dump(exclude_none=True) for each in own.maintainers],
        "icon": own.icon,
        "dependencies": [_dependency(each) for each in own.dependencies],
        "annotations": dict(own.annotations),
    }
    return {key: value for key, value in said.items() if value}


def _dependency(subchart: Subchart) -> dict[str, str]:
    said = {"name": subchart.name, "version": subchart.version, "repository": subchart.repository}
    return {**said, "condition": f"{subchart.key}.enabled", **({"alias": subchart.alias} if subchart.alias else {})}


def job(spec: Spec, document: Document, data: Mapping[str, Any]) -> str:
    """A one-off Job: its pod template under a name, since the Job's own name ends in a digest of it."""
    service, app = document.service, spec.app
    name = f"{app}.{service}"
    held = {**data, "metadata": {**data["metadata"], "name": ValueSlot(f'include "{name}.job" $')}}
    body = text(
        {
            **held,
            "spec": {
                **data["spec"],
                "template": LineSlot(("template:", f'  {{{{- include "{name}.template" $ | nindent @2 }}}}')),
            },
        }
    )
    start = begin(service)
    return (
        f"{{{{- /* A pod template is immutable: with another one the Job has another name, and runs. */ -}}}}\n"
        f'{{{{- define "{name}.template" -}}}}\n{start}\n{text(data["spec"]["template"])}{{{{- end }}}}\n\n'
        f'{{{{- define "{name}.job" -}}}}\n'
        f'{short(service, 52)}-{{{{ include "{name}.template" . | fromYaml | toRawJson | sha256sum | trunc 10 }}}}\n'
        f"{{{{- end }}}}\n\n{body}"
    )
