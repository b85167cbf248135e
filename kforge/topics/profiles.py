"""A service → what programs of its kind usually need: CPU, memory, time to start and to stop. A table, no measurement.

Figures are what such programs take at rest and under light load, rounded up; whoever has measured pins better ones.
"""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from kforge.domain.images import repository
from kforge.domain.kubernetes.quantity import number

if TYPE_CHECKING:
    from kforge.domain.view import View


HEAP = re.compile(r"-Xmx([0-9]{1,12})([kKmMgG]?)|--max-old-space-size=([0-9]{1,6})")
HEAP_VARIABLES = ("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "JAVA_OPTS", "NODE_OPTIONS")
UNITS = {"": "", "k": "Ki", "K": "Ki", "m": "Mi", "M": "Mi", "g": "Gi", "G": "Gi"}
TOOLS = "small tools"  # what the table calls a distribution


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
    row, known = _row(view)
    kind = Profile(
        row["is"],
        row["cpu"],
        row["memory"],
        row["startup"],
        row.get("grace", 30),
        row.get("store", False),
        tuple(row.get("health", ())),
        known=known,
    )
    return kind if view.spec("image") else _with_heap(_with_libraries(kind, view.fact("dependencies")), _words(view))


def _row(view: View) -> tuple[dict[str, Any], bool]:
    table = _table()
    language, described = view.fact("language"), view.fact("dockerfile")
    if view.spec("image"):
        row = _image_row(str(view.spec("image")))
    elif described is None and view.decided("build", "recipe") == "static":
        # Static files have an index; the project's own servers may answer `/` as they like.
        row = {**table["images"]["nginx"], "health": [] if view.fact("webserver") else ["/"]}
    elif language in table["languages"]:
        row = {**table["languages"][language], **table["frameworks"].get(view.fact("framework"), {})}
    else:
        row = _dockerfile_row(described or {})
    return (table["unknown"], False) if row is None else (row, True)


def _dockerfile_row(described: dict[str, Any]) -> dict[str, Any] | None:
    """By the final image; where that is only a distribution, by the language of the stage that built the program."""
    row = _image_row(str(described.get("base") or ""))
    if row is not None and row["is"] != TOOLS:
        return row
    table = _table()
    for stage in reversed(described.get("stages") or ()):
        language = table["images"].get(repository(str(stage["image"])).rpartition("/")[2])
        if isinstance(language, str):
            found: dict[str, Any] = table["languages"][language]
            return found
    return row


def _image_row(image: str) -> dict[str, Any] | None:
    table = _table()
    row: dict[str, Any] | str | None = table["images"].get(repository(image).rpartition("/")[2])
    return table["languages"][row] if isinstance(row, str) else row


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
