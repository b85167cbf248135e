"""An environment's image component as read → the images that it sets, and what else it holds. Light: `check` runs it.

kforge writes the component once, then it is CI's: `kustomize edit set image`. kustomize applies it after everything
else, and a component may hold patches, resources and remote addresses, so this one may hold images alone. kustomize
reads a key in any case and takes `name` for a pattern; both would change more than a reader sees.
https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/images/
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from kforge.domain.document import Document
from kforge.domain.images import allowed, digest, is_reference, repository, tag
from kforge.domain.kubernetes.image_names import ImageStarts, others, stands_for, starts
from kforge.domain.spec.raw import Path, Raw, dotted
from kforge.errors import Place

_HEAD = {"apiVersion": "kustomize.config.k8s.io/v1alpha1", "kind": "Component"}
_WORD = re.compile(r"[A-Za-z]{1,40}")
_KEYS = ("name", "newName", "newTag", "digest")
_ELSEWHERE = "write it in the spec (`patches`, `include`, `environments`): this file is for images only"
_LONGEST = 200  # characters of an image
_MOST = 20_000_000  # bytes that names are looked for in, all names together: a tenth of a second
_QUOTED = "write a string, in quotes if it looks like a number"


@dataclass(frozen=True, slots=True)
class Component:
    """One component: its file, relative to the spec's folder, and what it holds, nothing where it is `private`.

    `seeded`: it still shows that kforge wrote it once. Else git's index was asked whether the file is the repository's.
    """

    path: str
    raw: Raw
    seeded: bool = True
    private: bool = False

    def document(self, where: Place) -> Document:
        """The file as rules name it, for what stands at one place of it."""
        return Document(path=self.path, artifact="images", lines=(), place=lambda field: where)


class ComponentFault(NamedTuple):
    """What a component must not hold."""

    field: str
    message: str
    hint: str
    where: Place


class SetImage(NamedTuple):
    """An image that a component sets: the reference as far as the component gives it, its tag may be the manifest's."""

    field: str
    image: str
    where: Place


def faults(raw: Raw) -> Iterator[ComponentFault]:
    """Everything that is no image, and every image that kustomize would read otherwise than a person."""
    for key in raw.data:
        if key not in (*_HEAD, "images"):
            yield ComponentFault(
                _shown(key), f"the image component holds {_named(key)}", _ELSEWHERE, raw.key_place((key,))
            )
    for key, value in _HEAD.items():
        if raw.data.get(key) != value:
            yield ComponentFault(
                key, f"the image component has no `{key}: {value}`", f"write `{key}: {value}`", raw.place((key,))
            )
    images = raw.data.get("images")
    if not isinstance(images, list):
        yield ComponentFault(
            "images",
            "the image component has no list of `images`",
            "write `images: []` if it sets no image",
            raw.place(("images",)),
        )
    for index, image in enumerate(images if isinstance(images, list) else ()):
        yield from _faults_of(raw, ("images", index), image)


def _faults_of(raw: Raw, path: Path, image: Any) -> Iterator[ComponentFault]:
    if not isinstance(image, dict) or not image.get("name"):
        yield ComponentFault(
            dotted(path),
            f"`{dotted(path)}` names no image",
            "write `name`, and `newName`, `newTag` or `digest`",
            raw.place(path),
        )
        return
    for key, value in image.items():
        where = (*path, key)
        if key not in _KEYS:
            message = f"`{dotted(path)}` holds {_named(key)}"
            yield ComponentFault(
                dotted((*path, _shown(key))),
                message,
                f"an image has {', '.join(f'`{known}`' for known in _KEYS)}",
                raw.key_place(where),
            )
        elif not isinstance(value, str):
            yield ComponentFault(dotted(where), f"`{dotted(where)}` is not a string", _QUOTED, raw.place(where))
        elif key in ("name", "newName") and value and not _is_name(value):
            hint = "write one image without tag and digest: kustomize takes `name` for a pattern"
            yield ComponentFault(dotted(where), f"`{dotted(where)}` is not an image name", hint, raw.place(where))


def mistaken(raw: Raw, images: ImageStarts) -> Iterator[ComponentFault]:
    """Names that no image of the manifests has, and names that stand for another image besides."""
    for path, name in _names(raw):
        if not stands_for(name, images):
            hint = "name an image as the manifests of this environment name it, or leave the entry out"
            message = f"`{dotted(path)}` is `{name[:_LONGEST]}`, and no manifest names that image"
            yield ComponentFault(dotted(path), message, hint, raw.place(path))
        elif also := others(name, images):
            message = (
                f"`{dotted(path)}` is `{name[:_LONGEST]}`, and kustomize would change `{also[0][:_LONGEST]}` as well"
            )
            hint = "rename one of them: kustomize takes `.` in a name for any character"
            yield ComponentFault(dotted(path), message, hint, raw.place(path))


def _names(raw: Raw) -> Iterator[tuple[Path, str]]:
    images = raw.data.get("images")
    for index, image in enumerate(images if isinstance(images, list) else ()):
        if isinstance(image, dict) and isinstance(name := image.get("name"), str) and _is_name(name):
            yield ("images", index, "name"), name


def _is_name(text: str) -> bool:
    """Whether a text is an image without tag and digest."""
    return repository(text) == text and is_reference(text)


def _shown(key: str) -> str:
    """A key as a message may repeat it: one that could be kustomize's."""
    return key if _WORD.fullmatch(key) else "…"


def _named(key: str) -> str:
    return f"`{key}`" if _WORD.fullmatch(key) else "a key that kustomize does not know"


def shown(raw: Raw) -> dict[str, Any]:
    """The images of a component and nothing else that it holds, as a component."""
    images = raw.data.get("images")
    kept = [
        {key: value for key in _KEYS if isinstance(value := image.get(key), str)}
        for image in (images if isinstance(images, list) else ())
        if isinstance(image, dict)
    ]
    return {**_HEAD, "images": [image for image in kept if image]}


def entries(raw: Raw) -> Iterator[SetImage]:
    """The images that a component sets. What `faults` objects to may be missing here."""
    images = raw.data.get("images")
    for index, image in enumerate(images if isinstance(images, list) else ()):
        if isinstance(image, dict):
            held = {key: value for key in _KEYS if isinstance(value := image.get(key), str)}
            name = held.get("newName") or held.get("name", "")
            version, exact = held.get("newTag"), held.get("digest")
            key = "newName" if held.get("newName") else "name"
            reference = name + (f":{version}" if version else "") + (f"@{exact}" if exact else "")
            if name:
                yield SetImage(dotted(("images", index, key)), reference, raw.place(("images", index, key)))


def image_list(raw: Raw) -> Iterator[dict[str, str]]:
    """What a component sets, in the order in which kustomize does it: entries that name an image."""
    images = raw.data.get("images")
    for image in images if isinstance(images, list) else ():
        held = (
            {key: value for key in _KEYS if isinstance(value := image.get(key), str)} if isinstance(image, dict) else {}
        )
        if "name" in held:
            yield held


def entries_by_name(raw: Raw) -> dict[str, dict[str, str]]:
    """What a component sets of an image, by the name that manifests have for it."""
    return {image["name"]: image for image in image_list(raw)}


def unpinned(image: str) -> bool:
    """Whether a component's image moves. Without a tag it keeps that of the manifest, which a rule has judged."""
    return not digest(image) and tag(image) == "latest"


def sound(raw: Raw, registries: Iterable[str]) -> bool:
    """Whether no rule has anything against a component."""
    prefixes = tuple(registries)
    return next(faults(raw), None) is None and all(
        is_reference(entry.image) and allowed(entry.image, prefixes) and not unpinned(entry.image)
        for entry in entries(raw)
    )


def surely_matched(raw: Raw, images: frozenset[str] | None, texts: bytes) -> bool:
    """Whether every name of a component is among some images and stands for no other, neither there nor in texts that
    may hold more. No images, or an escape in the texts: only the manifests can tell.
    """
    names = [name for _, name in _names(raw)]
    if not names:
        return True
    if images is None or b"\\" in texts or len(names) * len(texts) > _MOST or next(mistaken(raw, starts(images)), None):
        return False
    patterns = ((name.encode(), re.escape(name.encode()).replace(rb"\.", b".")) for name in names)
    return all(match[0] == name for name, pattern in patterns for match in re.finditer(pattern, texts))
