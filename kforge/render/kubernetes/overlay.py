"""Base documents + an environment's documents → the files that turn one into the other.

Every service that differs gets a folder with a kustomize Component: strategic-merge patches of what differs, whole
objects that exist only there, deletions of those that do not, and changes of image names and tags. Where no such
patch gives exactly the object, a JSON patch does. A test holds the result against kustomize itself.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from kforge.domain.document import INCLUDED, Document, identity_of
from kforge.domain.kubernetes import jsonpatch, strategic
from kforge.domain.yaml_text import marked, render
from kforge.render.kubernetes import image_entries
from kforge.render.kubernetes.kustomize import FILE, Layout, component, relative

APP = "_app"  # folder of what belongs to no service; no service's name begins so


@dataclass(slots=True)
class Folder:
    """What an environment changes of one service. Texts by file name, in the folder."""

    files: dict[str, str] = field(default_factory=dict)
    resources: list[str] = field(default_factory=list)
    patches: list[dict[str, Any]] = field(default_factory=list)
    images: list[dict[str, str]] = field(default_factory=list)


def overlay(
    layout: Layout, environment: str, base: Iterable[Document], target: Iterable[Document], spec: str
) -> dict[str, str]:
    """Text of every file of an environment by path, its aggregate kustomization left out.

    Documents are finished objects, both sets whole; others than Kubernetes objects are passed over.
    """
    objects = [item for item in target if item.data]
    old = {identity_of(item): item for item in base if item.data and item.artifact != INCLUDED}
    new = {identity_of(item): item for item in objects if item.artifact != INCLUDED}
    pairs = [(old[identity], homed(new[identity], old[identity])) for identity in sorted(old.keys() & new.keys())]
    changes = image_entries.changes([(before.data, after) for before, after in pairs], [item.data for item in objects])
    folders: dict[str, Folder] = {}
    for before, after in pairs:
        _patch(_folder(folders, layout, new[identity_of(before)]), before, after, changes, spec)
    for identity in sorted(new.keys() - old.keys()):
        item = new[identity]
        name = posixpath.basename(item.path)
        folder = _folder(folders, layout, item)
        folder.files[name] = render(item, spec)
        folder.resources.append(name)
    for identity in sorted(old.keys() - new.keys()):
        item = old[identity]
        name = f"delete-{posixpath.basename(item.path)}"
        folder = _folder(folders, layout, item)
        folder.files[name] = marked({**_head(item), strategic.DIRECTIVE: "delete"}, spec)
        folder.patches.append({"path": name})
    return dict(_written(f"{layout.overlay(environment)}", folders, spec))


def homed(document: Document, base: Document) -> dict[str, Any]:
    """The target as it is before kustomize's `namespace` moves it: in the base's namespace."""
    data: Mapping[str, Any] = document.data or {}
    home = (base.data or {}).get("metadata", {})
    metadata = {**data["metadata"], "name": home.get("name")}
    if "namespace" in metadata and metadata.pop("namespace") and "namespace" in home:
        metadata["namespace"] = home["namespace"]
    return {**data, "metadata": metadata}


def _folder(folders: dict[str, Folder], layout: Layout, document: Document) -> Folder:
    return folders.setdefault(posixpath.dirname(relative(document.path, layout.kubernetes)) or APP, Folder())


def _patch(
    folder: Folder, before: Document, after: dict[str, Any], changes: image_entries.ImageEntries, spec: str
) -> None:
    """Add what turns one object into the other: image changes, then a patch of the rest."""
    old, used = image_entries.apply(before.data, changes)
    folder.images += [change for change in used if change not in folder.images]
    name = posixpath.basename(before.path)
    patch = difference(old, after)
    if isinstance(patch, list):
        folder.files[name] = marked(patch, spec)
        folder.patches.append({"path": name, "target": _target(before)})
    elif patch is not None:
        metadata = {**_head(before)["metadata"], **patch.get("metadata", {})}
        folder.files[name] = marked({**_head(before), **patch, "metadata": metadata}, spec)
        folder.patches.append({"path": name})


def difference(old: Any, new: Any) -> Any:
    """What turns one object into the other: a strategic-merge patch, the operations of a JSON patch where no such patch
    does, None where they are equal.
    """
    try:
        return strategic.diff(old, new)
    except strategic.MismatchError:
        return jsonpatch.operations(old, new)


def _head(document: Document) -> dict[str, Any]:
    """What names an object in a patch."""
    data = document.data or {}
    kept = {key: value for key, value in data["metadata"].items() if key in ("name", "namespace")}
    return {"apiVersion": data["apiVersion"], "kind": data["kind"], "metadata": kept}


def _target(document: Document) -> dict[str, str]:
    """A selector of one object; kustomize takes names as regular expressions, whole."""
    group, _, version = str((document.data or {}).get("apiVersion", "")).rpartition("/")
    named = {"group": group, "version": version, "kind": document.kind, "name": re.escape(document.name)}
    return {key: value for key, value in named.items() if value}


def _written(root: str, folders: Mapping[str, Folder], spec: str) -> Iterator[tuple[str, str]]:
    for name, folder in sorted(folders.items()):
        if not (folder.files or folder.images):
            continue
        patches = sorted(folder.patches, key=lambda patch: str(patch["path"]))
        images = sorted(folder.images, key=lambda change: change["name"])
        yield f"{root}/{name}/{FILE}", component(sorted(folder.resources), patches, images, spec)
        for file, text in sorted(folder.files.items()):
            yield f"{root}/{name}/{file}", text
