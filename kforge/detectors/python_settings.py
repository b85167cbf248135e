"""Classes whose fields are filled from the environment, as pydantic's settings are."""

from __future__ import annotations

import re
from dataclasses import dataclass

from kforge.domain.source.sightings import Value
from kforge.syntax.code_file import Class
from kforge.syntax.expression import Call, Constant, Expression, Number, Text, dotted
from kforge.syntax.program import SourceProgram

_LONGEST_PREFIX = 100
_OPTIONAL = re.compile(r"\bNone\b|\bOptional\b")


@dataclass(frozen=True, slots=True)
class EnvironmentField:
    """One field: the variable that fills it, the default as text (None without one), and whether None is allowed."""

    variable: str
    field: str
    default: str | None
    optional: bool
    line: int


def is_settings(made: Class) -> bool:
    return any(dotted(base).rpartition(".")[2].endswith("Settings") for base in made.bases)


def settings_fields(made: Class) -> list[EnvironmentField]:
    """The fields of a class of settings, behind the prefix that its configuration or its head gives."""
    given = made.options.get("env_prefix")
    prefix = given.value[:_LONGEST_PREFIX] if isinstance(given, Text) else ""
    found = []
    for each in made.fields:
        value, variable = each.value, f"{prefix}{each.name}".upper()
        if isinstance(value, Call) and value.last == "Field":
            for alias in ("env", "validation_alias", "alias"):
                if isinstance(one := value.named.get(alias), Text):
                    variable = one.value
            made_by = Text(each.line, "") if "default_factory" in value.named else None
            value = value.arguments[0] if value.arguments else value.named.get("default", made_by)
        found.append(
            EnvironmentField(variable, each.name, _default(value), bool(_OPTIONAL.search(each.form)), each.line)
        )
    return found


def _default(value: Expression | None) -> str | None:
    """The default as text: None without one, "" for one that no text shows."""
    if value is None or (isinstance(value, Constant) and value.word == "..."):
        return None
    if isinstance(value, Constant):
        return "" if value.word == "None" else value.word
    return value.value if isinstance(value, Text | Number) else ""


def take_settings(program: SourceProgram) -> None:
    """Lets the fields of settings stand for the variables that fill them."""
    for file in program.files:
        for made in file.classes:
            for each in settings_fields(made) if is_settings(made) else ():
                program.settings[each.field] = Value(each.default, each.variable)
