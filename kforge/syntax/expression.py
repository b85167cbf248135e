"""Expressions of any language as far as facts need them. What a parser read becomes these; nothing here parses.

A syntax tree takes fifty times the memory of its text and differs by language, so each file's tree is turned into
these few kinds and let go. `line` counts from 1.
"""

from __future__ import annotations

from dataclasses import dataclass, field

MAX_DEPTH = 40  # of expressions within expressions; what lies deeper is not known
MAX_ITEMS = 200  # of a list, an object or a call; what comes behind is left out


@dataclass(slots=True, eq=False)
class Expression:
    """What nothing is known of, and the root of the others."""

    line: int


@dataclass(slots=True, eq=False)
class Text(Expression):
    """A string that is written out, its escapes undone."""

    value: str


@dataclass(slots=True, eq=False)
class Number(Expression):
    """A number as it is written, without separators."""

    value: str


@dataclass(slots=True, eq=False)
class Constant(Expression):
    """`True`, `null`, `...`, `iota`: a word of the language, in its own spelling."""

    word: str


@dataclass(slots=True, eq=False)
class Name(Expression):
    """A name, or names joined by dots: `os.environ`, `process.env.PORT`."""

    dotted: str


@dataclass(slots=True, eq=False)
class Attribute(Expression):
    """A name behind something that is no name itself: `load().port`."""

    owner: Expression
    name: str


@dataclass(slots=True, eq=False)
class Call(Expression):
    """A call or a construction: `f(1, port=2)`, `new Server({…})`."""

    callee: Expression
    arguments: tuple[Expression, ...]
    named: dict[str, Expression] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """`a.b.c` of what is called; "" before the first dot where that is no name: `x().run(…)` → `.run`."""
        return dotted(self.callee)

    @property
    def last(self) -> str:
        return self.name.rpartition(".")[2]

    @property
    def owner(self) -> Expression | None:
        """What a method is called on; None for a function that is called by its bare name."""
        if isinstance(self.callee, Attribute):
            return self.callee.owner
        before = self.name.rpartition(".")[0]
        return Name(self.line, before) if before else None

    def argument(self, at: int, *names: str) -> Expression | None:
        """The argument at a position, else the first that has one of the names."""
        for name in names:
            if name in self.named:
                return self.named[name]
        return self.arguments[at] if 0 <= at < len(self.arguments) else None


@dataclass(slots=True, eq=False)
class Subscript(Expression):
    """`owner[key]`."""

    owner: Expression
    key: Expression


@dataclass(slots=True, eq=False)
class Either(Expression):
    """The first of several that is there: `a or b`, `a || b`, `a ?? b`, `a if c else b`, `c ? a : b`."""

    options: tuple[Expression, ...]


@dataclass(slots=True, eq=False)
class Joined(Expression):
    """Parts of a text one after another: `"a" + b`, f-strings, templates."""

    parts: tuple[Expression, ...]


@dataclass(slots=True, eq=False)
class Formatted(Expression):
    """A pattern and what is put into it: `"%s:%d" % (host, port)`."""

    pattern: Expression
    values: tuple[Expression, ...]


@dataclass(slots=True, eq=False)
class Below(Expression):
    """A path below another: `Path("data") / "x"`."""

    parts: tuple[Expression, Expression]


@dataclass(slots=True, eq=False)
class Many(Expression):
    """Items of a list, a tuple, a set or an array, in order. `fixed`: a tuple, whose positions mean something."""

    items: tuple[Expression, ...]
    fixed: bool = False


@dataclass(slots=True, eq=False)
class Pairs(Expression):
    """Fields of an object, a dictionary, a struct: (key, value), in order. `kind`: the struct's name, if it has one."""

    items: tuple[tuple[str, Expression], ...]
    kind: str = ""

    def get(self, *keys: str) -> Expression | None:
        return next((value for key, value in self.items if key in keys), None)


@dataclass(slots=True, eq=False)
class Inline(Expression):
    """A function written where it is used: a lambda, an arrow function, a closure."""

    end: int


def dotted(expression: Expression) -> str:
    """`a.b.c` of a name; `.c` of an attribute of something else; "" of what is no name."""
    if type(expression) is Name:
        return expression.dotted
    if type(expression) is Attribute:
        return (
            f".{expression.name}"
            if type(expression.owner) is not Name
            else f"{expression.owner.dotted}.{expression.name}"
        )
    return ""
