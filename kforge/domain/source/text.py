r"""Source text of a C-like language → the same text with comments blanked and strings masked, offset for offset.

So patterns run over code alone at full speed, and the content of a string or comment is never taken for code.
Knows JavaScript's and Go's strings, templates and regular expressions; knows no grammar.

A source may be hostile, and time has to stay linear in its size. So every pattern that reads one keeps three rules, to
which tests/detectors/test_linear.py holds all of them: a repeat is possessive (`\s*+`) or has a bound; a pattern that
begins with a name begins where the word begins (`(?<!\w)`); and what runs on to a closing sign (`[^}]`) excludes the
opening one or has a bound. Code that follows names or brackets looks each up once, not once for every use.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice

FILL = "\x01"
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "0": "\0", "b": "\b", "f": "\f", "v": "\v", "\n": ""}

_STRINGS = r"""(?P<string>"(?:[^"\\\n]|\\[\s\S])*+"?|'(?:[^'\\\n]|\\[\s\S])*+'?)"""
_COMMENTS = r"(?P<comment>//[^\n]*|/\*(?:[\s\S]*?\*/|[\s\S]*))"
_GO = re.compile(rf"{_COMMENTS}|{_STRINGS}|(?P<raw>`[^`]*`?)")
# A slash begins a regular expression after an operator, an opening bracket or `return`; otherwise it divides.
_JS = re.compile(
    rf"{_COMMENTS}|{_STRINGS}|(?P<template>`)"
    r"|(?:[(,=:\[!&|?{};+]|=>|\breturn|\btypeof|^)[ \t]*+(?P<regex>/(?![/*])(?:[^/\\\[\n]|\\.|\[(?:[^\]\\\n]|\\.){0,200}+\])++/[a-z]*+)",
    re.MULTILINE,
)
_TEMPLATE = re.compile(r"\\[\s\S]|`|\$\{")
_BRACKETS = re.compile(r"[()\[\]{}]")
_SEPARATORS = re.compile(r"[(\[{,]")
_BRACES = re.compile(rf"{_COMMENTS}|{_STRINGS}|[`{{}}]")
_MAX_NESTING = 5  # each level is read twice
MAX_MATCHES = 500  # per pattern and file
MAX_SPAN = 20_000  # characters between a bracket and its partner
MAX_TEXT = 4_000  # characters of a string that means a port, a host, a path or a name


class Code(str):
    """Masked code that knows where its brackets close, each looked up once."""

    __slots__ = ("_partners",)

    @property
    def partners(self) -> dict[int, int]:
        """Offset of each opening bracket, `(`, `[` or `{` → offset of the one that closes it."""
        try:
            return self._partners
        except AttributeError:
            self._partners: dict[int, int] = {}
        opened: list[int] = []
        for match in _BRACKETS.finditer(self):
            if match.group() in "([{":
                opened.append(match.start())
            elif opened:
                self._partners[opened.pop()] = match.start()
        return self._partners


@dataclass(slots=True)
class Masked:
    """`code` has string contents replaced by a filler of the same length; `strings` gives them back by offset.

    The offset is that of the opening quote, and every quote in `code` is `"`. A template with expressions keeps
    them visible as code, and its string has `${…}` where they stand.
    """

    code: Code
    strings: dict[int, str] = field(default_factory=dict)

    def string(self, offset: int) -> str | None:
        """The string that begins at an offset; None where there is none, or one too long to name anything."""
        text = self.strings.get(offset)
        return text if text is not None and len(text) <= MAX_TEXT else None


def mask_go(text: str) -> Masked:
    pieces: list[str] = []
    strings: dict[int, str] = {}
    last = 0
    for match in _GO.finditer(text):
        start, end = match.span()
        pieces.append(text[last:start])
        if match.lastgroup == "comment":
            pieces.append(_blank(text[start:end]))
        else:
            raw = text[start:end]
            strings[start] = raw[1:-1] if match.lastgroup == "raw" else _unescaped(raw)
            pieces.append(_filled(raw))
        last = end
    pieces.append(text[last:])
    return Masked(Code("".join(pieces)), strings)


def mask_js(text: str) -> Masked:
    pieces: list[str] = []
    strings: dict[int, str] = {}
    _js(text, 0, len(text), pieces, strings, 0)
    return Masked(Code("".join(pieces)), strings)


def _js(text: str, start: int, stop: int, pieces: list[str], strings: dict[int, str], depth: int) -> None:
    """Masks text[start:stop] into pieces."""
    last = start
    while match := _JS.search(text, last, stop):
        group = str(match.lastgroup)
        begin, end = match.span(group)
        pieces.append(text[last:begin])
        if group == "template":
            end = _template(text, begin, stop, pieces, strings, depth)
        elif group == "comment":
            pieces.append(_blank(text[begin:end]))
        elif group == "regex":
            pieces.append(f'"{FILL * (end - begin - 2)}"')  # a string that is not looked up
        else:
            strings[begin] = _unescaped(text[begin:end])
            pieces.append(_filled(text[begin:end]))
        last = end
    pieces.append(text[last:stop])


def _template(text: str, begin: int, stop: int, pieces: list[str], strings: dict[int, str], depth: int) -> int:
    """Masks the template that opens at `begin`; gives its end."""
    pieces.append('"')
    value: list[str] = []
    last = position = begin + 1
    while match := _TEMPLATE.search(text, position, stop):
        found = match.group()
        position = match.end()
        if found not in ("`", "${"):
            continue
        literal = text[last : match.start()]
        pieces.append(_lined(literal))
        value.append(literal)
        if found == "`":
            pieces.append('"')
            strings[begin] = "".join(value)
            return position
        end = _closing(text, position, stop, depth)
        value.append(f"${{{text[position:end]}}}")
        pieces.append("${")
        if depth < _MAX_NESTING:
            _js(text, position, end, pieces, strings, depth + 1)
        else:
            pieces.append(_blank(text[position:end]))
        pieces.append(text[end : end + 1])
        last = position = min(end + 1, stop)
    pieces.append(_blank(text[last:stop]))
    return stop


def _closing(text: str, position: int, stop: int, depth: int) -> int:
    """Offset of the brace that closes an expression in a template."""
    level = 0
    while match := _BRACES.search(text, position, stop):
        found, position = match.group(), match.end()
        if found == "{":
            level += 1
        elif found == "}":
            if level == 0:
                return match.start()
            level -= 1
        elif found == "`":
            position = _template(text, match.start(), stop, [], {}, depth + 1) if depth < _MAX_NESTING else stop
    return stop


def _blank(text: str) -> str:
    return "\n".join(" " * len(line) for line in text.split("\n"))


def _lined(text: str) -> str:
    return "\n".join(FILL * len(line) for line in text.split("\n"))


def _filled(raw: str) -> str:
    return f'"{_lined(raw[1:-1])}"' if len(raw) > 1 else raw


def _unescaped(raw: str) -> str:
    inside = raw[1:-1]
    if "\\" not in inside:
        return inside
    return re.sub(r"\\([\s\S])", lambda match: _ESCAPES.get(match.group(1), match.group(1)), inside)


def every(pattern: re.Pattern[str], code: str) -> Iterator[re.Match[str]]:
    """Matches of a pattern, as many as a program that people write has."""
    return islice(pattern.finditer(code), MAX_MATCHES)


def closing(code: Code, opening: int) -> int:
    """Offset of the bracket that closes the one at `opening` in masked code; where looking ends, when none does."""
    return min(code.partners.get(opening, len(code)), opening + MAX_SPAN)


def arguments(code: Code, opening: int) -> list[tuple[int, int]]:
    """Spans of a call's arguments, given its opening bracket: split at commas of its own level, stripped."""
    end = closing(code, opening)
    spans, start = [], opening + 1
    position = start
    while match := _SEPARATORS.search(code, position, end):
        if match.group() == ",":
            spans.append((start, match.start()))
            start = position = match.end()
        else:
            position = code.partners.get(match.start(), end) + 1
    spans.append((start, end))
    return [trimmed for span in spans if (trimmed := stripped(code, *span))[0] < trimmed[1]]


def stripped(code: str, start: int, end: int) -> tuple[int, int]:
    """The span without white space at its ends."""
    while start < end and code[start].isspace():
        start += 1
    while end > start and code[end - 1].isspace():
        end -= 1
    return start, end
