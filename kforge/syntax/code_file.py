"""One file of a program: what it imports, calls, assigns, defines and compares. Made by the readers of a language."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from itertools import accumulate

from kforge.syntax.expression import Call, Expression, Pairs, Subscript

_NEAR = 30  # functions before a line that may hold it


@dataclass(slots=True, eq=False)
class Function:
    """A function or method with a name. Lines count from 1 and include the last."""

    name: str
    parameters: tuple[tuple[str, Expression | None], ...]
    line: int
    end: int
    decorators: tuple[Expression, ...] = ()
    owner: str = ""  # the class or type whose method it is
    top: bool = False  # whether it stands at the top of its file
    forms: tuple[str, ...] = ()  # types of the parameters, as they are written
    receiver: str = ""  # what a method calls the object that it belongs to


@dataclass(slots=True, eq=False)
class ClassField:
    """A field of a class or struct. `form`: its type as it is written; `tag`: what Go writes behind it."""

    name: str
    form: str
    value: Expression | None
    line: int
    tag: str = ""


@dataclass(slots=True, eq=False)
class Class:
    """A class, a struct or an interface, with its fields in order."""

    name: str
    bases: tuple[Expression, ...]
    fields: tuple[ClassField, ...]
    line: int
    end: int
    options: dict[str, Expression] = field(default_factory=dict)  # what the class line, Meta or Config say by name
    decorators: tuple[Expression, ...] = ()


@dataclass(slots=True, eq=False)
class CodeFile:
    """What facts need of a file, in document order. Names of attributes and fields begin with a dot in `assigned`."""

    path: str
    package: str = ""  # what a file of Go belongs to
    imports: dict[str, str] = field(default_factory=dict)  # local name → what it stands for, dotted or a path
    imported: set[str] = field(default_factory=set)  # packages, by the first part of their name
    import_lines: dict[str, int] = field(default_factory=dict)  # package → the first line that imports it
    loaded: set[str] = field(default_factory=set)  # files that it names to load, relative to its own place
    stars: list[str] = field(default_factory=list)  # modules of which every name is imported, in order
    assigned: dict[str, list[Expression]] = field(default_factory=dict)
    top: list[tuple[str, Expression, int]] = field(default_factory=list)  # assignments at the top of the file
    calls: list[Call] = field(default_factory=list)
    objects: list[Pairs] = field(default_factory=list)  # objects, dictionaries, structs with their fields
    exported: list[Expression] = field(default_factory=list)  # what a module of JavaScript exports as its default
    texts: list[Expression] = field(default_factory=list)  # texts, whole or in parts, that are no documentation
    reads: list[Subscript] = field(default_factory=list)  # `a[b]` where it is read
    stored: list[Subscript] = field(default_factory=list)  # `a[b]` where something is assigned to it
    choices: list[Expression] = field(default_factory=list)
    compared: list[tuple[Expression, tuple[Expression, ...]]] = field(default_factory=list)
    listed: list[Expression] = field(default_factory=list)  # tuples, lists, sets
    functions: list[Function] = field(default_factory=list)
    classes: list[Class] = field(default_factory=list)
    guards: list[Expression] = field(default_factory=list)  # what the program ends without, outside of other conditions
    fallbacks: list[tuple[Expression, Expression]] = field(default_factory=list)  # what is given where a name is empty
    guarded: set[Expression] = field(default_factory=set)  # calls and reads that are reached only under a condition
    tested: list[Expression] = field(default_factory=list)  # what conditions ask whether it is there
    loops: dict[str, Expression] = field(default_factory=dict)  # names that take each item of something
    opened: list[tuple[Expression, int, int]] = field(default_factory=list)  # what `with` opens, first and last line
    endless: list[tuple[int, int]] = field(default_factory=list)  # first and last line of loops that go on for good
    branches: list[tuple[int, int]] = field(default_factory=list)  # first and last line of what a condition guards
    fails: list[int] = field(default_factory=list)  # lines on which a function gives its caller an error
    ends: list[int] = field(default_factory=list)  # lines on which the program may end or fail: raise, throw, exit
    leaves: list[int] = field(default_factory=list)  # lines on which a function gives back, or ends
    returned: list[Expression] = field(default_factory=list)  # what functions give back, the first of several values
    words: set[str] = field(default_factory=set)  # names behind a dot, and imported ones
    size: int = 0  # expressions that were made of it
    nodes: int = 0  # nodes of its syntax tree
    unread: int = 0  # the line at which reading ended before the text does; 0 where all was read
    broken: int = 0  # the first line that the grammar could not read; 0 for none
    _sorted: list[Function] = field(default_factory=list)
    _starts: list[int] | None = None
    _furthest: list[int] | None = None  # the last line of each branch, or of one that begins before it

    def conditional(self, line: int) -> bool:
        """Whether a line is reached only under a condition of its function."""
        if self._furthest is None:
            self.branches.sort()
            self._furthest = list(accumulate((last for _, last in self.branches), max))
        before = bisect_right(self.branches, line, key=lambda branch: branch[0])
        return before > 0 and self._furthest[before - 1] >= line

    def conditional_to(self, line: int, use: int) -> bool:
        """Whether a line is reached only under a condition that a later one does not stand under, of those near it."""
        if not self.conditional(line):
            return False
        at = bisect_right(self.branches, line, key=lambda branch: branch[0])
        near = self.branches[max(0, at - _NEAR) : at]
        return any(last >= line and not first <= use <= last for first, last in near)

    def function(self, line: int) -> Function | None:
        """The innermost function that a line lies in."""
        if self._starts is None:
            self._sorted = sorted(self.functions, key=lambda one: one.line)
            self._starts = [one.line for one in self._sorted]
        at = bisect_right(self._starts, line)
        near = reversed(self._sorted[max(0, at - _NEAR) : at])
        return next((one for one in near if one.end >= line), None)
