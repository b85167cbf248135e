"""An argument list, or a shell's text → the Command that it comes to. Unaware of where the words were found.

Shells, wrappers (`exec`, `env A=b`, `tini --`, `poetry run`, `wait-for-it db:5432 --`), package managers' scripts and
interpreters (`python -m gunicorn`) are looked through, up to a depth.
"""

from __future__ import annotations

import re
from collections import ChainMap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from kforge.domain.commands.command import Command
from kforge.domain.commands.configured import configured
from kforge.domain.commands.options import with_options
from kforge.domain.commands.program_table import (
    KnownProgram,
    KnownRunner,
    KnownWrapper,
    called,
    named_files,
    program,
    runner,
    wrapper,
)
from kforge.domain.commands.server_file import ServerFile
from kforge.domain.commands.shell_text import ASSIGNMENT, main_command, simple_commands

_DEPTH = 12
_SHELLS = frozenset(("sh", "bash", "dash", "ash", "zsh"))
_COMMAND_FLAG = re.compile(r"-[a-z]*c")
_SCRIPT = re.compile(r"\S+\.(?:sh|bash)|(?:\./|/)?(?:\S+/)?(?:docker-)?(?:entrypoint|start|run|init|boot)")
_BINARIES = ("bin", ".bin", "sbin", "Scripts")


@dataclass(frozen=True, slots=True)
class CommandContext:
    """What a command's words lean on: variables with their values, scripts by name, and the text of files."""

    variables: Mapping[str, str] = field(default_factory=dict)
    scripts: Mapping[str, str] = field(default_factory=dict)
    text: Callable[[str], str] = lambda path: ""
    files: Callable[[], Sequence[ServerFile]] = tuple


BARE = CommandContext()


def read(argv: Sequence[str], around: CommandContext = BARE) -> Command:
    """What an argument list starts."""
    return _Looking(around).at(tuple(argv), 0, Command())


def read_line(line: str, around: CommandContext = BARE) -> Command:
    """What a line of a shell starts: a Procfile's, a package script's."""
    return _Looking(around).text(line, Command(), 0)


class _Looking:
    """Looks through what only starts something else. `so_far` holds the variables and the names on the way."""

    def __init__(self, around: CommandContext) -> None:
        self._around = around

    def at(self, words: tuple[str, ...], index: int, so_far: Command, depth: int = 0) -> Command:
        """The command that begins at a word. `so_far.at` is -1 once the words are no longer those of the list."""
        given = dict(so_far.env)
        while index < len(words) and (assigned := ASSIGNMENT.fullmatch(words[index])):
            given[assigned[1]] = assigned[2]
            index += 1
        so_far = replace(so_far, env=given)
        if index >= len(words) or depth > _DEPTH:
            return _begun(replace(so_far, words=words[index:], at=index), index)
        name = words[index].rpartition("/")[2]
        if name in _SHELLS:
            return self._shell(words, index, so_far, depth)
        if found := wrapper(words[index]):
            after = _after(found, words, index + 1)
            if after is not None:
                begun = _begun(so_far, index) if found.kept else so_far
                return self.at(words, after, _passed(begun, name), depth + 1)
        if manager := runner(words[index]):
            ran = self._script(manager, words, index, so_far, depth)
            if ran is not None:
                return ran
        if _SCRIPT.fullmatch(words[index]) and not called(words[index]):
            return self._file(words, index, so_far, depth)
        return self._program(words, index, so_far, depth)

    def text(self, text: str, so_far: Command, depth: int) -> Command:
        """The command that a shell's text comes to."""
        main, variables = main_command(simple_commands(text))
        if main is None or depth > _DEPTH:
            return replace(so_far, env={**so_far.env, **variables})
        env = {**so_far.env, **variables, **dict(main.assignments)}
        found = self.at(main.words, 0, replace(so_far, env=env), depth + 1)
        return replace(found, at=-1, begins=-1)

    def _shell(self, words: tuple[str, ...], index: int, so_far: Command, depth: int) -> Command:
        name = words[index].rpartition("/")[2]
        for number, word in enumerate(words[index + 1 :], index + 1):
            if _COMMAND_FLAG.fullmatch(word) and number + 1 < len(words):
                return self.text(words[number + 1], _passed(so_far, name), depth)
            if not word.startswith(("-", "+")):
                return self._file(words, number, _passed(so_far, name), depth)
        return replace(so_far, words=words[index:], at=index)

    def _file(self, words: tuple[str, ...], index: int, so_far: Command, depth: int) -> Command:
        """A script: what its text comes to, or what follows it where it starts that (`exec "$@"`)."""
        path = words[index].removeprefix("./")
        text = self._around.text(path)
        rest = words[index + 1 :]
        if rest and (not text or re.search(r"exec[^\n]{0,200}\$@", text)):
            return self.at(words, index + 1, _passed(so_far, path), depth + 1)
        if not text:
            return replace(so_far, words=words[index:], at=index, file=path)
        found = self.text(text, _passed(so_far, path), depth + 1)
        return found if found.file else replace(found, file=path)

    def _script(
        self, found: KnownRunner, words: tuple[str, ...], index: int, so_far: Command, depth: int
    ) -> Command | None:
        """`npm run NAME`, `yarn NAME`, `npm exec NAME`; None for a package manager's other work."""
        name, position = words[index].rpartition("/")[2], index + 1
        position = _past_options(words, position, found.takes)
        asked = words[position] if position < len(words) else ""
        if asked in found.executes:
            return self.at(words, _past_options(words, position + 1, ()), _passed(so_far, f"{name} {asked}"), depth + 1)
        if asked in found.runs:
            position = _past_options(words, position + 1, ())
            asked = words[position] if position < len(words) else ""
        elif not (asked in found.named or found.any):
            return None
        if text := self._around.scripts.get(asked):
            more = " ".join(word for word in words[position + 1 :] if word != "--")
            return self.text(f"{text} {more}".strip(), _passed(so_far, f"{name} run {asked}"), depth + 1)
        if found.any and called(asked):
            return self.at(words, position, _passed(so_far, name), depth + 1)
        return (
            replace(so_far, words=words[index:], at=index, through=(*so_far.through, name))
            if not called(name)
            else None
        )

    def _program(self, words: tuple[str, ...], index: int, so_far: Command, depth: int) -> Command:
        name, so_far = _known(words[index]), _begun(so_far, index)
        if not name:
            return with_options(replace(so_far, words=words[index:], at=index), self._variables(so_far))
        row = program(name)
        if row.starts:
            return self._started(name, row, words, index, so_far, depth)
        found = replace(so_far, words=words[index:], at=index, program=name)
        free = _free(found.words, row)
        wanted = next(
            (word for word in free if word in row.subcommands), free[0] if free and "*" in row.subcommands else ""
        )
        found = replace(found, subcommand=wanted, known=program(name, wanted) if wanted else row)
        told = with_options(found, self._variables(so_far))
        return configured(told, self._around.files()) if row.config else told

    def _started(
        self, name: str, row: KnownProgram, words: tuple[str, ...], index: int, so_far: Command, depth: int
    ) -> Command:
        """What an interpreter, a watcher or a supervisor of one file starts."""
        here = replace(so_far, words=words[index:], at=index, program=name, known=row)
        position = index + 1
        while position < len(words):
            word = words[position]
            if word in row.module and position + 1 < len(words):
                module = words[position + 1]
                if called(module):
                    return self.at(words, position + 1, _passed(so_far, name), depth + 1)
                return with_options(replace(here, file=module), self._variables(so_far))
            if word in row.subcommands and word != "*" and program(name, word).role != row.role:
                return with_options(replace(here, subcommand=word, known=program(name, word)), self._variables(so_far))
            if word in row.valued:
                position += 2
            elif word.startswith("-") or word in row.skips:
                position += 1
            else:
                break
        if position >= len(words):
            return with_options(here, self._variables(so_far))
        path = words[position]
        if _known(path) and (
            path.rpartition("/")[2] in named_files() or "." not in path.rpartition("/")[2] or "node_modules" in path
        ):
            return self.at(words, position, _passed(so_far, name), depth + 1)
        return with_options(replace(here, file=path.removeprefix("./")), self._variables(so_far))

    def _variables(self, so_far: Command) -> Mapping[str, str]:
        return ChainMap({**so_far.env}, self._around.variables)  # type: ignore[arg-type]  # only read


def _known(word: str) -> str:
    """The row of a program. One in a folder of the source's own is the source's, though it has such a name."""
    folder, _, name = word.replace("\\", "/").rpartition("/")
    if (
        folder
        and folder.rpartition("/")[2] not in _BINARIES
        and name not in named_files()
        and "node_modules" not in folder
    ):
        return ""
    return called(word)


def _begun(so_far: Command, index: int) -> Command:
    return so_far if so_far.begins >= 0 else replace(so_far, begins=index)


def _passed(so_far: Command, name: str) -> Command:
    return replace(so_far, through=(*so_far.through, name))


def _after(row: KnownWrapper, words: tuple[str, ...], index: int) -> int | None:
    """Where the wrapped command begins; None where a wrapper's word starts nothing: `uv sync`."""
    if row.until and row.until in words[index:]:
        return words.index(row.until, index) + 1
    index = _past_options(words, index, row.takes)
    if row.needs:
        if index >= len(words) or words[index] not in row.needs:
            return None
        index = _past_options(words, index + 1, row.takes)
    elif row.needs_or and index < len(words) and words[index] in row.needs_or:
        index = _past_options(words, index + 1, row.takes)
    for _ in range(row.passes):
        index = _past_options(words, index + 1, row.takes)
    if index < len(words) and words[index] == "--":
        index += 1
    return index if index < len(words) else None


def _past_options(words: tuple[str, ...], index: int, takes: Sequence[str]) -> int:
    while index < len(words) and words[index].startswith("-") and words[index] != "--":
        index += 2 if words[index] in takes else 1
    return index + 1 if index < len(words) and words[index] == "--" else index


def _free(words: tuple[str, ...], row: KnownProgram) -> list[str]:
    """Words after the program that are no options and no values of one."""
    found: list[str] = []
    valued, index = row.valued, 1
    while index < len(words):
        if words[index].startswith("-"):
            index += 2 if words[index] in valued else 1
        else:
            found.append(words[index])
            index += 1
    return found
