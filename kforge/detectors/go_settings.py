"""Go's libraries of settings: structs whose tags name variables, viper's keys, flags that variables stand behind."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from kforge.detectors import go_keys, go_tables
from kforge.detectors.environment import ReadVariable, default_text, note
from kforge.detectors.go_tags import Tag, bare, tagged
from kforge.detectors.settings_knowledge import SettingsKnowledge
from kforge.domain.source.sightings import Sightings, Value
from kforge.syntax.code_file import Class, CodeFile
from kforge.syntax.expression import Call, Constant, Expression, Many, Name, Pairs, Text, dotted
from kforge.syntax.program import MAX_GIVEN, SourceProgram
from kforge.syntax.scopes import classes, package, qualified
from kforge.syntax.values import asked, resolve

_DEPTH = 4  # structs within each other
_MOST = 500  # fields of one struct with all that it holds
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z][a-z0-9]*|[a-z0-9]+")
_NEAR = 3  # lines behind a call that may end the program for its error


def scan(names: SourceProgram, knowledge: SettingsKnowledge, seen: Sightings) -> None:
    """Adds the variables that libraries read, and lets fields of structs stand for them."""
    structs = _Structs(names, knowledge)
    plain: dict[str, set[Value]] = {}
    for file in names.files:
        for made in file.classes:
            for filled in structs.of(made, file):
                note(filled.variable, filled.file, seen)
                value = Value(filled.variable.default, filled.variable.name)
                for key in filled.keys:
                    names.settings.setdefault(key, value)
                plain.setdefault(filled.field, set()).add(value)
    # `Port` of several structs is that of the one that is meant, which its name alone does not say.
    names.settings.update({each: next(iter(held)) for each, held in plain.items() if len(held) == 1})
    go_keys.scan(names, knowledge, seen)
    for file, variable in go_tables.variables(names):
        note(variable, file.path, seen)
    for file in names.files:
        for variable in (*_flags(file, names, knowledge), *_parsed(file, names, knowledge)):
            note(variable, file.path, seen)


class _Filled(NamedTuple):
    """A field of a struct that a variable fills. `keys`: what its package, its type and its owner's name make it."""

    field: str
    keys: tuple[str, ...]
    variable: ReadVariable
    file: str


class _Structs:
    """Structs that are filled from the environment, from the outermost inwards. Types go by `package:Name`."""

    def __init__(self, names: SourceProgram, knowledge: SettingsKnowledge) -> None:
        self.every: dict[str, str] = {}  # struct → prefix, where each of its fields is filled
        self.prefix, self.insists = "", False
        self.classes = classes(names)
        for file in names.files:
            self._options(file, knowledge)
        self.inner = {
            kind
            for name, (made, file) in self.classes.items()
            for each in made.fields
            if (kind := qualified(each.form, file)) != name
        }

    def _options(self, file: CodeFile, knowledge: SettingsKnowledge) -> None:
        for origin, calls in knowledge.rest["named_prefix"].items():
            local = {name for name, imported in file.imports.items() if imported == origin}
            for call in file.calls if local else ():
                owner, _, last = call.name.rpartition(".")
                if owner in local and last in calls and len(call.arguments) > 1:
                    prefix = call.arguments[0].value if isinstance(call.arguments[0], Text) else ""
                    for struct in _types(call.arguments[1], file):
                        self.every[struct] = f"{prefix.upper()}_" if prefix else ""
        for each in file.objects:
            if each.kind.endswith("env.Options"):
                given, insists = each.get(knowledge.rest["options_prefix"]), each.get("RequiredIfNoDef")
                self.prefix = given.value if isinstance(given, Text) else self.prefix
                self.insists = self.insists or (isinstance(insists, Constant) and insists.word == "true")

    def of(self, made: Class, file: CodeFile) -> list[_Filled]:
        """The fields of an outermost struct and those within it."""
        found: list[_Filled] = []
        kind = f"{package(file)}:{made.name}"
        if kind in self.every:
            self._every(kind, "", self.every[kind], 0, found)
        elif kind not in self.inner:
            self._tagged(kind, "", self.prefix, 0, found)
        return found

    def _tagged(self, kind: str, around: str, prefix: str, depth: int, found: list[_Filled]) -> None:
        made, file = self.classes[kind]
        for each in made.fields[:_MOST]:
            tag, inner = tagged(each.tag), qualified(each.form, file)
            deeper = inner in self.classes and inner != kind and depth < _DEPTH and len(found) < _MOST
            if deeper and not (tag and tag.name):
                self._tagged(inner, each.name, f"{prefix}{tag.prefix if tag else ''}", depth + 1, found)
            elif tag and tag.name:
                required = tag.required or (self.insists and tag.default is None)
                variable = ReadVariable(f"{prefix}{tag.name}", tag.default, required, each.line)
                found.append(_filled(each.name, kind, around, variable, file))

    def _every(self, kind: str, around: str, prefix: str, depth: int, found: list[_Filled]) -> None:
        """envconfig's way: `PREFIX_FIELD`, or `PREFIX_THE_FIELD` where its words are split."""
        made, file = self.classes[kind]
        for each in made.fields[:_MOST]:
            tag = tagged(each.tag)
            tag = Tag("", *bare(each.tag)[1:3], split=tag.split) if tag and not tag.name else tag or bare(each.tag)
            name = tag.name or ("_".join(_WORD.findall(each.name)) if tag.split else each.name)
            inner = qualified(each.form, file)
            if each.tag.startswith("ignored") or not each.name[:1].isupper() or len(found) > _MOST:
                continue
            if inner in self.classes and inner != kind and depth < _DEPTH:
                self._every(inner, each.name, f"{prefix}{name.upper()}_", depth + 1, found)
            else:
                variable = ReadVariable(f"{prefix}{name.upper()}", tag.default, tag.required, each.line)
                found.append(_filled(each.name, kind, around, variable, file))


def _filled(name: str, kind: str, around: str, variable: ReadVariable, file: CodeFile) -> _Filled:
    keys = (f"{kind}.{name}", *((f"{around}.{name}",) if around else ()))
    return _Filled(name, keys, variable, file.path)


def _types(given: Expression, file: CodeFile) -> Iterator[str]:
    """The structs that something may be."""
    values = file.assigned.get(dotted(given), ())[:MAX_GIVEN] if isinstance(given, Name) else [given]
    for value in values:
        if isinstance(value, Pairs) and value.kind:
            yield qualified(value.kind, file)
        elif isinstance(value, Call) and value.name == "new" and value.arguments:
            yield qualified(dotted(value.arguments[0]), file)


def _flags(file: CodeFile, names: SourceProgram, knowledge: SettingsKnowledge) -> Iterator[ReadVariable]:
    """`&cli.StringFlag{Name: "port", EnvVars: []string{"PORT"}, Value: "80", Required: true}`."""
    flags = re.compile(knowledge.rest["flags"])
    for each in file.objects:
        if not flags.search(each.kind):
            continue
        given = each.get("EnvVars", "EnvVar", "Sources")
        listed = given.arguments if isinstance(given, Call) else given.items if isinstance(given, Many) else (given,)
        needs = each.get("Required")
        default = default_text(each.get("Value"), file, names)
        required = isinstance(needs, Constant) and needs.word == "true" and default is None
        for one in listed[:1]:
            if isinstance(one, Text):
                yield ReadVariable(one.value.partition(",")[0], default, required, each.line)
    for call in file.calls:
        if call.last == "WithEnvVarPrefix" and isinstance(prefix := call.argument(0), Text):
            for key, value in (pair for each in file.objects for pair in each.items if pair[0].startswith("flag ")):
                name = f"{prefix.value}_{key[5:]}".replace("-", "_").replace(".", "_").upper()
                yield ReadVariable(name, resolve(value, file, names).text, False, value.line)


def _parsed(file: CodeFile, names: SourceProgram, knowledge: SettingsKnowledge) -> Iterator[ReadVariable]:
    """`n, err := strconv.Atoi(os.Getenv("N"))` behind which the program may end."""
    ends = {*file.ends, *file.fails}
    tested = {asked(one, file, names) for one in file.tested}
    for call in file.calls:
        if call.last not in knowledge.rest["parsers"] or call in file.guarded or not call.arguments:
            continue
        near = any(call.line + number in ends for number in range(1, _NEAR + 1))
        if near and (name := asked(call.arguments[0], file, names)):
            yield ReadVariable(name, None, name not in tested, call.line)
