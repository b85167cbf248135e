"""Python's libraries of settings: pydantic's classes, environs and django-environ, `dj_database_url`, click's options."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from kforge.detectors.environment import ReadVariable, default_text, note
from kforge.detectors.settings_knowledge import SettingsKnowledge
from kforge.domain.source.sightings import Sightings, Value
from kforge.syntax.code_file import Class, ClassField, CodeFile
from kforge.syntax.expression import Call, Constant, Expression, Many, Number, Text, dotted
from kforge.syntax.program import SourceProgram
from kforge.syntax.values import asked, resolve

_LONGEST_PREFIX = 100
_OPTIONAL = re.compile(r"\bNone\b|\bOptional\b")
_TYPE = re.compile(r"\w+")
_OF_TESTS = re.compile(r"Test(?:s|ing)?(?=[A-Z_])|\w{0,80}?(?:Test|Testing)(?:Settings|Config)?$")
_DEPTH = 4  # classes of settings within and above each other
_MOST = 500  # fields of one class with all that it holds


def is_settings(made: Class, names: SourceProgram, depth: int = 0) -> bool:
    """Whether a class, or one that it descends from, is filled from the environment."""
    for base in made.bases if depth < _DEPTH else ():
        called = dotted(base).rpartition(".")[2]
        above = names.classes.get(called)
        if called.endswith("Settings") or (
            above is not None and above is not made and is_settings(above, names, depth + 1)
        ):
            return True
    return False


def _settings(names: SourceProgram) -> list[tuple[CodeFile, Class]]:
    """The classes of settings of the running program: not those of its tests, and none that only others descend from, each
    by a prefix of its own.
    """
    found = [
        (file, made)
        for file in names.files
        for made in file.classes
        if not _OF_TESTS.match(made.name) and is_settings(made, names)
    ]
    same: dict[str, bool] = {}
    for file, made in found:
        for above in _above(made, names):
            own = _option(made, "env_prefix", file, names) == _option(above, "env_prefix", file, names)
            same[above.name] = same.get(above.name, False) or own
    made_somewhere = {call.last for file in names.files for call in file.calls} if same else set()
    return [(file, made) for file, made in found if same.get(made.name, True) or made.name in made_somewhere]


class _Fields:
    """The fields of a class of settings, and of what stands in them, by the variables that fill them."""

    def __init__(self, file: CodeFile, names: SourceProgram) -> None:
        self.file, self.names = file, names
        self.strict = "pydantic_settings" in file.imported  # from its second version on, None is a default as any other
        self.found: list[tuple[str, ReadVariable]] = []

    def of(self, made: Class, prefix: str, delimiter: str, needed: bool = True, depth: int = 0) -> None:
        for each in made.fields:
            if each.name == "model_config" or each.form.startswith("ClassVar") or len(self.found) > _MOST:
                continue
            value, variable = _said(each, prefix)
            inner = next((one for word in _TYPE.findall(each.form) if (one := self.names.classes.get(word))), None)
            if delimiter and inner is not None and inner is not made and depth < _DEPTH:
                self.of(inner, f"{variable}{delimiter}".upper(), delimiter, needed and value is None, depth + 1)
                continue
            default = self._default(value)
            optional = bool(_OPTIONAL.search(each.form)) and not self.strict
            required = needed and default is None and not optional
            self.found.append((each.name, ReadVariable(variable, default, required, each.line)))

    def _default(self, value: Expression | None) -> str | None:
        """The default as text: None without one, "" for one that no text shows."""
        if value is None or (isinstance(value, Constant) and value.word == "..."):
            return None
        if isinstance(value, Constant):
            return "" if value.word == "None" else value.word
        if isinstance(value, Text | Number):
            return value.value
        found = resolve(value, self.file, self.names)
        return None if asked(value, self.file, self.names) else found.text or ""


def _said(each: ClassField, prefix: str) -> tuple[Expression | None, str]:
    """(default, variable) of a field."""
    value, variable = each.value, f"{prefix}{each.name}".upper()
    if isinstance(value, Call) and value.last == "Field":
        for alias in ("alias", "validation_alias", "env"):
            one = value.named.get(alias)
            if isinstance(one, Call) and one.arguments:  # AliasChoices("A", "B")
                one = one.arguments[0]
            if isinstance(one, Many) and one.items:
                one = one.items[0]
            if isinstance(one, Text):
                variable = one.value
        made_by = Text(each.line, "") if "default_factory" in value.named else None
        value = value.arguments[0] if value.arguments else value.named.get("default", made_by)
    return value, variable


def settings_fields(made: Class, file: CodeFile, names: SourceProgram) -> list[tuple[str, ReadVariable]]:
    """(field, variable) of a class of settings, behind the prefix that its configuration or its head gives."""
    fields = _Fields(file, names)
    prefix, delimiter = _option(made, "env_prefix", file, names), _option(made, "env_nested_delimiter", file, names)
    fields.of(made, prefix, delimiter)
    own = {each.name for each in made.fields}
    for above in _above(made, names):  # what is inherited is read by the prefix of the class that inherits it
        if prefix != _option(above, "env_prefix", file, names):
            kept = replace(above, fields=tuple(each for each in above.fields if each.name not in own))
            fields.of(kept, prefix, delimiter)
    return fields.found


def _above(made: Class, names: SourceProgram) -> list[Class]:
    """The source's own classes that one descends from, the nearest first."""
    found: list[Class] = []
    nearest = made
    for _ in range(_DEPTH):
        called = [names.classes.get(dotted(base).rpartition(".")[2]) for base in nearest.bases[:_DEPTH]]
        new = [one for one in called if one is not None and one is not made and one not in found]
        if not new:
            break
        found += new
        nearest = new[0]
    return found


def _option(made: Class, name: str, file: CodeFile, names: SourceProgram) -> str:
    """What the configuration of a class says, or of the nearest above it that says anything."""
    for each in (made, *_above(made, names)):
        if (given := each.options.get(name)) is not None:
            return (resolve(given, file, names).text or "")[:_LONGEST_PREFIX]
    return ""


def take_settings(program: SourceProgram) -> None:
    """Lets the fields of settings stand for the variables that fill them, and keeps what django-environ is told."""
    for file in program.files:
        for call in file.calls:
            if call.last == "Env" and file.imports.get(call.name.partition(".")[0], "").startswith("environ"):
                for name, scheme in call.named.items():  # environ.Env(DEBUG=(bool, False))
                    if isinstance(scheme, Many) and scheme.fixed and len(scheme.items) == 2:
                        program.schemes[name] = scheme.items[1]
    for file, made in _settings(program):
        for name, each in settings_fields(made, file, program):
            program.settings[name] = Value(each.default, each.name)


def scan(names: SourceProgram, knowledge: SettingsKnowledge, seen: Sightings) -> None:
    """Adds the variables that libraries read by themselves."""
    for file, made in _settings(names):
        for _, each in settings_fields(made, file, names):
            note(each, file.path, seen)
    for file in names.files:
        for call in file.calls:
            for read in _library(call, file, names, knowledge):
                note(read, file.path, seen)
        for read in _frameworks(file, names, knowledge):
            note(read, file.path, seen)


def _library(call: Call, file: CodeFile, names: SourceProgram, knowledge: SettingsKnowledge) -> Iterator[ReadVariable]:
    root, _, rest = call.name.partition(".")
    origin = file.imports.get(root, "")
    default = call.named.get("default")
    required = default is None and call not in file.guarded
    usual = knowledge.rest["variables"].get(f"{origin}.{rest}" if rest else origin)
    if usual:  # dj_database_url.config(env="DATABASE_URL", default=…)
        own = call.argument(9, "env")
        yield ReadVariable(
            own.value if isinstance(own, Text) else usual, default_text(default, file, names), required, call.line
        )
    method = knowledge.rest["methods_with_variable"].get(call.last)
    if method and not call.arguments and _of_environ(root, file):  # env.db()
        yield ReadVariable(method, default_text(default, file, names), required, call.line)
    for keyword in knowledge.rest["keywords"]:  # @click.option("--port", envvar="PORT", required=True)
        if (given := call.named.get(keyword)) is not None:
            first = given.items[0] if isinstance(given, Many) and given.items else given
            needs = call.named.get("required")
            insists = isinstance(needs, Constant) and needs.word == "True" and default is None
            if isinstance(first, Text):
                yield ReadVariable(first.value, default_text(default, file, names), insists, call.line)
    runs = call.last == "run" and root in knowledge.rest["runs"] and call.arguments
    if runs and (name := asked(call.arguments[0], file, names)):  # a bot that logs in with its token
        yield ReadVariable(name, None, call not in file.guarded, call.line)


def _of_environ(name: str, file: CodeFile) -> bool:
    """Whether a name is an object of django-environ or environs, made here or imported from the source's own."""
    made = [value for value in file.assigned.get(name, ())[:4] if isinstance(value, Call)]
    return any(value.last in ("Env", "FileAwareEnv") for value in made) or (not made and name == "env")


def _frameworks(file: CodeFile, names: SourceProgram, knowledge: SettingsKnowledge) -> Iterator[ReadVariable]:
    """Settings without which a framework ends, or looks on its own machine: Django's key, a broker, a database's host.

    https://docs.djangoproject.com/en/stable/ref/settings/#secret-key
    """
    for sign, needed in knowledge.rest["settings"].items():
        for setting in needed if not sign or sign in file.assigned else ():
            given = [one for each in file.objects if (one := each.get(setting)) is not None]
            for value in (*file.assigned.get(setting, ())[-1:], *given):  # app.config["KEY"] = …
                if name := asked(value, file, names):
                    yield ReadVariable(name, None, not file.conditional(value.line), value.line)
    networked = re.compile(knowledge.rest["databases"])
    for each in file.objects if "DATABASES" in file.assigned else ():
        engine = each.get("ENGINE")
        if isinstance(engine, Text) and networked.search(engine.value) and not file.conditional(each.line):
            for value in (each.get(key) for key in knowledge.rest["database_keys"]):
                if value is not None and (name := asked(value, file, names)):
                    yield ReadVariable(name, None, True, value.line)
