"""A line of a kustomization.yaml → the explanation of what it lists: objects, patches, images, a namespace."""

from __future__ import annotations

from dataclasses import replace
from posixpath import basename, dirname, join, normpath

from kforge.domain.fieldpath import text
from kforge.domain.images import repository
from kforge.domain.kubernetes.image_names import CONTAINERS
from kforge.domain.origin import paths_of
from kforge.explanations.explainer import Explainer
from kforge.explanations.line_paths import LinePaths
from kforge.render.kubernetes.kustomize import Layout
from kforge.stages.explain import Explanation

SEEDED = "written once, for CI to set images in; from then on it is the project's own"


def kustomization_line(known: Explainer, path: str, read: LinePaths, line: int) -> tuple[Explanation, ...]:
    """What stands in a line of a kustomization: of the base, of an environment, or of one service there."""
    layout = Layout.of(known.raw.data.get("paths"))
    environment, service = _whose(known, layout, path)
    at = read.nearest(line)
    key, value = (at[0] if at else ""), read.scalars.get(at, "")
    if path.startswith(f"{layout.images}/"):
        return (_seeded(known, path, at, value),)
    if key == "namespace":
        return (_namespace(known, environment, path),)
    if key == "images" and len(at) > 1:
        return _image(known, read.scalars.get((*at[:2], "name"), ""), environment, service, path)
    listed = value or read.scalars.get((*at[:2], "path"), "")
    if key in ("resources", "components", "patches") and listed:
        return (_listed(known, layout, path, normpath(join(dirname(path), listed)), environment),)
    if environment:
        own = ("environments", environment, "services", service)
        keys = own if known.said(own) else ("environments", environment)
        return (replace(known.key(keys, path), value=None),)
    return (known.fixed(path, text(at), value or None, "without it kustomize does not read this folder"),)


def _whose(known: Explainer, layout: Layout, path: str) -> tuple[str, str]:
    """Environment and service of a kustomization, "" for the base and for all services."""
    for name in known.environments:
        folder = layout.overlay(name)
        if path.startswith(f"{folder}/"):
            inner = dirname(path).removeprefix(folder).strip("/")
            return name, inner if inner in known.services else ""
    return "", ""


def _seeded(known: Explainer, path: str, at: tuple[str | int, ...], value: str) -> Explanation:
    return known.fixed(path, text(at), value or None, SEEDED)


def _namespace(known: Explainer, environment: str, path: str) -> Explanation:
    own = ("environments", environment, "namespace")
    if environment and known.said(own):
        return known.key(own, path)
    inner = ("namespace", "name")
    return known.key(inner if known.said(inner) else ("namespace",), path)


def _image(known: Explainer, name: str, environment: str, service: str, path: str) -> tuple[Explanation, ...]:
    """The image that an environment gives another name or tag."""
    for base in known.outcome.documents[""].objects():
        if service and base.service != service:
            continue
        for field in paths_of(base.data):
            held = _container_image(base.data, field)
            after = known.outcome.documents[environment].get(base.kind, base.name)
            if held and repository(held) == name and after is not None:
                return tuple(replace(each, file=path) for each in known.field(after, field, environment))
    return (known.key(("environments", environment), path),)


def _container_image(data: object, field: str) -> str:
    from kforge.domain.fieldpath import get

    inside = field.endswith(".image") and any(f"{group}[" in field for group in CONTAINERS)
    return str(get(data, field)) if inside else ""


def _listed(known: Explainer, layout: Layout, path: str, file: str, environment: str) -> Explanation:
    """What an entry of a list leads to."""
    if file in known.outcome.files or f"{file}/kustomization.yaml" in known.outcome.files:
        return _own_entry(known, layout, path, file, environment)
    included = known.raw.data.get("include") or []
    for number, each in enumerate(included if isinstance(included, list) else []):
        if normpath(str(each)) in (file, dirname(file)) or file == dirname(normpath(str(each))):
            return known.key(("include", number), path, f"lists `{file}`")
    keys = ("include",) if included else ("services",)
    return known.key(keys, path, f"lists `{file}`")


def _own_entry(known: Explainer, layout: Layout, path: str, file: str, environment: str) -> Explanation:
    if file == layout.component(environment):
        return known.fixed(path, "components", file, "CI sets images there, and they win over the spec's tags")
    if file == layout.kubernetes:
        return known.fixed(path, "resources", file, "an environment changes the base, and repeats nothing of it")
    service = known.outcome.files[file].service if file in known.outcome.files else basename(file)
    if environment:
        own = ("environments", environment, "services", service)
        keys = own if known.said(own) else ("environments", environment)
        return replace(known.key(keys, path, f"lists `{file}`"), value=None)
    if service in known.services:
        return known.service(service, path, f"lists `{file}`")
    objects = {item.path: item for item in known.outcome.documents[""].objects()}
    if file in objects:
        found = known.field(objects[file], "metadata.name")[0]
        return replace(found, target=path, note=f"lists `{file}`, which is `{objects[file].target}`")
    return known.fixed(path, "", file, "a folder of included manifests, which has a kustomization of its own")
