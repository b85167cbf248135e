"""A build decision and the images that were written in the place of its own → those that may stand there.

The lock keeps them beside the answer, so that an answer is compared with the heuristics' as ever. What the lock has of
another repository or tag line, or of an image that the build does not name, is dropped: then the lock is not current.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from kforge.domain.image_updates import takes
from kforge.domain.source.front_end_image import front_end_image
from kforge.errors import InputError

if TYPE_CHECKING:
    from kforge.domain.decision import Decision
    from kforge.domain.view import View


def standing_images(view: View, decision: Decision, fresh: Mapping[str, str]) -> dict[str, str]:
    """Base image → what stands in its place: the lock's, and `fresh` ones before them. `view` has recorded nothing."""
    found = {}
    for line in sorted({*_named(view, decision)}):
        held = decision.images.get(line, "")
        known = held if held and takes(line, held) else ""
        wanted = fresh.get(line, "")
        image = wanted if wanted and takes(line, wanted, known) else known
        if image:
            found[line] = image
    return found


def _named(view: View, decision: Decision) -> Iterator[str]:
    """Images that the Dockerfile of a build decision names."""
    yield from (str(decision.value[field]) for field in ("base", "runtime") if decision.value.get(field))
    for front in view.fact("front_ends"):
        try:
            yield front_end_image(view, str(front["version"]))
        except InputError:  # told where the Dockerfile is made
            continue
