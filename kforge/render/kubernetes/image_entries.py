"""Images of two sets of objects → kustomize's `images` entries that turn one set into the other.

An entry changes every image of a name. A change is made by an entry only where all containers that run that image
agree on it and where it leaves the images alone that are right already; the rest is left to patches. With entries, a
tag that CI set on the base lives on in an environment that only has another registry.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from kforge.domain.document import POD_PATHS
from kforge.domain.images import digest, repository, tag
from kforge.domain.kubernetes.image_names import CONTAINERS, images_in, others, starts
from kforge.domain.kubernetes.strategic import plain

ImageEntry = dict[str, str]
ImageEntries = Mapping[str, ImageEntry]  # image name → entry


def changes(pairs: Iterable[tuple[Any, Any]], targets: Iterable[Any]) -> ImageEntries:
    """Entries by image name, from (object, what it is to be) and from all objects that are to be."""
    wanted: dict[str, ImageEntry | None] = {}
    for old, new in pairs:
        after = dict(_named(new))
        for key, container in _named(old):
            if key not in after or not isinstance(image := container.get("image"), str):
                continue
            entry = _entry(image, str(after[key].get("image", "")))
            name = repository(image)
            wanted[name] = entry if wanted.get(name, entry) == entry else None
    found = {name: entry for name, entry in wanted.items() if entry and len(entry) > 1}
    right = {image for target in targets for image in images_in(target)}
    names = {image: repository(image) for image in right}
    spoilt = {name for image, name in names.items() if name in found and _changed(image, name, found[name]) != image}
    alike = starts(right)
    spoilt |= {name for name in found if others(name, alike)}
    return {name: entry for name, entry in found.items() if name not in spoilt}


def apply(data: Any, entries: ImageEntries) -> tuple[Any, list[ImageEntry]]:
    """The object with its images changed, and the entries that did it."""
    used = [entry for _, container in _named(data) if (entry := _of(container, entries))]
    if not used:
        return data, []
    changed = plain(data)
    for _, container in _named(changed):
        if entry := _of(container, entries):
            container["image"] = _changed(container["image"], entry["name"], entry)
    return changed, used


def set_images(data: Any, entries: Iterable[Mapping[str, str]]) -> Any:
    """The object as kustomize leaves it after `images`: below every `containers` and `initContainers`, entry by entry,
    but not in a CustomResourceDefinition. https://github.com/kubernetes-sigs/kustomize/blob/api/v0.20.1/api/filters/imagetag/legacy.go
    """
    held = [{key: value for key, value in entry.items() if value} for entry in entries]
    if not held or data.get("kind") == "CustomResourceDefinition":
        return data
    return _with_images(data, held)


def _with_images(data: Any, entries: Iterable[ImageEntry]) -> Any:
    if isinstance(data, list):
        return [_with_images(item, entries) for item in data]
    if not isinstance(data, dict):
        return data
    out = {key: _with_images(value, entries) for key, value in data.items()}
    for group in CONTAINERS:
        for container in out[group] if isinstance(out.get(group), list) else ():
            if isinstance(container, dict) and isinstance(container.get("image"), str):
                for entry in entries:
                    container["image"] = _changed(container["image"], entry["name"], entry)
    return out


def _of(container: Mapping[str, Any], entries: ImageEntries) -> ImageEntry | None:
    return entries.get(repository(str(container.get("image", ""))))


def _named(data: Any) -> Iterator[tuple[tuple[str, str], dict[str, Any]]]:
    """Containers by group and name."""
    pod = data
    for key in POD_PATHS.get(str(data.get("kind")), ("",)):
        pod = pod.get(key) if isinstance(pod, dict) else None
    for group in reversed(CONTAINERS):
        found = pod.get(group) if isinstance(pod, dict) else None
        for container in found if isinstance(found, list) else ():
            if isinstance(container, dict):
                yield (group, str(container.get("name"))), container


def _entry(old: str, new: str) -> ImageEntry | None:
    """The entry that makes one image of the other, with a name alone if they are equal; None where none does."""
    entry = {"name": repository(old)}
    if repository(new) != repository(old):
        entry["newName"] = repository(new)
    if (tag(new), digest(new)) != (tag(old), digest(old)):
        entry |= {"newTag": tag(new)} if tag(new) else {}
        entry |= {"digest": digest(new)} if digest(new) else {}
    return entry if _changed(old, entry["name"], entry) == new else None


def _changed(image: str, name: str, entry: Mapping[str, str]) -> str:
    """What kustomize makes of an image (api/filters/imagetag)."""
    if repository(image) != name:
        return image
    said, sum_ = tag(image), digest(image)
    if "newTag" in entry or "digest" in entry:
        said, sum_ = entry.get("newTag", ""), entry.get("digest", "")
    return entry.get("newName", name) + (f":{said}" if said else "") + (f"@{sum_}" if sum_ else "")
