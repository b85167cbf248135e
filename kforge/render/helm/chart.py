"""Finished documents of every environment → a chart: one template an object, values, and what goes with them.

An object's templates of all environments have to be one: what differs is a value, or the chart cannot say it.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from kforge.domain.document import CONFIDENTIAL, INCLUDED, Document, Documents, mark
from kforge.domain.kubernetes.features import first
from kforge.domain.kubernetes.objects import mapping
from kforge.domain.spec.service_types import Namespace
from kforge.domain.target import UnwritableError
from kforge.domain.yaml_text import to_yaml
from kforge.render.helm import assigned_users, chart_files
from kforge.render.helm.connection_tests import test_image
from kforge.render.helm.expressions import SERVICE, begin
from kforge.render.helm.guards import range_guard
from kforge.render.helm.hooks import hooked, with_hooks
from kforge.render.helm.near_traffic import kept_near
from kforge.render.helm.objects import SWITCHES, condition, template
from kforge.render.helm.offered import OFFERED, offered
from kforge.render.helm.routes import LISTENERS, gateway_values, hosts, listener_text
from kforge.render.helm.scope import Scope
from kforge.render.helm.shared_texts import SharedTexts
from kforge.render.helm.slots import UnlikeError, unified
from kforge.render.helm.values import Values, completed, difference, ordered

if TYPE_CHECKING:
    from kforge.domain.spec.types import Environment, Spec

Identity = tuple[str, str]  # path, and the name of a user's object
_WAY_OUT = "set it for every environment, by a key that is a value of the chart, or leave `helm` out of `outputs`"


def chart(spec: Spec, documents: Mapping[str, Documents], name: str) -> Iterator[tuple[str, str, str]]:
    """Path below the chart's folder, service and text of every file. Raises UnwritableError for what no value can say."""
    hooks = hooked(spec, documents)
    objects = {environment: _objects(with_hooks(each.items, hooks)) for environment, each in documents.items()}
    measures = int(documents[""].kubernetes.partition(".")[2]) >= first("container-metrics")
    objects[OFFERED] = _objects(offered({name: held.values() for name, held in objects.items()}, measures))
    kinds: dict[str, set[str]] = {}  # of each service's objects, wherever there are any
    for held in objects.values():
        for document in held.values():
            kinds.setdefault(document.service, set()).add(document.kind)
    version = chart_files.app_version(spec, objects[""])
    scopes = {name: _scopes(spec, name, held.values(), kinds, version, hooks) for name, held in objects.items()}
    for service in kept_near(document for held in objects.values() for document in held.values()):
        for held_here in scopes.values():
            held_here[service].near = True
    users = assigned_users.values(spec)
    made: dict[Identity, Any] = {}
    shown: dict[Identity, Document] = {}
    for environment, held in objects.items():
        for identity, document in held.items():
            found = template(document, scopes[environment][document.service])
            found = assigned_users.conditional(found) if users and document.artifact != INCLUDED else found
            shown.setdefault(identity, document)
            try:
                made[identity] = unified(made[identity], found) if identity in made else found
            except UnlikeError as error:
                raise _unlike(document, error.path) from None
    shared = SharedTexts()
    for identity, document in shown.items():
        _refuse_missing(document, identity, objects, scopes)
        if document.artifact == INCLUDED and document.kind in CONFIDENTIAL:
            said = f"`{document.target}` would be copied into the chart"
            raise UnwritableError(
                document,
                "",
                said,
                "apply it separately, so that no package contains it, or leave `helm` out of `outputs`",
            )
        once = document.kind == "Job" and document.service not in ("", *hooks)
        switched = bool(document.service) and "enabled" in scopes[""][document.service].values
        text = _text(spec, document, made[identity], name, shared, switched, once)
        yield _path(spec, document), document.service, text
    values = _values(spec, scopes)
    yield from chart_files.files(spec, documents, values, _changes(spec, scopes, values), name)


def _objects(documents: Iterable[Document]) -> dict[Identity, Document]:
    return {(item.path, item.target if item.artifact == INCLUDED else ""): item for item in documents}


def _scopes(
    spec: Spec,
    environment: str,
    objects: Iterable[Document],
    kinds: Mapping[str, Iterable[str]],
    version: str,
    hooks: Container[str],
) -> dict[str, Scope]:
    """A scope a service that has objects somewhere, and one for the application. `version` is the application's."""
    changed: Environment | None = spec.environments.get(environment)
    home = spec.namespace.name if isinstance(spec.namespace, Namespace) else spec.namespace
    made = [(item.kind, item) for item in objects if item.artifact != INCLUDED]
    jobs = {item.name: item.service for kind, item in made if kind == "Job" and item.service not in hooks}
    fewest = {
        item.service: count if isinstance(count := mapping(item.data, "spec").get("minReplicas"), int) else 1
        for kind, item in made
        if kind == "HorizontalPodAutoscaler"
    }
    gateway = gateway_values(spec, environment)
    exposed = hosts(spec, environment, objects)
    scopes = {"": Scope(spec.app, "", jobs=jobs, gateway=gateway)}
    for name in sorted(kinds.keys() & spec.services.keys()):
        service = spec.services[name]
        scopes[name] = Scope(
            app=spec.app,
            service=name,
            namespace=(changed.namespace if changed else None) or home,
            registry=(changed.registry if changed else None) or spec.registry or "",
            pull_secret=_pull_secret(spec, environment),
            tag=(changed.version if changed else None) or version,
            built=service.image is None,
            labels={**spec.labels, **service.labels},
            annotations=service.annotations,
            kinds=frozenset(kinds[name]),
            fewest=fewest.get(name),
            jobs=jobs,
            gateway=gateway,
            hosts=exposed,
            values=_own(spec, name),
        )
    return scopes


def _pull_secret(spec: Spec, environment: str) -> str:
    changed = spec.environments.get(environment)
    return (changed.pullSecret if changed else None) or spec.pullSecret or ""


def _pulled(spec: Spec, environment: str) -> list[dict[str, str]]:
    """Secrets with which all images of an environment are pulled."""
    name = _pull_secret(spec, environment)
    return [{"name": name}] if name else []


def _own(spec: Spec, name: str) -> Values:
    """What a service's values hold before its objects are read."""
    service = spec.services[name]
    labels = {key: value for key, value in service.labels.items() if spec.labels.get(key) != value}
    omitted = any(name in each.services and each.services[name].omit for each in spec.environments.values())
    return {**({"enabled": True} if omitted or service.image else {}), "labels": labels}


def _refuse_missing(
    document: Document,
    identity: Identity,
    objects: Mapping[str, Mapping[Identity, Document]],
    scopes: Mapping[str, Mapping[str, Scope]],
) -> None:
    """Say where an object is not there: by its switch, or by its service's."""
    for environment, held in objects.items():
        if identity in held or environment == OFFERED or document.artifact == LISTENERS:
            continue  # a ListenerSet is there where `gateway` says so
        values = scopes[environment][document.service].values
        if not any(item.service == document.service for item in held.values()) and "enabled" in values:
            values["enabled"] = False
        elif document.kind in SWITCHES:
            values[SWITCHES[document.kind]] = {"enabled": False}
        else:
            raise _unlike(document, "metadata.name", f"`{document.target}` does not exist in every environment")


def _unlike(document: Document, path: str, message: str = "") -> UnwritableError:
    where = f"environment `{document.environment}`" if document.environment else "the base"
    said = message or f"`{path}` of `{document.target}` differs in {where}, and the chart has no value for it"
    return UnwritableError(document, path, said, _WAY_OUT)


def _path(spec: Spec, document: Document) -> str:
    if document.artifact == INCLUDED:
        folder = "crds" if document.kind == "CustomResourceDefinition" else "templates/included"
        return f"{folder}/{document.kind.lower()}-{document.name}.yaml"
    return f"templates/{document.path.removeprefix(spec.paths.kubernetes.rstrip('/') + '/')}"


def _text(spec: Spec, document: Document, data: Any, name: str, shared: SharedTexts, switched: bool, once: bool) -> str:
    """The file of a template: its mark, the service's short name, its conditions, the object. `switched` is an object of
    a service that may be left out, `once` a Job that is named after its template.
    """
    if document.artifact == INCLUDED and document.kind == "CustomResourceDefinition":
        return f"{mark(name)}\n{to_yaml(data)}"  # Helm takes it as it is
    body = chart_files.job(spec, document, data) if once else shared.text(data, document.service)
    if document.artifact == LISTENERS:
        body = listener_text(body)
    needed = [each for each in (f"{SERVICE}.enabled" if switched else "", condition(document)) if each]
    if document.kind == "HorizontalPodAutoscaler" and document.service:
        body = range_guard(document.service) + body
    if needed:
        said = needed[0] if len(needed) == 1 else f"and {' '.join(needed)}"
        body = f"{{{{- if {said} }}}}\n{body}{{{{- end }}}}\n"
    if f"{SERVICE}." in body or f"{SERVICE} " in body:
        body = f"{begin(document.service)}\n{body}"
    return f"{mark(name, 'template')}\n{body}"


def _values(spec: Spec, scopes: Mapping[str, Mapping[str, Scope]]) -> Values:
    """The base's values, with those of what only an environment switches on."""
    others = [held for environment, held in scopes.items() if environment]
    services = {
        name: ordered(completed(scope.values, (other[name].values for other in others)))
        for name, scope in scopes[""].items()
        if name
    }
    head: Values = {
        "image": {"registry": spec.registry or "", "tag": "", "pullPolicy": "IfNotPresent"},
        "imagePullSecrets": _pulled(spec, ""),
        "labels": dict(spec.labels),
        **assigned_users.values(spec),
    }
    if gateway := gateway_values(spec, ""):
        head["gateway"] = gateway
    if isinstance(spec.namespace, Namespace) and spec.namespace.create:
        head["namespace"] = {"create": False}
    if any("NetworkPolicy" in scope.kinds for scope in scopes[""].values()):
        head["networkPolicy"] = {"enabled": True}
    if any("Service" in scope.kinds for scope in scopes[""].values()) and (image := test_image(spec)):
        head["tests"] = {"image": image}
    return {**head, "services": services}


def _shown(scope: Scope) -> Values:
    """A service's values in an environment; how many pods run means nothing where an autoscaler decides."""
    held = ordered(scope.values)
    return {key: value for key, value in held.items() if key != "replicas" or scope.fewest is None}


def _changes(spec: Spec, scopes: Mapping[str, Mapping[str, Scope]], values: Values) -> dict[str, Values]:
    """What the values of each environment say beside the chart's."""
    out: dict[str, Values] = {}
    for environment, changed in spec.environments.items():
        own: Values = dict(assigned_users.changes(spec, environment))
        image: Values = {"registry": changed.registry} if changed.registry not in (None, spec.registry) else {}
        image |= {"tag": changed.version} if changed.version not in (None, spec.version) else {}
        if image:
            own["image"] = image
        if (pulled := _pulled(spec, environment)) != values["imagePullSecrets"]:
            own["imagePullSecrets"] = pulled
        if gateway := difference(values.get("gateway", {}), gateway_values(spec, environment) or {}):
            own["gateway"] = gateway
        services = {
            name: found
            for name, scope in scopes[environment].items()
            if name and (found := difference(values["services"][name], _shown(scope)))
        }
        out[environment] = {**own, **({"services": services} if services else {})}
    return out
