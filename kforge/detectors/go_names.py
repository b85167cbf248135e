"""Go files, masked → the names, fields, parameters and readers of variables that a source declares. Unaware of what they come to."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice

from kforge.detectors.go_tags import tagged
from kforge.domain.source.sightings import SourcePlace, Value
from kforge.domain.source.text import MAX_MATCHES, Code, Masked, arguments, closing, every, mask_go

_KEYWORDS = r"(?!(?:const|var|return|case|if|else|for|go|defer|switch|select|package|import|type|func|range)\b)"
_NAME = r"[A-Za-z_]\w*+"
DOTTED = rf"{_NAME}(?:\.{_NAME})*+"
_ASSIGNED = re.compile(
    rf"(?<![\w.=!<>]){_KEYWORDS}({DOTTED})(?:\s*+,\s*+\w++){{0,7}}+(?:[ \t]++[*\[\]\w.]++)?[ \t]*+(?::=|=)(?!=)[ \t]*+"
)
_KEYED = re.compile(rf"(?<=[{{,\n])[ \t]*+({_NAME}):[ \t]++(?=\S)")
_FUNCTION = re.compile(rf"^func\s++(?:\([^()]*+\)\s*+)?({_NAME})\s*+\(", re.MULTILINE)
_FLAG = re.compile(r"\b(?:flag|pflag|\w*[fF]lags?(?:\(\))?|fs)\.(String|Int|StringP|IntP|Uint)(Var|VarP)?\s*+\(")
_DEFAULT = re.compile(r"\bSetDefault\s*+\(")
_TAG = re.compile(rf"(?<!\w)({_NAME})[ \t]++[\w.*\[\]]++[ \t]++(\")")
_STOPS = re.compile(r"[()\[\]{},;]|\n\s*+")
_CALLED = re.compile(rf"(?<!\w)({_NAME})\(")
_ASKED = re.compile(rf"(?:Getenv|LookupEnv)\(\s*+({_NAME})\s*+\)")
_BOUND = re.compile(
    r"addr|port|listen|host|url|dsn|bind|path|dir|router|group|mux|engine|app|echo|^[a-z]{1,2}$|^rg$|api", re.IGNORECASE
)


@dataclass(slots=True)
class GoFile:
    """One file: its masked code, and the spans that its names and fields are given."""

    path: str
    text: str
    masked: Masked
    place: SourcePlace
    names: dict[str, list[tuple[int, int]]] = field(default_factory=dict)
    keys: list[tuple[str, int, int]] = field(default_factory=list)
    functions: list[tuple[str, list[tuple[str, str]], int, int]] = field(default_factory=list)  # name, parameters, body

    @property
    def code(self) -> Code:
        return self.masked.code

    def line(self, offset: int) -> int:
        return self.place.line(offset)


@dataclass(frozen=True, slots=True)
class Reader:
    """An own function that reads variables: whether it insists, and whether further arguments name variables too."""

    insists: bool
    names_more: bool


@dataclass(slots=True)
class GoNames:
    """What the files of a source know of each other."""

    files: list[GoFile]
    fields: dict[str, list[tuple[GoFile, int, int]]] = field(default_factory=dict)
    bound: dict[tuple[str, str], list[tuple[GoFile, int, int]]] = field(default_factory=dict)  # (function, parameter)
    settings: dict[str, Value] = field(default_factory=dict)  # fields of structs with env tags
    readers: dict[str, Reader] = field(default_factory=dict)
    # what spans came to: each is read once a depth
    values: dict[tuple[str, int, int, int], Value] = field(default_factory=dict)
    # of routers, by (file, name, offset, depth)
    prefixes: dict[tuple[str, str, int, int], str | None] = field(default_factory=dict)


def read(path: str, text: str) -> GoFile:
    file = GoFile(path, text, mask_go(text), SourcePlace.of(path, text))
    code = file.code
    for match in every(_ASSIGNED, code):
        file.names.setdefault(match.group(1), []).append((match.end(), ending(code, match.end())))
    for match in every(_KEYED, code):
        file.keys.append((match.group(1), match.end(), ending(code, match.end())))
    for match in every(_FUNCTION, code):
        opening = match.end() - 1
        body = code.find("{", closing(code, opening))
        if body >= 0:
            parameters = [_parameter(code[start:end]) for start, end in arguments(code, opening)]
            file.functions.append((match.group(1), _typed(parameters), body, closing(code, body)))
    return file


def _parameter(text: str) -> tuple[str, str]:
    name, _, kind = text.partition(" ")
    return name, kind.strip()


def _typed(parameters: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """`a, b string`: the type of what stands before it."""
    kind, found = "", []
    for name, own in reversed(parameters):
        kind = own or kind
        found.append((name, kind))
    return found[::-1]


def known(files: list[GoFile]) -> GoNames:
    names = GoNames(files)
    wanted: dict[str, list[tuple[str, str]]] = {}
    for file in files:
        for name, spans in file.names.items():
            names.fields.setdefault(name.rpartition(".")[2], []).extend((file, *span) for span in spans)
        for name, start, end in file.keys:
            names.fields.setdefault(name, []).append((file, start, end))
        for name, parameters, start, end in file.functions:
            if any(_BOUND.search(parameter) for parameter, _ in parameters):
                wanted[name] = parameters
            _reader(name, parameters, file.code[start:end], names)
        _tags(file, names)
    for file in files:
        _options(file, names)
        _bindings(file, wanted, names)
    return names


def _reader(name: str, parameters: list[tuple[str, str]], body: str, names: GoNames) -> None:
    for parameter, _ in parameters[:1] if len(body) < 1200 else ():
        if parameter in _ASKED.findall(body):
            insists = bool(re.search(r"os\.Exit|log\.(?:Fatal|Panic)|\bpanic\(|\.Fatal", body))
            variadic = any(kind.startswith("...") for _, kind in parameters[1:])
            names.readers[name] = Reader(insists, variadic and len(re.findall(r"(?:Getenv|LookupEnv)\(", body)) > 1)


def _options(file: GoFile, names: GoNames) -> None:
    """Defaults of flags (`flag.StringVar(&addr, "addr", ":8080", …)`) and of viper's keys."""
    for match in every(_FLAG, file.code):
        spans = arguments(file.code, match.end() - 1)
        at = (2 if match.group(2) else 1) + (1 if "P" in (match.group(1)[-1:], (match.group(2) or "")[-1:]) else 0)
        if len(spans) > at:
            if match.group(2):
                target = file.code[slice(*spans[0])].lstrip("&")
                file.names.setdefault(target, []).append(spans[at])
                names.fields.setdefault(target.rpartition(".")[2], []).append((file, *spans[at]))
            if flag := file.masked.string(spans[1 if match.group(2) else 0][0]):
                names.fields.setdefault(f"flag {flag}", []).append((file, *spans[at]))
    for match in every(_DEFAULT, file.code):
        spans = arguments(file.code, match.end() - 1)
        if len(spans) == 2 and (key := file.masked.string(spans[0][0])):
            names.fields.setdefault(f"flag {key}", []).append((file, *spans[1]))


def _bindings(file: GoFile, wanted: dict[str, list[tuple[str, str]]], names: GoNames) -> None:
    """What parameters are given where their function is called."""
    if not wanted:
        return
    for match in calls(file.code, sorted(wanted)[:300]):
        if file.code[max(0, match.start() - 80) : match.start()].rpartition("\n")[2].lstrip().startswith("func"):
            continue
        for (parameter, _), span in zip(wanted[match.group(1)], arguments(file.code, match.end() - 1), strict=False):
            names.bound.setdefault((match.group(1), parameter), []).append((file, *span))


def calls(code: Code, wanted: Iterable[str]) -> Iterator[re.Match[str]]:
    """Calls of the functions wanted, less their definitions."""
    held = frozenset(wanted)
    found = (
        match
        for match in _CALLED.finditer(code)
        if match.group(1) in held and not code.endswith("func ", 0, match.start())
    )
    return islice(found, MAX_MATCHES)


def _tags(file: GoFile, names: GoNames) -> None:
    for match in every(_TAG, file.code):
        if found := tagged(file.masked.string(match.start(2)) or ""):
            names.settings[match.group(1)] = Value(found[1], found[0])


def ending(code: Code, start: int) -> int:
    """Where the expression that begins at `start` ends: at a comma, semicolon, bracket or line of its own level."""
    level = 0
    for match in _STOPS.finditer(code, start, start + 4000):
        found = match.group()
        if found in "([{":
            if found == "{" and level == 0 and code[start : match.start()].rstrip().endswith(('"', ")")):
                return match.start()  # `if x := f(); x {`
            level += 1
        elif found in ")]}":
            level -= 1
            if level < 0:
                return match.start()
        elif level == 0 and (found in ",;" or not code[start : match.start()].rstrip().endswith(("+", "(", "|"))):
            return match.start()
    return min(len(code), start + 4000)
