"""Settings that a Go program looks up by the names of all its variables → variables with their defaults.

Two forms: a table whose keys are the names, and a switch over them. Both count where the package goes through
`os.Environ`, or through lines of a file that it reads likewise.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from kforge.detectors.environment import ReadVariable
from kforge.syntax.code_file import CodeFile
from kforge.syntax.expression import Expression, Many, Number, Pairs, Text
from kforge.syntax.program import SourceProgram
from kforge.syntax.scopes import package
from kforge.syntax.values import resolve

_NAME = re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*")
_LEAST = 3  # names of which one table or one switch is made
_KINDS = re.compile(r"^map\[string\]")
_CASE_LINES = 4  # lines of a case that may say the default


def variables(names: SourceProgram) -> Iterator[tuple[CodeFile, ReadVariable]]:
    """The variables of tables and switches, with the files that hold them."""
    whole = {
        package(file) for file in names.files for call in file.calls if call.name in ("os.Environ", "syscall.Environ")
    }
    for file in names.files if whole else ():
        if package(file) in whole:
            for each in file.objects:
                yield from ((file, variable) for variable in _table(each, file, names))
            for _, cases in file.compared:
                yield from ((file, variable) for variable in _switch(cases, file, names))


def _table(held: Pairs, file: CodeFile, names: SourceProgram) -> Iterator[ReadVariable]:
    keys = [key for key, _ in held.items if _NAME.fullmatch(key)]
    if not _KINDS.search(held.kind) or len(keys) < _LEAST or len(keys) < len(held.items):
        return
    for key, value in held.items:
        default = _default(value, file, names)
        # A record that names another one takes its value from elsewhere: a file that holds it.
        yield ReadVariable(key, None if default in keys else default, False, value.line)


def _default(value: Expression, file: CodeFile, names: SourceProgram) -> str | None:
    """The first text or number of a record, also in a list."""
    if isinstance(value, Pairs):
        found = [_default(each, file, names) for _, each in value.items]
        return next((each for each in found if each), None)
    if isinstance(value, Many):
        return _default(value.items[0], file, names) if value.items else None
    return value.value if isinstance(value, Text | Number) else resolve(value, file, names).text


def _switch(cases: tuple[Expression, ...], file: CodeFile, names: SourceProgram) -> Iterator[ReadVariable]:
    """`case "LISTEN_ADDR": p.addr = parseString(value, defaultAddr)`: the last argument of the call is the default."""
    found = [case for case in cases if isinstance(case, Text) and _NAME.fullmatch(case.value)]
    if len(found) < _LEAST or len(found) < len(cases):
        return
    lines = [case.line for case in found]
    calls = {call.line: call for call in reversed(file.calls) if len(call.arguments) > 1}
    for case, following in zip(found, [*lines[1:], lines[-1] + _CASE_LINES], strict=True):
        near = range(case.line, min(following, case.line + _CASE_LINES))
        call = next((calls[line] for line in near if line in calls), None)
        yield ReadVariable(
            case.value, resolve(call.arguments[-1], file, names).text if call else None, False, case.line
        )
