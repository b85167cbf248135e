"""Raw → Spec: every key known, every value of its type, every reference resolved; or all that is wrong, at once.

The checks read the raw tree and not the typed one, so that a mistake in one place hides none in another.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any

from pydantic import ValidationError

from kforge import __version__
from kforge.domain.near_words import ADVISED
from kforge.domain.secrets import credentials
from kforge.domain.spec.raw import Path, Raw
from kforge.domain.spec.types import Spec
from kforge.errors import InputError, Problem
from kforge.spec import (
    requires,
    reserved,
    size_limits,
    type_errors,
    validate_app,
    validate_before,
    validate_chart,
    validate_gitops,
    validate_inherited,
    validate_outputs,
    validate_platform,
    validate_references,
    validate_routing,
    validate_service,
)
from kforge.spec.inherited import inherited
from kforge.spec.syntax import place
from kforge.spec.tolerant import OneOf, Wrong


@dataclass(frozen=True, slots=True)
class KnownNames:
    """What a spec may name besides its own: empty means that nothing is checked against it."""

    version: str = __version__
    folder: str = ""  # of the spec, from the top of the repository, POSIX
    recipes: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()  # ids
    kubernetes: tuple[str, ...] = ()  # minors: "1.34"
    outputs: tuple[str, ...] = ()


NOTHING = KnownNames()
MOST = 1000  # problems that are told: more than a person reads, and a pull request may make a hundred thousand
_MORE = Problem(f"more than {MOST} problems: the rest is not shown", hint="fix these first")


def resolve(raw: Raw, known: KnownNames = NOTHING) -> Spec:
    """The typed spec; raises InputError with every problem, in the order of the text."""
    raw = inherited(raw)
    first = requires.too_new(raw.data, known.version) or size_limits.problem(raw.data)
    if first:
        raise InputError(tuple(_placed(raw, [first])))
    said = [*reserved.not_built(raw.data, known.outputs), *reserved.empty(raw.data)]
    spec, misshapen = _typed(raw, [wrong.path for wrong in said])
    crossed = _placed(raw, chain(said, _crossed(raw.data, known)))
    problems = [*islice(chain(misshapen, crossed, _leaked(raw)), MOST + 1)]
    if problems or spec is None:
        raise InputError((*_ordered(problems[:MOST]), *[_MORE] * (len(problems) > MOST)))
    if spec.gitops:  # settled here, where `outputs` are those that the spec lists
        return spec.model_copy(update={"gitops": spec.gitops.deploying(spec.outputs)})
    return spec


def _typed(raw: Raw, said: list[Path]) -> tuple[Spec | None, Iterator[Problem]]:
    try:
        return Spec.model_validate(raw.data, by_alias=True, by_name=False), iter(())
    except ValidationError as error:
        return None, type_errors.problems(raw, error, said)


def _crossed(data: dict[str, Any], known: KnownNames) -> Iterator[Wrong]:
    yield from validate_inherited.problems(data)
    yield from validate_service.problems(data, known.recipes)
    yield from validate_before.problems(data)
    yield from validate_references.problems(data)
    yield from validate_platform.problems(data)
    yield from validate_outputs.problems(data, known.outputs)
    yield from validate_chart.problems(data, known.folder)
    yield from validate_routing.problems(data)
    yield from validate_gitops.problems(data, known.folder)
    yield from validate_app.problems(data, known.folder, known.rules, known.kubernetes)


def _leaked(raw: Raw) -> Iterator[Problem]:
    """Credentials anywhere in the text: what is committed is out, be it in a comment."""
    for start, kind in credentials.known(raw.text):
        hint = "revoke it, then put a new one into a Secret and refer to that under `secrets`"
        yield Problem(f"this looks like {kind}", place(raw.text, start, raw.file), hint)


def _placed(raw: Raw, wrongs: Iterable[Wrong]) -> Iterator[Problem]:
    left = ADVISED
    told: set[Path] = set()  # what a service takes is told once, where it stands
    for wrong in _own_first(raw, wrongs):
        stands = raw.written_at(wrong.path)
        if stands != wrong.path and stands in told:
            continue
        told.add(stands)
        hint = wrong.hint
        if isinstance(hint, OneOf):
            hint, left = hint.nearest() if left > 0 else hint.some(), left - 1
        yield Problem(wrong.message, raw.key_place(wrong.path) if wrong.at_key else raw.place(wrong.path), hint)


def _own_first(raw: Raw, wrongs: Iterable[Wrong]) -> Iterator[Wrong]:
    """Problems with what stands where it counts, then those with what is taken from elsewhere."""
    taken = []
    for wrong in wrongs:
        if raw.meant and raw.written_at(wrong.path) != wrong.path:
            taken.append(wrong)
        else:
            yield wrong
    yield from taken


def _ordered(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Each message and place once, in the order of the text."""

    def order(problem: Problem) -> tuple[int, int, str]:
        return (problem.where.line, problem.where.column, problem.message) if problem.where else (0, 0, problem.message)

    return tuple(sorted(dict.fromkeys(problems), key=order))
