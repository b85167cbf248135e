"""viper and koanf: keys of settings → the variables that stand for them, with the defaults that code and flags give.

Values of keys are held as settings of the program: `key http.port`, and fields of structs that are filled by key.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from kforge.detectors.environment import ReadVariable, default_text, note
from kforge.detectors.settings_knowledge import SettingsKnowledge
from kforge.domain.source.sightings import Sightings, Value
from kforge.syntax.code_file import CodeFile
from kforge.syntax.expression import Call, Expression, Pairs, Text, dotted
from kforge.syntax.program import SourceProgram
from kforge.syntax.scopes import classes, outermost, qualified

_GETTERS = re.compile(
    r"(?:^|\.)(?:Get(?:String|Int|Bool|Duration|Uint(?:16|32|64)?|Float64|StringSlice|Int64|Int32)?|SetDefault|IsSet)$"
)
_KOANF = re.compile(r"(?:^|\.)(?:Must)?(?:String|Int|Int64|Bool|Float64|Duration|Strings|Ints)$")
_FLAG_SETS = re.compile(
    r"(?:^|\.)(?:Local|Persistent|Inherited)?Flags$|(?:^|\.)(?:p?flag|fs|flags|flagSet)$", re.IGNORECASE
)
_NAME = re.compile(r"[A-Za-z_]\w*")
_TAGS = re.compile(r'\b(?:mapstructure|koanf)\s*+:\s*+"([^",]*+)')
_KEY = re.compile(r"[\w.-]{1,100}")
_NEAR = 12  # lines of the function that turns a variable's name into a key
_DEPTH, _MOST = 5, 500


@dataclass(slots=True)
class _Naming:
    """How the names of variables are made of keys."""

    prefix: str = ""
    automatic: bool = False  # whether each key has a variable
    replaced: dict[str, str] | None = field(default_factory=dict)  # None: by what no text shows
    bound: dict[str, str] = field(default_factory=dict)  # key → the variable that the code names for it

    def of(self, key: str, plain: bool = True) -> str:
        """The variable of a key; "" for none, and where the code makes it of the key's words in a way of its own."""
        if key in self.bound:
            return self.bound[key]
        if not self.automatic or (self.replaced is None and not plain):
            return ""
        name = f"{self.prefix}{key}".upper()
        for before, after in (self.replaced or {}).items():
            name = name.replace(before.upper(), after)
        return name if _NAME.fullmatch(name) else ""


@dataclass(slots=True)
class _Key:
    """A key: its default, and where it was seen."""

    file: CodeFile
    line: int
    default: str | None = None
    plain: bool = True  # whether it is written in small letters and figures alone


def scan(names: SourceProgram, knowledge: SettingsKnowledge, seen: Sightings) -> None:
    """Adds the variables of keys, and what keys and the fields of their structs come to."""
    for library, reader in (("viper", _viper), ("koanf", _koanf)):
        origin = knowledge.rest["libraries"][library]
        files = [file for file in names.files if any(one.startswith(origin) for one in file.imports.values())]
        if not files:
            continue
        naming, keys = reader(files, names)
        for key, one in sorted(keys.items()):
            name = naming.of(key, one.plain)
            if name:
                note(ReadVariable(name, one.default or None, False, one.line), one.file.path, seen)
            names.settings[f"key {key}"] = Value(one.default, name)
    _structs(names)


def _see(keys: dict[str, _Key], key: str, file: CodeFile, line: int, default: str | None = None) -> None:
    if _KEY.fullmatch(key):
        held = keys.setdefault(key.lower(), _Key(file, line))
        held.plain = held.plain and key.isalnum() and key.islower()
        if held.default is None and default is not None:
            held.default = default


# ---- viper -------------------------------------------------------------------------------------------------------
def _viper(files: list[CodeFile], names: SourceProgram) -> tuple[_Naming, dict[str, _Key]]:
    naming, keys = _Naming(), dict[str, _Key]()
    calls = [(file, call) for file in files for call in file.calls]
    for _, call in calls:
        first = call.argument(0)
        match call.last:
            case "AutomaticEnv":
                naming.automatic = True
            case "SetEnvPrefix" if isinstance(first, Text) and first.value:
                naming.prefix = f"{first.value}_"
            case "SetEnvKeyReplacer":
                naming.replaced = _replacer(first)
    for file, call in calls:
        if call.last == "BindEnv" and isinstance(first := call.argument(0), Text):
            second = call.argument(1)
            key = first.value.lower()
            own = second.value if isinstance(second, Text) else ""
            naming.bound[key] = own or _Naming(naming.prefix, True, naming.replaced).of(key)
            _see(keys, key, file, call.line)
        elif call.last == "BindPFlag" and isinstance(first := call.argument(0), Text):
            looked = call.argument(1)
            flag = looked.argument(0) if isinstance(looked, Call) and looked.last == "Lookup" else first
            _flag(keys, first.value, flag.value if isinstance(flag, Text) else first.value, file, call.line, names)
    for file, call in calls:
        if _GETTERS.search(call.name) and isinstance(first := call.argument(0), Text) and not _of_flags(call.owner):
            default = default_text(call.argument(1), file, names) if call.last == "SetDefault" else None
            _see(keys, first.value, file, call.line, default)
    if any(call.last in ("BindPFlags", "BindFlagValues") for _, call in calls):
        for name in _flags(names.files):
            _flag(keys, name, name, *_place(names, name), names)
    return naming, keys


def _replacer(given: Expression | None) -> dict[str, str] | None:
    """`strings.NewReplacer("-", "_")` as pairs; None where no text shows them."""
    if not isinstance(given, Call) or given.last != "NewReplacer" or not given.arguments:
        return None
    texts = [one.value if isinstance(one, Text) else None for one in given.arguments]
    if any(text is None for text in texts):
        return None
    return {str(before): str(after) for before, after in zip(texts[::2], texts[1::2], strict=False) if before}


def _of_flags(owner: Expression | None) -> bool:
    """Whether something is the flags of a command, whose values are no keys: `cmd.Flags().GetString("config")`."""
    name = owner.name if isinstance(owner, Call) else dotted(owner) if owner is not None else ""
    return bool(_FLAG_SETS.search(name))


def _flags(files: Iterable[CodeFile]) -> Iterator[str]:
    for file in files:
        for each in file.objects:
            yield from (key[5:] for key, _ in each.items if key.startswith("flag "))


def _place(names: SourceProgram, flag: str) -> tuple[CodeFile, int]:
    file, value = names.fields[f"flag {flag}"][0]
    return file, value.line


def _flag(keys: dict[str, _Key], key: str, flag: str, file: CodeFile, line: int, names: SourceProgram) -> None:
    """A key that a flag stands for, with the flag's default."""
    held = names.fields.get(f"flag {flag}")
    default = default_text(held[0][1], held[0][0], names) if held else None
    _see(keys, key, file, line, default)


# ---- koanf -------------------------------------------------------------------------------------------------------
def _koanf(files: list[CodeFile], names: SourceProgram) -> tuple[_Naming, dict[str, _Key]]:
    naming, keys = _Naming(), dict[str, _Key]()
    for file in files:
        for call in file.calls:
            owner, _, last = call.name.rpartition(".")
            origin = file.imports.get(owner, "")
            if last.startswith("Provider") and "/providers/env" in origin:
                _environment(call, file, naming)
            elif last == "Provider" and "/providers/confmap" in origin and isinstance(given := call.argument(0), Pairs):
                for key, value in given.items:
                    _see(keys, key, file, value.line, default_text(value, file, names))
            elif last == "Provider" and "/providers/posflag" in origin:
                for name in _flags(names.files):
                    _flag(keys, name, name, *_place(names, name), names)
            elif _KOANF.search(call.name) and owner not in file.imports and not isinstance(call.owner, Call):
                only = call.argument(0) if len(call.arguments) == 1 else None
                _see(keys, only.value if isinstance(only, Text) else "", file, call.line)
    return naming, keys


def _environment(call: Call, file: CodeFile, naming: _Naming) -> None:
    """`env.Provider("APP_", ".", func(s string) string { … })`: the prefix, and what stands for the dot in a name."""
    texts = [one.value for one in call.arguments if isinstance(one, Text)]
    options = next((one for one in call.arguments if isinstance(one, Pairs)), None)
    prefix = options.get("Prefix") if options else None
    naming.prefix = prefix.value if isinstance(prefix, Text) else texts[0] if len(texts) > 1 else ""
    naming.automatic, naming.replaced = True, {}
    for near in file.calls:
        if call.line <= near.line <= call.line + _NEAR and near.last in ("ReplaceAll", "Replace"):
            before, after = near.argument(1), near.argument(2)
            if isinstance(before, Text) and isinstance(after, Text) and after.value == "." and before.value:
                naming.replaced = {".": before.value}


# ---- structs that are filled by key ------------------------------------------------------------------------------
def _structs(names: SourceProgram) -> None:
    """Fields that a tag names a key for, from the outermost struct inwards."""
    known = classes(names)
    tagged = [name for name, (made, _) in known.items() if any(_TAGS.search(each.tag) for each in made.fields)]
    queue = [(name, "", 0) for name in outermost(tagged, known)]
    for count, (name, path, depth) in enumerate(queue):
        made, file = known[name]
        for each in made.fields[:_MOST] if count < _MOST else ():
            tag = _TAGS.search(each.tag)
            key = f"{path}{tag.group(1) if tag else each.name}".lower()
            kind = qualified(each.form, file)
            if kind in known and kind != name and depth < _DEPTH:
                queue.append((kind, path if tag and not tag.group(1) else f"{key}.", depth + 1))
            elif tag and (held := names.settings.get(f"key {key}")):
                names.settings.setdefault(f"{name}.{each.name}", held)
