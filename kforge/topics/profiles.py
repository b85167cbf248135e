"""A service → what programs of its kind usually need: CPU, memory, time to start and to stop. A table, no measurement.

The rows of known images say it for those, this module's table for languages, frameworks and libraries.
Figures are what such programs take at rest and under light load, rounded up; whoever has measured pins better ones.
"""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from kforge.domain.images import repository
from kforge.domain.known_images import called
from kforge.domain.kubernetes.quantity import number

if TYPE_CHECKING:
    from kforge.domain.view import View


HEAP = re.compile(r"-Xmx([0-9]{1,12})([kKmMgG]?)|--max-old-space-size=([0-9]{1,6})")
HEAP_VARIABLES = ("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "JAVA_OPTS", "NODE_OPTIONS")
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
    return kind if view.spec("image") else _with_heap(_with_libraries(kind, view.fact("dependencies")), _words(view))


def _kind(view: View) -> Profile | None:
    table = _table()
    language, described = view.fact("language"), view.fact("dockerfile")
    if view.spec("image"):
        return _of_image(str(view.spec("image")))
    if described is None and view.decided("build", "recipe") == "static":
        served = _of_image("nginx")
        # Static files have an index; the project's own servers may answer `/` as they like.
        return served and served._replace(health=() if view.fact("webserver") else ("/",))
    if language in table["languages"]:
        return _made({**table["languages"][language], **table["frameworks"].get(view.fact("framework"), {})})
    return _of_dockerfile(described or {})


def _made(row: dict[str, Any]) -> Profile:
    return Profile(row["is"], row["cpu"], row["memory"], row["startup"])


def _of_dockerfile(described: dict[str, Any]) -> Profile | None:
    """By the final image; where that is a bare one, by the language of the stage that built the program."""
    base = str(described.get("base") or "")
    found, row = _of_image(base), called(base)
    if found is not None and not (row and row.bare):
        return found
    built = (_language(str(stage["image"])) for stage in reversed(described.get("stages") or ()))
    return next((_made(_table()["languages"][language]) for language in built if language), found)


def _of_image(image: str) -> Profile | None:
    row, language = called(image), _language(image)
    if row and row.needs:
        needs = row.needs
        return Profile(row.program, needs.cpu, needs.memory, needs.startup, needs.grace, needs.stateful, needs.health)
    return _made(_table()["languages"][language]) if language else None


def _language(image: str) -> str:
    """Whose programs an image runs, "" for one that is of no language."""
    return str(_table()["images"].get(repository(image).rpartition("/")[2], ""))


def _with_libraries(kind: Profile, dependencies: list[str]) -> Profile:
    """The most that any of the libraries alone asks for."""
    heavy = _table()["libraries"]
    asked = sorted((number(heavy[name]), name) for name in dependencies if name in heavy)
    if not asked or asked[-1][0] <= number(kind.memory):
        return kind
    name = asked[-1][1]
    return kind._replace(memory=heavy[name], library=name)


def _words(view: View) -> list[str]:
    """What may set the heap: the start command, wherever it is said, and the variables that a Java program reads."""
    described = view.fact("dockerfile") or {}
    command = view.spec("command") or view.pin("process", "command") or next(iter(view.fact("start")), None)
    told = {**(described.get("env") or {}), **view.spec("env")}
    variables = [str(told.get(name) or "") for name in HEAP_VARIABLES]
    said = command or [*(described.get("entrypoint") or ()), *(described.get("cmd") or ())]
    return [word for text in (*variables, *said) for word in str(text).split()]


def _with_heap(kind: Profile, words: list[str]) -> Profile:
    """A heap that may grow to a size needs that and what lies beside it: a quarter more, and 128 MiB for code and
    threads.
    """
    found = [match for match in map(HEAP.fullmatch, words) if match]
    if not found:
        return kind
    java, unit, node = found[-1].groups()
    heap = number(f"{java or node}{UNITS[unit or ('m' if node else '')]}") / (1 << 20)
    needed = -(-(heap * 5 / 4 + 128) // 64) * 64
    if needed * (1 << 20) <= number(kind.memory):
        return kind
    return kind._replace(memory=f"{needed}Mi", library="", heap=found[-1][0])
