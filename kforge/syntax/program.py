"""The files of a program together: fields by name, classes, and functions of its own that read the environment."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from kforge.domain.source.sightings import Value
from kforge.syntax.code_file import Class, CodeFile, Function
from kforge.syntax.dialect import LanguageDialect
from kforge.syntax.expression import Expression, Name, Subscript, Text, dotted

_LAST = re.compile(r"[./]")
# Expressions of all files together, which stand beside each other while names are followed through them: some 150 bytes
# each. The standard library of CPython 3.11 has as many in 100,000 lines.
MAX_EXPRESSIONS = 400_000
MAX_GIVEN = 20  # values given to one name that are looked at


class Reader(NamedTuple):
    """A function of the source's own that reads a variable: whether it insists, and at which argument the name stands."""

    insists: bool
    at: int = 0
    default: int = 1


Given = tuple[CodeFile, Expression]


@dataclass(slots=True)
class SourceProgram:
    """What the files of a source know of each other."""

    files: list[CodeFile]
    dialect: LanguageDialect
    fields: dict[str, list[Given]] = field(default_factory=dict)
    settings: dict[str, Value] = field(default_factory=dict)  # fields that are filled from the environment
    # (whether it is a method, its name, parameter) → what calls give it
    bound: dict[tuple[bool, str, str], list[Given]] = field(default_factory=dict)
    readers: dict[str, Reader] = field(default_factory=dict)
    classes: dict[str, Class] = field(default_factory=dict)  # the first of each name
    moved: tuple[str, str] | None = None  # a folder of sources and the one that its compiled files run in
    values: dict[tuple[int, int], Value] = field(default_factory=dict)  # what expressions came to: each once a depth

    def runs_at(self, path: str) -> str:
        """Where a file of the source runs, below the working directory."""
        before, after = self.moved or ("", "")
        return f"{after}{path.removeprefix(before)}" if self.moved and path.startswith(before) else path


def read_all(
    paths: Iterable[str], text: Callable[[str], str], read: Callable[[str, str], CodeFile]
) -> tuple[list[CodeFile], int]:
    """Files that have text, read one after another, and how many more there were when memory was used up."""
    wanted = [path for path in paths if text(path)]
    files: list[CodeFile] = []
    size = 0
    for path in wanted:
        if size > MAX_EXPRESSIONS:
            break
        files.append(read(path, text(path)))
        size += files[-1].size
    return files, len(wanted) - len(files)


def program(files: list[CodeFile], dialect: LanguageDialect) -> SourceProgram:
    """Ties files together."""
    made = SourceProgram(files, dialect)
    for file in files:
        for target, values in file.assigned.items():
            for value in values:
                made.fields.setdefault(target.rpartition(".")[2], []).append((file, value))
        if dialect.keys_are_fields:
            for held in file.objects:
                for key, value in held.items:
                    made.fields.setdefault(key, []).append((file, value))
        _options(file, made)
        _readers(file, made)
        for each in file.classes:
            made.classes.setdefault(each.name, each)
    _bindings(made)
    return made


def _options(file: CodeFile, made: SourceProgram) -> None:
    """`add_argument("--port", default=8000)`, `@click.option(…)`: a default for the field of that name."""
    for call in file.calls:
        if call.last in made.dialect.options:
            given = call.named.get("default")
            flags = [one.value for one in call.arguments if isinstance(one, Text)]
            long = next((flag for flag in flags if flag.startswith("--")), flags[0] if flags else "")
            if given is not None and long:
                made.fields.setdefault(long.lstrip("-").replace("-", "_"), []).append((file, given))


def _readers(file: CodeFile, made: SourceProgram) -> None:
    """Functions that read the variable which a parameter of theirs names."""
    dialect = made.dialect
    asked: list[tuple[str, int, bool]] = []
    for call in file.calls:
        if call.arguments and isinstance(first := call.arguments[0], Name) and call.name.endswith(dialect.getters):
            asked.append((first.dotted, call.line, False))
    for read in file.reads:
        if isinstance(read.key, Name) and is_environment(read, file, dialect):
            asked.append((read.key.dotted, read.line, dialect.index_insists))
    if not asked:
        return
    around = _around(file, {line for _, line, _ in asked})
    ends = sorted(file.ends)
    for name, line, insists in asked:
        for function in around[line]:
            names = [parameter for parameter, _ in function.parameters if parameter not in dialect.receivers]
            if name in names:
                at = bisect_left(ends, function.line)
                fails = at < len(ends) and ends[at] <= function.end
                made.readers[function.name] = Reader(insists or fails, names.index(name), names.index(name) + 1)


def is_environment(read: Subscript, file: CodeFile, dialect: LanguageDialect) -> bool:
    """Whether something is read from what holds the environment: `os.environ[…]`, `environ[…]`, `process.env[…]`."""
    owner = dotted(read.owner)
    return bool(owner) and file.imports.get(owner, owner).endswith(dialect.environments)


def _around(file: CodeFile, lines: set[int]) -> dict[int, list[Function]]:
    """The functions that each line lies in, which nest."""
    functions = sorted(file.functions, key=lambda function: function.line)
    found: dict[int, list[Function]] = {}
    begun: list[Function] = []
    position = 0
    for line in sorted(lines):
        while position < len(functions) and functions[position].line <= line:
            while begun and begun[-1].end < functions[position].line:
                begun.pop()
            begun.append(functions[position])
            position += 1
        found[line] = [function for function in begun if line <= function.end]
    return found


def _bindings(made: SourceProgram) -> None:
    """What the parameters of the source's own functions are given where they are called."""
    functions: dict[str, list[str]] = {}
    methods: dict[str, list[str]] = {}
    for file in made.files:
        for function in file.functions:
            held = methods if function.owner else functions
            held[function.name] = [name for name, _ in function.parameters if name not in made.dialect.receivers]
    own = {file.path.rpartition(".")[0].removesuffix("/__init__").rpartition("/")[2] for file in made.files}
    own |= {file.package for file in made.files if file.package}
    for file in made.files:
        for call in file.calls:
            of_file = _of_file(call.name, file, own)
            parameters = functions if of_file else methods
            for parameter, value in zip(parameters.get(call.last, ()), call.arguments, strict=False):
                made.bound.setdefault((not of_file, call.last, parameter), []).append((file, value))


def _of_file(callee: str, file: CodeFile, own: set[str]) -> bool:
    """Whether a call names a function, by itself or through its file: `note(…)`, `paths.note(…)`. `log.note(…)` is a
    method's.
    """
    owner, dot, _ = callee.rpartition(".")
    root = owner.partition(".")[0]
    return not dot or (root in file.imports and _LAST.split(file.imports.get(owner, owner))[-1] in own)
