"""A service → what programs of its kind usually need: CPU, memory, time to start and to stop. No measurement: records of
languages, and a table of public images and of what only Dockerfiles build.

The rows of known images say it for those, this module's table for languages, frameworks and libraries.
Figures are what such programs take at rest and under light load, rounded up; a measured value belongs into a pin.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from kforge.domain.images import repository
from kforge.domain.known_images import called
from kforge.domain.kubernetes.quantity import number
from kforge.domain.topic_names import BUILD, PROCESS

if TYPE_CHECKING:
    from kforge.domain.language import FileServer, Languages, Needs
    from kforge.domain.view import View


JAVA_HEAP = re.compile(r"-Xmx([0-9]{1,12})([kKmMgG]?)")
JAVA_VARIABLES = ("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "JAVA_OPTS")
UNITS = {"": "", "k": "Ki", "K": "Ki", "m": "Mi", "M": "Mi", "g": "Gi", "G": "Gi"}


class Profile(NamedTuple):
    """What is usual. `kind` fills a sentence: "Go programs", "Redis"."""

    kind: str
    cpu: str
    memory: str
    startup: int  # seconds until it answers, on a slow node
    grace: int = 30  # seconds from SIGTERM until it has put everything away
    store: bool = False  # it keeps data of its own, so a second copy beside it is another set of data
    health: tuple[str, ...] = ()
    library: str = ""  # the dependency that asks for this much memory
    heap: str = ""  # the flag of the start command that does: `-Xmx768m`
    known: bool = True


@cache
def _table() -> dict[str, Any]:
    data: dict[str, Any] = json.loads(Path(__file__).with_name("profiles.json").read_text(encoding="utf-8"))
    return data


def profile(view: View) -> Profile:
    """By the image where one is named, else by language and framework, else by the images of the user's Dockerfile."""
    kind = _kind(view) or _made(_table()["unknown"])._replace(known=False)
    if view.spec("image"):
        return kind
    heavy = {name: memory for language in view.languages for name, memory in language.libraries.items()}
    return _with_heap(
        _with_libraries(kind, view.fact("dependencies"), heavy), _words(view), _heap_flags(view.languages)
    )


def _kind(view: View) -> Profile | None:
    language, described = view.language(), view.fact("dockerfile")
    if view.spec("image"):
        return _of_image(str(view.spec("image")), view.languages)
    if described is None and (server := _server(view)):
        served = _of_image(server.name, view.languages)
        # Static files have an index; the project's own servers may answer `/` as they like.
        return served and served._replace(health=() if view.fact("webserver") else ("/",))
    if language:
        return _of_language(language.frameworks.get(view.fact("framework"), language.needs))
    return _of_dockerfile(described or {}, view.languages)


def _made(row: dict[str, Any]) -> Profile:
    return Profile(row["is"], row["cpu"], row["memory"], row["startup"])


def _of_language(needs: Needs) -> Profile:
    return Profile(needs.kind, needs.cpu, needs.memory, needs.startup)


def _server(view: View) -> FileServer | None:
    recipe = view.languages.recipe(view.decided(BUILD, "recipe"))
    return recipe.server if recipe else None


def _of_dockerfile(described: dict[str, Any], languages: Languages) -> Profile | None:
    """By the final image; where that is a bare one, by the language of the stage that built the program."""
    base = str(described.get("base") or "")
    found, row = _of_image(base, languages), called(base)
    if found is not None and not (row and row.bare):
        return found
    built = (_built_by(str(stage["image"]), languages) for stage in reversed(described.get("stages") or ()))
    return next((each for each in built if each), found)


def _of_image(image: str, languages: Languages) -> Profile | None:
    row = called(image)
    if row and row.needs:
        needs = row.needs
        return Profile(row.program, needs.cpu, needs.memory, needs.startup, needs.grace, needs.stateful, needs.health)
    return _built_by(image, languages)


def _built_by(image: str, languages: Languages) -> Profile | None:
    """What programs need of the language that an image builds: one of kforge's own, or one that it only knows."""
    name = repository(image).rpartition("/")[2]
    own = next((language for language in languages if language.image.short == name), None)
    other = _table()["images"].get(name)
    return _of_language(own.needs) if own else _made(_table()["languages"][other]) if other else None


def _with_libraries(kind: Profile, dependencies: list[str], heavy: Mapping[str, str]) -> Profile:
    """The most that any of the libraries alone asks for."""
    asked = sorted((number(heavy[name]), name) for name in dependencies if name in heavy)
    if not asked or asked[-1][0] <= number(kind.memory):
        return kind
    name = asked[-1][1]
    return kind._replace(memory=heavy[name], library=name)


def _words(view: View) -> list[str]:
    """What may set the heap: the start command, wherever it is said, and the variables that runtimes read."""
    described = view.fact("dockerfile") or {}
    command = view.spec("command") or view.pin(PROCESS, "command") or next(iter(view.fact("start")), None)
    told = {**(described.get("env") or {}), **view.spec("env")}
    names = (*JAVA_VARIABLES, *(language.heap.variable for language in view.languages if language.heap))
    variables = [str(told.get(name) or "") for name in names]
    said = command or [*(described.get("entrypoint") or ()), *(described.get("cmd") or ())]
    return [word for text in (*variables, *said) for word in str(text).split()]


def _heap_flags(languages: Languages) -> tuple[str, ...]:
    """Flags of the languages that name a heap in MiB."""
    return tuple(language.heap.flag for language in languages if language.heap)


def _with_heap(kind: Profile, words: list[str], flags: Collection[str]) -> Profile:
    """A heap that may grow to a size needs that and what lies beside it: a quarter more, and 128 MiB for code and
    threads.
    """
    found = [(word, size) for word in words if (size := _heap(word, flags)) is not None]
    if not found:
        return kind
    flag, heap = found[-1]
    needed = -(-(heap * 5 / 4 + 128) // 64) * 64
    if needed * (1 << 20) <= number(kind.memory):
        return kind
    return kind._replace(memory=f"{needed}Mi", library="", heap=flag)


def _heap(word: str, flags: Collection[str]) -> Fraction | None:
    """MiB that a word lets the heap grow to; None where it is no such flag."""
    if match := JAVA_HEAP.fullmatch(word):
        return number(f"{match[1]}{UNITS[match[2]]}") / (1 << 20)
    flag, _, value = word.partition("=")
    return Fraction(int(value)) if flag in flags and re.fullmatch("[0-9]{1,6}", value) else None
