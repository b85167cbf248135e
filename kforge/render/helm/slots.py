"""An object with slots → the text of its template: the YAML that kforge writes, with Helm's actions where values go.

A slot stands in for a value, for whole lines, or for a part that is there under a condition. All other text is fixed:
braces in it are no action. Unaware of what the values mean.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from kforge.domain.yaml_text import to_yaml

_WIDTH = re.compile(r"@(\d+)")
_HEAD = re.compile(r"( *+)((?:- )*+)(.*+)")  # blanks, the dashes of a list, the key
_OPEN = '{{ "{{" }}'


@dataclass(frozen=True, slots=True)
class ValueSlot:
    """A value within its line: `{{ expression }}`, with text before it."""

    expression: str
    before: str = ""


@dataclass(frozen=True, slots=True)
class LineSlot:
    """LineSlot in place of a key and its value, or of a list item. `@2` is the indentation of the key and two more."""

    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ConditionSlot:
    """A key or a list item that is there under a condition. `content` is None where no object shows it."""

    condition: str
    content: Any


Slot = ValueSlot | LineSlot | ConditionSlot


class UnlikeError(Exception):
    """Two objects differ where no value of a chart can make one into the other."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path


def unified(one: Any, other: Any, path: str = "") -> Any:
    """Two objects with slots as one template. Raises UnlikeError where they differ in what is fixed."""
    if isinstance(one, ConditionSlot) and isinstance(other, ConditionSlot) and one.condition == other.condition:
        if one.content is None or other.content is None:
            return one if other.content is None else other
        return ConditionSlot(one.condition, unified(one.content, other.content, path))
    if isinstance(one, dict) and isinstance(other, dict):
        for key in sorted({*one} ^ {*other}):
            raise UnlikeError(f"{path}.{key}".lstrip("."))
        return {key: unified(value, other[key], f"{path}.{key}".lstrip(".")) for key, value in one.items()}
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        return [
            unified(mine, its, f"{path}[{number}]") for number, (mine, its) in enumerate(zip(one, other, strict=True))
        ]
    if type(one) is not type(other) or one != other:
        raise UnlikeError(path)
    return one


def text(data: Any, pad: str = "") -> str:
    """The template of an object with slots, every line indented by `pad`."""
    word = "SLOT"
    while True:
        slots: list[Slot] = []
        plain = to_yaml(_worded(data, word, slots))
        if plain.count(word) == len(slots):
            break
        word += "T"  # a text of the object holds it
    lines: list[str] = []
    for line in plain.splitlines():
        head, found, number = line.rpartition(word)
        match = _HEAD.fullmatch(head)
        if not (match and found and number.isdecimal()):
            lines.append(line.replace("{{", _OPEN))
        else:
            lines.extend(_filled(slots[int(number)], match[1], match[2], match[3]))
    return "".join(f"{pad}{line}\n" if line else "\n" for line in lines)


def _worded(data: Any, word: str, slots: list[Slot]) -> Any:
    """Plain data with a word for each slot; a condition that nothing fulfils leaves nothing behind."""
    if isinstance(data, ValueSlot | LineSlot | ConditionSlot):
        slots.append(data)
        return f"{word}{len(slots) - 1}"
    if isinstance(data, dict):
        return {key: _worded(value, word, slots) for key, value in data.items() if not _empty(value)}
    if isinstance(data, list):
        return [_worded(value, word, slots) for value in data if not _empty(value)]
    return data


def _empty(data: Any) -> bool:
    return isinstance(data, ConditionSlot) and data.content is None


def _filled(slot: Slot, pad: str, dash: str, key: str) -> Iterator[str]:
    """The lines of a slot; `dash` opens the list item whose first key it is."""
    inner = pad + " " * len(dash)
    if isinstance(slot, ValueSlot):
        yield f"{pad}{dash}{key}{slot.before}{{{{ {slot.expression} }}}}"
    elif isinstance(slot, LineSlot):
        for number, line in enumerate(slot.lines):
            yield (pad + dash if number == 0 and key else inner if key else pad) + _WIDTH.sub(
                lambda at: str(len(inner) + int(at[1])), line
            )
    else:
        held = {key.removesuffix(": "): slot.content} if key else [slot.content]
        outer = inner if key else pad
        yield f"{outer}{{{{- if {slot.condition} }}}}"
        yield from text(held, outer).splitlines()
        yield f"{outer}{{{{- end }}}}"
