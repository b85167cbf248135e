"""Objects with slots → the texts of their templates; objects that differ in the name of their service alone share one.

Most services of a large application have objects of a few forms. Two are of one form where `repr` is the same but for
the name. Their texts are, too: a name is plain wherever it stands in a value, and moves nothing. Where it is part of a
key, which has a place by the alphabet, no text is shared.
"""

from __future__ import annotations

from typing import Any

from kforge.domain.yaml_text import RESERVED, scalar
from kforge.render.helm.slots import ConditionSlot, LineSlot, ValueSlot, text

_HOLE = "\0"  # no `repr` has this sign
_STAND_IN = "the-service-of-the-template"  # as plain as a name
# Of these a text is made that YAML quotes, or not, for another reason: `n` and `o` of `no`, `m` of `5m`.
_PARTS = frozenset(
    word[begin:end]
    for word in (*RESERVED, "m", "k", "i")
    for end in range(len(word) + 1)
    for begin in range(end)
)  # fmt: skip


class SharedTexts:
    """Texts by form, with a stand-in for the name; None for a form that has the name where it cannot be stood in for."""

    def __init__(self) -> None:
        self._known: dict[str, str | None] = {}

    def text(self, data: Any, name: str) -> str:
        """What `slots.text` makes of the object of a service."""
        said = repr(data)
        if not name or name in _PARTS or scalar(name) != name or _STAND_IN in said:
            return text(data)
        form = said.replace(name, _HOLE)
        if form not in self._known:
            held = _nameless(data, name)
            self._known[form] = text(held) if repr(held) == form.replace(_HOLE, _STAND_IN) else None
        shared = self._known[form]
        return text(data) if shared is None else shared.replace(_STAND_IN, name)


def _nameless(data: Any, name: str) -> Any:
    """The object with the stand-in for the name in every value."""
    if isinstance(data, str):
        return data.replace(name, _STAND_IN)
    if isinstance(data, dict):
        return {key: _nameless(value, name) for key, value in data.items()}
    if isinstance(data, list):
        return [_nameless(value, name) for value in data]
    if isinstance(data, tuple):
        return tuple(_nameless(value, name) for value in data)
    if isinstance(data, ValueSlot):
        return ValueSlot(_nameless(data.expression, name))
    if isinstance(data, LineSlot):
        return LineSlot(_nameless(data.rows, name))
    if isinstance(data, ConditionSlot):
        return ConditionSlot(_nameless(data.condition, name), _nameless(data.content, name))
    return data
