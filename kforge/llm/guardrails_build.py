"""The hard limits of a `build` answer: images of allowed registries that fit the recipe, Debian packages, known steps."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from kforge.domain.images import SCRATCH, allowed, digest, qualified, repository, tag
from kforge.domain.instructions import is_alpine
from kforge.domain.model.known_words import KnownWords
from kforge.domain.spec import patterns
from kforge.domain.system_packages import known
from kforge.llm.answer_schema import builds
from kforge.llm.conformance import quoted
from kforge.llm.guardrails_commands import step_faults
from kforge.llm.image_choices import WELL_KNOWN, named, registries

if TYPE_CHECKING:
    from kforge.domain.language import Language, Recipe
    from kforge.domain.model.question import Question

# apt takes `name-` for a removal and `a.*` for a pattern, so a name's marks stand between letters and digits. A digest
# is none.
_PACKAGE = re.compile(r"(?=[0-9.+-]*[a-z])(?!.*[0-9a-f]{16})[a-z0-9](?:[a-z0-9]|[.-](?=[a-z0-9])|\+)+")
_VERSION = re.compile(r"[0-9]+(?:\.[0-9]+)?")


def build_faults(question: Question, value: Mapping[str, Any]) -> Iterator[str]:
    """What is wrong with a build, field by field. `value` is complete: what was not asked is in it, too."""
    languages = question.view.languages
    language, recipe = languages.building(value["recipe"]), languages.recipe(value["recipe"])
    if language is None or recipe is None:
        yield f"`recipe`: there is no {quoted(value['recipe'])}"
        return
    for field in ("base", "runtime"):
        yield from (f"`{field}`: {fault}" for fault in image_faults(question, str(value[field])))
        yield from (f"`{field}`: {fault}" for fault in _fit(question, language, recipe, field, str(value[field])))
    yield from _pair(language, recipe, value)
    for field, image in (("packages", "runtime"), ("buildPackages", "base")):
        yield from (f"`{field}`: {fault}" for fault in _packages(question, field, value[field], str(value[image])))
    yield from _steps(question, recipe, value["steps"])


def _packages(question: Question, field: str, names: list[str], image: str) -> Iterator[str]:
    distribution = "alpine" if is_alpine(image) else "debian"
    shown = {
        *question.view.fact("packages"),
        *question.view.fact("build_packages"),
        *(question.baseline.value.get(field) or ()),
    }
    for name in names:
        if not _PACKAGE.fullmatch(name) or not re.fullmatch(patterns.PACKAGE, name):
            yield f"{quoted(name)} is no name of a {distribution.title()} package"
        elif name not in shown and name not in known(distribution):
            yield f"{quoted(name)} is no {distribution.title()} package that is known here; leave it out, or the owner pins it"


def image_faults(question: Question, image: str) -> Iterator[str]:
    """What is wrong with an image by itself, wherever it is used."""
    if image == SCRATCH:
        return
    if not re.fullmatch(patterns.IMAGE.removesuffix("$"), image) or "://" in image or ".." in image or "//" in image:
        yield f"{quoted(image)} is no image; write REGISTRY/NAME:TAG in lower case"
        return
    prefixes = registries(question)
    if not allowed(image, prefixes):
        yield f"{quoted(image)} is from a registry that is not allowed; those are {', '.join(prefixes)}"
    if not tag(image) and not digest(image):
        yield f"{quoted(image)} names no version; write a tag"
    elif tag(image) == "latest":
        yield f"{quoted(image)} is another image tomorrow; name a version"
    if digest(image) and image not in named(question):
        yield f"{quoted(image)} has a digest, which cannot be known here; write a tag alone"


def _fit(question: Question, language: Language, recipe: Recipe, field: str, image: str) -> Iterator[str]:
    """Whether a well-known image fits the recipe. An image of the user's own is accepted: nothing is known of it."""
    name = repository(qualified(image)) if image != SCRATCH else SCRATCH
    if image in named(question) or not (image == SCRATCH or allowed(image, WELL_KNOWN)):
        return
    if field == "runtime" and recipe.final:
        if not recipe.final.takes(name):
            yield f"{quoted(image)} {recipe.final.otherwise}"
    elif name != language.image.repository:
        yield f"{quoted(image)} cannot be used by the recipe {recipe.name}; take an image of {language.image.repository}"


def _pair(language: Language, recipe: Recipe, value: Mapping[str, Any]) -> Iterator[str]:
    """Faults of the two images together: what the one builds does not run in the other (libc, interpreter's version)."""
    base, runtime = str(value["base"]), str(value["runtime"])
    if recipe.final is None:
        if is_alpine(base) != is_alpine(runtime):
            yield "`runtime`: what is built on Alpine runs on Alpine only, and what is not does not; take both or neither"
        versions = [_VERSION.match(tag(image)) for image in (base, runtime)]
        found = [match[0] for match in versions if match]
        if len(found) == 2 and found[0] != found[1]:
            yield f"`runtime`: it has version {found[1]} and `base` has {found[0]}; take the same"
    elif (
        language.compiled
        and (value["packages"] or value["buildPackages"])
        and is_alpine(base) != is_alpine(runtime)
        and runtime != SCRATCH
    ):
        yield "`runtime`: a program that links libraries of Alpine runs on Alpine only; take both or neither"


def _steps(question: Question, recipe: Recipe, steps: list[list[str]]) -> Iterator[str]:
    candidates = builds(question)
    wanted = list(question.baseline.value.get("steps") or ())
    if wanted and not steps:
        yield f"`steps`: there are none, and the source is built with {quoted(' '.join(wanted[0]))}"
    language, flag = question.view.language(), recipe.output_flag
    outputs = [word for step in wanted for before, word in pairwise(step) if flag and before == flag]
    manager = str(question.view.fact("package_manager") or "")
    known = KnownWords(candidates, (), files(question), manager=manager, outputs=outputs)
    for step in steps:
        yield from (f"`steps`: {fault}" for fault in step_faults(step, known, language))
    made = [word for step in steps for word in step]
    for output in outputs if steps else ():
        if output not in made:
            yield f"`steps`: no step leaves {quoted(output)}, which the image starts; keep `{flag} {output}`"


def files(question: Question) -> frozenset[str]:
    """Files of the source that facts name: manifests, and the files of their evidence."""
    facts = question.facts
    held = (getattr(facts, name) for name in facts.__dataclass_fields__ if name not in ("detector", "revision"))
    evidence = {
        seen.file
        for item in held
        if item
        for fact in (item if isinstance(item, tuple) else (item,))
        for seen in fact.evidence
    }
    return frozenset({*evidence, *question.view.fact("manifests"), *question.files, *question.readable})
