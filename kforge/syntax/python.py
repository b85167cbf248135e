"""A Python file → what facts need of it, by tree-sitter. Unaware of ports, hosts and frameworks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kforge.syntax import grammars, python_conditions, python_loops
from kforge.syntax.code_file import Class, ClassField, CodeFile, Function
from kforge.syntax.expression import Call, Expression, Many, Number, Pairs, Subscript, Text
from kforge.syntax.nodes import field, first_children, line, text
from kforge.syntax.python_expressions import PythonExpressions
from kforge.syntax.reader import finished
from kforge.syntax.regions import Regions

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tree_sitter import Node


def read(path: str, source: str) -> CodeFile:
    """What a file holds, read around what is no Python."""
    raw = source.encode(errors="replace")
    root = grammars.parse("python", raw)
    return finished(_Reader(path, root), root, raw)


class _Reader(PythonExpressions):
    """One file being read. A node's expression is made once, so that a call is the same one wherever it stands."""

    def __init__(self, path: str, root: Node) -> None:
        super().__init__()
        self.file = CodeFile(path, broken=grammars.first_error(root))
        found = grammars.captures("python", "python", root)
        self._imports(found.get("import", ()))
        self._functions(found.get("function", ()))
        self._classes(found.get("class", ()))
        self._assignments(found.get("assignment", ()))
        self._loops(found.get("loop", ()))
        self.file.endless.extend(python_loops.endless(found.get("while", ()), found.get("leaving", ())))
        branches = [*python_conditions.guarded(*(found.get(kind, ()) for kind in ("condition", "try", "with")))]
        self._regions = Regions(branches)
        self.file.branches.extend((line(node), int(node.end_point[0]) + 1) for node in branches)
        self._expressions(found)
        opened = python_conditions.opened(found.get("with", ()))
        self.file.opened.extend((self.expression(one), first, last) for one, first, last in opened)
        self._conditions(found)
        self.file.words.update(text(node) for node in found.get("word", ()))
        self.file.words.update(self.file.imports)
        self.file.ends.extend(line(node) for node in found.get("end", ()))
        self.file.ends.extend(call.line for call in self.file.calls if call.name in ("sys.exit", "exit", "os._exit"))

    # ---- statements -----------------------------------------------------------------------------------------------
    def _imports(self, nodes: Iterable[Node]) -> None:
        for node in nodes:
            origin = node.child_by_field_name("module_name")
            module = text(origin) if origin else ""
            names = node.children_by_field_name("name")
            for each in names:
                alias = each.child_by_field_name("alias")
                shown = each.child_by_field_name("name") if alias else each
                name = text(shown) if shown else ""
                if origin:
                    self.file.imports[text(alias) if alias else name] = f"{module}.{name}"
                elif alias:
                    self.file.imports[text(alias)] = name
                else:
                    top = name.partition(".")[0]
                    self.file.imports[top] = top
                    self.file.imports.setdefault(name, name)
                self._imported(module or name, line(node))
            if not names and origin:
                self.file.stars.append(module)
                self._imported(module, line(node))

    def _imported(self, module: str, at: int) -> None:
        package = module.partition(".")[0]
        self.file.imported.add(package)
        self.file.import_lines.setdefault(package, at)

    def _assignments(self, nodes: Iterable[Node]) -> None:
        for node in nodes:
            target = node.child_by_field_name("left") or node.child_by_field_name("name")
            value = node.child_by_field_name("right") or node.child_by_field_name("value")
            while value is not None and value.type == "assignment":  # a = b = 1
                value = value.child_by_field_name("right")
            if target is None or value is None:
                continue
            made = self.expression(value)
            self._assign(target, made)
            outer = node.parent.parent if node.parent else None
            if target.type == "identifier" and outer is not None and outer.type == "module":
                self.file.top.append((text(target), made, line(node)))

    def _assign(self, target: Node, value: Expression) -> None:
        if target.type == "identifier":
            self.file.assigned.setdefault(text(target), []).append(value)
        elif target.type == "attribute" and (name := target.child_by_field_name("attribute")):
            self.file.assigned.setdefault(f".{text(name)}", []).append(value)
        elif target.type == "subscript":  # app.config["KEY"] = value
            made = self.expression(target)
            if isinstance(made, Subscript):
                self.file.stored.append(made)
                if isinstance(made.key, Text):
                    self.file.objects.append(Pairs(line(target), ((made.key.value, value),)))
        elif target.type in ("pattern_list", "tuple_pattern") and isinstance(value, Call):
            for at, one in enumerate(first_children(target)):  # host, port = address.split(":")
                self._assign(one, Subscript(value.line, value, Number(value.line, str(at))))
        elif target.type in ("pattern_list", "tuple_pattern") and isinstance(value, Many):
            targets = target.named_children
            if len(targets) == len(value.items):
                for one, other in zip(targets, value.items, strict=True):
                    self._assign(one, other)

    def _functions(self, nodes: Iterable[Node]) -> None:
        for node in nodes:
            name, parameters = node.child_by_field_name("name"), node.child_by_field_name("parameters")
            if name is None or parameters is None:
                continue
            whole = node.parent if node.parent and node.parent.type == "decorated_definition" else node
            decorators = [
                child.named_children[0]
                for child in whole.children
                if child.type == "decorator" and child.named_children
            ]
            around = whole.parent
            holder = around.parent if around and around.type == "block" else None
            owner = holder.child_by_field_name("name") if holder and holder.type == "class_definition" else None
            given = tuple(self._parameters(parameters))
            shown = [field(child, "type") for child in first_children(parameters)]
            forms = tuple(text(one) for one in shown if one is not None)
            self.file.functions.append(
                Function(
                    text(name),
                    given,
                    line(node),
                    node.end_point[0] + 1,
                    tuple(self.expression(one) for one in decorators),
                    text(owner) if owner else "",
                    around is not None and around.type == "module",
                    forms,
                )
            )
            for parameter, default in given:
                if default is not None:
                    self.file.assigned.setdefault(parameter, []).append(default)

    def _parameters(self, node: Node) -> Iterable[tuple[str, Expression | None]]:
        for child in first_children(node):
            name = child.child_by_field_name("name")
            value = child.child_by_field_name("value")
            if child.type == "identifier":
                yield text(child), None
            elif name is not None and name.type == "identifier":
                yield text(name), self.expression(value) if value else None
            elif (
                child.type == "typed_parameter"
                and child.named_children
                and child.named_children[0].type == "identifier"
            ):
                yield text(child.named_children[0]), None

    def _classes(self, nodes: Iterable[Node]) -> None:
        for node in nodes:
            name, body = node.child_by_field_name("name"), node.child_by_field_name("body")
            if name is None or body is None:
                continue
            bases: list[Expression] = []
            options: dict[str, Expression] = {}
            given = node.child_by_field_name("superclasses")
            for child in first_children(given) if given else ():
                if child.type == "keyword_argument":
                    self.keyword(child, options)
                else:
                    bases.append(self.expression(child))
            fields: list[ClassField] = []
            for statement in body.named_children:
                inner = (
                    statement.named_children[0]
                    if statement.type == "expression_statement" and statement.named_children
                    else statement
                )
                if inner.type == "assignment":
                    self._field(inner, fields, options)
                elif inner.type == "class_definition":  # Config, Meta
                    self._options(inner, options)
            whole = node.parent if node.parent and node.parent.type == "decorated_definition" else node
            said = [
                child.named_children[0]
                for child in whole.children
                if child.type == "decorator" and child.named_children
            ]
            decorators = tuple(self.expression(one) for one in said)
            end = node.end_point[0] + 1
            made = Class(text(name), tuple(bases), tuple(fields), line(node), end, options, decorators)
            self.file.classes.append(made)

    def _field(self, node: Node, fields: list[ClassField], options: dict[str, Expression]) -> None:
        target, form, value = (node.child_by_field_name(name) for name in ("left", "type", "right"))
        if target is None or target.type != "identifier":
            return
        made = self.expression(value) if value else None
        if form is not None:
            fields.append(ClassField(text(target), text(form), made, line(node)))
        elif isinstance(made, Call):  # model_config = SettingsConfigDict(env_prefix="APP_")
            options.update(made.named)
        elif isinstance(made, Pairs):
            options.update(made.items)
        if form is None and made is not None:
            options[text(target)] = made

    def _options(self, node: Node, options: dict[str, Expression]) -> None:
        body = node.child_by_field_name("body")
        for statement in body.named_children if body else ():
            inner = statement.named_children[0] if statement.named_children else statement
            if inner.type == "assignment":
                self._field(inner, [], options)

    # ---- conditions -----------------------------------------------------------------------------------------------
    def _loops(self, nodes: Iterable[Node]) -> None:
        for name, given in python_loops.taken(nodes):
            held = self.expression(given)
            if isinstance(held, Call) and held.last == "items" and held.owner is not None:
                held = held.owner
            self.file.loops.setdefault(name, held)

    def _conditions(self, found: dict[str, list[Node]]) -> None:
        """What conditions ask for, and what the program ends without: `if not x: raise`, `assert x`."""
        for node in found.get("condition", ()):
            condition = (
                node.named_children[1] if node.type == "conditional_expression" else field(node, "condition", "left")
            )
            if condition is None:
                continue
            missing, there = python_conditions.missing(condition), python_conditions.there(condition)
            absent, present = [self._asked(one) for one in missing], [self._asked(one) for one in there]
            self.file.tested.extend((*absent, *present))
            if node.type == "if_statement" and not self._regions.hold(node):
                self._guards(node, absent, present)
        for node in found.get("assertion", ()):
            if node.named_children and not self._regions.hold(node):
                self.file.guards.extend(self._asked(one) for one in python_conditions.there(node.named_children[0]))

    def _guards(self, node: Node, absent: list[Expression], present: list[Expression]) -> None:
        then = field(node, "consequence")
        if then is not None and python_conditions.ends(then):
            self.file.guards.extend(absent)
        others = [child for child in node.named_children if child.type == "else_clause"]
        if others and python_conditions.ends(others[0]):
            self.file.guards.extend(present)

    def _asked(self, node: Node) -> Expression:
        """What a condition asks for. `"X" in os.environ` asks for `os.environ["X"]`."""
        if node.type != "comparison_operator":
            return self.expression(node)
        key, owner = node.named_children
        return Subscript(line(node), self.expression(owner), self.expression(key))

    # ---- expressions that stand for themselves -----------------------------------------------------------------------
    def _expressions(self, found: dict[str, list[Node]]) -> None:
        file = self.file
        for node in found.get("call", ()):
            made = self.expression(node)
            if isinstance(made, Call):
                file.calls.append(made)
                if self._regions.hold(node):
                    file.guarded.add(made)
        for node in found.get("subscript", ()):
            if not _is_target(node):
                made = self.expression(node)
                if isinstance(made, Subscript):
                    file.reads.append(made)
                    if self._regions.hold(node):
                        file.guarded.add(made)
        file.choices.extend(self.outermost(found.get("choice", ())))
        for node in found.get("object", ()):
            made = self.expression(node)
            if isinstance(made, Pairs):
                file.objects.append(made)
        for node in found.get("comparison", ()):
            first, *others = node.named_children
            file.compared.append((self.expression(first), tuple(self.expression(one) for one in others)))
        file.listed.extend(self.expression(node) for node in found.get("listed", ()))
        silent = {node.id for node in found.get("documentation", ())}
        self.texts((node for node in found.get("text", ()) if node.id not in silent), self._regions, file)


def _is_target(node: Node) -> bool:
    """Whether something is assigned to a subscript, or deletes it."""
    around = node.parent
    if around is None:
        return False
    left = around.child_by_field_name("left")
    return (
        around.type in ("assignment", "augmented_assignment") and left is not None and left.id == node.id
    ) or around.type == "delete_statement"
