"""What writes files, by the calls, objects and names of a language's libraries: a table of JSON → typed rows."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any

OWNER = -2  # `path` of a method that writes what it is called on: `Path("x").write_text(…)`


@dataclass(frozen=True, slots=True)
class WritingRow:
    """A call that writes, an object that says where, or a name that holds a folder."""

    name: str  # the end of the call's name, the kind of an object, or the name itself
    path: int = 0  # the argument that is written; OWNER for what the method is called on, -1 for none by position
    words: tuple[str, ...] = ()  # its names
    field: tuple[str, ...] = ()  # names of it in an object that is the first argument
    key: str = ""  # of objects: the field that says what it is
    said: re.Pattern[str] | None = None  # and what that field says
    inner: tuple[str, ...] = ()  # of objects: the fields that lead to the path
    folder: bool = False  # whether the path is a folder
    mode: int | None = None  # the argument that says whether a file is read or written
    when: tuple[int, re.Pattern[str]] | None = None  # an argument that tells this call from its namesakes
    modules: tuple[str, ...] = ()  # packages of which the file imports one
    beside: str = ""  # a call that stands in the same file
    bare: bool = False  # whether it is a function, called on nothing
    others: tuple[str, ...] = ()  # what the call is not made on
    keeps: str = ""  # what is lost with the folder; "" for what can be made again


@dataclass(frozen=True, slots=True)
class FolderTable:
    """The rows of a language, and the files that run once, by hand or while building: what they write is no service's."""

    calls: dict[str, tuple[WritingRow, ...]]  # by the last word of their names
    objects: tuple[WritingRow, ...]
    names: dict[str, WritingRow]
    once: re.Pattern[str]


@cache
def table(language: str) -> FolderTable:
    """The table of a language, by the name of its detector."""
    data = json.loads(Path(__file__).with_name(f"{language}_folders.json").read_text(encoding="utf-8"))
    calls: dict[str, tuple[WritingRow, ...]] = {}
    for row in map(_row, data["calls"]):
        last = row.name.rpartition(".")[2]
        calls[last] = (*calls.get(last, ()), row)
    names = {row.name: row for row in map(_row, data["names"])}
    return FolderTable(calls, tuple(map(_row, data["objects"])), names, re.compile(data["once"]))


_KNOWN = frozenset(field.name for field in fields(WritingRow))


def _row(data: dict[str, Any]) -> WritingRow:
    made: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in data.items()}
    made["name"] = data.get("call") or data.get("kind") or data.get("name") or ""
    made["modules"] = tuple(data.get("from", ()))
    if "is" in data:
        made["said"] = re.compile(data["is"])
    if "when" in data:
        made["when"] = (data["when"][0], re.compile(data["when"][1]))
    if isinstance(data.get("path"), str):
        made["inner"], made["path"] = tuple(data["path"].split(".")), OWNER if data["path"] == "owner" else 0
    return WritingRow(**{key: value for key, value in made.items() if key in _KNOWN})
