"""Dockerfiles on disk → base images that a bot, or a person, updated in their `FROM` lines.

A generated Dockerfile belongs to kforge, but for this: a digest or a patch version in the place of the image that kforge
chose (`domain/image_updates.py` says what is one). The file must otherwise be, byte for byte, what kforge.sum has recorded.
A build puts what it finds into the lock, beside the answer, where reviewers see it and every later build renders it from.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from kforge.domain.change import Change, Changes, WantedFile
from kforge.domain.document import is_dockerfile
from kforge.domain.image_updates import EditedLine, edited_lines, updated
from kforge.domain.lock import Lock, LockedDecision, Sums
from kforge.domain.topic_names import BUILD
from kforge.stages.compare import sha256


class WrittenImages(NamedTuple):
    """What was found: by service, line → image; files as kforge wrote them; and digests of the files as they are."""

    images: Mapping[str, Mapping[str, str]] = {}
    restored: Mapping[str, bytes] = {}
    digests: Mapping[str, tuple[str, ...]] = {}


NOTHING_WRITTEN = WrittenImages()


def written_images(files: Mapping[str, WantedFile], changes: Changes, lock: Lock, owned: Sums) -> WrittenImages:
    """Look at every Dockerfile of kforge's that is not as it was recorded. `lock` is the one on disk."""
    images: dict[str, Mapping[str, str]] = {}
    restored: dict[str, bytes] = {}
    digests: dict[str, tuple[str, ...]] = {}
    for change in changes:
        path, held = change.path, change.before
        recorded, file = owned.files.get(path), files.get(path)
        if held is None or file is None or recorded in (None, sha256(held)) or not is_dockerfile(path):
            continue
        found = updated(held.decode("utf-8", "replace"), standing(lock.decision(file.service, BUILD), file.content))
        if found and sha256(found.text.encode()) == recorded:
            images[file.service] = found.images
            restored[path] = found.text.encode()
            digests[path] = (sha256(held),)
    return WrittenImages(images, restored, digests)


def standing(build: LockedDecision | None, wanted: bytes = b"") -> dict[str, str]:
    """Base images of a locked answer with what stands in their place, and those of the wanted file that it does not name."""
    found = {}
    for field in ("base", "runtime") if build else ():
        if isinstance(line := build.value.get(field) if build else None, str):
            found[line] = line
    found |= build.images if build else {}
    for text in wanted.decode("utf-8", "replace").splitlines():
        image = text.split(" ")[-3] if text.startswith("FROM ") and text.count(" ") > 2 else ""
        if "/" in image and image not in found and image not in found.values():
            found[image] = image
    return found


def judged(change: Change, file: WantedFile, lock: Lock) -> tuple[EditedLine, ...]:
    """The lines of a Dockerfile that was edited, each with why it is more than a bot may write; none for other files."""
    if change.before is None or not is_dockerfile(change.path):
        return ()
    standing_here = standing(lock.decision(file.service, BUILD), file.content)
    return edited_lines(
        change.before.decode("utf-8", "replace"), file.content.decode("utf-8", "replace"), standing_here
    )


def restoring(disk: Callable[[str], bytes | None], restored: Mapping[str, bytes]) -> Callable[[str], bytes | None]:
    """A reader of files for which some have the content that they had before."""
    return (lambda path: restored[path] if path in restored else disk(path)) if restored else disk
