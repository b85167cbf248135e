"""A setting of a program's command and its value → the command, and the ports, that give it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from math import ceil
from typing import TYPE_CHECKING, Any

from kforge.domain.commands.options import values
from kforge.domain.commands.read_command import read
from kforge.llm.answer_schema import ports
from kforge.topics.ports import settled

if TYPE_CHECKING:
    from kforge.domain.model.question import Question

Fields = Mapping[str, Any]
Effect = Callable[["Question", Fields, Any], dict[str, Any]]


def workers(question: Question, so_far: Fields, count: Fraction) -> dict[str, Any]:
    return _told(so_far, lambda row: max(row.workers, key=len, default=""), str(int(count)))


def threads(question: Question, so_far: Fields, count: Fraction) -> dict[str, Any]:
    return _told(so_far, lambda row: max(row.threads or row.workers, key=len, default=""), str(int(count)))


def of_program(names: Sequence[str]) -> Effect:
    """The first of these options that the program has, with the value."""

    def made(question: Question, so_far: Fields, value: Any) -> dict[str, Any]:
        said = str(ceil(value)) if isinstance(value, Fraction) else str(value)
        return _told(so_far, lambda row: next((name for name in names if name in row.takes), ""), said)

    return made


def _told(so_far: Fields, option: Callable[[Any], str], value: str) -> dict[str, Any]:
    """The command with an option of its program, in place of the one that it has."""
    words = list(so_far.get("command") or ())
    row = read(words).known if words else None
    name = option(row) if row else ""
    if not name:
        return {}
    alike = row.workers if row and name in row.workers else (name,)
    given = next(values(words, alike), None)
    if given is None:
        return {"command": [*words, name, value]}
    kept = _replaced(words, given.word, f"{name} {value}")
    return {"command": kept} if kept else {}


def _replaced(command: Sequence[str], said: str, instead: str) -> list[str]:
    """A command with other words in the place of some; [] where a word of it holds blanks."""
    return [] if any(" " in word for word in command) else " ".join(command).replace(said, instead, 1).split(" ")


def heap(question: Question, so_far: Fields, size: Fraction) -> dict[str, Any]:
    """The command with the flag that sets its runtime's heap, in MiB, where the language has one."""
    language, words = question.view.language(), list(so_far.get("command") or ())
    row = read(words).known if words else None
    flag = language.heap.flag if language and language.heap else ""
    if not row or flag not in row.takes:
        return {}
    said = f"{flag}={max(1, round(size / (1 << 20)))}"
    given = next(values(words, (flag,)), None)
    if given is None:
        return {"command": [words[0], said, *words[1:]]}
    kept = _replaced(words, given.word, said)
    return {"command": kept} if kept else {}


def options(question: Question, so_far: Fields, found: Sequence[str]) -> dict[str, Any]:
    """The command with options of its program; an interpreter's stand before the file that it runs."""
    words = list(so_far.get("command") or ())
    if not words:
        return {}
    more = [one for one in found if one not in words]
    after = 1 if read(words).file and len(words) > 1 and not words[1].startswith("-") else len(words)
    return {"command": [*words[:after], *more, *words[after:]]}


def main_port(question: Question, so_far: Fields, number: Fraction) -> dict[str, Any]:
    """The port first of all, and where the command says on which one it listens, that one there."""
    listened, wanted = list(so_far.get("ports") or ()), int(number)
    known = ports(question).get(wanted)
    if not listened:  # of several numbers of the code none is usual
        return {"ports": [port.record() for port in settled([known.record()])]} if known else {}
    first = next((port for port in listened if port["port"] == wanted), None)
    others = [port for port in listened if port is not first]
    command = _listening(list(so_far.get("command") or ()), int(listened[0]["port"]), wanted)
    if first is None:  # the limits say which numbers are known
        first, others = {**listened[0], "port": wanted}, listened[1:]
    return {"ports": [first, *others]} | ({"command": command} if command else {})


def _listening(command: list[str], before: int, number: int) -> list[str]:
    """The command with another number after its option for the port; [] where it names none."""
    row = read(command).known if command else None
    given = next(values(command, (*row.port, *row.bind)), None) if row else None
    if given is None or not re.search(rf"(?:^|:){before}$", given.value):
        return []
    return _replaced(command, given.word, given.word.removesuffix(str(before)) + str(number))
