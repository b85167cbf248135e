"""A call → the variable that it reads, by the language's own getter, a library or a function of the source's own."""

from __future__ import annotations

import re
from typing import NamedTuple

from kforge.syntax.code_file import CodeFile
from kforge.syntax.expression import Call, Constant, Expression, Name, Text
from kforge.syntax.program import MAX_GIVEN, Reader, SourceProgram

_CONSTANT = re.compile(r"[A-Z][A-Z0-9_]+")
_MAX_OPENED = 200  # of a file, looked at for each of its reads


class Read(NamedTuple):
    """A call that reads the environment: the variable, what it comes to without it, whether the program insists."""

    variable: str
    default: Expression | None
    insists: bool


def reads(call: Call, file: CodeFile, program: SourceProgram) -> Read | None:
    """What a call reads of the environment; None for other calls."""
    dialect, callee, last = program.dialect, call.name, call.last
    reader = program.readers.get(last)
    named = named_by(call.argument(*((reader.at, reader.word) if reader else (0, "key", "name"))), file, program)
    if not named:
        return None
    getter = callee.endswith(dialect.getters) or file.imports.get(callee, "").endswith(dialect.getters)
    default = next((call.named[name] for name in ("default", "fallback", "cast_default") if name in call.named), None)
    behind = call.argument(reader.default if reader else 1)
    # The second argument of other readers may be a type: `env("PORT", int)`.
    if default is None and behind is not None and (getter or not isinstance(behind, Name)):
        default = behind
    if getter:
        return Read(named, default, False)
    if reader:
        return Read(f"{reader.prefix}{named}", default, _insists(call, reader) and default is None)
    if last in dialect.config_calls and _CONSTANT.fullmatch(named):
        owner = callee.rpartition(".")[0]
        if dialect.config_owners and dialect.config_owners.search(owner):
            return Read(named, default, dialect.config_calls[last] and default is None)
    root = callee.partition(".")[0]
    origin = file.imports.get(root, "") or _made_by(root, file)
    if origin.startswith(dialect.config_modules or "\0") and named.isidentifier() and last not in dialect.config_others:
        default = default if default is not None else program.schemes.get(named)
        return Read(f"{_prefix(root, call.line, file)}{named}", default, default is None)
    return None


def _insists(call: Call, reader: Reader) -> bool:
    """Whether a function of the source's own ends without the variable: always, or where this call tells it to."""
    told = (call.named.get(reader.flag) or call.argument(reader.flag_at)) if reader.flag else None
    if isinstance(told, Constant):
        return told.word.lower() == "true"
    return reader.insists or reader.flagged


def named_by(key: Expression | None, file: CodeFile, program: SourceProgram) -> str:
    """The text that names a variable: written out, or by a constant of the source; "" for a function's parameter."""
    if isinstance(key, Text):
        return key.value
    if not isinstance(key, Name):
        return ""
    function = file.function(key.line)
    if function is not None and any(parameter == key.dotted for parameter, _ in function.parameters):
        return ""
    elsewhere = program.fields.get(key.dotted.rpartition(".")[2], ())
    given = file.assigned.get(key.dotted) or [value for _, value in elsewhere[:2]]
    if len(given) > 1 and function is not None:  # each function may have a `key` of its own
        given = [one for one in given[:MAX_GIVEN] if function.line <= one.line <= key.line][-1:]
    return given[0].value if len(given) == 1 and isinstance(given[0], Text) else ""


def _prefix(name: str, line: int, file: CodeFile) -> str:
    """What an object puts before every name: `Env(prefix="SHOP_")`, and within `with env.prefixed("MAIL_")`."""
    made = next((one for one in file.assigned.get(name, ()) if isinstance(one, Call)), None)
    given = [made.named.get("prefix")] if made is not None else []
    for one, first, last in file.opened[:_MAX_OPENED]:
        if first <= line <= last and isinstance(one, Call) and one.name == f"{name}.prefixed":
            given.append(one.argument(0))
    return "".join(one.value for one in given if isinstance(one, Text))


def _made_by(name: str, file: CodeFile) -> str:
    """What package the object of a name comes from: `env = Env()` → environs."""
    for value in file.assigned.get(name, ())[:MAX_GIVEN]:
        if isinstance(value, Call):
            return file.imports.get(value.name.partition(".")[0], "")
    return ""
