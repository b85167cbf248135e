"""Lines that say what starts the program: by the file of a known start, or by a program of the source's language with one of
its files, as a README, a unit or a Makefile has it.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from kforge.domain.commands.read_command import read
from kforge.llm.answer_schema import starts
from kforge.llm.telling_line import SourceRows, TellingLine, line_at

if TYPE_CHECKING:
    from kforge.domain.language import Language
    from kforge.domain.model.question import Question
    from kforge.llm.line_clues import Clue

_MODULE = re.compile(r"(?<![\w.-])python[0-9.]{0,5} (?:-u )?-m ([A-Za-z_][\w.]{0,80})(?<!\.)")
_FILE = re.compile(r"(?<![\w/.-])(?:\./)?((?:[\w-]{1,40}/){0,5}[\w-]{1,60}\.(?:py|m?js|cjs))(?![\w/])")
_STARTS = re.compile(
    r"\b(?:python[0-9.]{0,5}|node) |exec_?start|\bstart|\brun|\bserv|\bservice\b|\bdaemon|\bdeploy|production|entry|\bcmd\b|command|main|dienst|startet|lance|démarr|arranc|inicia|avvia|запуск|起動|启动"
)
_SERVER = re.compile(
    r"\b(gunicorn|uvicorn|hypercorn|daphne|granian|waitress-serve) (?:[^`\s]{1,60} ){0,8}([A-Za-z_][\w.]{0,80}):([A-Za-z_]\w{0,60})"
)
_APPLICATION = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_]\w*")
_NOT = re.compile(r"(?:^|/)(?:tests?|scripts?|tools|migrations)/|(?:^|/)(?:test_|setup\.py|conftest)")


def named_starts(clue: Clue, question: Question, files: Sequence[SourceRows]) -> Iterator[TellingLine]:
    """Lines that name a start of the program, each with its command."""
    known = {name: tuple(command) for command in reversed(starts(question)) if (name := read(command).file)}
    language = question.view.language()
    held = {name for name in question.readable if not _NOT.search(name)}
    for file in files:
        for at, row in enumerate(file.rows):
            for command in _commands(row, file, at, known, language, held):
                word = command[-1] if command[-1] in row else posixpath.basename(read(command).file or command[-1])
                if not (clue.unless and clue.unless.search(_clause(file.low[at], word.lower()))):
                    yield line_at(clue, file, at, command, "")


def _commands(
    row: str,
    file: SourceRows,
    at: int,
    known: Mapping[str, Sequence[str]],
    language: Language | None,
    held: Collection[str],
) -> Iterator[tuple[str, ...]]:
    """The commands that a line names."""
    for name, command in known.items():
        if posixpath.basename(name) in row and re.search(
            rf"(?<![\w.-]){re.escape(posixpath.basename(name))}(?!\w)", row
        ):
            yield tuple(command)
    if not (file.speaks(at) or file.is_settings or file.name.lower().endswith(("makefile", "procfile", ".sh"))):
        return
    if language is None or not _STARTS.search(file.low[at]):
        return
    program, ending = language.programs.get(language.image.short), next(iter(language.code), "")
    if program and "-m" in program.flags:
        for match in _MODULE.finditer(row):
            path = match[1].replace(".", "/")
            if path + ending in held and path + ending not in known:
                yield (language.image.short, "-m", match[1])
    for match in _SERVER.finditer(row):
        if match[2].replace(".", "/") + ending in held:
            yield from _served(match[1], f"{match[2]}:{match[3]}", known)
    for match in _FILE.finditer(row):
        name = match[1]
        if (
            language
            and program
            and name.endswith(tuple(language.code))
            and name in held
            and name not in {*known, file.name}
        ):
            yield (language.image.short, name)


def _clause(row: str, word: str) -> str:
    """What a line says of a word: from it to the end of its clause."""
    return re.split(r"[.;,](?:\s|$)", row[max(0, row.find(word)) :], maxsplit=1)[0]


def _served(program: str, application: str, known: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, ...]]:
    """A known start by a server, with another application."""
    for command in known.values():
        words = [word for word in command if _APPLICATION.fullmatch(word)]
        if program in command and words and application not in words:
            yield tuple(application if word == words[0] else word for word in command)
            return
