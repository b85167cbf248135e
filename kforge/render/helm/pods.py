"""A pod template with the values of a service → the template with slots, and these values.

The program's own container has slots; what stands beside it is fixed. Variables keep the order in which kforge writes
them, Secrets first, since each may use those above it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kforge.domain.kubernetes.objects import items, mapping, text
from kforge.domain.kubernetes.pod import CONFIG_DIGEST
from kforge.render.helm.expressions import SERVICE, called, fixed_lines, mapped, optional
from kforge.render.helm.images import image_parts
from kforge.render.helm.scope import Scope
from kforge.render.helm.slots import ConditionSlot, LineSlot, ValueSlot

_SPREAD = "topologySpreadConstraints"
_PLACES: Mapping[str, Any] = {"affinity": {}, "nodeSelector": {}, "tolerations": []}
_DIGEST = f"{CONFIG_DIGEST}: {{{{ {SERVICE}.config | toRawJson | sha256sum | trunc 16 | quote }}}}"


def pod_template(data: Mapping[str, Any], scope: Scope, replicas: int | None = None) -> dict[str, Any]:
    """The template with slots. `replicas` is how many there may be at most; None for jobs."""
    metadata, spec = dict(mapping(data, "metadata")), dict(mapping(data, "spec"))
    metadata["labels"] = pod_labels(mapping(metadata, "labels"), scope)
    metadata["annotations"] = _annotations(mapping(metadata, "annotations"), scope)
    for key, empty in _PLACES.items():
        scope.values[key] = spec.get(key, empty)
        spec[key] = optional(key, f"{SERVICE}.{key}")
    common = {"name": scope.pull_secret}  # stands in the chart's own value
    scope.values["imagePullSecrets"] = [each for each in spec.get("imagePullSecrets", []) if each != common]
    pulled = f"concat $.Values.imagePullSecrets {SERVICE}.imagePullSecrets | uniq"
    spec["imagePullSecrets"] = optional("imagePullSecrets", pulled)
    if replicas is not None and (_SPREAD in spec) == (replicas > 1):
        several = f"gt (int {SERVICE}.replicas) 1"
        condition = f"or {SERVICE}.autoscaling.enabled ({several})" if scope.autoscaled else several
        spec[_SPREAD] = ConditionSlot(condition, spec.get(_SPREAD))
    for group in ("initContainers", "containers"):
        if isinstance(spec.get(group), list):
            spec[group] = [_program(each, scope) if _is_program(each, scope) else each for each in spec[group]]
    return {**data, "metadata": metadata, "spec": spec}


def pod_labels(held: Mapping[str, str], scope: Scope) -> Any:
    """Labels of pods: those of every object but the chart's, which would replace pods with every version of it."""
    scope.values.setdefault("podLabels", {})
    extra = more(held, scope.standard)
    if extra is None:
        return dict(held)
    scope.values["podLabels"] = scope.values["podLabels"] or extra
    return LineSlot(("labels:", f"  {{{{- {called(scope.app, 'podLabels', scope.service)} | nindent @2 }}}}"))


def more(held: Mapping[str, str], known: Mapping[str, str]) -> dict[str, str] | None:
    """What a mapping has beside what is known; None where it lacks or changes some of that."""
    if not known.items() <= held.items():
        return None
    return {key: value for key, value in held.items() if key not in known} if len(held) > len(known) else {}


def _annotations(held: Mapping[str, str], scope: Scope) -> Any:
    scope.values.setdefault("podAnnotations", {})
    extra = more(held, scope.annotations)
    if extra is None:
        return dict(held)
    digest = (_DIGEST,) if "ConfigMap" in scope.kinds and extra.pop(CONFIG_DIGEST, "") else ()
    scope.values["podAnnotations"] = extra
    merged = f"merge (dict) {SERVICE}.podAnnotations {SERVICE}.annotations"
    return mapped("annotations", {}, digest, merged)


def _is_program(container: Any, scope: Scope) -> bool:
    return isinstance(container, dict) and container.get("name") == scope.service


def _program(container: Mapping[str, Any], scope: Scope) -> dict[str, Any]:
    out = dict(container)
    if isinstance(image := out.get("image"), str):
        out["image"] = _image(image, scope)
    if out.get("imagePullPolicy") == "IfNotPresent":
        out["imagePullPolicy"] = ValueSlot("$.Values.image.pullPolicy")
    scope.values["resources"] = out.get("resources", {})
    checked = f'{{{{- include "{scope.app}.refuseAmounts" . }}}}'
    out["resources"] = optional("resources", f"{SERVICE}.resources", checked)
    held = [item for _, item in items(out, "env")]
    known = _variables(held)
    scope.values["extraEnv"] = []
    if known is None:
        out["env"] = LineSlot(_fixed(held, scope.app))
    else:
        scope.values["secrets"], scope.values["env"] = known
        shown = f'include "{scope.app}.env" {SERVICE}'
        out["env"] = LineSlot((f"{{{{- with {shown} }}}}", "env:", "{{- . | nindent @0 }}", "{{- end }}"))
    return out


def _image(image: str, scope: Scope) -> ValueSlot:
    parts = image_parts(image)
    built = scope.built and f"{parts['registry']}/{parts['repository']}".startswith(f"{scope.registry}/")
    if scope.built and (built or not scope.registry):
        name = f"{parts['registry']}/{parts['repository']}".removeprefix("/").removeprefix(f"{scope.registry}/")
        tag = "" if parts["tag"] == scope.tag else parts["tag"]
        scope.values["image"] = {"registry": "", "repository": name, "tag": tag, "digest": parts["digest"]}
        return ValueSlot(f'include "{scope.app}.builtImage" (list $ {SERVICE}.image)')
    scope.values["image"] = parts
    how = "pinnedImage" if parts["digest"] or parts["tag"] not in ("", "latest") else "image"
    return ValueSlot(f'include "{scope.app}.{how}" {SERVICE}.image')


def _variables(held: list[Any]) -> tuple[dict[str, Any], dict[str, str]] | None:
    """Those from Secrets and the plain ones, where they stand in the order in which the chart would write them."""
    secrets: dict[str, Any] = {}
    plain: dict[str, str] = {}
    for item in held:
        name, reference = text(item, "name"), mapping(item, "valueFrom", "secretKeyRef")
        if reference and item == {"name": name, "valueFrom": {"secretKeyRef": reference}}:
            secrets[name] = dict(reference)
        elif item in ({"name": name, "value": text(item, "value")}, {"name": name}):
            plain[name] = text(item, "value")
        else:
            return None
    last = [name for name in sorted(plain) if "$(" in plain[name]]
    order = [*sorted(secrets), *(name for name in sorted(plain) if name not in last), *last]
    return (secrets, plain) if [item["name"] for item in held] == order else None


def _fixed(held: list[Any], app: str) -> tuple[str, ...]:
    """Variables as they are written, where their order or their form is more than a mapping can say."""
    names = " ".join(f'"{text(each, "name")}"' for each in held)
    return (
        f'{{{{- include "{app}.refuseTwice" (list {SERVICE}.extraEnv (list {names})) }}}}',
        "env:",
        *fixed_lines(held),
        f"{{{{- with {SERVICE}.extraEnv }}}}",
        "{{- toYaml . | nindent @0 }}",
        "{{- end }}",
    )
