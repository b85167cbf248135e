"""A raw service → what contradicts itself in its probes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kforge.domain.spec.raw import Path
from kforge.domain.topic_names import PROBES
from kforge.spec.tolerant import Wrong, blocks, text


def probes(path: Path, block: dict[str, Any]) -> Iterator[Wrong]:
    """A type, and what it has no use for or cannot do without."""
    silent = block.get("ports") == []
    for which, probe in blocks(block, PROBES):
        at, kind = (*path, PROBES, which), text(probe, "type")
        if kind == "exec" and "command" not in probe:
            yield Wrong((*at, "type"), "`exec` needs the command that is run", "add it: `command: [pg_isready, -q]`")
        for key, wanted in (("command", "exec"), ("path", "http")):
            if key in probe and kind and kind != wanted:
                yield Wrong(
                    (*at, key),
                    f"`{key}` has no effect on a probe of type `{kind}`",
                    f"leave one of them out: `{key}` means `{wanted}`",
                    at_key=True,
                )
        if "command" in probe and "path" in probe and not kind:
            yield Wrong(
                (*at, "path"), "a probe runs a `command` or asks a `path`, never both", "keep one of them", at_key=True
            )
        if "path" in probe and silent:
            yield Wrong(
                (*at, "path"),
                f"`{path[-1]}` has no port that could be asked",
                "write the command that tells it: `command: [./healthy]`",
                at_key=True,
            )
