"""README, CI and build files of a source → the commands of known toolchains that stand in their lines, word by word. A
model may say of each what it does; none runs before a person has approved it.

A line counts only where it is one plain command: no shell, no address, no path outside of the source, no inline code,
nothing that fetches a package by its name, no credential.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from kforge.detectors.command_limits import is_refused
from kforge.domain.facts import Evidence, Fact, Many
from kforge.domain.toolchains import toolchains

if TYPE_CHECKING:
    from kforge.domain.artifact import Tree

_FILE = re.compile(
    r"(?:(?:README|INSTALL|BUILDING|DEVELOPMENT)(?:\.(?:md|txt|rst))?|Makefile|GNUmakefile|justfile|Procfile"
    r"|\.gitlab-ci\.yml|\.travis\.yml|\.circleci/config\.yml|\.github/workflows/[A-Za-z0-9_-]{1,60}\.ya?ml)"
)
_MADE = ("Makefile", "GNUmakefile", "justfile")
_KEY = re.compile(r"(?:- +)?(?:run|script|command|web|server|app|before_script|install): +")
_PROMPT = re.compile(r"(?:- +)?(?:[$>%] +)?[@]?")
_SPAN = re.compile(r"`([^`\n]{2,160})`")
_WORD = re.compile(r"[A-Za-z0-9_./:=,+-]{1,80}")
_OWN_PROGRAM = re.compile(r"\.?/?(?:\.?[A-Za-z0-9_-][A-Za-z0-9_.-]{0,60}/){0,5}[A-Za-z0-9_][A-Za-z0-9_.-]{0,60}")
_MOST_WORDS, _MOST, _LINES, _WIDTH, _FILES = 14, 12, 1_500, 300, 20


class CommandLine(NamedTuple):
    """A plain command with the toolchain whose program it begins with; "" where that is a program of the source."""

    words: tuple[str, ...]
    toolchain: str


def commands(tree: Tree) -> Many:
    """The commands, each once, in the order of files and lines."""
    found: dict[CommandLine, list[Evidence]] = {}
    for path in [path for path in tree.files if _FILE.fullmatch(path)][:_FILES]:
        for number, text in _told(path, tree.text(path)):
            if (command := plain_command(text)) is not None:
                found.setdefault(command, []).append(Evidence(path, number))
    if not any(command.toolchain for command in found):
        return ()  # nothing says with what it is built
    listed = list(found.items())[:_MOST]
    return tuple(
        Fact({"words": [*command.words], "toolchain": command.toolchain}, tuple(places[:4]))
        for command, places in listed
    )


def plain_command(text: str) -> CommandLine | None:
    """A line as a command of a known toolchain or of the source's own program; None for all else."""
    words = text.split()
    if not 1 <= len(words) <= _MOST_WORDS or not all(map(_WORD.fullmatch, words)):
        return None
    head = words[0]
    toolchain = _programs().get(head, "")
    own = not toolchain and "/" in head and _OWN_PROGRAM.fullmatch(head) is not None
    if not (toolchain or own) or is_refused(words):
        return None
    return CommandLine(tuple(words), toolchain)


def _programs() -> dict[str, str]:
    return {program: name for name, each in toolchains().items() for program in each.programs}


def _told(path: str, text: str) -> Iterator[tuple[int, str]]:
    """Lines, or parts of them, that a reader would take for commands."""
    fenced = False
    prose = path.partition(".")[0] in ("README", "INSTALL", "BUILDING", "DEVELOPMENT")
    for number, line in enumerate(text.split("\n")[:_LINES], 1):
        row = line[:_WIDTH]
        if prose and row.lstrip().startswith(("```", "~~~")):
            fenced = not fenced
        elif prose and not fenced and not row.startswith(("    ", "\t", "$ ")):
            yield from ((number, span.strip()) for span in _SPAN.findall(row))
        elif path not in _MADE or row.startswith(("\t", "    ")):
            yield number, _bare(row)


def _bare(row: str) -> str:
    text = row.strip()
    if key := _KEY.match(text):
        text = text[key.end() :]
    elif mark := _PROMPT.match(text):
        text = text[mark.end() :]
    quoted = len(text) > 1 and text[0] == text[-1] and text[0] in "\"'"
    return text[1:-1] if quoted else text
