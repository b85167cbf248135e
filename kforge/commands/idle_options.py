"""Options of a build that had nothing to act on → a note for each. Unaware of how a build asks and writes."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from kforge.commands.model_options import unasked
from kforge.commands.options import ALL


def idle_options(options: argparse.Namespace, has_model: bool, was_open: bool, written: bool) -> Iterator[str]:
    """`has_model`: whether a spec has a `model` block, `was_open`: whether a question was the model's to answer,
    `written`: whether anything was renewed.
    """
    if options.upgrade and not (was_open or written):
        nothing = "nothing here" if options.upgrade == ALL else f"nothing of `{options.upgrade}`"
        yield f"note: nothing to upgrade: {nothing} is by an older kforge"
    given = {name: getattr(options, name) for name in ("ask", "model", "fallback", "keep_stale")}
    flags = ", ".join(f"`--{name.replace('_', '-')}`" for name, value in given.items() if value)
    if not has_model and options.model:
        yield unasked(options.model)
    elif flags and not has_model:
        yield f"note: {flags}: no spec here has a `model` block, so no model was asked"
    elif flags and not was_open:
        yield f"note: {flags}: no question was open for the model; what stands is pinned, locked or left to the heuristics"
