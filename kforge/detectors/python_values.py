"""An expression of a Python program → what it comes to, as far as literals reach. Unaware of ports, hosts and
frameworks.

Names are followed through assignments, class fields, defaults of parameters and options, reads of the environment
and their fallbacks.
"""

from __future__ import annotations

import ast

from kforge.detectors.python_names import GETTERS, MAX_GIVEN, PythonNames
from kforge.detectors.python_syntax import Module, dotted, literal
from kforge.domain.source.sightings import Value
from kforge.domain.source.text import MAX_TEXT

_MAX_DEPTH = 8
_CASTS = ("int", "str", "float", "bool", "Path", "PurePath", "strip", "rstrip", "lstrip", "lower", "format_map", "expanduser",
          "resolve", "absolute", "realpath", "abspath", "fspath", "SecretStr")  # fmt: skip
_SIBLINGS = ("with_suffix", "with_name", "with_stem")  # another file of the same folder
# Readers of settings: `config("PORT", default=8000)` of decouple and starlette, `env.int("PORT", 8000)` of environs.
_CONFIG_MODULES = ("decouple", "environs", "environ", "starlette.config", "prettyconf", "dynaconf")


def reads(call: ast.Call, module: Module, names: PythonNames) -> tuple[str, ast.expr | None, bool] | None:
    """(variable, default, insists) of a call that reads the environment; None for other calls."""
    first = (
        call.args[0] if call.args else next((word.value for word in call.keywords if word.arg in ("key", "name")), None)
    )
    if not (isinstance(first, ast.Constant) and isinstance(first.value, str) and first.value):
        return None
    callee = dotted(call.func)
    default = next((word.value for word in call.keywords if word.arg in ("default", "fallback", "cast_default")), None)
    getter = callee.endswith(GETTERS) or module.imports.get(callee, "").endswith((".getenv", ".environ.get"))
    # The second argument of other readers may be a type: `env("PORT", int)`.
    if default is None and len(call.args) > 1 and (getter or not isinstance(call.args[1], ast.Name)):
        default = call.args[1]
    last = callee.rpartition(".")[2]
    if getter:
        return first.value, default, False
    if last in names.readers:
        return first.value, default, names.readers[last] and default is None
    root = module.imports.get(callee.split(".")[0], "") or _made_by(callee.split(".")[0], module)
    if (
        root.startswith(_CONFIG_MODULES)
        and first.value.isidentifier()
        and last not in ("read_env", "read_envfile", "Config", "Env")
    ):
        return first.value, default, default is None
    return None


def _made_by(name: str, module: Module) -> str:
    """What module the object of a name comes from: `env = Env()` → environs."""
    for value in module.names.get(name, ())[:MAX_GIVEN]:
        if isinstance(value, ast.Call):
            return module.imports.get(dotted(value.func).split(".")[0], "")
    return ""


def resolve(node: ast.AST | None, module: Module, names: PythonNames, depth: int = 0) -> Value:
    """What an expression comes to. Text of parts that nothing shows becomes `{}`; an unknown whole is no text."""
    if node is None or depth > _MAX_DEPTH:
        return Value()
    key = (id(node), depth)
    if key not in names.values:
        found = _resolved(node, module, names, depth)
        names.values[key] = found if len(found.text or "") <= MAX_TEXT else Value(None, found.env)
    return names.values[key]


def _resolved(node: ast.AST, module: Module, names: PythonNames, depth: int) -> Value:
    match node:
        case ast.Constant(value=str() | int() | float() as value):
            return Value("" if isinstance(value, bool) else literal(node))
        case ast.Name(id=name):
            own = [(module, value) for value in module.names.get(name, ())[:4]]
            return _first(own or names.bound.get(name, []) or names.fields.get(name, []), names, depth)
        case ast.Attribute(attr=attr):
            if attr in names.settings:
                return names.settings[attr]
            return _first(names.fields.get(attr, []), names, depth)
        case ast.BoolOp(op=ast.Or(), values=values):
            return _either([resolve(value, module, names, depth + 1) for value in values])
        case ast.IfExp(body=body, orelse=orelse):
            return _either([resolve(body, module, names, depth + 1), resolve(orelse, module, names, depth + 1)])
        case ast.Subscript(value=value, slice=ast.Constant(value=str(name))) if dotted(value).endswith("environ"):
            return Value(None, name)
        case ast.JoinedStr(values=values):
            return Value(_joined("", values, module, names, depth))
        case ast.FormattedValue(value=value):
            return resolve(value, module, names, depth + 1)
        case ast.BinOp():
            return _binary(node, module, names, depth)
        case ast.Call():
            return _called(node, module, names, depth)
    return Value()


def _joined(between: str, nodes: list[ast.expr], module: Module, names: PythonNames, depth: int) -> str | None:
    """What the expressions come to one after another; None where that grows too long to name anything."""
    parts: list[str] = []
    size = 0
    for node in nodes:
        parts.append(resolve(node, module, names, depth + 1).text or "{}")
        size += len(parts[-1])
        if size > MAX_TEXT:
            return None
    return between.join(parts)


def _first(candidates: list[tuple[Module, ast.expr]], names: PythonNames, depth: int) -> Value:
    found = Value()
    for module, value in candidates[:4]:
        found = _either([found, resolve(value, module, names, depth + 1)])
    return found


def _either(values: list[Value]) -> Value:
    """The first text, and the variable that is asked before it."""
    env = next((value.env for value in values if value.env), "")
    return Value(next((value.text for value in values if value.text), None), env)


def _binary(node: ast.BinOp, module: Module, names: PythonNames, depth: int) -> Value:
    left = resolve(node.left, module, names, depth + 1)
    if isinstance(node.op, ast.Add):
        right = resolve(node.right, module, names, depth + 1)
        known_part = left.text is not None or right.text is not None
        return Value((left.text or "{}") + (right.text or "{}") if known_part else None, left.env or right.env)
    if isinstance(node.op, ast.Div):  # Path("data") / "x.json"
        right = resolve(node.right, module, names, depth + 1)
        return Value(f"{left.text}/{right.text}" if left.text and right.text else left.text, left.env)
    if isinstance(node.op, ast.Mod) and left.text and isinstance(node.left, ast.Constant):
        parts = node.right.elts if isinstance(node.right, ast.Tuple) else [node.right]
        text = left.text
        for part in parts:
            if len(text) > MAX_TEXT or "%s" not in text:
                break
            text = text.replace("%s", resolve(part, module, names, depth + 1).text or "{}", 1)
        return Value(text)
    return Value()


def _called(call: ast.Call, module: Module, names: PythonNames, depth: int) -> Value:
    if found := reads(call, module, names):
        value = resolve(found[1], module, names, depth + 1)
        return Value(value.text, found[0])
    callee = dotted(call.func)
    last = callee.rpartition(".")[2]
    if last == "join" and ("path" in callee or callee == "join") and call.args:
        first = resolve(call.args[0], module, names, depth + 1)
        return Value(_joined("/", call.args, module, names, depth) if first.text else None, first.env)
    if last == "format" and isinstance(call.func, ast.Attribute) and isinstance(call.func.value, ast.Constant):
        return Value(_formatted(call, literal(call.func.value), module, names, depth))
    if last in _SIBLINGS and isinstance(call.func, ast.Attribute):
        return resolve(call.func.value, module, names, depth + 1)
    if last in _CASTS:
        inner = call.args[0] if call.args else call.func.value if isinstance(call.func, ast.Attribute) else None
        return resolve(inner, module, names, depth + 1)
    return Value()


def _formatted(call: ast.Call, text: str, module: Module, names: PythonNames, depth: int) -> str:
    for word in call.keywords:
        if len(text) > MAX_TEXT:
            return text
        text = text.replace(f"{{{word.arg}}}", resolve(word.value, module, names, depth + 1).text or "{}")
    for number, argument in enumerate(call.args):
        if len(text) > MAX_TEXT or "{" not in text:
            return text
        value = resolve(argument, module, names, depth + 1).text or "{ }"
        text = text.replace(f"{{{number}}}", value) if f"{{{number}}}" in text else text.replace("{}", value, 1)
    return text
