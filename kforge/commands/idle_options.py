"""Options of a build or plan that have nothing to act on → a note for each. Unaware of how a build asks and writes."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from kforge.commands.options import ALL
from kforge.output.text import inert

if TYPE_CHECKING:
    from kforge.build_all import Built

_ABOUT_THE_MODEL = ("ask", "model", "fallback", "keep_stale")  # a plan has the second alone


def idle_options(options: argparse.Namespace, found: Sequence[Built], is_open: bool, changes: bool) -> tuple[str, ...]:
    """Notes without their label; none where a project failed. `is_open`: whether a question is the model's to answer,
    `changes`: whether anything is renewed.
    """
    if any(each.code for each in found):
        return ()
    has_model = any(each.outcome and each.outcome.loaded.world.spec.model for each in found)
    return tuple(map(inert, _notes(options, has_model, is_open, changes)))


def _notes(options: argparse.Namespace, has_model: bool, is_open: bool, changes: bool) -> Iterator[str]:
    if options.upgrade and not (is_open or changes):
        nothing = "nothing here" if options.upgrade == ALL else f"nothing of `{options.upgrade}`"
        yield f"nothing to upgrade: {nothing} is by an older kforge"
    given = [name for name in _ABOUT_THE_MODEL if getattr(options, name, None)]
    flags = ", ".join(f"`--{name.replace('_', '-')}`" for name in given)
    if not has_model and options.model:
        yield f"`--model` asks nothing: no spec here has a `model` block, `model: {{name: {options.model}}}`"
    elif flags and not has_model:
        yield f"{flags}: no spec here has a `model` block, so no model is asked"
    elif flags and not is_open:
        yield f"{flags}: no question is open for the model; what stands is pinned, locked or left to the heuristics"
