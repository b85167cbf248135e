"""Question → the images that an answer may name: registries, repositories that a recipe can use, and both as a pattern."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from kforge.domain.images import SCRATCH, allowed, qualified, repository
from kforge.domain.known_images import table

if TYPE_CHECKING:
    from kforge.domain.language import Languages
    from kforge.domain.model.question import Question

WELL_KNOWN = ("docker.io/library", "gcr.io/distroless")  # curated by Docker and by Google
NGINX = (*table()["nginx"].repositories, *table()["nginx-unprivileged"].repositories)
_TAG = "[A-Za-z0-9_][A-Za-z0-9_.-]{0,40}"
_BELOW = "[a-z0-9][a-z0-9._/-]{1,60}"


def registries(question: Question) -> tuple[str, ...]:
    """Prefixes that an image may have: the spec's list, else well-known ones and what the spec and heuristics name."""
    listed = tuple(question.view.app("registries"))
    if listed:
        return listed
    own = _own(question)
    return tuple(
        dict.fromkeys((*WELL_KNOWN, *own, *(repository(qualified(image)) for image in sorted(named(question)))))
    )


def named(question: Question) -> set[str]:
    """Images that the spec or the heuristics name."""
    value = question.baseline.value
    return {
        *question.view.app("bases").values(),
        *(str(value[field]) for field in ("base", "runtime") if value.get(field)),
    } - {SCRATCH}


def pattern(question: Question, field: str, recipes: Iterable[str]) -> str:
    """The pattern of an image field in the answer's schema. It may be narrower than the guardrails."""
    prefixes = registries(question)
    known = [name for recipe in recipes for name in _usable(question.view.languages, recipe, field)]
    repositories = [name for name in known if name != SCRATCH and allowed(name, prefixes)]
    repositories += [repository(qualified(image)) for image in sorted(named(question))]
    own = [
        prefix
        for prefix in prefixes
        if not any(f"{name}/".startswith(f"{prefix}/") for name in (*WELL_KNOWN, *repositories))
    ]
    forms = [*map(_literal, dict.fromkeys(repositories)), *(f"{_literal(prefix)}/{_BELOW}" for prefix in own)]
    exact = [_literal(image) for image in sorted(named(question)) if "@" in image]
    exact += [SCRATCH] if SCRATCH in known else []
    tagged = f"({'|'.join(forms)}):{_TAG}"
    return f"^({'|'.join([*exact, tagged])})$" if exact else f"^{tagged}$"


def _own(question: Question) -> tuple[str, ...]:
    return (str(question.view.app("registry")),) if question.view.app("registry") else ()


def _usable(languages: Languages, recipe: str, field: str) -> tuple[str, ...]:
    """Well-known repositories for a field of a recipe."""
    language, found = languages.building(recipe), languages.recipe(recipe)
    if language is None or found is None:
        return ()
    return found.final.offered if field == "runtime" and found.final else (language.image.repository,)


def _literal(text: str) -> str:
    return text.replace(".", "[.]").replace("+", "[+]")
