"""Names of a language whose folders are packages → the type, the package and the function that they belong to.

A folder goes by its last name, since that is how its importers call it: `config:HTTP` is the type `HTTP` of `…/config`.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING

from kforge.syntax.expression import Call, Name, Pairs, dotted

if TYPE_CHECKING:
    from kforge.syntax.code_file import Class, CodeFile
    from kforge.syntax.program import Given, SourceProgram

_STEPS = 5  # fields within fields that are followed
_CANDIDATES = 4
_VERSION = re.compile(r"/v\d+$")


def package(file: CodeFile) -> str:
    """The package of a file, by the name of its folder."""
    return posixpath.basename(posixpath.dirname(file.path))


def imported(name: str, file: CodeFile) -> str:
    """The package that a file calls by a name; "" where it imports none that is called so."""
    return _VERSION.sub("", file.imports.get(name, "")).rpartition("/")[2]


def qualified(form: str, file: CodeFile) -> str:
    """`config:HTTP` of a type as a file writes it: `*config.HTTP`; "" of what is no plain type."""
    owner, _, name = form.strip("*&[] ").rpartition(".")
    if not name.isidentifier() or "." in owner:
        return ""
    return f"{imported(owner, file) if owner else package(file)}:{name}"


def classes(program: SourceProgram) -> dict[str, tuple[Class, CodeFile]]:
    """The structs of a program by `package:Name`, the first of each name, with the files that hold them."""
    found: dict[str, tuple[Class, CodeFile]] = {}
    for file in program.files:
        for made in file.classes:
            found.setdefault(f"{package(file)}:{made.name}", (made, file))
    return found


def outermost(tagged: Collection[str], known: Mapping[str, tuple[Class, CodeFile]]) -> list[str]:
    """Those structs that no other of them holds, sorted."""
    inner = {qualified(each.form, known[name][1]) for name in tagged for each in known[name][0].fields}
    return sorted({*tagged} - inner)


def type_of(name: str, line: int, file: CodeFile, program: SourceProgram) -> str:
    """The type of `cfg.HTTP` where it stands, as its declarations show it; "" where they do not."""
    root, *fields = name.split(".")
    kind = _declared(root, line, file) if root and len(fields) < _STEPS else ""
    for each in fields:
        kind = program.types.get(kind, {}).get(each, "")
    return kind


def _declared(name: str, line: int, file: CodeFile) -> str:
    function = file.function(line)
    if function is not None and name == function.receiver:
        return f"{package(file)}:{function.owner}"
    for (parameter, _), form in zip(function.parameters, function.forms, strict=False) if function else ():
        if parameter == name:
            return qualified(form, file)
    for value in file.assigned.get(name, ())[:_CANDIDATES]:
        if isinstance(value, Pairs) and value.kind:
            return qualified(value.kind, file)
        if isinstance(value, Call) and value.name == "new" and value.arguments:
            return qualified(dotted(value.arguments[0]), file)
    return ""


def keys(name: str, line: int, file: CodeFile, program: SourceProgram) -> Iterator[str]:
    """The keys under which values of a field are held: of its type, below its owner's name, in its package, anywhere."""
    owner, _, last = name.rpartition(".")
    if program.dialect.packages:
        if owner and (kind := type_of(owner, line, file, program)):
            yield f"{kind}.{last}"
        if within := owner.rpartition(".")[2]:
            yield f"{within}.{last}"
        yield f"{package(file)}:{last}"
    yield last


def held_as(name: str, line: int, file: CodeFile, program: SourceProgram) -> Iterator[str]:
    """The keys of a field that something is given to: `c.Server.Port`, or `Port` of a struct's own literal."""
    owner, _, last = name.rpartition(".")
    if program.dialect.packages:
        yield f"{package(file)}:{last}"
        if "." in owner:
            yield f"{owner.rpartition('.')[2]}.{last}"
        if owner and (kind := type_of(owner, line, file, program)):
            yield f"{kind}.{last}"
    yield last


def literal_keys(key: str, made: Pairs, file: CodeFile) -> Iterator[str]:
    """The keys of a field in a literal: `Port` of `&config.HTTP{Port: 80}`."""
    yield f"{package(file)}:{key}"
    if kind := qualified(made.kind, file):
        yield f"{kind}.{key}"


def function_key(call: Call, file: CodeFile) -> str:
    """`httpserver.New` for a call of a package's function, from within or through its import; "" for methods."""
    owner, dot, last = call.name.rpartition(".")
    if not dot:
        return f"{package(file)}.{last}" if last else ""
    return f"{found}.{last}" if (found := imported(owner, file)) else ""


def returned(call: Call, file: CodeFile, program: SourceProgram) -> list[Given]:
    """What a function or method of the source's own gives back."""
    if (key := function_key(call, file)) in program.returns:
        return program.returns[key]
    owner = call.owner
    if isinstance(owner, Name) and (kind := type_of(owner.dotted, call.line, file, program)):
        return program.returns.get(f"{kind}.{call.last}", [])
    only = program.methods.get(call.last, set())
    return program.returns.get(f"{next(iter(only))}.{call.last}", []) if len(only) == 1 else []


def declare(program: SourceProgram) -> None:
    """Adds the types of a program, and what its functions and methods give back."""
    for file in program.files:
        for made in file.classes:
            program.types.setdefault(
                f"{package(file)}:{made.name}", {each.name: qualified(each.form, file) for each in made.fields}
            )
        for value in file.returned:
            function = file.function(value.line)
            if function is None:
                continue
            around = f"{package(file)}:{function.owner}" if function.owner else package(file)
            program.returns.setdefault(f"{around}.{function.name}", []).append((file, value))
            if function.owner:
                program.methods.setdefault(function.name, set()).add(around)
