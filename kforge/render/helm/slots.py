"""An object with slots → the text of its template: the YAML that kforge writes, with Helm's actions where values go.

A slot stands in for a value, for whole lines, or for a part that is there under a condition. All other text is fixed:
braces in it are no action. Unaware of what the values mean.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from kforge.domain.yaml_text import Inset, block_lines, scalar, to_yaml

_WIDTH = re.compile(r"@(\d+)")
_OPEN = '{{ "{{" }}'
_BRACES = "\0"  # those of an action, until the braces of fixed text are none any more; no text of YAML has this sign


@dataclass(frozen=True, slots=True)
class ValueSlot(Inset):
    """A value within its line: `{{ expression }}`."""

    expression: str

    def __repr__(self) -> str:  # dataclasses' own takes thrice the time
        return f"ValueSlot({self.expression!r})"

    def lines(self, key: str | None, head: str, pad: str) -> Iterable[str]:
        """The line, as of any other value."""
        return (f"{head}{'-' if key is None else f'{scalar(key)}:'} {_BRACES} {self.expression} }}}}",)


@dataclass(frozen=True, slots=True)
class LineSlot(Inset):
    """Lines in place of a key and its value. `@2` is the indentation of the key and two more."""

    rows: tuple[str, ...]
    _repr: str = field(init=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_repr", f"LineSlot({self.rows!r})")

    def __repr__(self) -> str:  # worked out once, since many objects hold it, and are told apart by it
        return self._repr

    def lines(self, key: str | None, head: str, pad: str) -> Iterable[str]:
        """The rows, indented."""
        for number, row in enumerate(self.rows):
            said = _WIDTH.sub(lambda at: str(len(pad) + int(at[1])), row) if "@" in row else row
            yield (pad if number else head) + said.replace("{{", _BRACES)


@dataclass(frozen=True, slots=True)
class ConditionSlot(Inset):
    """A key or a list item that is there under a condition. `content` is None where no object shows it."""

    condition: str
    content: Any

    def lines(self, key: str | None, head: str, pad: str) -> Iterable[str]:
        """The content between its condition and the end of it."""
        if self.content is None:
            return ()
        held = [self.content] if key is None else {key: self.content}
        return (f"{pad}{_BRACES}- if {self.condition} }}}}", *block_lines(held, pad), f"{pad}{_BRACES}- end }}}}")


class UnlikeError(Exception):
    """Two objects differ where no value of a chart can make one into the other."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path


def unified(one: Any, other: Any, path: str = "") -> Any:
    """Two objects with slots as one template. Raises UnlikeError where they differ in what is fixed."""
    if not path and repr(one) == repr(other):  # mostly, and told at once
        return one
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


def text(data: Any) -> str:
    """The template of an object with slots."""
    return to_yaml(data).replace("{{", _OPEN).replace(_BRACES, "{{")
