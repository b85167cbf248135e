"""A value of a spec → the words in which a message may repeat it. Unaware of what is wrong with it."""

from __future__ import annotations

from kforge.domain.spec.raw import Path, Raw

# Values at or below these keys may be anything, a credential as well, and are never repeated.
_CONFIDENTIAL = frozenset(
    ("env", "secrets", "files", "annotations", "requirements", "refine", "command", "args", "steps")
)
SHOWN = 60  # characters of a string that a message repeats


def shown(raw: Raw, path: Path) -> str:
    """A value as a message may repeat it: short, in one line, and never what might be a secret."""
    value, quiet = raw.dig(path), confidential(path)
    if isinstance(value, bool):
        return "a boolean" if quiet else f"`{raw.written(path)}`"
    if isinstance(value, (int, float)):
        return "a number" if quiet else f"the number {raw.written(path)}"
    if isinstance(value, str) and value:
        if quiet or len(value) > SHOWN or not value.isprintable():
            return f"a string of {len(value)} character{'s' * (len(value) != 1)}"
        return f"`{value}`"
    return "a mapping" if isinstance(value, dict) else "a list" if isinstance(value, list) else "an empty string"


def confidential(path: Path) -> bool:
    """Whether what stands at a path is the user's own content rather than a choice among the spec's words. A mapping
    or list in whose place something else stands counts as what is in it: `config: …` and fragments below `kubernetes`.
    """
    block = path[2:] if path[:1] == ("services",) else path[4:] if path[:1] == ("environments",) else path
    fragment = block[:1] == ("kubernetes",) and path != block
    return not _CONFIDENTIAL.isdisjoint(map(str, path)) or fragment or block == ("config",)
