"""Documents → the Dockerfiles among them, their instructions with a field each, and what one says of itself."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kforge.domain.document import Dockerfile, Document, Documents, Instruction


def dockerfiles(documents: Documents) -> Iterator[tuple[Document, Dockerfile]]:
    return ((item, item.dockerfile) for item in documents if item.dockerfile is not None)


def numbered(dockerfile: Dockerfile, *names: str) -> Iterator[tuple[str, Instruction]]:
    """Instructions with their field: `runtime[3].USER`."""
    for stage in dockerfile.stages:
        for index, instruction in enumerate(stage.instructions):
            if not names or instruction.name in names:
                yield f"{stage.name}[{index}].{instruction.name}", instruction


def copied_from(instruction: Instruction) -> str:
    """The stage or image of `--from=` and of a mount, "" for none."""
    for flag in instruction.flags:
        found = re.search(r"^--from=(.+)|[=,]from=([^,]+)", flag)
        if found:
            return found[1] or found[2]
    return ""


def last_user(dockerfile: Dockerfile) -> str:
    """The user that the image runs as, without the group; "" where it names none."""
    users = [item.args[0] for item in dockerfile.stages[-1].instructions if item.name == "USER" and item.args]
    return users[-1].partition(":")[0] if users else ""
