"""Python files → their syntax nodes, and what names are assigned to anywhere. Unaware of ports, hosts and frameworks."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

from kforge.detectors.python_syntax import Function, Module, dotted, literal
from kforge.domain.source.sightings import Value

MAX_GIVEN = 20  # assignments to one name that are looked at
GETTERS = ("environ.get", "getenv", "environ.setdefault", "environ.pop")


@dataclass(slots=True)
class PythonNames:
    """What the modules of a source know of each other: fields by name, and functions that read the environment."""

    modules: list[Module] = field(default_factory=list)
    fields: dict[str, list[tuple[Module, ast.expr]]] = field(default_factory=dict)
    settings: dict[str, Value] = field(default_factory=dict)  # fields of settings classes
    bound: dict[str, list[tuple[Module, ast.expr]]] = field(default_factory=dict)  # parameter → what calls give it
    readers: dict[str, bool] = field(default_factory=dict)  # own functions that read a variable: whether they insist
    classes: dict[str, ast.ClassDef] = field(default_factory=dict)  # the first of each name
    values: dict[tuple[int, int], Value] = field(default_factory=dict)  # what nodes came to: each is read once a depth


def known(modules: list[Module]) -> PythonNames:
    """Ties modules together: options, fields of settings, and own readers of the environment."""
    names = PythonNames(modules)
    for module in modules:
        for target, values in module.names.items():
            for value in values:
                names.fields.setdefault(target.lstrip("."), []).append((module, value))
        for _, last, call in module.calls:
            if last in ("add_argument", "option", "define"):
                _option(call, module, names)
        _readers(module, names)
        for node in module.of(ast.ClassDef):
            names.classes.setdefault(node.name, node)
            _settings(node, names)
    _bindings(names)
    return names


def _bindings(names: PythonNames) -> None:
    """What the parameters of the source's own functions are given where they are called."""
    functions: dict[str, list[str]] = {}
    methods: dict[str, list[str]] = {}
    for module in names.modules:
        inside = {id(statement) for node in module.of(ast.ClassDef) for statement in node.body}
        for function in module.functions():
            held = methods if id(function) in inside else functions
            held[function.name] = [one.arg for one in function.args.args if one.arg not in ("self", "cls")]
    own = {module.path.removesuffix(".py").removesuffix("/__init__").rpartition("/")[2] for module in names.modules}
    for module in names.modules:
        for callee, last, call in module.calls:
            parameters = functions if _of_module(callee, module, own) else methods
            for parameter, value in zip(parameters.get(last, ()), call.args, strict=False):
                names.bound.setdefault(parameter, []).append((module, value))


def _of_module(callee: str, module: Module, own: set[str]) -> bool:
    """Whether a call names a function, by itself or through its module: `note(…)`, `paths.note(…)`. `log.note(…)` is a
    method's.
    """
    owner, dot, _ = callee.rpartition(".")
    root = owner.partition(".")[0]
    return not dot or (root in module.imports and module.imports.get(owner, owner).rpartition(".")[2] in own)


def _option(call: ast.Call, module: Module, names: PythonNames) -> None:
    """`add_argument("--port", default=8000)`, `@click.option(…)`: a default for the field of that name."""
    given = next((word.value for word in call.keywords if word.arg == "default"), None)
    flags = [arg.value for arg in call.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str)]
    long = next((flag for flag in flags if flag.startswith("--")), flags[0] if flags else "")
    if given is not None and long:
        names.fields.setdefault(long.lstrip("-").replace("-", "_"), []).append((module, given))


def _readers(module: Module, names: PythonNames) -> None:
    """Functions of the source's own that read the variable which a parameter of theirs names."""
    asked = [(call.args[0], False) for callee, _, call in module.calls if call.args and callee.endswith(GETTERS)]
    for node in module.of(ast.Subscript):
        if dotted(node.value).endswith("environ"):
            asked.append((node.slice, True))
    keys = [(key, insists) for key, insists in asked if isinstance(key, ast.Name)]
    if not keys:
        return
    around = _around(module, {key.lineno for key, _ in keys})
    parameters = {
        id(function): {one.arg for one in function.args.args} for functions in around.values() for function in functions
    }
    raises: dict[int, bool] = {}
    for key, insists in keys:
        for function in around[key.lineno]:
            if key.id in parameters[id(function)]:
                if id(function) not in raises:
                    raises[id(function)] = _raises(function)
                names.readers[function.name] = insists or raises[id(function)]


def _around(module: Module, lines: set[int]) -> dict[int, list[Function]]:
    """The functions that each line lies in, which nest."""
    functions = sorted(module.functions(), key=lambda function: function.lineno)
    found: dict[int, list[Function]] = {}
    begun: list[Function] = []
    position = 0
    for line in sorted(lines):
        while position < len(functions) and functions[position].lineno <= line:
            while begun and (begun[-1].end_lineno or 0) < functions[position].lineno:
                begun.pop()
            begun.append(functions[position])
            position += 1
        found[line] = [function for function in begun if line <= (function.end_lineno or function.lineno)]
    return found


def _raises(node: ast.AST) -> bool:
    return any(
        isinstance(inner, ast.Raise) or (isinstance(inner, ast.Call) and dotted(inner.func) in ("sys.exit", "exit"))
        for inner in ast.walk(node)
    )


def _settings(node: ast.ClassDef, names: PythonNames) -> None:
    """Fields of pydantic settings: the variable is the field's name in capitals, behind the class's prefix."""
    if not any(dotted(base).rpartition(".")[2].endswith("Settings") for base in node.bases):
        return
    for name, value, _ in settings_fields(node):
        names.settings[name[1]] = Value(value, name[0])


def settings_fields(node: ast.ClassDef) -> list[tuple[tuple[str, str], str | None, ast.AnnAssign]]:
    """((variable, field), default or None when it is required, node) of each field."""
    prefix = ""
    for inner in ast.walk(node):
        if isinstance(inner, ast.keyword | ast.Assign) and isinstance(inner.value, ast.Constant):
            label = inner.arg if isinstance(inner, ast.keyword) else dotted(inner.targets[0])
            if label == "env_prefix":
                prefix = literal(inner.value)[:100]
    found = []
    for statement in node.body:
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            field_name, value = statement.target.id, statement.value
            variable = f"{prefix}{field_name}".upper()
            if isinstance(value, ast.Call) and dotted(value.func).endswith("Field"):
                keywords = {word.arg: word.value for word in value.keywords}
                for alias in ("env", "validation_alias", "alias"):
                    if isinstance(one := keywords.get(alias), ast.Constant) and isinstance(one.value, str):
                        variable = one.value
                value = value.args[0] if value.args else keywords.get("default")
                if value is None and "default_factory" in keywords:
                    value = ast.Constant("")
            given = None if value is None or (isinstance(value, ast.Constant) and value.value is ...) else _plain(value)
            found.append(((variable, field_name), given, statement))
    return found


def _plain(node: ast.expr) -> str:
    return literal(node) if isinstance(node, ast.Constant) and node.value is not None else ""
