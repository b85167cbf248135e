"""A project's base images and what registries have for them today → a spec and a lock with their digests.

What kforge chose gets its digest in the lock, as if a bot had written it into the `FROM` lines; a digest that the spec
names under `bases` is replaced there, since the spec's word is never overruled. Who asks the registry is an argument.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from kforge.domain.image_updates import takes
from kforge.domain.images import SCRATCH, digest
from kforge.domain.topic_names import BUILD
from kforge.errors import InputError, Place
from kforge.transaction import computed
from kforge.written_images import WrittenImages

if TYPE_CHECKING:
    from kforge.domain.spec.project import Project
    from kforge.outcome import Options, Outcome

AskDigest = Callable[[str], str]  # an image's name with its tag → `sha256:…`


@dataclass(frozen=True, slots=True)
class Upgraded:
    """What came of it: the images that moved, old → new; the spec's text; and the outcome with both."""

    outcome: Outcome
    text: str
    moved: Mapping[str, str] = field(default_factory=dict)
    asked: int = 0


def upgraded(project: Project, options: Options, ask: AskDigest) -> Upgraded:
    """Ask for every base image once, and work the project out with the answers; nothing is written.

    Raises what `ask` raises, and InputError where a question to a model is open: asking registries settles none.
    """
    first = computed(project, replace(options, looks=False))
    _settled(first)
    text = first.loaded.raw.text
    named = {*(first.loaded.raw.data.get("bases") or {}).values()}
    answers: dict[str, str] = {}
    images: dict[str, dict[str, str]] = {}
    moved: dict[str, str] = {}
    for service, line, standing in sorted({*_bases(first)}):
        name = standing.partition("@")[0]
        if name not in answers:
            answers[name] = f"{name}@{ask(name)}"
        new = answers[name]
        if new == standing:
            continue
        moved[standing] = new
        if line in named and digest(line):
            text = text.replace(line, new)
        elif takes(line, new, standing if standing != line else ""):
            images.setdefault(service, {})[line] = new
        else:
            raise InputError(
                f"`{line}` is pinned by service `{service}` with a digest",
                Place(project.name),
                f"write `{new}` there, or name the image under `bases`",
            )
    if not moved:
        return Upgraded(first, text, asked=len(answers))
    written = WrittenImages(_joined(first.written, images), {}, first.written.digests)
    changed = text if text != first.loaded.raw.text else None
    return Upgraded(computed(project, replace(options, text=changed, written=written)), text, moved, len(answers))


def _settled(outcome: Outcome) -> None:
    """Raise InputError where the spec leaves a question to a model and the lock has no answer that stands."""
    model = outcome.loaded.world.spec.model
    stands = ("locked", "outdated", "pinned")
    left = [
        f"{service}/{topic}"
        for (service, topic), one in sorted(outcome.settled.decisions.items())
        if model and topic in model.decides and one.state not in stands
    ]
    if left:
        raise InputError(
            f"`{left[0]}` is not decided yet, and the spec leaves it to a model",
            Place(outcome.project.name),
            "run `kforge build` first",
        )


def _bases(outcome: Outcome) -> Iterator[tuple[str, str, str]]:
    """Service, image as it was chosen, and what stands in its place, of every stage that kforge writes."""
    for document in outcome.documents[""]:
        for stage in document.dockerfile.stages if document.dockerfile else ():
            if stage.image == SCRATCH or "/" not in stage.image:
                continue
            build = outcome.settled.decisions.get((document.service, BUILD))
            lines = {image: line for line, image in (build.images if build else {}).items()}
            yield document.service, lines.get(stage.image, stage.image), stage.image


def _joined(found: WrittenImages, fresh: Mapping[str, Mapping[str, str]]) -> dict[str, Mapping[str, str]]:
    """What stands in Dockerfiles already, with what the registries say over it."""
    names = {*found.images, *fresh}
    return {name: {**found.images.get(name, {}), **fresh.get(name, {})} for name in sorted(names)}
