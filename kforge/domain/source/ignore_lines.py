"""Lines of a .dockerignore → whether the builder is sent a path. Unaware of git's rules, which are others.

Every pattern begins at the context's root, `**` stands for any number of folders, the last line that matches a path or
a folder above it decides: https://docs.docker.com/build/concepts/context/#dockerignore-files
"""

from __future__ import annotations

import posixpath
from collections.abc import Sequence
from fnmatch import fnmatchcase
from functools import lru_cache

MAX_PARTS = 40  # of a path or pattern


def excluding(path: str, lines: Sequence[str]) -> str:
    """The line that keeps a path out, "" where none does."""
    if posixpath.normpath(path) == ".":
        return ""  # the context itself is always sent
    parts = tuple(posixpath.normpath(path).lstrip("/").split("/"))[:MAX_PARTS]
    found = ""
    for line in lines:
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        back = text.startswith("!")
        if back != bool(found):  # only a line that could change the verdict is matched
            continue
        if _matches(_pattern(text[1:] if back else text), parts):
            found = "" if back else line
    return found


@lru_cache(maxsize=1024)
def _pattern(text: str) -> tuple[str, ...]:
    cleaned = posixpath.normpath(text.strip().replace("\\ ", " "))
    return tuple(cleaned.lstrip("/").split("/"))[:MAX_PARTS]


def _matches(pattern: tuple[str, ...], parts: tuple[str, ...]) -> bool:
    """Whether a pattern matches a path or a folder above it."""
    if pattern == (".",):
        return True
    reached = {0}  # how many parts of the path the pattern so far may have taken
    for one in pattern:
        if one == "**":
            reached = set(range(min(reached), len(parts) + 1)) if reached else set()
        else:
            reached = {at + 1 for at in reached if at < len(parts) and fnmatchcase(parts[at], one)}
    return bool(reached - {0})


def matching(pattern: str, paths: Sequence[str]) -> bool:
    """Whether a pattern, from the root and with wildcards that stay in their folder, matches one of the paths."""
    split = _pattern(pattern)
    begins = "/".join(split[: next((at for at, part in enumerate(split) if set(part) & set("*?[")), len(split))])
    near = (path for path in paths if path.startswith(begins))
    return any(_matches(split, tuple(path.split("/"))[:MAX_PARTS]) for path in near)
