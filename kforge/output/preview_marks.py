"""Outcome → what of it is a preview: decisions that a build asks a model about, and the files made from them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kforge import catalog
from kforge.stages.previews import previews

if TYPE_CHECKING:
    from kforge.outcome import Outcome


def asked(outcome: Outcome) -> set[str]:
    """Targets of decisions, and paths of files that are made from them, directly or through other decisions."""
    targets = previews(outcome.loaded.world, catalog.topics(), outcome.settled)
    if not targets:
        return set()
    services = {target.partition("/")[0] for target in targets}
    read = tuple(f"services.{target.replace('/', '.decisions.')}." for target in targets)
    services |= {
        node.service for node, names in outcome.assembled.reads.items() if any(name.startswith(read) for name in names)
    }
    return {*targets, *(path for path, file in outcome.files.items() if file.service in services)}
