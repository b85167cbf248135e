"""A base image as kforge chose it, and what a bot made of it → is that the same image, pinned or patched? Asks no registry.

Bots write digests and patch versions into `FROM` lines. What they write is taken over where repository, registry and tag
line are those that kforge chose: `python:3.13-slim` may become `python:3.13.9-slim@sha256:…`, and never `python:3.14-slim`,
`python:3.13-alpine` or `ghcr.io/someone/python:3.13-slim`. So a pull request cannot swap what an image is built on. It can
name any digest of that very repository, an older one too: no text can tell its age, only a registry.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from typing import NamedTuple

from kforge.domain.images import SCRATCH, digest, is_reference, repository, tag

_TAG = re.compile(r"(v?)([0-9]{1,9}(?:\.[0-9]{1,9}){0,3})(?![0-9.])(.*)", re.DOTALL)
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_FROM = re.compile(r"(FROM (?:--platform=\S+ )?)(\S+)( AS [a-z0-9_.-]+)", re.ASCII)
PATCHED = 3  # numbers that a version has whose last one is that of a patch


class _Tag(NamedTuple):
    """A tag as the words around a version: `3.13.9-slim` is 3, 13, 9 and `-slim`."""

    before: str
    numbers: tuple[int, ...]
    after: str


def _parts(text: str) -> _Tag:
    match = _TAG.fullmatch(text)
    return _Tag(match[1], tuple(map(int, match[2].split("."))), match[3]) if match else _Tag(text, (), "")


def same_line(line: str, image: str) -> bool:
    """Whether an image is another one of a tag line: same repository, and a tag that differs in patch numbers at most."""
    if not is_reference(image) or repository(line) != repository(image) or line == image or SCRATCH in (line, image):
        return False
    if digest(image) and not _DIGEST.fullmatch(digest(image)):
        return False
    if tag(line) == tag(image):
        return True
    old, new = _parts(tag(line)), _parts(tag(image))
    if (old.before, old.after) != (new.before, new.after) or not old.numbers:
        return False
    patched = len(old.numbers) == len(new.numbers) >= PATCHED and old.numbers[:2] == new.numbers[:2]
    return new.numbers[: len(old.numbers)] == old.numbers or (patched and new.numbers >= old.numbers)


def succeeds(old: str, new: str) -> bool:
    """Whether an image is a later one of the same line: what has a digest keeps one, and no version sinks."""
    kept = bool(digest(new)) or not digest(old)
    return same_line(old, new) and kept and _parts(tag(new)).numbers >= _parts(tag(old)).numbers


def takes(line: str, image: str, so_far: str = "") -> bool:
    """Whether an image may stand in the place of `line`, where `so_far` stands today.

    A digest that the spec names is the spec's word: nothing takes its place.
    """
    return not digest(line) and same_line(line, image) and (not so_far or succeeds(so_far, image))


class Updated(NamedTuple):
    """A Dockerfile that was updated by hand or by a bot: its text as kforge wrote it, and line → image for what was written since."""

    text: str
    images: dict[str, str]


def updated(held: str, standing: Mapping[str, str]) -> Updated | None:
    """What a Dockerfile was before its `FROM` lines were updated; None where an image of them is no update of one.

    `standing` are base images with what stands in their place. The caller compares the text with what was recorded:
    only that shows that nothing else was changed. Every place of an image must have the same successor.
    """
    found: dict[str, str] = {}
    lines, before = [], {image: line for line, image in standing.items()}
    for text in held.split("\n"):
        match = _FROM.fullmatch(text)
        image = match[2] if match else ""
        if match and "/" in image and image not in before:
            old = [each for each in before if takes(before[each], image, each if each != before[each] else "")]
            if len(old) != 1 or found.setdefault(before[old[0]], image) != image:
                return None
            text = f"{match[1]}{old[0]}{match[3]}"  # noqa: PLW2901 - the line as it was
        lines.append(text)
    return Updated("\n".join(lines), found) if found and not _mixed(held, found, standing) else None


def _mixed(held: str, found: Mapping[str, str], standing: Mapping[str, str]) -> bool:
    """Whether another `FROM` line still has what was updated in one."""
    still = {match[2] for match in map(_FROM.fullmatch, held.split("\n")) if match}
    return any(standing[line] in still for line in found)


class EditedLine(NamedTuple):
    """A line of a Dockerfile that is not as the spec makes it. `why` says why no update covers it; "" where one does."""

    number: int  # 0 for a line that is missing
    text: str
    why: str


def edited_lines(held: str, wanted: str, standing: Mapping[str, str]) -> tuple[EditedLine, ...]:
    """What is not as the spec makes it in a Dockerfile that is no mere update, `standing` as for `updated`.

    Lines are compared as a bag, in linear time; one that only moved is not told.
    """
    left, found = Counter(wanted.split("\n")), []
    for number, text in enumerate(held.split("\n"), 1):
        if left[text] > 0:
            left[text] -= 1
        else:
            found.append(EditedLine(number, text, _objection(text, held, standing)))
    missing = [text for text in left.elements() if text.strip() and not text.startswith("FROM ")]
    return (*found, *(EditedLine(0, text, "") for text in missing))


def _objection(text: str, held: str, standing: Mapping[str, str]) -> str:
    """Why a line is not an update of a base image; "" where it is one."""
    match = _FROM.fullmatch(text)
    if not match:
        return "not an update of a base image"
    image, before = match[2], {image: line for line, image in standing.items()}
    same = [each for each in before if repository(each) == repository(image)]
    if not same:
        return "not from a repository that kforge chose"
    old = [each for each in same if takes(before[each], image, each if each != before[each] else "")]
    if not old:
        spoken = [each for each in same if digest(before[each])]
        return (
            f"the spec sets the digest of `{spoken[0]}`, which takes precedence"
            if spoken
            else f"not an update of `{same[0]}`: that is a digest or a later patch version"
        )
    others = {each[2] for each in map(_FROM.fullmatch, held.split("\n")) if each} - {image}
    if old[0] in others or any(takes(before[old[0]], each) for each in others):
        return "another stage has a different image there"
    return ""
