"""Raw → characters that join others unseen or are blank, where no prose stands. Unaware of characters that no spec may
hold.

Scripts such as Persian and Braille and many emoji need them, so texts that people write for people may hold them.
Anywhere else they only make two names look alike: `.git` and `.g<U+200C>it`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import Any

from kforge.domain.invisible_chars import BLANKS, JOINERS
from kforge.domain.spec.raw import Path, Raw, dotted
from kforge.errors import Place, Problem
from kforge.spec.syntax import SHOWN, name_of, place

_ANY = None
_PROSE_ONLY = re.compile(f"[{JOINERS}{BLANKS}]")
_PROSE: tuple[tuple[str | None, ...], ...] = (
    ("description",),
    ("services", _ANY, "requirements"),
    ("services", _ANY, "refine", _ANY),
    ("patches", _ANY, "reason"),
    ("waivers", _ANY, "reason"),
    ("environments", _ANY, "patches", _ANY, "reason"),
    # What a program is handed, and shows to people.
    ("defaults", "env", _ANY),
    ("services", _ANY, "env", _ANY),
    ("services", _ANY, "config", "files", _ANY),
    ("environments", _ANY, "services", _ANY, "env", _ANY),
    ("environments", _ANY, "services", _ANY, "config", "files", _ANY),
)
_HINT = "leave it out: only texts for people, values of `env` and files of `config` may hold it"


def holds(text: str) -> bool:
    """Whether a text holds one of them."""
    return not text.isascii() and _PROSE_ONLY.search(text) is not None


def problems(raw: Raw) -> list[Problem]:
    """A problem for each of the first keys and values that hold one of them and are no prose."""
    return [_problem(raw, path, of_key) for path, of_key in islice(_found(raw.data, ()), SHOWN)]


def _found(data: Any, path: Path) -> Iterator[tuple[Path, bool]]:
    """Paths of keys (True) and values (False) with one of them."""
    for part, value in data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ():
        if isinstance(part, str) and holds(part):
            yield (*path, part), True
        if isinstance(value, str):
            if holds(value) and not _prose((*path, part)):
                yield (*path, part), False
        elif value and isinstance(value, (dict, list)):
            yield from _found(value, (*path, part))


def _prose(path: Path) -> bool:
    return any(
        len(path) == len(form) and all(known in (_ANY, part) for known, part in zip(form, path, strict=True))
        for form in _PROSE
    )


def _problem(raw: Raw, path: Path, of_key: bool) -> Problem:
    char = _PROSE_ONLY.findall(str(path[-1] if of_key else raw.dig(path)))[0]
    what = f"a key of `{dotted(path[:-1])}`" if of_key and path[1:] else "a key" if of_key else f"`{dotted(path)}`"
    return Problem(f"{what} holds {name_of(char)}", _place(raw, path, char, of_key), _HINT)


def _place(raw: Raw, path: Path, char: str, of_key: bool) -> Place:
    """Where the character stands; where an escape makes it, the text that holds the escape."""
    mark = (raw.marks.keys if of_key else raw.marks.values).get(path)
    index = raw.text.find(char, mark.start, mark.end) if mark else -1
    return place(raw.text, index, raw.file) if index >= 0 else raw.key_place(path) if of_key else raw.place(path)
