"""Objects → the images in them as kustomize finds them, and which of those a name in its `images` stands for.

kustomize looks below every `containers` and `initContainers` of every object, and takes a name for a pattern in which
`.` stands for any character: `ghcr.io/acme/hello.web` also changes `ghcr.io/acme/hello-web`.
https://github.com/kubernetes-sigs/kustomize/blob/api/v0.20.1/api/internal/image/image.go
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

CONTAINERS = ("containers", "initContainers")
_REST = re.compile(r"(?::[A-Za-z0-9_.{}-]*)?(?:@sha256:[A-Za-z0-9_.{}-]*)?")  # tag and digest, as kustomize knows them
_END = re.compile(r"[:@]|\Z")
ImageStarts = Mapping[int, frozenset[str]]


def images_in(data: Any) -> Iterator[str]:
    """Images that kustomize would change in an object."""
    if isinstance(data, dict):
        for key, value in data.items():
            yield from images_in(value)
            for item in value if key in CONTAINERS and isinstance(value, list) else ():
                if isinstance(item, dict) and isinstance(image := item.get("image"), str):
                    yield image
    elif isinstance(data, (list, tuple)):
        for item in data:
            yield from images_in(item)


def starts(images: Iterable[str]) -> ImageStarts:
    """What a name could be that stands for one of the images: the image itself, without digest, without tag; by
    length.
    """
    found: dict[int, set[str]] = {}
    for image in {*images}:
        for end in _END.finditer(image):
            if _REST.fullmatch(image, end.start()):
                found.setdefault(end.start(), set()).add(image[: end.start()])
    return {length: frozenset(held) for length, held in found.items()}


def stands_for(name: str, images: ImageStarts) -> bool:
    """Whether an image has exactly that name."""
    return name in images.get(len(name), ())


def others(name: str, images: ImageStarts) -> list[str]:
    """Other images that kustomize would change with the one of that name, sorted."""
    alike = images.get(len(name), frozenset()) if "." in name else frozenset()
    return sorted(
        start
        for start in alike
        if start != name and all(wanted in (".", char) for wanted, char in zip(name, start, strict=True))
    )
