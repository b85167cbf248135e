"""Facts → a problem for each character of theirs that no reader sees, where it stands in the source.

Facts become commands, images, paths and names in files that people review: `node s<U+200B>erver.js` looks like another
program than it starts. What stays in the source (a variable's default, the commands of the user's own Dockerfile) may
hold what its language needs. Unaware of specs.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator
from typing import Any

from kforge.domain.facts import NAMES, Evidence, Facts
from kforge.domain.invisible_chars import INVISIBLE
from kforge.errors import Place, Problem
from kforge.spec.syntax import name_of, place

_COMPARED = ("env", "dependencies", "hosts")  # with names that kforge or the spec has; they go no further
_OF_DOCKERFILE = ("base", "user", "volumes", "workdir")


def problems(facts: Facts, folder: str, text: Callable[[str], str]) -> Iterator[Problem]:
    """What is hidden in the facts of a source, once for each place. `text` gives the content of its files."""
    found: dict[tuple[str, Place], str] = {}
    for name in NAMES:
        held = getattr(facts, name)
        for fact in held if isinstance(held, tuple) else (held,) if held else ():
            char = next(_hidden(_passed_on(name, fact.value)), "")
            if char:
                found.setdefault((char, _place(fact.evidence, char, text)), name)
    exact = {char for char, where in found if where.column or not where.line}
    for (char, where), name in found.items():
        # A program is called after its module: where the module stands, the line that starts the program says no more.
        if where.column or not where.line or char not in exact:
            yield _problem(name, char, where, folder)


def _passed_on(name: str, value: Any) -> Any:
    """The part of a fact that may end up in a file of kforge's."""
    if name in _COMPARED:
        return None
    if name == "dockerfile":
        started = (value.get(key) or () for key in ("entrypoint", "cmd"))
        return [*(value.get(key) for key in _OF_DOCKERFILE), *(words[:1] for words in started)]
    return value


def _hidden(value: Any) -> Iterator[str]:
    """Unseen characters of every text in plain data."""
    if isinstance(value, str):
        yield from () if value.isascii() and value.isprintable() else INVISIBLE.findall(value)
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _hidden(key)
            yield from _hidden(inner)
    elif isinstance(value, (list, tuple)):
        for inner in value:
            yield from _hidden(inner)


def _problem(name: str, char: str, where: Place, folder: str) -> Problem:
    file = posixpath.normpath(posixpath.join(folder, where.file))
    hint = (
        "rename the file or its folder"
        if char in where.file
        else "leave it out" + ", or its escape" * (not where.column)
    )
    what = f"`{name}` of the source has {name_of(char)}, which would be invisible in what kforge writes"
    return Problem(what, Place(file, where.line, where.column), hint)


def _place(evidence: tuple[Evidence, ...], char: str, text: Callable[[str], str]) -> Place:
    """Where a character stands: in a file's name, in a text at or after the line that shows the fact; else that line."""
    for seen in evidence:
        if char in seen.file:
            return Place(seen.file)
    for seen in evidence:
        content = text(seen.file)
        begins = sum(len(line) + 1 for line in content.split("\n")[: max(0, seen.line - 1)])
        index = content.find(char, begins)
        index = content.find(char) if index < 0 else index
        if index >= 0:
            return place(content, index, seen.file)
    first = evidence[0] if evidence else Evidence(".")
    return Place(first.file, first.line)
