"""Accounts that RUN lines of a Dockerfile make, with their numbers: `RUN useradd --uid 1001 app`. Unaware of stages.

Kubernetes knows by the number alone that a process is not root, and a later `USER app` says only the name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

_END = re.compile(r"&&|\|\||[;\n|]")
_MAKERS = frozenset(("useradd", "adduser"))
# Options of useradd (shadow), of Debian's adduser and of BusyBox' that a value follows, but for the number's own.
_VALUED = frozenset((
    "--base-dir", "--comment", "--gecos", "--gid", "--groups", "--home", "--home-dir", "--ingroup", "--password", "--shell",
    "--skel", "--firstgid", "--firstuid",
))  # fmt: skip
_VALUED_LETTERS = re.compile(r"-[A-Za-z]*[bcdefgGhkKpsZ]")  # also as the last of several: `-ms /bin/bash`
_SHORT = re.compile(r"-[A-Za-z]*u(\d*)")  # `-u 1001`, `-u1001`, `-Du 1001`
_REFERENCE = re.compile(r"\$\{?([A-Za-z_]\w*)\}?")
_NUMBER = re.compile(r"\d{1,10}")
_MOST = 100_000  # characters of one instruction that are looked at


def made(script: str, known: Mapping[str, str]) -> Iterator[tuple[str, int]]:
    """(name, number) of each account that a shell's script makes: the number that stands there or in `known`, 0 where the
    system chooses one.
    """
    for piece in _END.split(script[:_MOST]):
        words = [word.strip("\"'") for word in piece.split()]
        maker = next((at for at, word in enumerate(words) if word.rpartition("/")[2] in _MAKERS), None)
        if maker is not None and (found := _account(words[maker + 1 :], known)):
            yield found


def _account(words: list[str], known: Mapping[str, str]) -> tuple[str, int] | None:
    number, name, free = "", "", 0
    rest = iter(words)
    for word in rest:
        option, given, value = word.partition("=")
        if option == "--uid":
            number = value if given else next(rest, "")
        elif short := _SHORT.fullmatch(word):
            number = short[1] or next(rest, "")
        elif option in _VALUED or _VALUED_LETTERS.fullmatch(word):
            if not given:
                next(rest, "")
        elif not word.startswith("-"):
            name, free = name or _value(word, known), free + 1
    if not number:
        return (name, 0) if name and free == 1 else None  # `adduser web docker` puts an account into a group
    number = _value(number, known)
    return (name, int(number)) if name and _NUMBER.fullmatch(number) else None


def _value(word: str, known: Mapping[str, str]) -> str:
    found = _REFERENCE.fullmatch(word)
    return known.get(found[1], "") if found else word
