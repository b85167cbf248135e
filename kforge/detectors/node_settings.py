"""Node's libraries of settings: schemas of joi, zod, envalid and the like, convict, env-var, fields of class-validator."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from kforge.detectors.environment import ReadVariable, default_text, note
from kforge.detectors.settings_knowledge import SettingsKnowledge
from kforge.domain.source.sightings import Sightings, Value
from kforge.syntax.code_file import CodeFile
from kforge.syntax.expression import Attribute, Call, Constant, Expression, Many, Pairs, Text, dotted
from kforge.syntax.program import SourceProgram
from kforge.syntax.values import asked

_CONSTANT = re.compile(r"[A-Z][A-Z0-9_]*")
_LINKS = 20  # calls in a chain, and within each other
_CLASS = re.compile(r"Env|Config|Setting")


class SchemaField(NamedTuple):
    """What a schema says of a key."""

    required: bool
    default: Expression | None
    line: int


def scan(names: SourceProgram, knowledge: SettingsKnowledge, seen: Sightings) -> None:
    """Adds the variables that schemas of settings name, and lets their fields stand for them."""
    for file in names.files:
        tables = [table for module, table in knowledge.rest["schemas"].items() if _uses(file, module)]
        held: dict[str, SchemaField] = {}
        for each in file.objects if tables else ():
            for key, value in each.items:
                field = _field(value, tables, knowledge)
                if field is not None:
                    held[key] = field
        for read in (
            *_of_schema(held, file, names),
            *_properties(file, names, knowledge),
            *_convict(file, names, knowledge),
            *_env_var(file, names, knowledge),
            *_classes(file),
        ):
            note(read, file.path, seen)
            names.settings.setdefault(read.name, Value(read.default, read.name))


def _uses(file: CodeFile, module: str) -> bool:
    return module in file.imported or module in file.imports.values()


def _field(value: Expression, tables: list[Mapping[str, Any]], knowledge: SettingsKnowledge) -> SchemaField | None:
    """What a value of a schema says: `Joi.string().required()`, `z.coerce.number().default(3000)`, `port({default: 1})`."""
    calls = _chain(value)
    if not calls or not isinstance(value, Call):
        return None
    said = {call.last: call for call in calls}
    insists = any(table["insists"] for table in tables)
    default = next((said[name].argument(0) for name in knowledge.rest["default"] if name in said), None)
    given = next((call.argument(1) for call in calls if call.last == "optional" and len(call.arguments) > 1), None)
    options = [one for call in calls for one in call.arguments if isinstance(one, Pairs)]
    if any(table.get("options") for table in tables):
        given = given or next((found for one in options if (found := one.get("default")) is not None), None)
    optional = bool(said.keys() & {*knowledge.rest["optional"]})
    named = bool(said.keys() & {*knowledge.rest["required"]})
    required = not optional and default is None and given is None and (insists or named)
    return SchemaField(required, default or given, value.line)


def _chain(value: Expression) -> list[Call]:
    """Calls of a chain and those within its arguments, outermost first: `z.optional(z.string().url())`."""
    found: list[Call] = []
    rest: list[Expression | None] = [value]
    while rest and len(found) < _LINKS:
        one = rest.pop(0)
        if isinstance(one, Call):
            found.append(one)
            rest += [one.owner, *(each for each in one.arguments if isinstance(each, Call))]
        elif isinstance(one, Attribute):
            rest.append(one.owner)
    return found


def _of_schema(held: Mapping[str, SchemaField], file: CodeFile, names: SourceProgram) -> Iterator[ReadVariable]:
    """Keys that are variables' names, and those for which another object reads a variable."""
    for key, field in held.items():
        if _CONSTANT.fullmatch(key):
            yield ReadVariable(key, default_text(field.default, file, names), field.required, field.line)
    for each in file.objects if held else ():  # schema.parse({ port: process.env.PORT })
        for key, value in each.items:
            if key in held and not _CONSTANT.fullmatch(key) and (name := asked(value, file, names)):
                yield ReadVariable(name, default_text(held[key].default, file, names), held[key].required, value.line)


def _properties(file: CodeFile, names: SourceProgram, knowledge: SettingsKnowledge) -> Iterator[ReadVariable]:
    """JSON Schema of the environment: `{ required: ["PORT"], properties: { PORT: { default: 3000 } } }`."""
    if not any(_uses(file, module) for module in knowledge.rest["properties"]):
        return
    for each in file.objects:
        properties, required = each.get("properties"), each.get("required")
        listed = {one.value for one in required.items if isinstance(one, Text)} if isinstance(required, Many) else set()
        for key, value in properties.items if isinstance(properties, Pairs) else ():
            default = default_text(value.get("default"), file, names) if isinstance(value, Pairs) else None
            yield ReadVariable(key, default, key in listed and default is None, value.line)


def _convict(file: CodeFile, names: SourceProgram, knowledge: SettingsKnowledge) -> Iterator[ReadVariable]:
    """`{ format: "port", default: 3000, env: "PORT" }`; `default: null` is what no format lets pass."""
    if not any(_uses(file, module) for module in knowledge.rest["convict"]):
        return
    for each in file.objects:
        if isinstance(variable := each.get("env"), Text):
            default, form = each.get("default"), each.get("format")
            nothing = isinstance(default, Constant) and default.word == "null"
            free = form is None or (isinstance(form, Text) and form.value == "*")
            yield ReadVariable(variable.value, default_text(default, file, names), nothing and not free, variable.line)


def _env_var(file: CodeFile, names: SourceProgram, knowledge: SettingsKnowledge) -> Iterator[ReadVariable]:
    """`env.get("PORT").default("3000").required().asPort()`."""
    roots = [name for name, origin in file.imports.items() if origin in knowledge.rest["env_var"]]
    for call in file.calls if roots else ():
        calls = _chain(call)
        first = calls[-1]
        if len(calls) > 1 and first.last == "get" and dotted(first.callee).partition(".")[0] in roots:
            said = {one.last: one for one in calls}
            default = said["default"].argument(0) if "default" in said else None
            if call.last.startswith("as") and isinstance(name := first.argument(0), Text):
                yield ReadVariable(
                    name.value, default_text(default, file, names), "required" in said and default is None, call.line
                )


def _classes(file: CodeFile) -> Iterator[ReadVariable]:
    """Fields of a class that class-validator checks the environment with, as Nest's documentation does."""
    if "class-validator" not in file.imported:
        return
    optional = [call.line for call in file.calls if call.last in ("IsOptional", "ValidateIf")]
    for made in file.classes:
        before = made.line
        for each in made.fields if _CLASS.search(made.name) else ():
            free = any(before < line <= each.line for line in optional)
            before = each.line
            if _CONSTANT.fullmatch(each.name):
                shown = each.value.value if isinstance(each.value, Text) else None
                required = each.value is None and not free and "undefined" not in each.form
                yield ReadVariable(each.name, shown, required, each.line)
