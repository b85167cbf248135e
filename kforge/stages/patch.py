"""Documents + the spec's fragments and patches → documents, every changed field with its origin.

Fragments first (those of all services, the service's own, then the environment's), then patches in the order of the spec. Both
go through the same strategic merge; what a fragment adds to a list comes last. The result is checked like all else.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from kforge.domain import fieldpath
from kforge.domain.digest import digest
from kforge.domain.document import POD_PATHS, Document
from kforge.domain.kubernetes import strategic
from kforge.domain.kubernetes.mergekeys import TEMPLATE, Shape, shape_of
from kforge.domain.kubernetes.pod import CONFIG_DIGEST
from kforge.domain.near_words import near_words
from kforge.domain.origin import join
from kforge.errors import InputError
from kforge.stages.job_names import renamed
from kforge.stages.sidecars import sidecars_first

if TYPE_CHECKING:
    from kforge.domain.spec.patch_types import Patch
    from kforge.domain.spec.raw import Path, Raw
    from kforge.domain.spec.types import Spec

_FEW = 16  # paths: up to here each may be held against each
_STEP = re.compile(r"[.\[]")
_FIXED = ("apiVersion", "kind", "metadata.name", "metadata.namespace")  # other objects and files refer to these


@dataclass(frozen=True, slots=True)
class Edit:
    """One fragment or patch: what it says, where it stands in the spec, and the origin that its fields get."""

    path: Path
    origin: str
    base: bool  # from the base's part of the spec: in an environment it may find nothing


def patched(documents: Sequence[Document], spec: Spec, environment: str, raw: Raw) -> tuple[Document, ...]:
    """One environment's documents with fragments and patches applied. Raises InputError for one that does not fit."""
    found, targets = list(documents), _Targets(documents)
    _share(found, spec, environment, raw)
    for service, block in sorted(spec.services.items()):
        for kind, fragment in block.kubernetes.items():
            path: Path = ("services", service, "kubernetes", kind)
            _fragment(found, service, kind, fragment, Edit(path, f"spec.kubernetes.{kind}", True), environment, raw)
    changed = spec.environments[environment] if environment else None
    for service, own in sorted(changed.services.items()) if changed else ():
        for kind, fragment in own.kubernetes.items():
            path = ("environments", environment, "services", service, "kubernetes", kind)
            _fragment(found, service, kind, fragment, Edit(path, f"spec.kubernetes.{kind}", False), environment, raw)
    for index, patch in enumerate(spec.patches):
        change = Edit(("patches", index), f"patches[{index}]: {patch.reason}", True)
        _patch(found, targets, patch, change, environment, raw)
    for index, patch in enumerate(changed.patches if changed else ()):
        origin = f"environments.{environment}.patches[{index}]: {patch.reason}"
        change = Edit(("environments", environment, "patches", index), origin, False)
        _patch(found, targets, patch, change, environment, raw)
    return _renewed(documents, [sidecars_first(item) for item in found])


# --- fragments ---


def _share(found: list[Document], spec: Spec, environment: str, raw: Raw) -> None:
    """Fragments of all services, each for those that have the kind. Raises InputError where none has."""
    for kind, fragment in spec.defaults.kubernetes.items():
        change = Edit(("defaults", "kubernetes", kind), f"app.defaults.kubernetes.{kind}", True)
        having = [
            name for name in sorted(spec.services) if next(_targets(found, name, kind, fragment), None) is not None
        ]
        if not having and not environment:
            kinds = sorted({item.kind for item in found if item.service and item.data})
            raise InputError(f"no service has a {kind} to merge this into", raw.place(change.path), _hint(kind, kinds))
        for service in having:
            _fragment(found, service, kind, fragment, change, environment, raw)


def _fragment(
    documents: list[Document],
    service: str,
    kind: str,
    fragment: Mapping[str, Any],
    change: Edit,
    environment: str,
    raw: Raw,
) -> None:
    targets = list(_targets(documents, service, kind, fragment))
    if not targets and not (change.base and environment):
        kinds = sorted({item.kind for item in documents if item.service == service and item.data})
        raise InputError(
            f"`{service}` has no {kind} to merge this into", raw.place(change.path), _hint(kind, [*kinds, "Pod"])
        )
    for index in targets:
        document = documents[index]
        try:
            data = _with_pod(document, fragment) if kind == "Pod" else _merged(document.data, fragment)
        except (strategic.MismatchError, fieldpath.PathError) as error:
            raise InputError(
                f"the {kind} fragment does not fit: {error}", raw.place(change.path), "see the API reference"
            ) from None
        skip = ".".join(POD_PATHS[document.kind]) if kind == "Pod" else ""
        documents[index] = _changed(document, data, change, raw, skip)


def _targets(documents: Sequence[Document], service: str, kind: str, fragment: Mapping[str, Any]) -> Iterator[int]:
    """Objects that a fragment is for: the one it names, else the service's main one of that kind, else all of them."""
    own = [index for index, item in enumerate(documents) if item.service == service and item.data]
    if kind == "Pod":
        yield from (index for index in own if documents[index].kind in POD_PATHS)
        return
    own = [index for index in own if documents[index].kind == kind]
    metadata = fragment.get("metadata")
    name = metadata.get("name") if isinstance(metadata, dict) else None
    main = [index for index in own if documents[index].name == (name or service)]
    yield from main if main or name else own


def _merged(data: Any, fragment: Mapping[str, Any]) -> Any:
    return strategic.merge(data, fragment, prepend=False)


def _with_pod(document: Document, fragment: Mapping[str, Any]) -> Any:
    """The object with fields merged into its pod spec; `metadata` and `spec` are the template's."""
    path = POD_PATHS[document.kind][:-1]
    pod = {key: value for key, value in fragment.items() if key not in ("metadata", "spec")}
    template = {key: fragment[key] for key in ("metadata", "spec") if key in fragment}
    here = fieldpath.get(document.data, ".".join(path))
    for part in ({"spec": pod}, template):
        here = strategic.merge(here, part, TEMPLATE, prepend=False)
    return fieldpath.put(document.data, ".".join(path), here)


# --- patches ---


class _Targets:
    """Numbers of the objects by `Kind/name`, which no patch changes."""

    def __init__(self, documents: Sequence[Document]) -> None:
        self._numbers: dict[str, list[int]] = {}
        for index, item in enumerate(documents):
            if item.data:
                self._numbers.setdefault(item.target, []).append(index)

    def matching(self, target: str) -> list[int]:
        if not any(sign in target for sign in "*?["):
            return self._numbers.get(target, [])
        matches = re.compile(fnmatch.translate(target)).match
        return sorted(index for name, found in self._numbers.items() if matches(name) for index in found)

    def names(self) -> list[str]:
        return sorted(self._numbers)


def _patch(
    documents: list[Document], targets: _Targets, patch: Patch, change: Edit, environment: str, raw: Raw
) -> None:
    lenient = change.base and bool(environment)
    numbers = targets.matching(patch.target)
    if not numbers and not lenient:
        raise InputError(
            f"`{patch.target}` matches no object",
            raw.place((*change.path, "target")),
            _hint(patch.target, targets.names()),
        )
    for index in numbers:
        try:
            data = _applied(documents[index].data, patch)
        except fieldpath.PathError as error:
            if lenient and patch.op == "remove":
                continue
            hint = f"`kforge explain {documents[index].target}` shows its fields"
            raise InputError(f"`{documents[index].target}`: {error}", raw.place((*change.path, "path")), hint) from None
        except strategic.MismatchError as error:
            raise InputError(f"`{documents[index].target}`: {error}", raw.place((*change.path, "value"))) from None
        documents[index] = _changed(documents[index], data, change, raw)


def _applied(data: Any, patch: Patch) -> Any:
    if patch.op == "merge":
        return _merged_at(data, patch.path, patch.value)
    if not patch.path:
        raise fieldpath.PathError(f"`op: {patch.op}` needs a `path`")
    if patch.op == "remove":
        return fieldpath.remove(data, patch.path)
    if patch.value is None:
        raise fieldpath.PathError("`op: set` needs a `value`; `op: remove` takes a field away")
    return fieldpath.put(data, patch.path, patch.value)


def _merged_at(data: Any, path: str, value: Any) -> Any:
    shape = shape_of(data)
    parts = fieldpath.resolve(data, fieldpath.parse(path))
    for part in parts:
        shape = shape.at(part) if isinstance(part, str) else Shape(None, shape.fields)
    try:
        here = fieldpath.get(data, path)
    except fieldpath.PathError:
        here = [] if isinstance(value, list) else {}
    merged = strategic.merge(here, value, shape, prepend=False)
    return fieldpath.put(data, fieldpath.text(parts), merged) if parts else merged


# --- origins ---


def _changed(document: Document, data: Any, change: Edit, raw: Raw, skip: str = "") -> Document:
    """The document with new data; fields that differ from the old get the change's origin, and lose what was below."""
    for path in _FIXED:
        if _at(document.data, path) != _at(data, path):
            raise InputError(
                f"`{path}` of `{document.target}` cannot be changed", raw.place(change.path), "other files refer to it"
            )
    fresh = dict.fromkeys(_differences(document.data, data, ""))
    within = _within(fresh.keys())
    kept = {path: origin for path, origin in document.origins.items() if not within(path)}
    added = {path: _origin(change.origin, path, skip) for path in fresh}
    return replace(document, data=data, origins={**kept, **added})


def _at(data: Any, path: str) -> Any:
    for key in path.split("."):
        data = data.get(key) if isinstance(data, dict) else None
    return data


def _origin(origin: str, path: str, skip: str) -> str:
    """A fragment's origin goes down to the field: `spec.kubernetes.Pod.tolerations`. A patch has a reason instead."""
    if ": " in origin:
        return origin
    below = path.removeprefix(skip).lstrip(".") if skip else path
    head = below.partition("[")[0]
    return f"{origin}.{head}" if head else origin


def _within(above: Set[str]) -> Callable[[str], bool]:
    """What tells whether a path is one of some, or below one: by their beginnings where they are few, else step by step."""
    if len(above) < _FEW:
        starts = tuple(f"{path}{sign}" for path in above for sign in ".[")
        return lambda path: path in above or path.startswith(starts)
    return lambda path: path in above or any(path[: step.start()] in above for step in _STEP.finditer(path))


def _differences(old: Any, new: Any, path: str) -> Iterator[str]:
    """Paths of the topmost values that are new or other than before."""
    if strategic.same(old, new):
        return
    if isinstance(old, dict) and isinstance(new, dict):
        for key, value in new.items():
            yield from _differences(old[key], value, join(path, key)) if key in old else (join(path, key),)
    elif isinstance(old, list) and isinstance(new, list) and len(new) >= len(old):
        for index, value in enumerate(new):
            yield from (
                _differences(old[index], value, f"{path}[{index}]") if index < len(old) else (f"{path}[{index}]",)
            )
    else:
        yield path


def _hint(word: str, known: Sequence[str]) -> str:
    near = near_words(word, known)
    some = ", ".join(f"`{name}`" for name in known[:8]) + (", …" if len(known) > 8 else "")
    return f"did you mean `{near[0]}`; there are {some}" if near else f"there are {some}"


# --- what follows from a change ---


def _renewed(before: Sequence[Document], after: list[Document]) -> tuple[Document, ...]:
    """Digests that stand for changed content, made again: of config files on pod templates, of templates in Job names."""
    configs = {
        new.service: digest(new.data["data"])
        for old, new in zip(before, after, strict=True)
        if new.kind == "ConfigMap" and new is not old and new.data and new.data.get("data")
    }
    return renamed(before, [_finished(new, configs.get(new.service)) for new in after])


def _finished(new: Document, config: str | None) -> Document:
    if new.kind not in POD_PATHS:
        return new
    data = new.data
    notes = ".".join((*POD_PATHS[new.kind][:-1], "metadata", "annotations"))
    noted = _at(data, notes)
    if config and isinstance(noted, dict) and CONFIG_DIGEST in noted:
        data = fieldpath.put(data, join(notes, CONFIG_DIGEST), config)
    return new if data is new.data else replace(new, data=data)
