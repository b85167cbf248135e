"""A line of a spec → the same line as it may be shown: keys, structure and words of the spec's own, and `…` for all else.

kforge quotes no values of `env`, `secrets`, `config` and the like, and the line may be one of a spec that is no YAML. So a
value is shown only where its key is one of the spec's that hold plain words, no block of the user's content lies
around it, and nothing in the line looks like a credential. In doubt it is not shown.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from kforge.domain.secrets.redact import redact

HIDDEN = "…"
_BLANK = re.compile(r"\s")
# Keys whose values are names, numbers and choices.
_SHOWN = frozenset(
    [
        "apiVersion",
        "app",
        "port",
        "ports",
        "image",
        "source",
        "needs",
        "like",
        "scale",
        "min",
        "max",
        "memory",
        "cpu",
        "memoryLimit",
        "cpuLimit",
        "storage",
        "expose",
        "host",
        "path",
        "type",
        "platform",
        "platforms",
        "version",
        "name",
        "namespace",
        "schedule",
        "outputs",
        "registry",
        "registries",
        "cluster",
        "gateway",
        "class",
        "protocol",
        "user",
        "before",
        "context",
        "dockerfile",
        "revision",
        "deadline",
        "retries",
        "timeout",
        "period",
        "failures",
        "strategy",
        "surge",
        "unavailable",
        "size",
        "until",
        "rule",
        "target",
        "include",
        "decides",
        "minimum",
        "hardening",
        "enabled",
        "drain",
        "gracePeriod",
        "job",
        "keep",
    ]
)
# Keys above content that is the user's own.
_CONTENT = frozenset(
    [
        "env",
        "secrets",
        "secret",
        "config",
        "values",
        "value",
        "files",
        "args",
        "command",
        "refine",
        "patches",
        "kubernetes",
        "identity",
    ]
)
_PLAIN = re.compile(r"(?:[^:,{}\[\]#]|:(?=\S)|(?<=\S)#)+")  # each character is looked at once
_COLON = re.compile(r"[ \t]*:(?=\s|\Z)")
_DOUBLE = re.compile(r'(?:[^"\\]|\\.)*"')
_SINGLE = re.compile(r"(?:[^']|'')*'")
_KEY = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_./-]{0,62}")


class Masked(NamedTuple):
    """What is shown of a line, and where a column of it stands in there, both zero-based; `length` is of the word there."""

    text: str
    column: int
    length: int


class _Token(NamedTuple):
    start: int
    text: str
    kind: str  # "key", "value", "open" and "closed" (a text that goes on in the next line, its end), "comment", "mark"

    @property
    def end(self) -> int:
        return self.start + len(self.text)


class _Row(NamedTuple):
    """A line with its tokens, and the number of the line where brackets were opened that are still open before it."""

    text: str
    tokens: tuple[_Token, ...]
    since: int | None

    @property
    def keys(self) -> list[str]:
        return [_bare(token.text) for token in self.tokens if token.kind == "key"]

    @property
    def indent(self) -> int:
        """Columns before the first key: the dashes of a list count."""
        return len(self.text) - len(self.text.lstrip(" -\t"))


def masked(text: str, number: int, column: int) -> Masked:
    """The line of this number in a spec, and the column in it, both zero-based."""
    rows = _rows(text)
    around = _around(rows, number)
    shown = _drawn(rows[number], column, around, ())
    for kinds in (("value",), ("value", "key")):
        if redact(shown.text) == shown.text:
            break
        shown = _drawn(rows[number], column, around, kinds)
    return shown


def _drawn(row: _Row, column: int, around: Sequence[str], hide: Sequence[str]) -> Masked:
    keys = [*around]
    shown, at, length, done = "", column, 1, 0
    for token in row.tokens:
        shown += _BLANK.sub(" ", row.text[done : token.start])
        text = token.text
        if token.kind == "key":
            keys.append(_bare(text))
            text = text if _KEY.fullmatch(_bare(text)) and "key" not in hide else HIDDEN
        elif token.kind == "comment":
            text = f"# {HIDDEN}"
        elif token.kind in ("open", "closed") or (token.kind == "value" and (token.kind in hide or not _plain(keys))):
            text = HIDDEN
        within = column - token.start if text == token.text else 0
        if token.start <= column < token.end:
            at, length = len(shown) + within, len(text) - within
        elif token.end <= column:
            at, length = len(shown) + len(text) + column - token.end, 1
        shown, done = shown + text, token.end
    return Masked(shown, at, length)


def _plain(keys: Sequence[str]) -> bool:
    """Whether a value below these keys, the nearest last, is one that is shown."""
    *above, nearest = keys or [""]
    if nearest == "kubernetes" and not above:
        return True
    return nearest in _SHOWN and _CONTENT.isdisjoint(above)


def _around(rows: Sequence[_Row], number: int) -> list[str]:
    """Keys above a line, by brackets that are open there and by indentation."""
    since = rows[number].since
    opened = [key for row in rows[since:number] for key in row.keys] if since is not None else []
    indent, above = rows[number].indent, list[str]()
    for row in reversed(rows[:number]):
        if row.tokens and row.tokens[0].kind != "comment" and row.indent < indent:
            indent = row.indent
            above[:0] = row.keys
    return [*opened, *above]


@lru_cache(1)  # several problems of one spec
def _rows(text: str) -> tuple[_Row, ...]:
    found: list[_Row] = []
    depth, since, quote = 0, None, ""
    for number, line in enumerate(text.split("\n")):
        tokens = tuple(_tokens(line, quote))
        quote = tokens[-1].text[0] if tokens and tokens[-1].kind == "open" and not quote else quote
        if quote and not (tokens and tokens[-1].kind == "open"):
            quote = ""
        found.append(_Row(line, tokens, since))
        depth = max(
            0,
            depth + sum({"{": 1, "[": 1, "}": -1, "]": -1}.get(each.text, 0) for each in tokens if each.kind == "mark"),
        )
        since = (number if since is None else since) if depth else None
    return tuple(found)


def _tokens(line: str, quote: str) -> Iterator[_Token]:
    """The tokens of a line that begins inside of this quote, if any."""
    at = 0
    if quote:
        closed = _closed(line, 0, quote)
        at = closed.end() if closed else len(line)
        yield _Token(0, line[:at], "closed" if closed else "open")
    while at < len(line):
        char = line[at]
        if char.isspace():
            at += 1
            continue
        if char == "#" and (not at or line[at - 1].isspace()):
            yield _Token(at, line[at:], "comment")
            return
        if char in "{}[],:" or (char == "-" and line[at + 1 : at + 2] in ("", " ")):
            yield _Token(at, char, "mark")
            at += 1
            continue
        token = _scalar(line, at)
        yield token
        at = token.end


def _scalar(line: str, at: int) -> _Token:
    quoted = line[at] in "\"'"
    found = _closed(line, at + 1, line[at]) if quoted else _PLAIN.match(line, at)
    if found is None:
        return _Token(at, line[at:], "open") if quoted else _Token(at, line[at], "mark")
    text = line[at : found.end()].rstrip()
    return _Token(at, text, "key" if _COLON.match(line, found.end()) else "value")


def _closed(line: str, at: int, quote: str) -> re.Match[str] | None:
    """What stands from here to the end of the text in this quote, if it ends in this line."""
    return _DOUBLE.match(line, at) if quote == '"' else _SINGLE.match(line, at)


def _bare(text: str) -> str:
    return text.strip("\"'")
