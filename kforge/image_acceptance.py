"""An outcome that is not current → is it but for updates of base images that a bot wrote?

A bot changes two places: the `FROM` lines of generated Dockerfiles, and `bases` of the spec. It runs no build, so lock
and sums say what was before. Two questions are put, and both must be answered with yes:

    are the files what this spec makes, with the images that stand in them?
    with the former images put back, in spec and Dockerfiles, is everything as lock and sums have it?

The second leaves room for nothing else: any other difference, in these lines or elsewhere, stays one. What comes in place of
an image is held to `domain/image_updates.py`: same registry, repository and tag line.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from kforge.domain.document import is_dockerfile
from kforge.domain.image_updates import succeeds
from kforge.domain.topic_names import BUILD
from kforge.pipeline import run
from kforge.system.files import read
from kforge.written_images import NOTHING_WRITTEN, standing

if TYPE_CHECKING:
    from kforge.outcome import Options, Outcome


def accepted(outcome: Outcome, options: Options) -> Outcome:
    """The outcome; where all that it lacks is a record of updated base images, the one of before, which is current.

    Its `written` says which images the next build records.
    """
    if outcome.current or outcome.errors or not outcome.changes.current:
        return outcome
    moved = dict(_moved_bases(outcome))
    if not moved and not outcome.written.images:
        return outcome
    text = (read(outcome.project.spec, root=outcome.project.root) or b"").decode("utf-8", "replace")
    for new, old in moved.items():
        text = text.replace(new, old)
    files = {**_put_back(outcome, moved), **outcome.written.restored}
    before = run(
        outcome.project, replace(options, text=text if moved else None, written=NOTHING_WRITTEN, restored=files)
    )
    return replace(before, written=outcome.written, rebased=moved) if before.current else outcome


def _moved_bases(outcome: Outcome) -> Iterator[tuple[str, str]]:
    """Images of the spec's `bases` that the lock does not know, each with the one image there that it is an update of."""
    locked = [held.decisions[BUILD] for held in outcome.loaded.lock.services.values() if BUILD in held.decisions]
    known = {image for decision in locked for image in standing(decision).values()}
    bases = outcome.loaded.raw.data.get("bases") or {}
    for image in {*bases.values()} - known:
        former = [each for each in known if succeeds(each, image) and each not in bases.values()]
        if len(former) == 1:
            yield image, former[0]


def _put_back(outcome: Outcome, moved: Mapping[str, str]) -> dict[str, bytes]:
    """Dockerfiles with the spec's former images."""
    found = {}
    for change in outcome.changes:
        if moved and change.before is not None and is_dockerfile(change.path) and change.path in outcome.files:
            lines = change.before.decode("utf-8", "replace").split("\n")
            found[change.path] = "\n".join(_former(line, moved) for line in lines).encode()
    return found


def _former(line: str, moved: Mapping[str, str]) -> str:
    words = line.split(" ")
    return " ".join(moved.get(word, word) for word in words) if words[0] == "FROM" else line
