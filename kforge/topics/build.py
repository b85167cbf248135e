"""How a source becomes an image: recipe, base images, system packages, build steps. Unaware of Dockerfile syntax, and
of any language but by its record.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from kforge.domain.decision import Answer, Topic
from kforge.domain.language import listed
from kforge.domain.secrets.source_secrets import HIDDEN
from kforge.domain.topic_names import BUILD
from kforge.errors import InputError
from kforge.topics.bases import BaseImage, language_base, runtime_base
from kforge.topics.image_profiles import HardenedImages, hardened_images

if TYPE_CHECKING:
    from kforge.domain.language import Language, Languages, Recipe
    from kforge.domain.view import View


def _applies(view: View) -> bool:
    return view.spec("source") is not None and view.fact("dockerfile") is None


def _heuristics(view: View) -> Answer:
    builder = view.builder()
    if builder is not None and builder.decided(BUILD, "recipe") is not None:
        why = f"builds from the folder of `{builder.service}`, and so runs its image"
        proposed = _proposed(view, str(builder.decided(BUILD, "recipe")))
        value = {field: builder.decided(BUILD, field) for field in FIELDS if field != COPIED or proposed}
        return Answer(value, dict.fromkeys(value, why), proposed=proposed)
    language = view.language()
    if language is None:
        return _unknown(view)
    if language.propose:
        return _pinned(view, language) or language.propose(view)
    first, *others = language.recipes
    recipe = next((one for one in others if one.fits(view) and not view.fact("start")), first)
    return _built(view, language, recipe)


# ---- a known language -----------------------------------------------------------------------------------------
def _built(view: View, language: Language, recipe: Recipe) -> Answer:
    version, why = language.version(view) if language.version else _version(view, language)
    hardened = hardened_images(view, language, recipe, version)
    base = _base(view, language, version, why, hardened)
    runtime = _runtime(view, language, recipe, version, hardened)
    found, why_steps = recipe.steps(view) if recipe.steps else (view.fact("build"), "")
    steps = _spoken(view, found)
    packages, build_packages = sorted(view.fact("packages")), sorted(view.fact("build_packages"))
    none = recipe.final.no_packages if recipe.final else ""
    value: dict[str, Any] = {
        "recipe": recipe.name,
        "base": base.image,
        "runtime": runtime.image,
        "packages": [] if none else packages,
        "buildPackages": build_packages,
        "steps": [list(step) for step in steps],
    }
    usual = f"the project builds with `{' '.join(steps[0])}`" if steps else "nothing is compiled"
    reasons = {
        "recipe": _recipe_reason(view, language),
        "base": base.reason,
        "runtime": runtime.reason,
        "packages": none or _packages_reason(packages, "at run time"),
        "buildPackages": _packages_reason(build_packages, "to build"),
        "steps": why_steps or usual,
    }
    return Answer(value, reasons)


def _version(view: View, language: Language) -> tuple[str, str]:
    """What the source names, as far as tags of images do."""
    named = view.fact("version")
    if named is None:
        usual = language.image.version
        asked = view.fact("version_range")
        why = f"the source asks for `{asked}`, which no known version fits" if asked else "the source names no version"
        return usual, f"{why}, so {usual}"
    return ".".join(str(named).split(".")[: language.image.parts]), f"the source asks for {named}"


def _base(view: View, language: Language, version: str, why: str, hardened: HardenedImages | None) -> BaseImage:
    if hardened and hardened.runtime and hardened.base:
        return BaseImage(hardened.base, f"{why}; the image that belongs to the final one")
    return language_base(view, language, version, why)


def _runtime(
    view: View, language: Language, recipe: Recipe, version: str, hardened: HardenedImages | None
) -> BaseImage:
    if hardened and hardened.runtime:
        return BaseImage(hardened.runtime, hardened.why)
    if recipe.final is None:
        usual = language_base(view, language, version, recipe.same_image, "runtime")
    else:
        known, why = recipe.final.choose(view)
        usual = runtime_base(view, known, why)
    return BaseImage(usual.image, f"{usual.reason}; {hardened.why}") if hardened else usual


def _spoken(view: View, steps: Sequence[Sequence[str]]) -> Sequence[Sequence[str]]:
    """The steps; none where one with a credential is replaced by a pin. Raises InputError where it is not: an image's
    history shows steps to all who pull it.
    """
    if not any(HIDDEN in word for step in steps for word in step):
        return steps
    if view.pin(BUILD, "steps") is not None:
        return []
    service = view.service
    raise InputError(
        f"service `{service}`: a command that builds it holds a credential, which everybody could read in its image's history",
        hint=f"pin `services.{service}.build.steps` without it, or write a Dockerfile that mounts it as a secret",
    )


def _recipe_reason(view: View, language: Language) -> str:
    manager, lock, manifests = view.fact("package_manager"), view.fact("lockfile"), view.fact("manifests")
    if lock:
        return f"`{lock}` pins the dependencies, {language.managers.get(manager, manager)} honours it"
    if manifests:
        return f"`{manifests[0]}` names the dependencies; no lock file pins them, so two builds may differ"
    return f"the source is {language.title}, and no manifest names dependencies"


def _packages_reason(names: list[str], when: str) -> str:
    return f"dependencies need {', '.join(names)} {when}" if names else f"no dependency is known to need one {when}"


def _proposed(view: View, name: str) -> bool:
    """Whether a recipe is one whose builds wait for approval."""
    recipe = view.languages.recipe(name)
    return recipe is not None and recipe.proposed


# ---- a source that shows no language --------------------------------------------------------------------------
def _pinned(view: View, language: Language | None = None) -> Answer | None:
    """The build that the spec pins, where it pins enough of one: a recipe, unless it is the one that a language proposes,
    and both images.
    """
    pinned = {field: view.pin(BUILD, field) for field in ("recipe", "base", "runtime")}
    own = language is not None and bool(view.fact("proposals")) and _proposed(view, str(pinned["recipe"]))
    if own or not all(pinned.values()):
        return None
    value = {**pinned, "packages": [], "buildPackages": [], "steps": []}
    return Answer(value, dict.fromkeys(value, "the spec pins how this is built, and the source shows nothing more"))


def _unknown(view: View) -> Answer:
    if (answer := _pinned(view)) is not None:
        return answer
    service = view.service
    known = [language for language in view.languages if not language.proposed]
    files = listed([f"{language.title} ({', '.join(language.shown_by)})" for language in known], "and")
    said = "; ".join(view.fact("unproposed"))
    lines = (
        "leave `build` and `process` to a `model`, which reads the commands in its files, "
        if view.fact("commands")
        else ""
    )
    raise InputError(
        f"service `{service}`: nothing in `{view.spec('source')}` shows how it is built: "
        + (said or f"looked for a Dockerfile and for files of {files}"),
        hint=f"{lines}write a Dockerfile there, name an `image:` instead of `source:`, or pin `services.{service}.build.recipe`, `.base` and `.runtime`",
    )


COPIED = "copied"  # the one field that only proposed builds have
FIELDS = {
    "recipe": "How the image is built: {recipes}.",
    "base": "Image of the build stage.",
    "runtime": "Image of the final stage.",
    "packages": "Debian packages that the program needs at run time.",
    "buildPackages": "Debian packages that building needs.",
    "steps": "Commands, as argument lists, that run after the source is copied.",
    "copied": "Paths below the source that the final image gets of a proposed build; `.` is all of it.",
}


def topic(languages: Languages) -> Topic:
    """The topic, whose first field says which recipes there are."""
    recipes = [f"{one.name} ({one.about})" if one.about else one.name for one in languages.recipes]
    fields = {**FIELDS, "recipe": FIELDS["recipe"].format(recipes=listed(recipes, "or"))}
    return Topic(name=BUILD, revision=1, fields=fields, heuristics=_heuristics, applies=_applies, follows=True)
