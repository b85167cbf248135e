"""Dockerfile text → instructions: continuations, comments, escape directive, heredocs. Unaware of what they mean."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

_DIRECTIVE = re.compile(r"#\s*+(\w++)\s*+=\s*+(.++)")
# a word of a shell that opens a heredoc; `$((1<<N))` and a quoted `1<<n` begin otherwise
_HEREDOC = re.compile(r"\d*+<<(-?)([^<]++)")
_HEREDOCS = ("RUN", "COPY", "ADD")
_FLAG = re.compile(r"--([a-z][a-z0-9-]*+)(?:=(\"[^\"]*+\"|'[^']*+'|\S*+))?\s*+")
_NAME = re.compile(r"^(\S++)\s++")
_REFERENCE = {
    escape: re.compile(
        rf"(?P<escaped>{re.escape(escape)}\$)|\$(?P<plain>[A-Za-z_]\w*+)"
        r"|\$\{(?P<name>[A-Za-z_]\w*+)(?:(?P<operator>:?[-+?]|##?|%%?|//?)(?P<word>[^}]{0,1000}+))?\}"
    )
    for escape in ("\\", "`")
}
MAX_INSTRUCTIONS = 2000
MAX_NAMES = 1000  # variables that one instruction declares
MAX_PATTERN = 200  # characters of a value or pattern of `${NAME%PATTERN}`
MAX_EXPANDED = 4000  # characters that references in one text may come to: `ENV A=$A$A` doubles with every line


@dataclass(frozen=True, slots=True)
class DockerfileLine:
    """One instruction: its name in capitals, flags, the rest as one line, heredoc bodies, and where it begins."""

    name: str
    rest: str
    flags: dict[str, str]
    line: int
    heredocs: tuple[str, ...] = ()
    mounts: tuple[str, ...] = ()  # of RUN, the one flag that may stand several times


def instructions(text: str) -> tuple[list[DockerfileLine], str]:
    """The instructions of a Dockerfile, and its escape character."""
    lines = [line.rstrip("\r") for line in text.removeprefix("\ufeff").split("\n")]
    escape = _escape(lines)
    found: list[DockerfileLine] = []
    position = 0
    while position < len(lines) and len(found) < MAX_INSTRUCTIONS:
        start = position
        logical, position = _logical(lines, position, escape)
        if not logical:
            continue
        name, _, rest = logical.partition(" ")
        flags, mounts, rest = _flags(rest.strip())
        bodies: tuple[str, ...] = ()
        opens = rest.split(None, 1)[0] if name.upper() == "ONBUILD" and rest else name
        if opens.upper() in _HEREDOCS and "<<" in rest:
            bodies, position = _heredocs(lines, position, rest, escape)
        found.append(DockerfileLine(name.upper(), rest, flags, start + 1, bodies, mounts))
    return found, escape


def _escape(lines: list[str]) -> str:
    """Parser directives stand at the very top, before any comment or instruction."""
    for line in lines:
        found = _DIRECTIVE.fullmatch(line.strip())
        if not found:
            break
        if found.group(1).lower() == "escape" and found.group(2) in ("\\", "`"):
            return found.group(2)
    return "\\"


def _logical(lines: list[str], position: int, escape: str) -> tuple[str, int]:
    """The instruction that begins at a line, its continuations joined; comments and blank lines between them drop."""
    pieces: list[str] = []
    while position < len(lines):
        line = lines[position].strip() if not pieces else lines[position].rstrip()
        position += 1
        if line.lstrip().startswith("#") or not line.strip():
            if pieces:
                continue
            return "", position
        if not _continues(line, escape):
            pieces.append(line)
            break
        pieces.append(line[:-1])
    return _NAME.sub(r"\1 ", "".join(pieces).strip()), position


def _continues(line: str, escape: str) -> bool:
    """Whether a line, without the blanks at its end, goes on: an escape character that is itself escaped ends it."""
    return line.endswith(escape) and not line.endswith(escape * 2)


def _flags(rest: str) -> tuple[dict[str, str], tuple[str, ...], str]:
    flags: dict[str, str] = {}
    mounts: list[str] = []
    position = 0
    while found := _FLAG.match(rest, position):
        flags[found.group(1)] = (found.group(2) or "").strip("\"'")
        mounts += [flags["mount"]] if found.group(1) == "mount" else []
        position = found.end()
    return flags, tuple(mounts), rest[position:]


def _heredocs(lines: list[str], position: int, rest: str, escape: str) -> tuple[tuple[str, ...], int]:
    """Bodies of the heredocs that an instruction opens; an unclosed one runs to the end."""
    bodies = []
    for word in words(rest, escape, raw=True):
        opened = _HEREDOC.fullmatch(word)
        ends = words(opened[2]) if opened else []
        if opened is None or len(ends) != 1:
            continue
        body: list[str] = []
        while position < len(lines):
            line = lines[position].lstrip("\t") if opened[1] else lines[position]
            position += 1
            if line == ends[0]:
                break
            body.append(line)
        bodies.append("\n".join(body))
    return tuple(bodies), position


def exec_form(rest: str) -> list[str] | None:
    """The words of `["node", "server.js"]`; None for anything that is no JSON list of strings (then it is shell form)."""
    if not rest.startswith("["):
        return None
    import json  # a few Dockerfiles need it; every start of the program would pay for it

    try:
        words: Any = json.loads(rest)
    except (ValueError, RecursionError):
        return None
    return words if isinstance(words, list) and all(isinstance(word, str) for word in words) else None


def expand(text: str, values: Mapping[str, str], escape: str = "\\") -> str:
    """`$NAME` and `${NAME}`, with their defaults and patterns, replaced; an unset name gives "". Quotes stay.

    A text whose references come to more than a program's settings are (they may double with every line) stays as it is.
    """
    pieces: list[str] = []
    size = last = 0
    for found in _REFERENCE[escape].finditer(text):
        given = found["escaped"][1:] if found["escaped"] else _given(found, values)
        pieces += [text[last : found.start()], given]
        size += len(given)
        last = found.end()
        if size > MAX_EXPANDED:
            return text
    return "".join([*pieces, text[last:]])


def _given(found: re.Match[str], values: Mapping[str, str]) -> str:
    """What one reference comes to: https://docs.docker.com/reference/dockerfile/#environment-replacement"""
    name = found["plain"] or found["name"]
    value, operator, word = values.get(name, ""), found["operator"] or "", found["word"] or ""
    if operator in (":-", "-"):
        return value or ("" if operator == "-" and name in values else word)
    if operator in (":+", "+"):
        return word if value or (operator == "+" and name in values) else ""
    if operator[:1] in ("#", "%", "/") and len(value) <= MAX_PATTERN and len(word) <= MAX_PATTERN:
        return _replaced(value, word, operator) if operator[0] == "/" else _cut(value, word, operator)
    return value


def _cut(value: str, pattern: str, operator: str) -> str:
    """The value without its shortest (`#`, `%`) or longest (`##`, `%%`) beginning or end that a pattern matches."""
    counts = range(len(value) + 1) if len(operator) == 1 else range(len(value), -1, -1)
    for count in counts:
        head = operator[0] == "#"
        part, rest = (
            (value[:count], value[count:]) if head else (value[len(value) - count :], value[: len(value) - count])
        )
        if fnmatchcase(part, pattern):
            return rest
    return value


def _replaced(value: str, word: str, operator: str) -> str:
    """The value with what a plain pattern finds replaced, the first time or (`//`) always."""
    pattern, _, other = word.partition("/")
    if not pattern or any(sign in pattern for sign in "*?["):
        return value
    return value.replace(pattern, other) if operator == "//" else value.replace(pattern, other, 1)


def unquoted(text: str, values: Mapping[str, str], escape: str = "\\") -> str:
    """One raw word, or a line that is one, as BuildKit sets it: references replaced but for those in single quotes, and
    quotes and escape characters gone.
    """
    pieces: list[str] = []
    quote, position, size = "", 0, 0
    while position < len(text) and size <= MAX_EXPANDED:
        char = text[position]
        position += 1
        if quote != "'" and char == "$" and (found := _REFERENCE[escape].match(text, position - 1)):
            pieces.append(_given(found, values))
            position = found.end()
        elif char == escape and quote != "'" and position < len(text):
            follows = text[position]
            position += 1
            pieces.append(follows if not quote or follows in ('"', "$", escape) else char + follows)
        elif char in "\"'" and quote in ("", char):
            quote = "" if quote else char
            continue
        else:
            pieces.append(char)
        size += len(pieces[-1])
    return "".join(pieces)


def words(rest: str, escape: str = "\\", raw: bool = False) -> list[str]:
    """Words of a line as the Dockerfile parser splits them: quotes group and go, the escape character keeps. `raw` ones
    keep both.
    """
    found: list[str] = []
    current: list[str] = []
    quote, begun, position = "", False, 0
    while position < len(rest):
        char = rest[position]
        position += 1
        if char == escape and quote != "'" and position < len(rest):
            follows = rest[position]
            position += 1
            kept = not raw and follows in (quote or "\"' \t", escape, '"', "'", " ")
            current.append(follows if kept else char + follows)
            begun = True
        elif quote:
            if char == quote:
                quote = ""
            if raw or quote:
                current.append(char)
        elif char in "\"'":
            quote, begun = char, True
            current.append(char if raw else "")
        elif not char.isspace():
            current.append(char)
            begun = True
        elif begun:
            found.append("".join(current))
            current, begun = [], False
    return [*found, "".join(current)] if begun else found


def arguments(line: DockerfileLine, known: dict[str, str], outer: Mapping[str, str], escape: str) -> dict[str, str]:
    """ARG names with their defaults; one without takes the value declared before the first FROM, if any."""
    found: dict[str, str] = {}
    for word in words(line.rest, escape, raw=True)[:MAX_NAMES]:
        name, given, default = word.partition("=")
        if given:
            found[name] = unquoted(default, {**known, **found} if found else known, escape)
        elif name in outer:
            found[name] = outer[name]
    return found


def pairs(rest: str, known: Mapping[str, str], escape: str) -> list[tuple[str, str]]:
    """`A=1 B="x y"`, or the old form `A rest of the line`. Values are expanded with what held before the line."""
    if re.match(r"\S+=", rest):
        parts = [word.partition("=") for word in words(rest, escape, raw=True)[:MAX_NAMES]]
        return [
            (unquoted(name, known, escape), unquoted(value, known, escape)) for name, given, value in parts if given
        ]
    name, *value = rest.split(None, 1) or [""]
    return [(name, unquoted("".join(value), known, escape))] if value else []
