"""A service → what programs of its kind usually need: CPU, memory, time to start and to stop. A table, no measurement.

Figures are what such programs take at rest and under light load, rounded up; whoever has measured pins better ones.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from kforge.domain.images import repository
from kforge.domain.quantity import number

if TYPE_CHECKING:
    from kforge.domain.view import View


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
    known: bool = True


@cache
def _table() -> dict[str, Any]:
    data: dict[str, Any] = json.loads(Path(__file__).with_name("profiles.json").read_text(encoding="utf-8"))
    return data


def profile(view: View) -> Profile:
    """By the image where one is named, else by language and framework, else by the base of the user's Dockerfile."""
    row, known = _row(view)
    kind = Profile(
        row["is"], row["cpu"], row["memory"], row["startup"], row.get("grace", 30), row.get("store", False),
        tuple(row.get("health", ())), known=known,
    )  # fmt: skip
    return kind if view.spec("image") else _with_libraries(kind, view.fact("dependencies"))


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
        row = _image_row(str((described or {}).get("base") or ""))
    return (table["unknown"], False) if row is None else (row, True)


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
