"""`go.mod` and `go.work` → what they require, replace and use, each with its line.

https://go.dev/ref/mod#go-mod-file and https://go.dev/ref/mod#go-work-file: a word and its operands on a line, or a block of
such lines behind the word.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

_MOST = 5000  # lines
_LONGEST = 2000


@dataclass(slots=True)
class GoModule:
    """What one file says. Paths are as they are written."""

    path: str = ""  # of the module
    requires: dict[str, int] = field(default_factory=dict)  # indirect ones included
    replaces: list[tuple[str, str, int]] = field(default_factory=list)  # (module, folder, line), folders only
    uses: list[tuple[str, int]] = field(default_factory=list)


def read(text: str) -> GoModule:
    found = GoModule()
    for number, word, operands in lines(text):
        if word == "module" and operands:
            found.path = operands[0]
        elif word == "require" and operands:
            found.requires.setdefault(operands[0], number)
        elif word == "use" and operands:
            found.uses.append((operands[0], number))
        elif word == "replace" and "=>" in operands[:-1]:
            target = operands[operands.index("=>") + 1]
            if target.startswith(("./", "../", "/")) or target in (".", ".."):
                found.replaces.append((operands[0], target, number))
    return found


def lines(text: str) -> Iterator[tuple[int, str, list[str]]]:
    block = ""
    for number, line in enumerate(text.split("\n", _MOST)[:_MOST], 1):
        words = [word.strip('"`') for word in line[:_LONGEST].partition("//")[0].split()]
        if not words:
            continue
        if words[-1] == "(":
            block = words[0]
        elif words[0] == ")":
            block = ""
        elif block:
            yield number, block, words
        else:
            yield number, words[0], words[1:]
