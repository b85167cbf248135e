"""Go files, masked → what expressions come to, as far as literals reach. Unaware of ports, hosts and frameworks."""

from __future__ import annotations

import re

from kforge.detectors.go_names import DOTTED, GoFile, GoNames
from kforge.domain.source.sightings import Value
from kforge.domain.source.text import MAX_TEXT, arguments, closing, stripped

_MAX_DEPTH = 8
_CALL = re.compile(rf"({DOTTED})\s*+\(")
_VERB = re.compile(r"%[-+# 0]{0,4}\d{0,4}(?:\.\d{1,4})?[svdqtx]")
GETTERS = ("os.Getenv", "os.LookupEnv", "syscall.Getenv")
_CASTS = (
    "Itoa",
    "Atoi",
    "string",
    "int",
    "TrimSpace",
    "TrimPrefix",
    "TrimSuffix",
    "TrimRight",
    "ToLower",
    "Sprint",
    "Clean",
    "Abs",
    "ParseInt",
    "ParseUint",
)


def value(file: GoFile, start: int, end: int, names: GoNames, depth: int = 0) -> Value:
    """What code[start:end] comes to. Parts that nothing shows are `{}`; an unknown whole is no text."""
    start, end = stripped(file.code, start, end)
    if depth > _MAX_DEPTH or start >= end or end - start > 2000:
        return Value()
    key = (file.path, start, end, depth)
    if key not in names.values:
        found = _value(file, start, end, names, depth)
        names.values[key] = found if len(found.text or "") <= MAX_TEXT else Value(None, found.env)
    return names.values[key]


def _value(file: GoFile, start: int, end: int, names: GoNames, depth: int) -> Value:
    code = file.code
    while start < end and (code[start] in "*&" or (code[start] == "(" and closing(code, start) == end - 1)):
        start, end = stripped(code, start + 1, end - (code[start] == "("))
    if start >= end:
        return Value()
    text = code[start:end]
    pieces = _sum(text)
    if len(pieces) > 1:
        parts = [value(file, start + begin, start + stop, names, depth + 1) for begin, stop in pieces]
        shown = any(part.text is not None for part in parts)
        return Value(
            "".join(part.text or "{}" for part in parts) if shown else None,
            next((part.env for part in parts if part.env), ""),
        )
    if text.startswith('"') and text.count('"') == 2 and text.endswith('"'):
        return Value(file.masked.string(start))
    if re.fullmatch(r"\d[\d_]*+", text):
        return Value(text.replace("_", ""))
    if re.fullmatch(DOTTED, text):
        return named(text, file, start, names, depth)
    return _called(file, start, text, names, depth)


def _sum(text: str) -> list[tuple[int, int]]:
    spans, level, last = [], 0, 0
    for match in re.finditer(r"[()\[\]{}+]", text):
        found = match.group()
        if found == "+" and level == 0:
            spans.append((last, match.start()))
            last = match.end()
        elif found != "+":
            level += 1 if found in "([{" else -1
    return [*spans, (last, len(text))]


def named(text: str, file: GoFile, offset: int, names: GoNames, depth: int) -> Value:
    """A variable, a constant, a field, or a parameter by what it is given where the function is called."""
    last = text.rpartition(".")[2]
    if "." in text and last in names.settings:
        return names.settings[last]
    candidates = [(file, *span) for span in file.names.get(text, ()) if span[0] != offset]
    for function, parameters, start, end in file.functions:
        if start <= offset <= end and text in [name for name, _ in parameters]:
            candidates = [
                *names.bound.get((function, text), ())[:6],
                *(one for one in candidates if start <= one[1] <= end),
            ]
    found = Value()
    for other, start, end in candidates[:6] or names.fields.get(last, [])[:6]:
        one = value(other, start, end, names, depth + 1)
        found = Value(found.text or one.text, found.env or one.env)
    return found


def _called(file: GoFile, start: int, text: str, names: GoNames, depth: int) -> Value:
    match = _CALL.match(text)
    if not match:
        return Value()
    callee = match.group(1)
    last = callee.rpartition(".")[2]
    spans = arguments(file.code, start + match.end() - 1)
    values = [value(file, *span, names, depth + 1) for span in spans[:6]]
    if not values:
        return Value("/tmp") if callee == "os.TempDir" else Value()  # noqa: S108  # a fact, not a use
    first = values[0].text
    if callee in GETTERS:
        return Value(None, first or "")
    if last in names.readers and first:
        more = names.readers[last].names_more
        return Value(values[1].text if len(values) > 1 and not more else None, first)
    if last in ("Sprintf", "Errorf") and first:
        return Value(_formatted(first, values[1:]), next((one.env for one in values[1:] if one.env), ""))
    if last == "JoinHostPort" and len(values) == 2:
        return Value(f"{values[0].text or ''}:{values[1].text}" if values[1].text else None, values[1].env)
    if callee in ("filepath.Join", "path.Join"):
        return Value("/".join(one.text or "{}" for one in values) if first else None)
    if callee == "cmp.Or":
        return Value(
            next((one.text for one in values if one.text), None), next((one.env for one in values if one.env), "")
        )
    if last in ("String", "Int", "StringP", "IntP", "Uint") and len(values) > 1:
        return values[2] if last.endswith("P") and len(values) > 2 else values[1]
    if last in ("GetString", "GetInt", "Get", "GetUint") and first:
        spots = names.fields.get(f"flag {first}", [])
        return value(*spots[0], names, depth + 1) if spots else Value()
    return values[0] if last in _CASTS else Value()


def _formatted(pattern: str, values: list[Value]) -> str:
    rest = iter(values)
    return _VERB.sub(lambda _: next(rest, Value()).text or "{}", pattern)
