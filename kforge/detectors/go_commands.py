"""Words that a Go program is started with: the command that serves, and what migrates a database and then ends.

cobra's and urfave's commands, flags whose branch ends the program, and switches over `os.Args`.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_left
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kforge.detectors.go_addresses import GoAddresses
from kforge.domain.commands.beside import BesideProcess
from kforge.domain.source.sightings import Sightings
from kforge.syntax.code_file import CodeFile
from kforge.syntax.expression import Call, Constant, Expression, Many, Name, Pairs, Subscript, Text, dotted
from kforge.syntax.program import MAX_GIVEN, SourceProgram
from kforge.syntax.scopes import function_key, package
from kforge.syntax.values import candidates

if TYPE_CHECKING:
    from kforge.domain.artifact import Tree

_TAG = re.compile(r"^//go:build[ \t]++(\w++)[ \t]*+$", re.MULTILINE)
_DEEP = 4  # commands below each other
_HEAD = 2000  # letters of a file before its imports


@cache
def table() -> dict[str, Any]:
    """How commands that serve and that migrate are called, and what libraries call their fields."""
    found: dict[str, Any] = json.loads(Path(__file__).with_suffix(".json").read_text(encoding="utf-8"))
    return found


@dataclass(slots=True, eq=False)
class _Command:
    """A command of cobra or urfave. `acts`: whether it does something by itself."""

    word: str
    use: str
    acts: bool
    file: CodeFile
    line: int
    below: list[_Command] = field(default_factory=list)
    child: bool = False


def find(names: SourceProgram, program: str, seen: Sightings) -> None:
    """Adds `serving`, the words that make the program serve, and `migrating`, those that make it migrate and end. A
    program that is called after that needs no more than the word for the direction.
    """
    words = (*table()["migrates"], *(table()["up"] if program in table()["migrates"] else ()))
    commands = _commands(names)
    roots = [each for each in commands if not each.child and each.below]
    root = max(roots, key=lambda each: len(each.below), default=None)
    if root is not None:
        _of_commands(root, words, seen)
        return
    addresses = GoAddresses(names)
    for file in names.files:
        for said, line in (*_flags(file, addresses), *_arguments(file, words, names)):
            seen.see("migrating", said, file.path, line)


def beside(program: str, seen: Sightings) -> None:
    """See the process that migrates, of the program of that path."""
    found = seen.first("migrating")
    if found:
        words = (program, *found.value)
        why = f"`{' '.join(found.value)}` migrates and ends"
        place = found.evidence[0]
        seen.see("beside", BesideProcess("migrate", "migration", words, why).record(), place.file, place.line)


def tools() -> tuple[str, ...]:
    """How the packages of libraries begin that migrate."""
    return tuple(table()["tools"])


def tags(tree: Tree, names: SourceProgram) -> Iterator[tuple[str, str]]:
    """Build tags without which the files that migrate are left out of the program, with those files."""
    for file in names.files:
        if any(path.startswith(tools()) for path in file.imported):
            found = _TAG.search(tree.text(file.path)[:_HEAD])
            if found and table()["tag"] in found[1]:
                yield found[1], file.path


# ---- commands ----------------------------------------------------------------------------------------------------
def _of_commands(root: _Command, migrates: Collection[str], seen: Sightings) -> None:
    known = table()
    if not root.acts:
        serving = next((each for word in known["serves"] for each in root.below if each.word == word), None)
        if serving:
            seen.see("serving", serving.word, serving.file.path, serving.line)
    queue: list[tuple[_Command, tuple[str, ...]]] = [(each, ()) for each in root.below]
    for each, above in queue:
        words = (*above, each.word)
        if each.word in migrates:
            up = next((one.word for word in known["up"] for one in each.below if one.word == word), "")
            asks = not up and re.search(r"\bup\b", each.use)
            if each.acts or up:
                last = (up,) if up else ("up",) if asks else ()
                seen.see("migrating", (*words, *last), each.file.path, each.line)
        if len(words) < _DEEP:
            queue += [(below, words) for below in each.below if below is not root]


def _commands(names: SourceProgram) -> list[_Command]:
    """The commands of a program, each with those below it."""
    made: dict[int, _Command] = {}
    by_function: dict[str, _Command] = {}
    for file in names.files:
        for held in file.objects:
            if (fields := _fields(held)) and isinstance(use := held.get(fields[0]), Text) and use.value.split():
                acts = any(key in fields[1:] for key, _ in held.items)
                made[id(held)] = _Command(use.value.split()[0], use.value, acts, file, held.line)
                if function := file.function(held.line):
                    by_function.setdefault(f"{package(file)}.{function.name}", made[id(held)])

    def of(value: Expression, file: CodeFile) -> list[_Command]:
        if isinstance(value, Call):
            return [by_function[key]] if (key := function_key(value, file)) in by_function else []
        if isinstance(value, Many):
            return [one for item in value.items for one in of(item, file)]
        if isinstance(value, Pairs):
            if id(value) in made:
                return [made[id(value)]]
            for each in (bare := _bare(value, file, made)):  # in a list whose type says that it holds commands
                _hang(each, of(listed, file) if (listed := value.get("Commands", "Subcommands")) is not None else [])
            return bare
        given = candidates(value, file, names) if isinstance(value, Name) else []
        if isinstance(value, Name) and not given:
            given = names.fields.get(f"{package(file)}:{value.dotted}", [])
        return [made[id(each)] for _, each in given[:MAX_GIVEN] if id(each) in made]

    for file in names.files:
        for call in file.calls:
            if call.last == "AddCommand" and call.owner is not None:
                for parent in of(call.owner, file)[:1]:
                    _hang(parent, [one for each in call.arguments for one in of(each, file)])
        for held in file.objects:
            if id(held) in made and (listed := held.get("Commands", "Subcommands")) is not None:
                _hang(made[id(held)], of(listed, file))
    return [*made.values()]


def _fields(held: Pairs) -> list[str]:
    for kind, fields in table()["commands"].items():
        if held.kind.lstrip("*&").endswith(kind):
            return list(fields)
    return []


def _bare(held: Pairs, file: CodeFile, made: dict[int, _Command]) -> list[_Command]:
    """`{Name: "serve", Action: …}` in a list whose type says that it holds commands."""
    name = held.get("Name")
    if held.kind or not isinstance(name, Text):
        return []
    acts = held.get("Action") is not None
    found = made.setdefault(id(held), _Command(name.value, name.value, acts, file, held.line))
    return [found]


def _hang(parent: _Command, below: list[_Command]) -> None:
    for each in below:
        if each is not parent and not each.child:
            each.child = True
            parent.below.append(each)


# ---- flags and arguments -----------------------------------------------------------------------------------------
def _flags(file: CodeFile, addresses: GoAddresses) -> Iterator[tuple[tuple[str, ...], int]]:
    """`if *migrate { migrate(); return }` of a flag that is off by default."""
    off = {
        id(value)
        for each in addresses.names.files
        for held in each.objects
        for key, value in held.items
        if key.removeprefix("flag ") in table()["migrates"] and isinstance(value, Constant) and value.word == "false"
    }
    for tested in file.tested if off else ():
        name = addresses.flag(tested, file, off)
        if name and _leaves(file, tested.line):
            yield (f"--{name}",), tested.line


def _arguments(
    file: CodeFile, migrates: Collection[str], names: SourceProgram
) -> Iterator[tuple[tuple[str, ...], int]]:
    """`case "migrate":` of a switch over the first argument, whose branch ends the program."""
    for value, texts in file.compared:
        if not _is_argument(value, file, names):
            continue
        for text in texts:
            if isinstance(text, Text) and text.value in migrates and _leaves(file, text.line):
                yield (text.value,), text.line


def _is_argument(value: Expression, file: CodeFile, names: SourceProgram, through: bool = True) -> bool:
    match value:
        case Subscript(owner=owner):
            return dotted(owner) in ("os.Args", "args", "flag.Args")
        case Call():
            return value.last == "Arg"
        case Name() if through:
            given = candidates(value, file, names)[:MAX_GIVEN]
            return any(_is_argument(each, place, names, False) for place, each in given)
    return False


def _leaves(file: CodeFile, line: int) -> bool:
    """Whether the branch that a condition or a case on that line guards ends its function, or the program."""
    ends = [last for first, last in file.branches if first in (line, line + 1)]
    leaves = sorted({*file.leaves, *file.ends})
    at = bisect_left(leaves, line)
    return bool(ends) and at < len(leaves) and leaves[at] <= max(ends)
