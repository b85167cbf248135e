"""An environment marker → whether it holds in an image: Linux on x86-64, CPython, one of its minors. Unaware of packages.

https://packaging.python.org/en/latest/specifications/dependency-specifiers/#environment-markers
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from kforge.detectors.python_versions import admits

_TOKEN = re.compile(
    r"\s*+(?:(?P<sign>\(|\)|===?|!=|>=|<=|~=|[<>])|(?P<text>'[^']{0,200}'|\"[^\"]{0,200}\")|(?P<word>[A-Za-z_.]{1,60}))"
)
_LONGEST = 2000  # characters of a marker
_HERE = {
    "sys_platform": "linux",
    "platform_system": "Linux",
    "os_name": "posix",
    "platform_machine": "x86_64",
    "implementation_name": "cpython",
    "platform_python_implementation": "CPython",
}
_VERSIONS = ("python_version", "python_full_version", "implementation_version")


class _Asked(NamedTuple):
    minor: int
    extras: frozenset[str]


@lru_cache(maxsize=512)
def holds(marker: str, minor: int, extras: frozenset[str] = frozenset()) -> bool:
    """Whether a marker may hold under a minor of Python 3, of a package with extras; true where it is not understood."""
    found = _tokens(marker)
    if found is None:
        return not marker.strip() or "sys_platform == 'win32'" not in marker
    try:
        verdict, rest = _either(found, 0, _Asked(minor, extras), 0)
    except (IndexError, RecursionError):
        return True
    return verdict if rest == len(found) else True


def _tokens(marker: str) -> tuple[str, ...] | None:
    found: list[str] = []
    position, text = 0, marker.strip()
    while position < len(text):
        token = _TOKEN.match(text, position) if len(text) <= _LONGEST else None
        if token is None:
            return None
        found.append(token["sign"] or token["text"] or token["word"])
        position = token.end()
    return tuple(found) or None


def _either(tokens: tuple[str, ...], at: int, asked: _Asked, depth: int) -> tuple[bool, int]:
    verdict, at = _both(tokens, at, asked, depth)
    while at < len(tokens) and tokens[at] == "or":
        other, at = _both(tokens, at + 1, asked, depth)
        verdict = verdict or other
    return verdict, at


def _both(tokens: tuple[str, ...], at: int, asked: _Asked, depth: int) -> tuple[bool, int]:
    verdict, at = _one(tokens, at, asked, depth)
    while at < len(tokens) and tokens[at] == "and":
        other, at = _one(tokens, at + 1, asked, depth)
        verdict = verdict and other
    return verdict, at


def _one(tokens: tuple[str, ...], at: int, asked: _Asked, depth: int) -> tuple[bool, int]:
    if depth > 30:
        raise RecursionError
    if tokens[at] == "(":
        verdict, at = _either(tokens, at + 1, asked, depth + 1)
        if tokens[at] != ")":
            raise IndexError
        return verdict, at + 1
    left, sign = tokens[at], tokens[at + 1]
    if sign == "not":
        return _compared(left, "not in", tokens[at + 3], asked), at + 4
    return _compared(left, sign, tokens[at + 2], asked), at + 3


_TURNED = {"<": ">", ">": "<", "<=": ">=", ">=": "<="}


def _compared(left: str, sign: str, right: str, asked: _Asked) -> bool:
    """One comparison; a name that says nothing here (`platform_release`) counts as true."""
    name, text = left, right
    if left[:1] in "'\"":
        if sign in ("in", "not in"):
            value = _HERE.get(right)
            return True if value is None else (left[1:-1] in value) == (sign == "in")
        name, text, sign = right, left, _TURNED.get(sign, sign)
    text = text[1:-1] if text[:1] in "'\"" else text
    if name in _VERSIONS:
        if sign in ("in", "not in"):
            return (f"3.{asked.minor}" in re.split(r"[\s,]+", text)) == (sign == "in")
        return admits(f"{sign}{text}", asked.minor)
    if name == "extra":
        return (text.lower() in asked.extras) == (sign == "==")
    value = _HERE.get(name)
    if value is None:
        return True
    return {"==": value == text, "!=": value != text, "in": value in text, "not in": value not in text}.get(sign, True)
