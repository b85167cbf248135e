"""An expression → what it comes to, as far as literals reach. Unaware of languages, ports, hosts and frameworks.

Names are followed through assignments, fields, defaults of parameters and options, reads of the environment and their
fallbacks. Text of parts that nothing shows becomes `{}`.
"""

from __future__ import annotations

import posixpath
import re

from kforge.domain.source.sightings import WORKDIR, Value
from kforge.domain.source.text import MAX_TEXT
from kforge.syntax import scopes
from kforge.syntax.code_file import CodeFile
from kforge.syntax.environment_reads import named_by, reads
from kforge.syntax.expression import (
    Attribute,
    Below,
    Call,
    Constant,
    Either,
    Expression,
    Formatted,
    Joined,
    Name,
    Number,
    Subscript,
    Text,
    dotted,
)
from kforge.syntax.parts import above, either, is_named, part_of, place_of, put_together, texts_of
from kforge.syntax.program import MAX_GIVEN, Given, SourceProgram, is_environment

_MAX_DEPTH = 8
_VERB = re.compile(r"%%|%[-+# 0]{0,4}\d{0,4}(?:\.\d{1,4})?[svdqtxifr]")
_CANDIDATES = 4  # values of one name that are followed


def resolve(expression: Expression | None, file: CodeFile, program: SourceProgram, depth: int = 0) -> Value:
    """What an expression comes to; `Value()` where nothing is known of it."""
    if expression is None or depth > _MAX_DEPTH:
        return Value()
    key = (id(expression), depth)
    if key not in program.values:
        found = _resolved(expression, file, program, depth)
        program.values[key] = found if len(found.text or "") <= MAX_TEXT else Value(None, found.env)
    return program.values[key]


def _resolved(expression: Expression, file: CodeFile, program: SourceProgram, depth: int) -> Value:
    match expression:
        case Text(value=value) | Number(value=value):
            return Value(value, place=(file.path, expression.line))
        case Constant(word=word) if word.lower() in ("true", "false"):
            return Value("")
        case Name(dotted=name):
            return _named(name, expression.line, file, program, depth)
        case Attribute(owner=owner, name=name) if name in program.dialect.parents:
            return above(resolve(owner, file, program, depth + 1))
        case Attribute(name=name):
            return _field(name, expression.line, file, program, depth)
        case Either(options=options):
            return either([resolve(one, file, program, depth + 1) for one in options[:_CANDIDATES]])
        case Subscript():
            return _item(expression, file, program, depth)
        case Joined(parts=parts):
            return _sum(parts, file, program, depth)
        case Below(parts=(left, right)):
            head, tail = resolve(left, file, program, depth + 1), resolve(right, file, program, depth + 1)
            path = f"{head.text}/{tail.text}" if head.text and tail.text else head.text
            return Value(path, head.env or tail.env, head.other)
        case Formatted(pattern=pattern, values=values):
            return _formatted(pattern, values, file, program, depth)
        case Call():
            return _called(expression, file, program, depth)
    return Value()


def asked(expression: Expression, file: CodeFile, program: SourceProgram) -> str:
    """The variable that an expression reads and has no other value for; a name as it was last given before that line."""
    if isinstance(expression, Name):
        before = [
            one for one in candidates(expression, file, program) if one[0] is file and one[1].line <= expression.line
        ]
        value = resolve(before[-1][1], file, program) if before else Value()
    else:
        value = resolve(expression, file, program)
    return value.env if value.text is None and not value.other else ""


def _is_something(default: Expression | None, file: CodeFile) -> bool:
    """Whether a default that no text shows is a value: `60 * 10`; not None, and not what a function is given."""
    if isinstance(default, Name):
        function = file.function(default.line)
        return function is None or default.dotted not in dict(function.parameters)
    return default is not None and not isinstance(default, Constant)


def candidates(name: Name, file: CodeFile, program: SourceProgram) -> list[Given]:
    """What a name is given: where its function is called, in its function, else anywhere in its file."""
    given = file.assigned.get(name.dotted, ())
    function = file.function(name.line)
    if function is None:
        return [(file, value) for value in given]
    inner = [(file, value) for value in given[:MAX_GIVEN] if function.line <= value.line <= function.end]
    if any(parameter == name.dotted for parameter, _ in function.parameters):
        of_package = (scopes.package(file), function.name, name.dotted) if not function.owner else None
        bound = program.bound.get(of_package, ()) if of_package and program.dialect.packages else ()
        bound = bound or program.bound.get((bool(function.owner), function.name, name.dotted), ())
        return [*bound[:_CANDIDATES], *inner]
    return inner or [(file, value) for value in given[:MAX_GIVEN]]


def _is_given(name: str, line: int, file: CodeFile) -> bool:
    """Whether a name is a parameter of its function."""
    function = file.function(line)
    return function is not None and any(parameter == name for parameter, _ in function.parameters)


def _named(name: str, line: int, file: CodeFile, program: SourceProgram, depth: int) -> Value:
    dialect = program.dialect
    if name in dialect.texts:
        return Value(dialect.texts[name])
    if name in dialect.own_file:
        return Value(f"{WORKDIR}/{program.runs_at(file.path)}")
    if name in dialect.own_folder:
        return Value(posixpath.dirname(f"{WORKDIR}/{program.runs_at(file.path)}"))
    owner, _, last = name.rpartition(".")
    if owner and last in dialect.parents:
        return above(resolve(Name(line, owner), file, program, depth + 1))
    own = candidates(Name(line, name), file, program)
    if "." in name and not own:
        return _field(name, line, file, program, depth)
    # A field of the same name is another thing than what a function is given.
    own = own or ([] if _is_given(name, line, file) else program.fields.get(name, []))
    found = _first(own, program, depth)
    if "." in name and dialect.packages and found.text is None:  # what fills a field, and what it held before
        return either([found, _field(name, line, file, program, depth)])
    return found


def _field(name: str, line: int, file: CodeFile, program: SourceProgram, depth: int) -> Value:
    found = Value()
    last = name.rpartition(".")[2]
    for key in scopes.keys(name, line, file, program):
        if key == last and found.text is not None:
            break
        if key in program.settings:
            return program.settings[key]
        given = _first(program.fields.get(key, []), program, depth)
        if given.env:
            return given if "{}" not in (given.text or "{}") else either([found, given])
        found = either([found, given])
    return found


def _ancestor(owner: Expression, steps: str, file: CodeFile, program: SourceProgram, depth: int) -> Value:
    """`Path(__file__).parents[1]`: the folder above the file's folder."""
    path: Expression = Name(owner.line, dotted(owner).removesuffix(".parents"))
    value = resolve(owner.owner if isinstance(owner, Attribute) else path, file, program, depth + 1)
    for _ in range(min(int(steps) if steps.isdigit() else 0, _MAX_DEPTH) + 1):
        value = above(value)
    return value


def _first(candidates: list[Given], program: SourceProgram, depth: int) -> Value:
    values = [resolve(value, file, program, depth + 1) for file, value in candidates[:_CANDIDATES]]
    # What a variable with a default is given to had another value before: `address: ":80"`, then an option.
    told = (value for value in values if program.dialect.packages and value.env and "{}" not in (value.text or "{}"))
    return next(told, either(values))


def _item(read: Subscript, file: CodeFile, program: SourceProgram, depth: int) -> Value:
    """What is read of something by a key: a folder above, a part of a text, a variable."""
    match read:
        case Subscript(owner=owner, key=Number(value=steps)) if dotted(owner).endswith(".parents"):
            return _ancestor(owner, steps, file, program, depth)
        case Subscript(owner=Call() as split, key=Number(value=at)) if split.last in program.dialect.splits:
            return _split(split, int(at) if at.isdigit() else MAX_GIVEN, file, program, depth)
        case Subscript(owner=owner, key=Text(value=key)) if key.isupper() and program.dialect.config_objects:
            if dotted(owner).endswith(program.dialect.config_objects):
                return _first(program.fields.get(key, []), program, depth)
    if is_environment(read, file, program.dialect):
        return Value(None, named_by(read.key, file, program))
    return Value()


def _split(call: Call, at: int, file: CodeFile, program: SourceProgram, depth: int) -> Value:
    """One part of a text that is taken apart: `"0.0.0.0:80".split(":")[1]`."""
    held, between = resolve(call.owner, file, program, depth + 1), call.argument(0)
    if not held.text or not isinstance(between, Text) or not between.value or at > _CANDIDATES:
        return Value(None, held.env)
    return Value(part_of(held.text, call.last, between.value, at), held.env)


def _sum(parts: tuple[Expression, ...], file: CodeFile, program: SourceProgram, depth: int) -> Value:
    values = [resolve(part, file, program, depth + 1) for part in parts]
    env = next((value.env for value in values if value.env), "")
    text = None if all(value.text is None for value in values) else put_together("", texts_of(values))
    return Value(text, env, values[0].other, place_of(values))


def _formatted(
    pattern: Expression, values: tuple[Expression, ...], file: CodeFile, program: SourceProgram, depth: int
) -> Value:
    text = resolve(pattern, file, program, depth + 1).text
    if not text or not isinstance(pattern, Text):
        return Value()
    parts = [resolve(value, file, program, depth + 1) for value in values]
    rest = iter(parts)
    shown = _VERB.sub(lambda match: match[0] if match[0] == "%%" else next(rest, Value()).text or "{}", text)
    return Value(shown, next((part.env for part in parts if part.env), ""), place=place_of(parts))


def _called(call: Call, file: CodeFile, program: SourceProgram, depth: int) -> Value:
    dialect = program.dialect
    if found := reads(call, file, program):
        default = resolve(found.default, file, program, depth + 1)
        other = default.text is None and _is_something(found.default, file)
        return Value(default.text, found.variable, other, default.place)
    callee, last = call.name, call.last
    if callee in dialect.texts:
        return Value(dialect.texts[callee])
    if call.arguments and is_named(callee, dialect.joins):
        values = [resolve(argument, file, program, depth + 1) for argument in call.arguments]
        moved = values[0].env or (values[-1].env if dialect.absolute_wins else "")
        return Value(put_together("/", texts_of(values)) if values[0].text else None, moved, values[0].other)
    owner = call.owner
    if last == "format" and isinstance(owner, Text):
        return Value(_braces(call, owner.value, file, program, depth))
    if call.arguments and is_named(callee, dialect.formats):
        return _formatted(call.arguments[0], call.arguments[1:], file, program, depth)
    if last in dialect.parents and call.arguments:
        return above(resolve(call.arguments[0], file, program, depth + 1))
    if last in dialect.siblings:
        return resolve(owner, file, program, depth + 1)
    by_key = _by_key(first.value, call, file, program, depth) if isinstance(first := call.argument(0), Text) else None
    if by_key is not None:
        return by_key
    if last in dialect.second and len(call.arguments) > 1:  # flag.String("addr", ":8080", "…")
        return resolve(call.arguments[1], file, program, depth + 1)
    if last == "joinpath" and owner is not None:
        values = [resolve(one, file, program, depth + 1) for one in (owner, *call.arguments)]
        return Value(put_together("/", texts_of(values)) if values[0].text else None, values[0].env, values[0].other)
    if last in dialect.casts or (dialect.cast_like and dialect.cast_like.search(last)):
        return resolve(call.arguments[0] if call.arguments else owner, file, program, depth + 1)
    return _first(scopes.returned(call, file, program), program, depth) if dialect.packages else Value()


def _by_key(key: str, call: Call, file: CodeFile, program: SourceProgram, depth: int) -> Value | None:
    """A setting by its key, else the field or flag of that name; None for calls that ask for neither."""
    if call.last in program.dialect.key_getters and f"key {key.lower()}" in program.settings:
        return program.settings[f"key {key.lower()}"]
    if call.last not in program.dialect.field_getters:
        return None
    default = resolve(call.argument(1), file, program, depth + 1)
    if default.text:
        return default
    flag = program.fields.get(f"flag {key}")
    return _first(flag, program, depth) if flag else _named(key, call.line, file, program, depth)


def _braces(call: Call, text: str, file: CodeFile, program: SourceProgram, depth: int) -> str:
    """`"http://{}:{port}".format(host, port=1)`."""
    for word, argument in call.named.items():
        if len(text) > MAX_TEXT:
            return text
        text = text.replace(f"{{{word}}}", resolve(argument, file, program, depth + 1).text or "{}")
    for number, argument in enumerate(call.arguments):
        if len(text) > MAX_TEXT or "{" not in text:
            return text
        value = resolve(argument, file, program, depth + 1).text or "{ }"
        text = text.replace(f"{{{number}}}", value) if f"{{{number}}}" in text else text.replace("{}", value, 1)
    return text
