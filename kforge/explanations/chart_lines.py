"""A line of a chart → the explanation of the field that it makes, and the value that changes it at an installation."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from posixpath import normpath

from kforge.domain.document import Document
from kforge.domain.spec.raw import Path
from kforge.explanations.explainer import Explainer, path_text
from kforge.explanations.line_paths import LinePath, LinePaths, aligned
from kforge.stages.explain import Explanation

_OF_SERVICE = re.compile(r"\$service\.([A-Za-z][A-Za-z.]*)")
_OF_CHART = re.compile(r"\$(?:root)?\.Values\.([A-Za-z][A-Za-z.]*)")
_ENVIRONMENT = re.compile(r"values-(.+)\.yaml")
_META: dict[str, Path] = {
    "name": ("app",), "description": ("description",), "version": ("version",), "appVersion": ("version",),
    "kubeVersion": ("kubernetes",), "dependencies": ("helm",),
}  # fmt: skip

_VALUES: dict[LinePath, Path] = {("image", "registry"): ("registry",), ("image", "tag"): ("version",)}  # of all images


def chart_line(known: Explainer, path: str, root: str, read: LinePaths, line: int) -> tuple[Explanation, ...]:
    """What stands in a line of a file of the chart, whose folder is `root`."""
    inner = path.removeprefix(f"{root}/")
    found: tuple[Explanation, ...]
    if inner.startswith("templates/") and inner.endswith(".yaml"):
        found = _template(known, path, inner.removeprefix("templates/"), read, line)
    elif inner == "Chart.yaml":
        keys = _META.get(str((read.nearest(line) or ("",))[0]), ())
        found = (known.key(keys, path),) if keys and known.said(keys) else (_whole(known, path),)
    elif inner == "values.yaml" or _ENVIRONMENT.fullmatch(inner):
        named = _ENVIRONMENT.fullmatch(inner)
        found = _value(known, path, root, read, line, named[1] if named else "")
    else:
        found = (_whole(known, path),)
    return tuple(replace(each, file=path, line=line) for each in found)


def _template(known: Explainer, path: str, inner: str, read: LinePaths, line: int) -> tuple[Explanation, ...]:
    document, environment = _made_of(known, inner)
    if document is None:
        return (_whole(known, path),)
    at, _ = aligned(read, read.nearest(line), document.data)
    text = known.text(path).split("\n")[line - 1] if line else ""
    values = [f"services.{document.service}.{name}" for name in _OF_SERVICE.findall(text)] + _OF_CHART.findall(text)
    note = f"an installation may change it: `{values[0]}` of the chart's values" if values else ""
    return tuple(replace(each, note=note or each.note) for each in known.near(document, at, environment))


def _made_of(known: Explainer, inner: str) -> tuple[Document | None, str]:
    """The object that a template is of, and an environment that has it."""
    manifests = normpath(known.outcome.loaded.world.spec.paths.kubernetes)
    for environment, documents in known.outcome.documents.items():
        for item in documents.objects():
            if item.path == f"{manifests}/{inner}":
                return item, environment
    return None, ""


def _whole(known: Explainer, path: str) -> Explanation:
    """What belongs to the chart as such: the spec asks for it by `outputs`."""
    outputs = known.raw.data.get("outputs") or []
    keys = ("outputs", outputs.index("helm")) if "helm" in outputs else ("services",)
    return replace(known.key(keys, path, "it belongs to every chart"), value=None)


def _value(
    known: Explainer, path: str, root: str, read: LinePaths, line: int, environment: str
) -> tuple[Explanation, ...]:
    at = read.nearest(line)
    field = path_text(at)
    found = tuple(_behind(known, root, at, environment))
    if not found and environment:
        found = (known.key(("environments", environment), path),)
    if not found:
        found = (replace(_whole(known, path), note="a value of every chart"),)
    value = read.scalars.get(at)
    return tuple(replace(each, note=f"`{field}`{f' is `{value}`' if value else ''} in the chart") for each in found[:1])


def _behind(known: Explainer, root: str, at: LinePath, environment: str) -> Iterator[Explanation]:
    """What a value of the chart is read off: a key of the spec of that name, or the field that its template makes."""
    service = str(at[1]) if at[:1] == ("services",) and len(at) > 1 else ""
    for start in (("environments", environment), ()) if environment else ((),):
        for end in range(len(at), 2 if service else 0, -1):
            keys = (*start, *_VALUES.get(at[:end], at[:end]))
            if known.said(keys):
                yield known.key(keys)
                return
    for end in range(len(at), 2 if service else 0, -1):
        name = ".".join(str(part) for part in at[2 if service else 0 : end])
        for file in known.outcome.files:
            if file.startswith(f"{root}/templates/{service}{'/' if service else ''}") and name:
                yield from _referred(known, root, file, name, service)
    if service in known.services:
        yield known.source(service) if at[2:3] == ("image",) else known.service(service, service, "")


def _referred(known: Explainer, root: str, file: str, name: str, service: str) -> Iterator[Explanation]:
    """The fields of a template's lines that name a value."""
    pattern = re.compile(rf"\$(?:service|\.Values)\.{re.escape(name)}\b")
    for number, text in enumerate(known.text(file).split("\n"), 1):
        if pattern.search(text) and not text.lstrip().startswith("{{- if"):
            read = known.read(file)
            if read.nearest(number):
                yield from _template(known, file, file.removeprefix(f"{root}/templates/"), read, number)[:1]
