"""What a task queue's library is told of its broker → the variable by which it takes another, where the code fixes one here.

Celery asks `CELERY_BROKER_URL` before its configuration, so an address of the developer's own machine is no reason to change
the code: https://github.com/celery/celery/blob/v5.4.0/celery/app/utils.py
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kforge.domain.source.sightings import Sightings
from kforge.syntax.code_file import CodeFile
from kforge.syntax.expression import Expression
from kforge.syntax.program import MAX_GIVEN, SourceProgram
from kforge.syntax.values import resolve

_LOCAL = ("://localhost", "://127.0.0.1", "@localhost", "@127.0.0.1")


def read_by_library(row: Mapping[str, Any], names: SourceProgram, path: str, line: int, seen: Sightings) -> None:
    """Sees as `env` what the library reads by itself; nothing where the code takes the address from a variable."""
    for one in row.get("brokers", ()):
        found = list(_given(row["makes"], one, names))[:MAX_GIVEN]
        values = [(file, each, resolve(each, file, names)) for file, each in found]
        if any(value.env or value.text is None for _, _, value in values):
            continue
        local = next(
            (
                (file.path, each.line, str(value.text))
                for file, each, value in values
                if value.text and any(word in value.text for word in _LOCAL)
            ),
            None,
        )
        shown = local or (None if found or not one["otherwise"] else (path, line, one["otherwise"]))
        if shown is not None:
            seen.see("env", {"name": one["env"], "default": shown[2], "required": False}, *shown[:2])


def _given(makes: list[str], one: Mapping[str, Any], names: SourceProgram) -> Iterator[tuple[CodeFile, Expression]]:
    """What the code says of an address, as argument, as attribute, as setting."""
    for file in names.files:
        for name in one["names"]:
            for value in (*file.assigned.get(name, ()), *file.assigned.get(f".{name}", ())):
                yield file, value
        for call in file.calls:
            if call.last in makes and (
                value := call.argument(1 if one["argument"] == "backend" else 3, one["argument"])
            ):
                yield file, value
            yield from ((file, call.named[name]) for name in one["names"] if name in call.named)
        for held in file.objects:
            yield from ((file, value) for key, value in held.items if key in one["names"])
