"""A generated text before and after → what differs in it, by Dockerfile instruction or key. Knows no outcome and no file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest

from kforge.stages.line_diff import replaced

_CONTINUED = re.compile(r"\\\n(?:[ \t]*#[^\n]*\n)*[ \t]*")
_KEY = re.compile(r"""\A(?:-\s+)?("[^"]+"|[\w.-]+)\s*(?:=|:)\s+(?P<value>\S.*)""")
_KEYWORD = re.compile(r"\A([A-Z]+)\s+(?P<value>.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class TextChange:
    """A line or an instruction that differs: `field` is its key, or "" of a line that has none. `old` or `new` is None
    where nothing stands.
    """

    field: str
    old: str | None
    new: str | None


def text_changes(path: str, old: str, new: str) -> Iterator[TextChange]:
    """Comments and blank lines are none. Lines with one key are told together, old and new."""
    docker = path.rpartition("/")[2].endswith("Dockerfile")
    pattern = _KEYWORD if docker else _KEY
    for gone, added in replaced(_lines(old, docker), _lines(new, docker)):
        were, are = ([_parted(line, pattern) for line in lines] for lines in (gone, added))
        for key in dict.fromkeys(key for key, _ in (*were, *are)):
            sides = ([text for name, text in side if name == key] for side in (were, are))
            for was, now in zip_longest(*sides):
                if was != now:
                    yield TextChange(key, was, now)


def _lines(text: str, docker: bool) -> list[str]:
    whole = _CONTINUED.sub("", text) if docker else text
    return [line.strip() for line in whole.splitlines() if line.strip() and not line.lstrip().startswith("#")]


def _parted(line: str, pattern: re.Pattern[str]) -> tuple[str, str]:
    found = pattern.fullmatch(line)
    return (found[1].strip('"'), found["value"].strip()) if found else ("", line)
