"""A Go file → what facts need of it, by tree-sitter. Unaware of ports, hosts and frameworks."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING

from kforge.syntax import go_conditions, grammars
from kforge.syntax.code_file import Class, ClassField, CodeFile, Function
from kforge.syntax.expression import (
    Call,
    Either,
    Expression,
    Pairs,
    Text,
    dotted,
)
from kforge.syntax.go_expressions import GoExpressions
from kforge.syntax.nodes import children, field, line, text
from kforge.syntax.reader import finished
from kforge.syntax.regions import Regions

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tree_sitter import Node

_ENDS = re.compile(r"^os\.Exit$|^(?:runtime\.)?Goexit$|^panic$|(?:^|\.)(?:Fatal|Panic)(?:f|ln|w|ContextDepth)?$")
_FAILURES = re.compile(r"^errors\.New$|^fmt\.Errorf$|(?:^|\.)(?:Fatal|Panic)\w*$")
# What a function may give back that a text can be read of.
_GIVES = frozenset(("interpreted_string_literal", "raw_string_literal", "int_literal", "call_expression", "selector_expression",
                    "identifier", "binary_expression"))  # fmt: skip
_WITHIN = 4  # structs without a name within each other
_FLAGS = re.compile(
    r"\.(?:String|Int(?:8|16|32|64)?|Uint(?:8|16|32|64)?|Bool|Duration|Float64|IP|StringSlice)(Var)?(P)?$"
)


def read(path: str, source: str) -> CodeFile:
    """What a file holds, read around what is no Go."""
    raw = source.encode(errors="replace")
    root = grammars.parse("go", raw)
    return finished(_Reader(path, root), root, raw)


class _Reader(GoExpressions):
    """One file being read."""

    def __init__(self, path: str, root: Node) -> None:
        super().__init__()
        self.file = CodeFile(path, broken=grammars.first_error(root))
        found = grammars.captures("go", "go", root)
        self.file.package = next((text(node) for node in found.get("package", ())), "")
        self._imports(found.get("import", ()))
        self._functions(found.get("function", ()))
        self._structs(found.get("class", ()))
        self._branches(found.get("branch", ()))
        self._calls(found.get("call", ()))
        self._assignments(found.get("assignment", ()))
        self._others(found)
        self._ends(found.get("return", ()))
        self._guards(found.get("guard", ()))

    # ---- statements -----------------------------------------------------------------------------------------------
    def _imports(self, nodes: Iterable[Node]) -> None:
        for node in nodes:
            where, alias = field(node, "path"), field(node, "name")
            if where is None:
                continue
            origin = text(where)[1:-1]
            local = text(alias) if alias else re.sub(r"/v\d+$", "", origin).rpartition("/")[2]
            self.file.imports[local] = origin
            self.file.imported.add(origin)
            self.file.import_lines.setdefault(origin, line(where))

    def _functions(self, nodes: Iterable[Node]) -> None:
        for node in nodes:
            called, given, owner = field(node, "name"), field(node, "parameters"), field(node, "receiver")
            if called is None or given is None:
                continue
            names: list[str] = []
            forms: list[str] = []
            for child in children(given):
                form = field(child, "type")
                for each in child.children_by_field_name("name"):
                    names.append(text(each))
                    forms.append(text(form) if form else "")
            called_by, _, holder = text(owner).strip("()*").rpartition(" ") if owner else ("", "", "")
            parameters: tuple[tuple[str, Expression | None], ...] = tuple((each, None) for each in names)
            self.file.functions.append(
                Function(
                    text(called), parameters, line(node), int(node.end_point[0]) + 1,
                    owner=holder.lstrip("*").partition("[")[0], top=True, forms=tuple(forms), receiver=called_by.strip(),
                )
            )  # fmt: skip

    def _structs(self, nodes: Iterable[Node]) -> None:
        for node in nodes:
            called, form = field(node, "name"), field(node, "type")
            if called is not None:
                self._struct(text(called), node, form, 0)

    def _struct(self, called: str, node: Node, form: Node | None, depth: int) -> None:
        """A struct, and those without a name that its fields are: `DB struct { Host string }` is `Config.DB`."""
        listed = form.named_children[0] if form is not None and form.named_children else None
        fields: list[ClassField] = []
        for child in children(listed) if listed else ():
            tag, kind = field(child, "tag"), field(child, "type")
            shown = text(tag)[1:-1] if tag else ""
            names = [text(each) for each in child.children_by_field_name("name")]
            if not names and kind is not None:  # an embedded one goes by its type's name
                names = [text(kind).rpartition(".")[2]]
            for name in names:
                of = text(kind) if kind is not None else ""
                if kind is not None and kind.type == "struct_type" and depth < _WITHIN:
                    of = f"{called}_{name}"
                    self._struct(of, child, kind, depth + 1)
                fields.append(ClassField(name, of, None, line(child), shown))
        end = int(node.end_point[0]) + 1
        self.file.classes.append(Class(called, (), tuple(fields), line(node), end))

    def _assignments(self, nodes: Iterable[Node]) -> None:
        for node in nodes:
            targets = node.children_by_field_name("name") or children(field(node, "left") or node)
            given = field(node, "right", "value")
            values = [self.expression(child) for child in children(given)] if given else []
            form = field(node, "type")
            if not values and form is not None and form.type in ("type_identifier", "qualified_type"):  # var c Config
                values = [Pairs(line(node), (), text(form))] * len(targets)
            if len(values) == 1 and len(targets) > 1:  # value, ok := os.LookupEnv("X")
                values = values * len(targets)
            around = node.parent
            top = around is not None and around.parent is not None and around.parent.type == "source_file"
            for target, value in zip(targets, values, strict=False):
                if shown := dotted(self.expression(target)):
                    self.file.assigned.setdefault(shown, []).append(value)
                    if top:
                        self.file.top.append((shown, value, line(node)))

    def _calls(self, nodes: Iterable[Node]) -> None:
        for node in nodes:
            made = self.expression(node)
            if isinstance(made, Either):
                self.file.choices.append(made)
            if not isinstance(made, Call):
                continue
            self.file.calls.append(made)
            if self._regions.hold(node):
                self.file.guarded.add(made)
            if flag := _FLAGS.search(made.name):
                self._flag(made, bool(flag[1]), bool(flag[2]))
            elif made.last == "SetDefault" and len(made.arguments) == 2 and isinstance(key := made.arguments[0], Text):
                self.file.objects.append(Pairs(made.line, ((f"flag {key.value}", made.arguments[1]),)))

    def _flag(self, call: Call, into: bool, short: bool) -> None:
        """`flag.StringVar(&addr, "addr", ":8080", …)`: the default of a flag is a value of what it fills."""
        named = call.argument(1 if into else 0)
        default = call.argument((2 if into else 1) + short)
        # A flag has a text that says what it is for behind its default, which `zap.String("key", value)` has not.
        if default is None or not isinstance(named, Text) or len(call.arguments) != 3 + into + short:
            return
        if into and (target := dotted(call.arguments[0])):
            self.file.assigned.setdefault(target, []).append(default)
        self.file.objects.append(Pairs(call.line, ((f"flag {named.value}", default),)))

    def _branches(self, nodes: Iterable[Node]) -> None:
        parts = [
            part
            for node in nodes
            for part in (
                (field(node, "consequence"), field(node, "alternative")) if node.type == "if_statement" else (node,)
            )
            if part is not None and part.type != "if_statement"
        ]
        self._regions = Regions(parts)
        self.file.branches.extend((line(part) + 1, int(part.end_point[0]) + 1) for part in parts)

    def _guards(self, nodes: Iterable[Node]) -> None:
        last = sorted((*self.file.ends, *self.file.fails))
        for node in nodes:
            condition, then = field(node, "condition"), field(node, "consequence")
            if condition is None or then is None:
                continue
            first, end = line(then), int(then.end_point[0]) + 1
            ends = bisect_left(last, first) < bisect_right(last, end)
            self.file.tested.extend(self.expression(one) for one in go_conditions.present(condition))
            for one in go_conditions.absent(condition):
                missing = self.expression(one)
                self.file.tested.append(missing)
                if ends and not go_conditions.in_branch(node):
                    self.file.guards.append(missing)
                for value in go_conditions.given(then, text(one)):
                    self.file.fallbacks.append((missing, self.expression(value)))

    def _ends(self, returns: Iterable[Node]) -> None:
        for call in self.file.calls:
            if _ENDS.search(call.name):
                self.file.ends.append(call.line)
            elif _FAILURES.search(call.name):
                self.file.fails.append(call.line)
        for node in returns:
            self.file.leaves.append(line(node))
            self.file.tested.extend(
                self.expression(one) for child in node.named_children for one in go_conditions.asks(child)
            )
            if re.search(r"\berr\b|\bErr[A-Z]", text(node)):
                self.file.fails.append(line(node))
            listed = node.named_children[0] if node.named_children else None
            if listed is not None and listed.named_children and listed.named_children[0].type in _GIVES:
                self.file.returned.append(self.expression(listed.named_children[0]))

    # ---- expressions that stand for themselves -----------------------------------------------------------------------
    def _others(self, found: dict[str, list[Node]]) -> None:
        file = self.file
        for node in found.get("object", ()):
            made = self.expression(node)
            if isinstance(made, Pairs):
                file.objects.append(made)
        for node in found.get("comparison", ()):
            left, right = field(node, "left"), field(node, "right")
            if left is not None and right is not None:
                file.compared.append((self.expression(left), (self.expression(right),)))
        for node in found.get("switch", ()):
            value = field(node, "value")
            cases = [field(child, "value") for child in node.named_children if child.type == "expression_case"]
            texts = tuple(self.expression(one) for case in cases if case for one in children(case))
            if value is not None:
                file.compared.append((self.expression(value), texts))
        strings = (node for node in found.get("text", ()) if not _names_other(node))
        self.texts(strings, self._regions, file)


def _names_other(node: Node) -> bool:
    """Whether a string names a package, or is the tag of a field."""
    around = node.parent
    return around is None or around.type in ("import_spec", "field_declaration")
