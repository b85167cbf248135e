"""Functions of a Go program that are only called where a variable turns something on → what they do is optional.

`if os.Getenv("ENABLE_TRACING") == "1" { initTracing() }`: without that variable, nothing in `initTracing` is reached.
"""

from __future__ import annotations

import sys
from bisect import bisect_right
from collections.abc import Iterator

from kforge.syntax.code_file import CodeFile
from kforge.syntax.expression import Call, Expression, Name, Text
from kforge.syntax.program import SourceProgram
from kforge.syntax.scopes import function_key, package
from kforge.syntax.values import resolve

_THROUGH = 3  # functions that are called by such functions


def mark(names: SourceProgram) -> None:
    """Counts the calls of such functions as guarded, and takes what they end without from what the program does."""
    switched = [(file, _merged(_branches(file, names))) for file in names.files]
    inside: set[str] = set()
    for _ in range(_THROUGH if any(lines for _, lines in switched) else 0):
        found = _only_there(switched, inside)
        if found <= inside:
            break
        inside |= found
    for file in names.files if inside else ():
        file.guarded.update(call for call in file.calls if _around(file, call.line) in inside)
        file.guards[:] = [guard for guard in file.guards if _around(file, guard.line) not in inside]


def _branches(file: CodeFile, names: SourceProgram) -> Iterator[tuple[int, int]]:
    """First and last line of what is reached where a variable has another value than its default, or any."""
    empty = {left.line for left, right in file.compared if any(_is_nothing(one) for one in right)}
    asking = {left.line for left, right in file.compared if _chosen(left, right, file, names)}
    asking |= {one.line for one in file.tested if _chosen(one, (), file, names)}
    yield from (branch for branch in file.branches if branch[0] - 1 in asking - empty)


def _is_nothing(value: Expression) -> bool:
    return not isinstance(value, Text) or not value.value


def _chosen(value: Expression, texts: tuple[Expression, ...], file: CodeFile, names: SourceProgram) -> bool:
    """Whether a value is that of a variable whose default, if it has one, is none of some texts."""
    if not isinstance(value, Call | Name):
        return False
    found = resolve(value, file, names)
    return bool(found.env) and (not found.text or (bool(texts) and found.text not in map(_text, texts)))


def _text(value: Expression) -> str:
    return value.value if isinstance(value, Text) else ""


def _merged(branches: Iterator[tuple[int, int]]) -> list[tuple[int, int]]:
    """Stretches of lines that may lie within each other, as those that do not, sorted."""
    found: list[tuple[int, int]] = []
    for first, last in sorted(branches):
        if found and first <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], last))
        else:
            found.append((first, last))
    return found


def _only_there(switched: list[tuple[CodeFile, list[tuple[int, int]]]], inside: set[str]) -> set[str]:
    """Functions of which every call stands in such a branch, or in such a function."""
    called: dict[str, bool] = {}
    for file, lines in switched:
        for call in file.calls:
            if key := function_key(call, file):
                at = bisect_right(lines, (call.line, sys.maxsize)) - 1
                there = (at >= 0 and call.line <= lines[at][1]) or _around(file, call.line) in inside
                called[key] = called.get(key, True) and there
    return {key for key, only in called.items() if only}


def _around(file: CodeFile, line: int) -> str:
    """The function that a line stands in, as calls name it; "" in a method."""
    found = file.function(line)
    return f"{package(file)}.{found.name}" if found and not found.owner else ""
