"""The files of a program together: fields by name, classes, and functions of its own that read the environment."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from kforge.domain.source.sightings import Value
from kforge.syntax import mapping_loops, scopes
from kforge.syntax.code_file import Class, CodeFile, Function
from kforge.syntax.dialect import LanguageDialect
from kforge.syntax.expression import Constant, Expression, Joined, Name, Subscript, Text, dotted

_LAST = re.compile(r"[./]")
# Expressions of all files together, which stand beside each other while names are followed through them: some 150 bytes
# each. The standard library of CPython 3.11 has as many in 100,000 lines.
MAX_EXPRESSIONS = 400_000
# Nodes of all syntax trees together: some four microseconds each. People write five to seven a line.
MAX_NODES = 750_000
_THROUGH = 3  # functions that call each other until one reads
_FLAGS = ("mandatory", "required", "require", "strict", "must_exist", "raise_error", "raise_exception", "is_required")
_DEFAULTS = ("default", "default_value", "fallback")
MAX_GIVEN = 20  # values given to one name that are looked at


class Reader(NamedTuple):
    """A function of the source's own that reads a variable: whether it insists, and at which argument the name stands."""

    insists: bool
    at: int = 0
    default: int = 1
    prefix: str = ""  # what it puts before the name
    flag: str = ""  # the parameter by which a call lets it insist: `get_env("PATH", mandatory=True)`
    flag_at: int = -1
    flagged: bool = False  # what that is unless a call says so
    word: str = ""  # the parameter that holds the name


Given = tuple[CodeFile, Expression]


@dataclass(slots=True)
class SourceProgram:
    """What the files of a source know of each other."""

    files: list[CodeFile]
    dialect: LanguageDialect
    fields: dict[str, list[Given]] = field(default_factory=dict)
    settings: dict[str, Value] = field(default_factory=dict)  # fields that are filled from the environment
    schemes: dict[str, Expression] = field(default_factory=dict)  # defaults that a library is told once for all
    # (whether it is a method or the package of a function, its name, parameter) → what calls give it
    bound: dict[tuple[bool | str, str, str], list[Given]] = field(default_factory=dict)
    readers: dict[str, Reader] = field(default_factory=dict)
    classes: dict[str, Class] = field(default_factory=dict)  # the first of each name
    types: dict[str, dict[str, str]] = field(default_factory=dict)  # `config:HTTP` → its fields with their types
    returns: dict[str, list[Given]] = field(
        default_factory=dict
    )  # `config.Addr`, `config:HTTP.Addr` → what it gives back
    methods: dict[str, set[str]] = field(default_factory=dict)  # name of a method → the types that have one
    moved: tuple[str, str] | None = None  # a folder of sources and the one that its compiled files run in
    values: dict[tuple[int, int], Value] = field(default_factory=dict)  # what expressions came to: each once a depth

    def runs_at(self, path: str) -> str:
        """Where a file of the source runs, below the working directory."""
        before, after = self.moved or ("", "")
        return f"{after}{path.removeprefix(before)}" if self.moved and path.startswith(before) else path


def read_all(
    paths: Iterable[str], text: Callable[[str], str], read: Callable[[str, str], CodeFile]
) -> tuple[list[CodeFile], int]:
    """Files that have text, read one after another, and how many more there were when memory or time was used up."""
    wanted = [path for path in paths if text(path)]
    files: list[CodeFile] = []
    size = nodes = 0
    for path in wanted:
        if size > MAX_EXPRESSIONS or nodes > MAX_NODES:
            break
        files.append(read(path, text(path)))
        size += files[-1].size
        nodes += files[-1].nodes
    return files, len(wanted) - len(files)


def program(files: list[CodeFile], dialect: LanguageDialect) -> SourceProgram:
    """Ties files together."""
    made = SourceProgram(files, dialect)
    if dialect.packages:
        scopes.declare(made)
    for file in files:
        for target, values in file.assigned.items():
            for value in values:
                _given(target, value, file, made)
        if dialect.keys_are_fields:
            for held in file.objects:
                for key, value in held.items:
                    for each in (key, *(scopes.literal_keys(key, held, file) if dialect.packages else ())):
                        made.fields.setdefault(each, []).append((file, value))
        _options(file, made)
        for each in file.classes:
            made.classes.setdefault(each.name, each)
    _readers(made)
    _filled(made)
    for file in files:
        for key, read in mapping_loops.fields(file, dialect.getters):
            made.fields.setdefault(key, []).append((file, read))
    _bindings(made)
    return made


def _given(target: str, value: Expression, file: CodeFile, made: SourceProgram) -> None:
    """A field, and the names under which it is found again."""
    for key in scopes.held_as(target, value.line, file, made):
        made.fields.setdefault(key, []).append((file, value))


def _options(file: CodeFile, made: SourceProgram) -> None:
    """`add_argument("--port", default=8000)`, `@click.option(…)`: a default for the field of that name."""
    for call in file.calls:
        if call.last in made.dialect.options:
            given = call.named.get("default")
            flags = [one.value for one in call.arguments if isinstance(one, Text)]
            long = next((flag for flag in flags if flag.startswith("--")), flags[0] if flags else "")
            if given is not None and long:
                made.fields.setdefault(long.lstrip("-").replace("-", "_"), []).append((file, given))


def _readers(made: SourceProgram) -> None:
    """Functions that read the variable which a parameter of theirs names, directly or through others of the kind."""
    found = True
    for _ in range(_THROUGH):
        if not found:
            break
        found = False
        for file in made.files:
            found = _readers_of(file, made) or found


def _readers_of(file: CodeFile, made: SourceProgram) -> bool:
    dialect = made.dialect
    asked: list[tuple[str, str, int, bool]] = []  # (parameter, what is put before it, line, whether it insists)
    for call in file.calls:
        own = made.readers.get(call.last)
        if (call.arguments or call.named) and (own or call.name.endswith(dialect.getters)):
            name, prefix = _parameter(call.argument(own.at, own.word) if own else call.argument(0))
            if name:
                without = own is not None and len(call.arguments) <= own.default and "default" not in call.named
                asked.append((name, prefix, call.line, bool(own and own.insists and without)))
    for read in file.reads:
        name, prefix = _parameter(read.key)
        if name and is_environment(read, file, dialect):
            asked.append((name, prefix, read.line, dialect.index_insists and read not in file.guarded))
    if not asked:
        return False
    around = _around(file, {line for _, _, line, _ in asked})
    ends = sorted(file.ends)
    certain = sorted(line for line in {*file.ends} if not file.conditional(line))
    certain += sorted(guard.line for guard in file.guards)
    certain.sort()
    before = {*made.readers}
    checked: dict[str, list[int]] = {}  # parameter → lines that ask whether the variable is there
    for one in sorted((one for one in file.tested if isinstance(one, Subscript)), key=lambda one: one.line):
        checked.setdefault(_parameter(one.key)[0], []).append(one.line)
    for name, prefix, line, insists in sorted(asked, key=lambda one: not one[3]):
        for function in around[line]:
            names = [parameter for parameter, _ in function.parameters if parameter not in dialect.receivers]
            if name in names and function.name not in made.readers:
                fails = _any_between(certain, function.line, function.end)
                where = names.index(name)
                asks = _any_between(checked.get(name, ()), function.line, function.end)
                flag, at, usual = _flag(function, names) if _any_between(ends, function.line, function.end) else _NONE
                default = next(
                    (names.index(word) for word in _DEFAULTS if word in names), where + 1 + (at == where + 1)
                )
                always = (insists and not asks) or (fails and not flag)
                made.readers[function.name] = Reader(always, where, default, prefix, flag, at, usual, name)
    return made.readers.keys() > before


_NONE = ("", -1, False)


def _flag(function: Function, names: Sequence[str]) -> tuple[str, int, bool]:
    """(name, position, usual value) of the parameter that lets a function end where a variable is not set."""
    name = next((word for word in _FLAGS if word in names), "")
    usual = dict(function.parameters).get(name)
    on = isinstance(usual, Constant) and usual.word.lower() == "true"
    return (name, names.index(name), on) if name else _NONE


def _any_between(lines: Sequence[int], first: int, last: int) -> bool:
    """Whether sorted lines have one of a range."""
    at = bisect_left(lines, first)
    return at < len(lines) and lines[at] <= last


def _filled(made: SourceProgram) -> None:
    """What such a function fills: `mustEnv(&port, "PORT")` gives `port` its value."""
    for file in made.files:
        for call in file.calls:
            reader = made.readers.get(call.last)
            if reader and reader.at and isinstance(target := call.arguments[0] if call.arguments else None, Name):
                file.assigned.setdefault(target.dotted, []).append(call)
                if "." in target.dotted:
                    _given(target.dotted, call, file, made)


def _parameter(key: Expression | None) -> tuple[str, str]:
    """(name, text before it) of what names a variable: `name`, `"APP_" + name`; empty for others."""
    if isinstance(key, Name):
        return key.dotted, ""
    if isinstance(key, Joined) and len(key.parts) == 2:
        first, second = key.parts
        if isinstance(first, Text) and isinstance(second, Name):
            return second.dotted, first.value
    return "", ""


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
            listed = [name for name, _ in function.parameters if name not in made.dialect.receivers]
            held[function.name] = listed
            if made.dialect.packages and not function.owner:
                functions[f"{scopes.package(file)}.{function.name}"] = listed
    own = {file.path.rpartition(".")[0].removesuffix("/__init__").rpartition("/")[2] for file in made.files}
    own |= {file.package for file in made.files if file.package}
    for file in made.files:
        for call in file.calls:
            of_file = _of_file(call.name, file, own)
            parameters = functions if of_file else methods
            own_key = scopes.function_key(call, file) if made.dialect.packages and of_file else ""
            names = parameters.get(own_key) or parameters.get(call.last) or []
            for parameter, value in zip(names, call.arguments, strict=False):
                made.bound.setdefault((not of_file, call.last, parameter), []).append((file, value))
                if own_key:
                    where = own_key.rpartition(".")[0]
                    made.bound.setdefault((where, call.last, parameter), []).append((file, value))


def _of_file(callee: str, file: CodeFile, own: set[str]) -> bool:
    """Whether a call names a function, by itself or through its file: `note(…)`, `paths.note(…)`. `log.note(…)` is a
    method's.
    """
    owner, dot, _ = callee.rpartition(".")
    root = owner.partition(".")[0]
    return not dot or (root in file.imports and _LAST.split(file.imports.get(owner, owner))[-1] in own)
