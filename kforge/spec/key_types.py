"""A path of a spec → the type and field that stand there, and which type owns a key. Unaware of any one spec's values."""

from __future__ import annotations

from types import UnionType
from typing import Any, Union, get_args, get_origin

from pydantic.fields import FieldInfo

from kforge.domain.spec.field_types import SpecModel
from kforge.domain.spec.raw import Path
from kforge.domain.spec.routing_types import Expose, Routing
from kforge.domain.spec.types import Environment, EnvironmentService, Service, Spec

_OWNERS = ((Spec, "the spec itself"), (Service, "a service"), (Expose, "`expose`"), (Routing, "`routing`"))


def keys_of(model: type[SpecModel]) -> tuple[str, ...]:
    """Keys of a type as they are written, in order, less those that are not built."""
    return tuple(
        field.alias or name for name, field in model.model_fields.items() if field.description != "Not built yet."
    )


def model_at(path: Path) -> type[SpecModel] | None:
    """The type whose keys stand at a path; None for free mappings, lists and scalars."""
    return next((each for each in _at(path) if isinstance(each, type) and issubclass(each, SpecModel)), None)


def field_of(path: Path) -> FieldInfo | None:
    """The field that a path ends in; None where it ends in a free mapping's key or an index."""
    model = model_at(path[:-1])
    if model is None:
        return None
    return next((field for name, field in model.model_fields.items() if path[-1] == (field.alias or name)), None)


def owner_of(key: str, model: type[SpecModel]) -> str:
    """Which other type has this key, for the hint on a misplaced one; "" for none."""
    if issubclass(model, (Environment, EnvironmentService)) and key in keys_of(Service):
        return "a service, and no environment may change it"
    return next((words for owner, words in _OWNERS if owner is not model and key in keys_of(owner)), "")


def _at(path: Path) -> list[Any]:
    """All types that may stand at a path."""
    here: list[Any] = [Spec]
    for part in path:
        here = [inner for each in here for inner in _inside(each, part)]
    return here


def _inside(each: Any, part: str | int) -> list[Any]:
    if isinstance(each, type) and issubclass(each, SpecModel):
        fields = (field for name, field in each.model_fields.items() if part == (field.alias or name))
        return [plain for field in fields for plain in _plain(field.annotation)]
    if get_origin(each) is dict:
        return _plain(get_args(each)[1])
    if get_origin(each) is list:
        return _plain(get_args(each)[0])
    return []


def _plain(annotation: Any) -> list[Any]:
    """Alternatives of a type without their constraints."""
    if hasattr(annotation, "__metadata__"):
        return _plain(annotation.__origin__)
    if get_origin(annotation) in (Union, UnionType):
        return [plain for each in get_args(annotation) for plain in _plain(each)]
    return [annotation]
