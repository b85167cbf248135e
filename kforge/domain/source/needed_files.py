"""What a program imports and opens → those of it that an image usually does without, by their names.

A build context leaves out tests, reports of tests, and what describes images. A program may have a package of such a
name all the same: then it is told here, and comes back.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator

_LEFT_OUT = re.compile(
    r"((?:[^/]{1,200}/){0,20}?(?:tests?|__tests__|e2e|coverage|htmlcov|kubeconfig|\.github|\.next|Dockerfile[^/]{0,100}"
    r"|(?:docker-)?compose(?:[.-][^/]{0,100})?\.ya?ml|[^/]{1,100}\.dockerignore|[^/]{1,100}_test\.go))(?:/.*)?",
    re.DOTALL,
)


def doubtful(path: str) -> str:
    """The file or folder, of a path or above it, whose name is that of what an image does without; "" for none."""
    found = _LEFT_OUT.fullmatch(path[:1000])
    return found[1] if found else ""


def reached(base: str, paths: Iterable[str], files: frozenset[str]) -> Iterator[str]:
    """Of paths that a file in `base` names, relative to it or to the source, what is there and is doubtful."""
    for path in paths:
        for start in ("", base):
            full = posixpath.normpath(posixpath.join(start, path))
            name = doubtful(full)
            if (
                name
                and not name.startswith("../")
                and (name in files or any(one.startswith(f"{name}/") for one in files))
            ):
                yield name
