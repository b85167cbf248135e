"""Changes that a small answer asks for → the usual decision with those of them that no limit forbids."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from kforge.domain.model.answer_fields import record
from kforge.llm.answer_schema import FieldSchemas, spelled
from kforge.llm.complete_answer import value_faults
from kforge.llm.conformance import faults

if TYPE_CHECKING:
    from kforge.domain.model.question import Question

Fields = Mapping[str, Any]
Change = Callable[[Fields], dict[str, Any]]  # a complete decision → the fields that change


def worked_in(
    question: Question, changes: Sequence[Change], usual: Fields, schemas: FieldSchemas
) -> tuple[dict[str, Any], dict[int, str]]:
    """The usual decision with the changes, and the limit against each change that is left out of it, by its index.

    All changes are tried together first: a request above the usual limit is right where the limit rises with it.
    """
    made = dict(usual)
    for change in changes:
        made |= change(made)
    if not _broken(question, made, usual, schemas):
        return made, {}
    refused: dict[int, str] = {}
    made = dict(usual)
    for number, change in enumerate(changes):
        tried = made | change(made)
        broken = _broken(question, tried, usual, schemas)
        if broken:
            refused[number] = broken[0]
        else:
            made = tried
    return made, refused


def _broken(question: Question, value: Fields, usual: Fields, schemas: FieldSchemas) -> list[str]:
    """Why a value could not be an answer: a field that is not open, a form that is not the field's, a limit."""
    moved = [name for name in value if value[name] != usual.get(name)]
    if not moved:
        return []
    forms = {name: schemas[name] for name in moved if name in schemas}
    closed = [f"`{name}` leaves nothing to choose here" for name in moved if name not in schemas]
    told = {name: spelled(value[name], schema) for name, schema in forms.items()}
    return closed or [*faults(told, record(forms))] or [*value_faults(question, value)]
