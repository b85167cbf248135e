"""Changes that a small answer asks for → the usual decision with those of them that no limit forbids."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from kforge.domain.model.answer_fields import record
from kforge.llm.answer_schema import FieldSchemas, spelled
from kforge.llm.conformance import faults

Fields = Mapping[str, Any]
Change = Callable[[Fields], dict[str, Any]]  # a complete decision → the fields that change
Judge = Callable[[Fields], Iterable[str]]  # the limits that a complete decision breaks


def worked_in(
    changes: Sequence[Change], usual: Fields, schemas: FieldSchemas, judge: Judge
) -> tuple[dict[str, Any], list[str]]:
    """The decision, and a limit for each change that is left out of it.

    All changes are tried together first: a request above the usual limit is right where the limit rises with it.
    """
    made = dict(usual)
    for change in changes:
        made |= change(made)
    if not _broken(made, usual, schemas, judge):
        return made, []
    refused: list[str] = []
    made = dict(usual)
    for change in changes:
        tried = made | change(made)
        broken = _broken(tried, usual, schemas, judge)
        refused += broken[:1]
        made = made if broken else tried
    return made, refused


def _broken(value: Fields, usual: Fields, schemas: FieldSchemas, judge: Judge) -> list[str]:
    """Why a value could not be an answer: a field that is not open, a form that is not the field's, a limit."""
    moved = [name for name in value if value[name] != usual.get(name)]
    if not moved:
        return []
    forms = {name: schemas[name] for name in moved if name in schemas}
    closed = [f"`{name}` leaves nothing to choose here" for name in moved if name not in schemas]
    told = {name: spelled(value[name], schema) for name, schema in forms.items()}
    return closed or [*faults(told, record(forms))] or [*judge(value)]
