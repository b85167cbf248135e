"""The text of a Python file → its syntax nodes by type, its imports and what its names are assigned."""

from __future__ import annotations

import ast
import warnings
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TypeVar, cast

MAX_ATTRIBUTES = 50  # names in a chain of attributes; what is longer names nothing
AstNode = TypeVar("AstNode", bound=ast.AST)
# Fields whose nodes the detectors use, last first: the fields left out would take half the walk's time.
_LEAVES = frozenset(("ctx", "op", "ops", "kind", "type_comment", "type_ignores", "id", "attr", "name", "names", "arg", "level",
                     "module", "conversion", "is_async", "simple", "rest", "kwd_attrs", "tag", "n", "s"))  # fmt: skip
_FIELDS = {
    kind: () if kind in (ast.Constant, ast.Import, ast.ImportFrom, ast.Global, ast.Nonlocal, ast.MatchSingleton)
    else tuple(name for name in reversed(kind._fields) if name not in _LEAVES)
    for kind in vars(ast).values() if isinstance(kind, type) and issubclass(kind, ast.AST)
}  # fmt: skip


@dataclass(slots=True)
class Module:
    """One parsed file: its nodes by type in document order, and what its names are assigned."""

    path: str
    nodes: dict[type[ast.AST], list[ast.AST]]
    names: dict[str, list[ast.expr]] = field(default_factory=dict)
    imports: dict[str, str] = field(default_factory=dict)  # local name → what it stands for, dotted
    imported: set[str] = field(default_factory=set)  # packages at the top of it
    calls: list[tuple[str, str, ast.Call]] = field(default_factory=list)  # (`a.b.c`, `c`, node)
    attributes: set[str] = field(default_factory=set)  # names behind a dot, and imported ones

    def of(self, kind: type[AstNode]) -> list[AstNode]:
        return cast("list[AstNode]", self.nodes.get(kind, []))

    def size(self) -> int:
        """How many syntax nodes it holds in memory."""
        names = sum(len(node.names) for node in self.of(ast.Import))
        return sum(map(len, self.nodes.values())) + names + sum(len(node.names) for node in self.of(ast.ImportFrom))

    def functions(self) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
        return [*self.of(ast.FunctionDef), *self.of(ast.AsyncFunctionDef)]


def parsed(path: str, text: str) -> Module | None:
    """The module of a file's text; None when it is no Python that this Python reads."""
    try:
        tree = _silently(text) if "\\" in text else ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    nodes: dict[type[ast.AST], list[ast.AST]] = defaultdict(list)
    stack: list[ast.AST] = [tree]
    while stack:
        node = stack.pop()
        kind = type(node)
        nodes[kind].append(node)
        for name in _FIELDS[kind]:
            value = getattr(node, name)
            if type(value) is list:
                stack += [item for item in reversed(value) if item is not None]
            elif value is not None:
                stack.append(value)
    module = Module(path, nodes)
    for call in module.of(ast.Call):
        callee = dotted(call.func)
        module.calls.append((callee, callee.rpartition(".")[2], call))
    _imports(module)
    module.imported.update(name.split(".")[0] for name in module.imports.values())
    module.attributes.update((node.attr for node in module.of(ast.Attribute)), module.imports)
    _assignments(module)
    return module


def _silently(text: str) -> ast.Module:
    """Parse without the warnings that Python prints for a `\\d` in a plain string of the source."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(text)


def _imports(module: Module) -> None:
    for node in module.of(ast.Import):
        for alias in node.names:
            module.imports[alias.asname or alias.name.split(".")[0]] = (
                alias.name if alias.asname else alias.name.split(".")[0]
            )
            if not alias.asname:
                module.imports.setdefault(alias.name, alias.name)
    for origin in module.of(ast.ImportFrom):
        for alias in origin.names:
            module.imports[alias.asname or alias.name] = f"{'.' * origin.level}{origin.module or ''}.{alias.name}"


def _assignments(module: Module) -> None:
    def note(target: ast.AST, value: ast.expr) -> None:
        if isinstance(target, ast.Name):
            module.names.setdefault(target.id, []).append(value)
        elif isinstance(target, ast.Attribute):
            module.names.setdefault(f".{target.attr}", []).append(value)
        elif isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple) and len(target.elts) == len(value.elts):
            for one, other in zip(target.elts, value.elts, strict=True):
                note(one, other)

    for plain in module.of(ast.Assign):
        for target in plain.targets:
            note(target, plain.value)
    for annotated in module.of(ast.AnnAssign):
        if annotated.value is not None:
            note(annotated.target, annotated.value)
    for walrus in module.of(ast.NamedExpr):
        note(walrus.target, walrus.value)
    for function in module.functions():
        for name, default in defaults(function.args):
            module.names.setdefault(name, []).append(default)


def defaults(arguments: ast.arguments) -> list[tuple[str, ast.expr]]:
    """Parameters that have a default, with it."""
    plain = [*arguments.posonlyargs, *arguments.args]
    first = len(plain) - len(arguments.defaults)
    pairs = [(one.arg, default) for one, default in zip(plain[first:], arguments.defaults, strict=True)]
    pairs += [
        (one.arg, default) for one, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True) if default
    ]
    return pairs


def dotted(node: ast.AST) -> str:
    """`a.b.c` of a name or a chain of attributes; what is no name becomes "": `x().run` → `.run`."""
    if type(node) is ast.Name:
        return node.id
    parts: list[str] = []
    while type(node) is ast.Attribute:
        parts.append(node.attr)
        if len(parts) > MAX_ATTRIBUTES:
            return ""
        node = node.value
    if parts:
        parts.append(node.id if type(node) is ast.Name else "")
    return ".".join(reversed(parts))


Function = ast.FunctionDef | ast.AsyncFunctionDef


def literal(node: ast.Constant) -> str:
    """A constant as text; "" for a number of more than 1000 bits, which Python refuses to print."""
    huge = isinstance(node.value, int) and node.value.bit_length() > 1000
    return "" if huge else str(node.value)


def mentions(node: ast.AST, word: str) -> bool:
    """Whether a word is in a name or a constant of an expression."""
    return any(
        word
        in (
            literal(inner) if isinstance(inner, ast.Constant) else str(getattr(inner, "id", getattr(inner, "attr", "")))
        )
        for inner in ast.walk(node)
    )
