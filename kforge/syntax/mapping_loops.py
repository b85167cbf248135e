"""Loops over a mapping that is written out → what they set, key by key. Unaware of what reads it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from kforge.syntax.code_file import CodeFile
from kforge.syntax.expression import Attribute, Call, Expression, Name, Pairs, Text, dotted

_MOST = 200  # keys of a mapping


def fields(file: CodeFile, getters: tuple[str, ...]) -> Iterator[tuple[str, Call]]:
    """Fields with the read that gives each its value, where one of `getters` reads the environment:
    `for key, value in USUAL.items(): setattr(self, key, os.environ.get(key, value))`.
    """
    for call in file.calls if file.loops else ():
        name, given = (call.arguments[1], call.arguments[2]) if len(call.arguments) == 3 else (None, None)
        if call.last != "setattr" or not isinstance(name, Name) or not isinstance(given, Call):
            continue
        asked, usual = given.argument(0), given.argument(1)
        if given.name.endswith(getters) and isinstance(asked, Name) and asked.dotted == name.dotted:
            for key, value in pairs(file.loops.get(name.dotted), file):
                default = (value,) if isinstance(usual, Name) else ()
                yield key, Call(value.line, given.callee, (Text(value.line, key), *default))


def pairs(held: Expression | None, file: CodeFile) -> Sequence[tuple[str, Expression]]:
    """Keys and values of a mapping that is written out in the file, or of the last one that a name is given."""
    if isinstance(held, Name | Attribute):
        given = file.assigned.get(dotted(held).rpartition(".")[2], ())
        held = given[-1] if given else None
    return held.items[:_MOST] if isinstance(held, Pairs) else ()
