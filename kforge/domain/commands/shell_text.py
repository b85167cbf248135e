"""A line or script of a shell → the simple commands in it, in their order. Nothing is run, and loops, conditions and
functions are not followed: their commands stand in the list as the others do.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from typing import NamedTuple

LONGEST = 20_000  # characters of a script
ASSIGNMENT = re.compile(r"([A-Za-z_][A-Za-z0-9_]*+)=(.*)", re.DOTALL)
_INNER = re.compile(r"\$\([^()\n]{0,200}\)|`[^`\n]{0,200}`")
_VARIABLE = re.compile(
    r"\$(?:([A-Za-z_]\w{0,99}+)|\{([A-Za-z_]\w{0,99}+)(?::?[-=]([^{}$]{0,200}+))?\}|\(([A-Za-z_]\w{0,99}+)\))"
)
_KEYWORDS = frozenset(
    ("then", "do", "else", "elif", "if", "while", "until", "{", "!", "(", "fi", "done", "}", "esac", ")")
)
_SILENT = frozenset(
    ("cd", "set", "echo", "printf", "source", ".", "true", ":", "sleep", "test", "[", "[[", "wait", "trap", "umask", "ulimit",
     "mkdir", "chmod", "chown", "cp", "mv", "rm", "ln", "touch", "cat", "exit", "return", "shift", "local", "unset", "export", "readonly")
)  # fmt: skip
UNKNOWN = "$_"  # what stands for the output of a command


class SimpleCommand(NamedTuple):
    """Assignments and words of one command, the operator that follows, and its line in the text."""

    assignments: tuple[tuple[str, str], ...]
    words: tuple[str, ...]
    operator: str = ""
    line: int = 1


def simple_commands(text: str) -> tuple[SimpleCommand, ...]:
    """The commands of a shell's text, with those that only assign or export. What cannot be read is left out."""
    found: list[SimpleCommand] = []
    for number, line in _lines(text[:LONGEST]):
        found += _of_line(_INNER.sub(UNKNOWN, line), number)
    return tuple(found)


def _lines(text: str) -> list[tuple[int, str]]:
    """Lines with their numbers; those that end in a backslash go on."""
    lines: list[tuple[int, str]] = []
    held: list[str] = []
    first = 1
    for number, line in enumerate(text.splitlines(), 1):
        first = first if held else number
        if line.endswith("\\"):
            held.append(line[:-1])
            continue
        lines.append((first, " ".join([*held, line])))
        held = []
    return [*lines, *([(first, " ".join(held))] if held else [])]


def _of_line(line: str, number: int) -> list[SimpleCommand]:
    reader = shlex.shlex(line, posix=True, punctuation_chars="();<>|&")
    reader.whitespace_split, reader.commenters = True, ""
    try:
        tokens = list(reader)
    except ValueError:
        return []
    found: list[SimpleCommand] = []
    words: list[str] = []
    redirected = False
    for token in tokens:
        if token.startswith("#") and not redirected:
            break
        if set(token) <= {"<", ">", "&", "|"} and set(token) & {"<", ">"}:
            redirected = True
            words = words[:-1] if words and words[-1] in ("1", "2") else words
        elif set(token) <= set("();|&") and token:
            found += _simple(words, token, number)
            words = []
        elif redirected:
            redirected = False
        else:
            words.append(token)
    return [*found, *_simple(words, "", number)]


def _simple(words: list[str], operator: str, line: int) -> list[SimpleCommand]:
    rest = [*words]
    while rest and rest[0] in _KEYWORDS:
        rest = rest[1:]
    assigned: list[tuple[str, str]] = []
    exported = rest[:1] == ["export"]
    rest = rest[1:] if exported else rest
    while rest and (given := ASSIGNMENT.fullmatch(rest[0])):
        assigned.append((given[1], given[2]))
        rest = rest[1:]
    words_left = () if exported else tuple(rest)
    return [SimpleCommand(tuple(assigned), words_left, operator, line)] if assigned or words_left else []


def main_command(commands: tuple[SimpleCommand, ...]) -> tuple[SimpleCommand | None, dict[str, str]]:
    """What a text comes to in the end: its last command that starts something and goes on in the foreground, with the
    variables that are set before it.
    """
    variables: dict[str, str] = {}
    chosen: SimpleCommand | None = None
    piped = False
    for one in commands:
        if not one.words:
            variables.update(one.assignments)
        elif one.words[0].rpartition("/")[2] not in _SILENT and not piped:
            chosen = one if one.operator != "&" or chosen is None else chosen
            if one.words[0] == "exec" and '"$@"' not in one.words and "$@" not in one.words:
                break
        piped = one.operator == "|"
    return chosen, variables


def expanded(word: str, known: Mapping[str, str]) -> tuple[str, str]:
    """A word with its variables filled in, as far as they are known or have a default, and the first of them."""
    named = _VARIABLE.search(word)
    if named is None:
        return word, ""

    def value(match: re.Match[str]) -> str:
        name = match[1] or match[2] or match[4]
        return known.get(name) or match[3] or match[0]

    return _VARIABLE.sub(value, word), named[1] or named[2] or named[4]
