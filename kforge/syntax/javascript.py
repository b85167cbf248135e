"""A JavaScript or TypeScript file → what facts need of it, by tree-sitter. Unaware of ports, hosts and frameworks."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING

from kforge.syntax import grammars
from kforge.syntax.code_file import Class, ClassField, CodeFile, Function
from kforge.syntax.expression import (
    Attribute,
    Call,
    Either,
    Expression,
    Name,
    Number,
    Pairs,
    Subscript,
    Text,
    dotted,
)
from kforge.syntax.javascript_expressions import ENVIRONMENTS, FUNCTIONS, JavaScriptExpressions, content
from kforge.syntax.javascript_nodes import absent, aliases, guarded, is_target, present, required, says_where
from kforge.syntax.nodes import children, field, inside, line, text
from kforge.syntax.reader import finished
from kforge.syntax.regions import Regions

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tree_sitter import Node

_GRAMMARS = {"ts": "typescript", "mts": "typescript", "cts": "typescript", "tsx": "tsx"}
_EXITS = ("process.exit", "exit", "Deno.exit")
_ASSERTIONS = ("assert", "assert.ok", "invariant", "console.assert", "ok")
_EACH = ("forEach", "filter", "map", "some", "every", "find", "reduce")


def read(path: str, source: str) -> CodeFile:
    """What a file holds, read around what the grammar of its suffix does not know."""
    grammar = _GRAMMARS.get(path.rpartition(".")[2], "javascript")
    raw = source.encode(errors="replace")
    root = grammars.parse(grammar, raw)
    return finished(_Reader(path, grammar, root), root, raw)


class _Reader(JavaScriptExpressions):
    """One file being read. A node's expression is made once, so that a call is the same one wherever it stands."""

    def __init__(self, path: str, grammar: str, root: Node) -> None:
        super().__init__()
        self.file = CodeFile(path, broken=grammars.first_error(root))
        found = grammars.captures(grammar, "javascript", root)
        branches = [*guarded(found.get("condition", ()))]
        self._regions = Regions(branches)
        self.file.branches.extend((line(node), int(node.end_point[0]) + 1) for node in branches)
        self.environments |= aliases(found.get("assignment", ()), found.get("import", ()))
        self._imports(found.get("import", ()))
        self._functions(found.get("function", ()))
        self._classes(found.get("class", ()))
        self._assignments(found.get("assignment", ()))
        self._expressions(found)
        self._loops(found.get("loop", ()))
        self._guards(found.get("condition", ()), found.get("end", ()))
        self.file.words.update(text(node) for node in found.get("word", ()))

    # ---- statements -----------------------------------------------------------------------------------------------
    def _imports(self, nodes: Iterable[Node]) -> None:
        for node in nodes:
            source = field(node, "source")
            if source is None:
                continue
            origin = content(source)
            self._imported(origin, line(node))
            clause = next((child for child in node.named_children if child.type == "import_clause"), None)
            for each in clause.named_children if clause else ():
                if each.type == "identifier":
                    self.file.imports[text(each)] = origin
                elif each.type == "namespace_import":
                    self.file.imports[text(each.named_children[-1])] = origin
                for specifier in each.named_children if each.type == "named_imports" else ():
                    name = field(specifier, "alias") or field(specifier, "name")
                    if name is not None:
                        self.file.imports[text(name)] = origin

    def _imported(self, origin: str, at: int) -> None:
        if origin.startswith("."):
            self.file.loaded.add(origin)
            return
        parts = origin.split("/")
        package = "/".join(parts[:2]) if origin.startswith("@") else parts[0]
        self.file.imported.add(package.removeprefix("node:"))
        self.file.import_lines.setdefault(package.removeprefix("node:"), at)

    def _assignments(self, nodes: Iterable[Node]) -> None:
        for node in nodes:
            target = field(node, "name", "left")
            value = field(node, "value", "right")
            if target is None or value is None:
                continue
            made = self.expression(value)
            source = required(made)
            if source:
                self._imported(source, line(node))
            if target.type == "array_pattern" and isinstance(made, Call):
                for at, one in enumerate(children(target)):  # const [host, port] = address.split(":")
                    held = Subscript(line(node), made, Number(line(node), str(at)))
                    self.file.assigned.setdefault(text(one), []).append(held)
            if target.type == "object_pattern":
                self._taken(target, made, source)
            elif target.type == "identifier":
                name = text(target)
                if source:
                    self.file.imports[name] = source
                self.file.assigned.setdefault(name, []).append(made)
                if value.type in FUNCTIONS:
                    self._function(name, value, value)
                around = node.parent.parent if node.parent else None
                if around is not None and around.type in ("program", "export_statement"):
                    self.file.top.append((name, made, line(node)))
            elif name := dotted(self.expression(target)):
                self.file.assigned.setdefault(name, []).append(made)

    def _taken(self, pattern: Node, value: Expression, source: str) -> None:
        """`const { PORT = 3000, HOST: host } = process.env`: each name is that field of the value."""
        for each in children(pattern):
            default = field(each, "right") if each.type == "object_assignment_pattern" else None
            local: Node | None = field(each, "left") if default is not None else each
            key: Node | None
            if each.type == "pair_pattern":
                key, local = field(each, "key"), field(each, "value")
                if local is not None and local.type == "assignment_pattern":
                    given = local
                    local, default = field(given, "left"), field(given, "right")
            else:
                key = local
            if key is None or local is None:
                continue
            if source:
                self.file.imports[text(local)] = source
                continue
            held: Expression = self._part(value, text(key), line(each))
            if isinstance(held, Subscript):
                self.file.reads.append(held)
            if default is not None:
                held = Either(line(each), (held, self.expression(default)))
                self.file.choices.append(held)
            self.file.assigned.setdefault(text(local), []).append(held)

    def _part(self, value: Expression, name: str, at: int) -> Expression:
        owner = dotted(value)
        if owner.endswith(ENVIRONMENTS):
            return Subscript(at, value, Text(at, name))
        return Name(at, f"{owner}.{name}") if owner else Attribute(at, value, name)

    def _functions(self, nodes: Iterable[Node]) -> None:
        for node in nodes:
            if (name := field(node, "name")) is not None:
                self._function(text(name), node, node)

    def _function(self, name: str, node: Node, whole: Node) -> None:
        given = field(node, "parameters")
        single = field(node, "parameter")
        parameters = list(self._parameters(given)) if given else [(text(single), None)] if single else []
        around = node.parent
        holder = around.parent if around is not None and around.type == "class_body" else None
        owner = field(holder, "name") if holder is not None else None
        decorators: list[Expression] = []
        before = node.prev_named_sibling if around and around.type == "class_body" else None
        while before is not None and before.type == "decorator":
            decorators.insert(0, self.of(before.named_children[0] if before.named_children else None, before, 0))
            before = before.prev_named_sibling
        self.file.functions.append(
            Function(
                name, tuple(parameters), line(whole), int(whole.end_point[0]) + 1, tuple(decorators),
                text(owner) if owner else "", around is not None and around.type in ("program", "export_statement"),
            )
        )  # fmt: skip
        for parameter, default in parameters:
            if default is not None:
                self.file.assigned.setdefault(parameter, []).append(default)

    def _parameters(self, node: Node) -> Iterable[tuple[str, Expression | None]]:
        for child in children(node):
            name = field(child, "pattern", "left") or child
            value = field(child, "value", "right")
            if name.type == "identifier":
                yield text(name), self.expression(value) if value else None
            elif name.type == "object_pattern":  # function start({ port = 3000 })
                self._taken(name, Expression(line(name)), "")
                yield "", None

    def _classes(self, nodes: Iterable[Node]) -> None:
        for node in nodes:
            name, body = field(node, "name"), field(node, "body")
            if body is None:
                continue
            fields: list[ClassField] = []
            for child in body.named_children:
                target = field(child, "name", "property")
                if child.type in ("public_field_definition", "field_definition") and target is not None:
                    value, form = field(child, "value"), field(child, "type")
                    made = self.expression(value) if value else None
                    fields.append(ClassField(text(target), text(form) if form else "", made, line(child)))
                    if made is not None:
                        self.file.assigned.setdefault(f".{text(target)}", []).append(made)
            heritage = next((child for child in node.named_children if child.type == "class_heritage"), None)
            bases = (
                tuple(self.expression(one) for one in inside(heritage, ("identifier", "member_expression")))
                if heritage
                else ()
            )
            beside = node.parent if node.parent and node.parent.type == "export_statement" else None
            said = [child for one in (beside, node) if one for child in one.named_children if child.type == "decorator"]
            decorators = tuple(self.of(one.named_children[0] if one.named_children else None, one, 0) for one in said)
            self.file.classes.append(
                Class(text(name) if name else "", bases, tuple(fields), line(node), int(node.end_point[0]) + 1, {}, decorators)
            )  # fmt: skip

    def _loops(self, nodes: Iterable[Node]) -> None:
        """`for (const x of list)`, `list.forEach(x => …)`: the names that take each item."""
        for node in nodes:
            target, given = field(node, "left"), field(node, "right")
            if target is not None and given is not None and target.type == "identifier":
                self.file.loops.setdefault(text(target), self.expression(given))
        for call in self.file.calls:
            if call.last in _EACH and call.arguments and call.owner is not None:
                function = self.inlines.get(call.arguments[0])
                given = field(function, "parameter") or field(function, "parameters") if function is not None else None
                name = given if given is None or given.type == "identifier" else next(iter(children(given)), None)
                name = field(name, "pattern") or name if name is not None else None
                if name is not None and name.type == "identifier":
                    self.file.loops.setdefault(text(name), call.owner)

    def _guards(self, nodes: Iterable[Node], ends: Iterable[Node]) -> None:
        """What conditions ask for, and what the program ends without: `if (!x) { throw … }`, `assert(x)`, `x!`."""
        file = self.file
        file.ends.extend(line(node) for node in ends)
        file.ends.extend(call.line for call in file.calls if call.name in _EXITS)
        last = sorted(file.ends)
        for node in nodes:
            condition, then = field(node, "condition", "left"), field(node, "consequence")
            if condition is None:
                continue
            missing = [self._asked(one) for one in absent(condition)]
            file.tested.extend((*missing, *(self._asked(one) for one in present(condition))))
            if node.type == "if_statement" and then is not None and not self._regions.hold(node):
                first, end = line(then), int(then.end_point[0]) + 1
                if bisect_left(last, first) < bisect_right(last, end):
                    file.guards.extend(missing)
        for call in file.calls:
            if call.name in _ASSERTIONS and call.arguments and call not in file.guarded:
                file.guards.append(call.arguments[0])
        file.guards.extend(made for node, made in self.asserted if not self._regions.hold(node))

    def _asked(self, node: Node) -> Expression:
        """What a condition asks for. `"X" in process.env` asks for `process.env["X"]`."""
        if node.type != "binary_expression":
            return self.expression(node)
        left, right = self.of(field(node, "left"), node, 0), self.of(field(node, "right"), node, 0)
        return Subscript(line(node), right, left)

    # ---- expressions that stand for themselves -----------------------------------------------------------------------
    def _expressions(self, found: dict[str, list[Node]]) -> None:
        file = self.file
        for node in found.get("call", ()):
            made = self.expression(node)
            if isinstance(made, Call):
                file.calls.append(made)
                if self._regions.hold(node):
                    file.guarded.add(made)
                if made.last == "set" and len(made.arguments) == 2 and isinstance(key := made.arguments[0], Text):
                    file.objects.append(Pairs(made.line, ((key.value, made.arguments[1]),)))
        for node in found.get("member", ()):
            made = self.expression(node)
            if isinstance(made, Subscript) and not is_target(node):
                file.reads.append(made)
                if self._regions.hold(node):
                    file.guarded.add(made)
        objects = (self.expression(node) for node in found.get("object", ()))
        file.objects.extend(made for made in objects if isinstance(made, Pairs))
        file.exported.extend(self.expression(node) for node in found.get("default", ()))
        file.choices.extend(self.outermost(found.get("choice", ())))
        file.listed.extend(self.expression(node) for node in found.get("listed", ()))
        self.texts((node for node in found.get("text", ()) if not says_where(node)), self._regions, file)
        self._comparisons(found)

    def _comparisons(self, found: dict[str, list[Node]]) -> None:
        for node in found.get("comparison", ()):
            right = self.of(field(node, "right"), node, 0)
            self.file.compared.append((self.of(field(node, "left"), node, 0), (right,)))
        for node in found.get("switch", ()):
            body = field(node, "body")
            cases = [field(one, "value") for one in children(body) if one.type == "switch_case"] if body else []
            values = tuple(self.expression(one) for one in cases if one is not None)
            self.file.compared.append((self.of(field(node, "value"), node, 0), values))
