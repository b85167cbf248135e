"""Dockerfile text → instructions: continuations, comments, escape directive, heredocs. Unaware of what they mean."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_DIRECTIVE = re.compile(r"#\s*+(\w++)\s*+=\s*+(.++)")
_HEREDOC = re.compile(r"(?<!<)<<(-?)([\"']?)([A-Za-z_][A-Za-z0-9_.]*+)\2")
_FLAG = re.compile(r"--([a-z][a-z0-9-]*+)(?:=(\"[^\"]*+\"|'[^']*+'|\S*+))?\s*+")
_NAME = re.compile(r"^(\S++)\s++")
_REFERENCE = {
    escape: re.compile(
        rf"(?P<escaped>{re.escape(escape)}\$)|\$(?P<plain>[A-Za-z_]\w*+)"
        r"|\$\{(?P<name>[A-Za-z_]\w*+)(?:(?P<operator>:?[-+?])(?P<word>[^}]{0,1000}+))?\}"
    )
    for escape in ("\\", "`")
}
MAX_INSTRUCTIONS = 2000
MAX_EXPANDED = 4000  # characters that references in one text may come to: `ENV A=$A$A` doubles with every line


@dataclass(frozen=True, slots=True)
class DockerfileLine:
    """One instruction: its name in capitals, flags, the rest as one line, heredoc bodies, and where it begins."""

    name: str
    rest: str
    flags: dict[str, str]
    line: int
    heredocs: tuple[str, ...] = ()


def instructions(text: str) -> tuple[list[DockerfileLine], str]:
    """The instructions of a Dockerfile, and its escape character."""
    lines = text.splitlines()
    escape = _escape(lines)
    found: list[DockerfileLine] = []
    position = 0
    while position < len(lines) and len(found) < MAX_INSTRUCTIONS:
        start = position
        logical, position = _logical(lines, position, escape)
        if not logical:
            continue
        name, _, rest = logical.partition(" ")
        flags, rest = _flags(rest.strip())
        bodies: tuple[str, ...] = ()
        if name.upper() in ("RUN", "COPY", "ADD"):
            bodies, position = _heredocs(lines, position, rest)
        found.append(DockerfileLine(name.upper(), rest, flags, start + 1, bodies))
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
        if not line.endswith(escape):
            pieces.append(line)
            break
        pieces.append(line[:-1])
    return _NAME.sub(r"\1 ", "".join(pieces).strip()), position


def _flags(rest: str) -> tuple[dict[str, str], str]:
    flags: dict[str, str] = {}
    position = 0
    while found := _FLAG.match(rest, position):
        flags[found.group(1)] = (found.group(2) or "").strip("\"'")
        position = found.end()
    return flags, rest[position:]


def _heredocs(lines: list[str], position: int, rest: str) -> tuple[tuple[str, ...], int]:
    """Bodies of the heredocs that an instruction opens; an unclosed one runs to the end."""
    bodies = []
    for dash, _, word in _HEREDOC.findall(rest):
        body: list[str] = []
        while position < len(lines):
            line = lines[position].lstrip("\t") if dash else lines[position]
            position += 1
            if line == word:
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


def expand(text: str, values: Mapping[str, str], escape: str) -> str:
    """`$X`, `${X}`, `${X:-word}`, `${X:+word}` replaced by what ARG and ENV say; unknown names become nothing.

    A text that would grow beyond all use stays as it is written.
    """

    def replaced(found: re.Match[str]) -> str:
        if found.group("escaped"):
            return found.group("escaped")[1:]
        value = values.get(found.group("plain") or found.group("name"), "")
        operator, word = found.group("operator"), found.group("word") or ""
        if operator in (":-", "-"):
            return value or word
        if operator in (":+", "+"):
            return word if value else ""
        return value

    pieces: list[str] = []
    size = last = 0
    for found in _REFERENCE[escape].finditer(text):
        given = replaced(found)
        pieces += [text[last : found.start()], given]
        size += len(given)
        last = found.end()
        if size > MAX_EXPANDED:
            return text
    return "".join([*pieces, text[last:]])


def words(rest: str, escape: str = "\\") -> list[str]:
    """Words of a line as the Dockerfile parser splits them: quotes group and go, the escape character keeps."""
    found: list[str] = []
    current: list[str] = []
    quote, begun, position = "", False, 0
    while position < len(rest):
        char = rest[position]
        position += 1
        if char == escape and quote != "'" and position < len(rest):
            follows = rest[position]
            position += 1
            current.append(follows if follows in (quote or "\"' \t", escape, '"', "'", " ") else char + follows)
            begun = True
        elif quote:
            if char == quote:
                quote = ""
            else:
                current.append(char)
        elif char in "\"'":
            quote, begun = char, True
        elif not char.isspace():
            current.append(char)
            begun = True
        elif begun:
            found.append("".join(current))
            current, begun = [], False
    return [*found, "".join(current)] if begun else found
