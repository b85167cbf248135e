"""JavaScript and TypeScript, masked → what expressions come to, as far as literals reach. Unaware of ports and hosts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from kforge.domain.source.sightings import SourcePlace, Value
from kforge.domain.source.text import FILL, MAX_TEXT, Code, Masked, arguments, closing, every, mask_js, stripped

_MAX_DEPTH = 8
NAME = r"[A-Za-z_$][\w$]*+"
GENERIC = r"(?:<[^()]{0,200}>)?"  # arguments of a type, before those of a call
_ASSIGNED = re.compile(
    rf"(?<![\w$.=!<>])({NAME}(?:\.{NAME})*+)(?:[?!]?\s*+:\s*+[A-Za-z_][\w.<>\[\]| ]*+)?\s*+=(?![=>])\s*+"
)
_KEYED = re.compile(rf"(?<=[{{,])\s*+({NAME}|\"{FILL}*+\")\s*+:(?!:)\s*+")
_SET = re.compile(r"\.set\s*+\(\s*+(\")")
_DESTRUCTURED = re.compile(r"(?:const|let|var)\s*+\{([^{}]*+)\}\s*+=\s*+process\.env\b")
_FIELD = re.compile(rf"\s*+({NAME})\s*+(?::\s*+({NAME}))?\s*+(?:=\s*+)?")
_STOPS = re.compile(r"[()\[\]{},;]|\n\s*+")
_SPLIT = re.compile(r"[()\[\]{}]|\|\||\?\?|\?\.|\?|:|\+\+|\+")
ENV = re.compile(rf"(?:process|Bun)\.env(?:\.({NAME})|(?:\?\.)?\[\s*+(\"))")
_CALL = re.compile(rf"(?:new\s++)?({NAME}(?:\.{NAME})*+)\s*+{GENERIC}\s*+\(")
_PLAIN = re.compile(rf"\"[{FILL}\n]*+\"")
_CAST = re.compile(r"(?:(?<!\s)\s++as\s++[\w.<>\[\] |]{1,200}+|!)$")
_DOTTED = re.compile(rf"{NAME}(?:\??\.{NAME})*+")
_NUMBERS = re.compile(r"port|int|num|parse|string|required|ensure|normali[sz]e", re.IGNORECASE)
_READER = re.compile(
    rf"(?:function\s++({NAME})\s*+\(|(?:const|let|var)\s++({NAME})\s*+=\s*+(?:async\s*+)?(?:function\s*+)?\()\s*+({NAME})"
)
_ASKED = re.compile(rf"process\.env\[\s*+({NAME})\s*+\]")


@dataclass(slots=True)
class Script:
    """One file: its masked code, and the spans that its names and keys are given."""

    path: str
    masked: Masked
    place: SourcePlace
    names: dict[str, list[tuple[int, int]]] = field(default_factory=dict)
    keys: list[tuple[str, int, int]] = field(default_factory=list)

    @property
    def code(self) -> Code:
        return self.masked.code

    def line(self, offset: int) -> int:
        return self.place.line(offset)


@dataclass(slots=True)
class NodeNames:
    """What the files of a source know of each other."""

    scripts: list[Script]
    fields: dict[str, list[tuple[Script, int, int]]] = field(default_factory=dict)
    known: dict[str, Value] = field(default_factory=dict)  # destructured from process.env
    readers: dict[str, bool] = field(default_factory=dict)  # own functions that read a variable: whether they insist
    # what spans came to: each is read once a depth
    values: dict[tuple[str, int, int, int], Value] = field(default_factory=dict)


def read(path: str, text: str) -> Script:
    script = Script(path, mask_js(text), SourcePlace.of(path, text))
    code = script.code
    for match in every(_ASSIGNED, code):
        script.names.setdefault(match.group(1), []).append((match.end(), ending(code, match.end())))
    for match in every(_KEYED, code):
        key = match.group(1)
        name = script.masked.string(match.start(1)) or "" if key.startswith('"') else key
        script.keys.append((name, match.end(), ending(code, match.end())))
    for match in every(_SET, code):
        spans = arguments(code, code.index("(", match.start()))
        if len(spans) == 2:
            script.keys.append((script.masked.string(match.start(1)) or "", *spans[1]))
    return script


def known(scripts: list[Script]) -> NodeNames:
    names = NodeNames(scripts)
    for script in scripts:
        for name, spans in script.names.items():
            for span in spans:
                names.fields.setdefault(name.rpartition(".")[2], []).append((script, *span))
        for name, start, end in script.keys:
            names.fields.setdefault(name, []).append((script, start, end))
        for match in every(_READER, script.code):
            body = script.code[match.end() : match.end() + 400].split("\nfunction ")[0]
            if match.group(3) in _ASKED.findall(body):
                names.readers[match.group(1) or match.group(2)] = "throw" in body or "process.exit" in body
    for script in scripts:
        for variable, local, start, end in destructured(script):
            names.known[local] = Value(value(script, start, end, names).text if end > start else None, variable)
    names.values.clear()  # what was read before all was known
    return names


def destructured(script: Script) -> Iterator[tuple[str, str, int, int]]:
    """(variable, local name, span of the default) of `const { PORT = 3000, HOST: host } = process.env`."""
    for match in every(_DESTRUCTURED, script.code):
        start = match.start(1)
        for piece in re.finditer(r"[^,]++", match.group(1)):
            if found := _FIELD.match(piece.group()):
                begin, end = stripped(script.code, start + piece.start() + found.end(), start + piece.end())
                yield found.group(1), found.group(2) or found.group(1), begin, max(begin, end)


def ending(code: Code, start: int) -> int:
    """Where the expression that begins at `start` ends: at a comma, semicolon, bracket or line of its own level."""
    level = 0
    for match in _STOPS.finditer(code, start, start + 4000):
        found = match.group()
        if found in "([{":
            level += 1
        elif found in ")]}":
            level -= 1
            if level < 0:
                return match.start()
        elif level == 0 and (found in ",;" or not _goes_on(code, start, match.start())):
            return match.start()
    return min(len(code), start + 4000)


def _goes_on(code: str, start: int, offset: int) -> bool:
    """Whether a line break lies inside an expression: an operator stands before or after it."""
    before = code[start:offset].rstrip()
    after = code[offset : offset + 200].lstrip()
    return not before or before[-1] in "|?&+=(:" or after[:1] in ("|", "?", "&", "+", ".", ":")


def value(script: Script, start: int, end: int, names: NodeNames, depth: int = 0) -> Value:
    """What code[start:end] comes to. Parts that nothing shows are `{}`; an unknown whole is no text."""
    start, end = stripped(script.code, start, end)
    if depth > _MAX_DEPTH or start >= end or end - start > 2000:
        return Value()
    key = (script.path, start, end, depth)
    if key not in names.values:
        found = _value(script, start, end, names, depth)
        names.values[key] = found if len(found.text or "") <= MAX_TEXT else Value(None, found.env)
    return names.values[key]


def _value(script: Script, start: int, end: int, names: NodeNames, depth: int) -> Value:
    code = script.code
    while code[start] in "(+!~":
        bracket = code[start] == "("
        if bracket and closing(code, start) != end - 1:
            break
        start, end = stripped(code, start + 1, end - bracket)
        if start >= end:
            return Value()
    text = _CAST.sub("", code[start:end])
    if (parts := _pieces(text)) and len(parts[0]) > 1:
        return _combined(script, start, parts, names, depth)
    literal = script.masked.string(start) if text.startswith('"') else None
    if literal is not None and (_PLAIN.fullmatch(text) or len(literal) + 2 == len(text)):
        return _template(script, start, literal, text, names, depth)
    if re.fullmatch(r"\d[\d_]*+", text):
        return Value(text.replace("_", ""))
    if found := ENV.fullmatch(text) or (ENV.match(text) if text.endswith("]") else None):
        return Value(None, found.group(1) or script.masked.string(start + found.start(2)) or "")
    if text in ("__dirname", "import.meta.dirname", "process.cwd()"):
        return Value(".")
    if _DOTTED.fullmatch(text):
        return _named(text.replace("?.", "."), script, names, depth)
    return _called(script, start, text, names, depth)


def _pieces(text: str) -> tuple[list[tuple[int, int]], list[str]] | None:
    """Spans of the operands at the outermost level, and the operators between them."""
    spans, operators, level, last = [], [], 0, 0
    for match in _SPLIT.finditer(text):
        found = match.group()
        if found in "([{":
            level += 1
        elif found in ")]}":
            level -= 1
        elif level == 0 and found not in ("?.", "++") and match.start():
            spans.append((last, match.start()))
            operators.append(found)
            last = match.end()
    return ([*spans, (last, len(text))], operators) if operators else None


def _combined(
    script: Script, start: int, parts: tuple[list[tuple[int, int]], list[str]], names: NodeNames, depth: int
) -> Value:
    spans, operators = parts
    if operators[0] == "?" and ":" in operators:
        spans = spans[1:]  # either branch of a choice
        operators = operators[1:]
    values = [value(script, start + begin, start + end, names, depth + 1) for begin, end in spans]
    if set(operators) == {"+"}:
        shown = any(one.text is not None for one in values)
        return Value(
            "".join(one.text or "{}" for one in values) if shown else None,
            next((one.env for one in values if one.env), ""),
        )
    env = next((one.env for one in values if one.env), "")
    return Value(next((one.text for one in values if one.text), None), env)


def _template(script: Script, start: int, literal: str, text: str, names: NodeNames, depth: int) -> Value:
    """A string, with the expressions of a template replaced by what they come to."""
    if "${" not in text:
        return Value(literal)
    pieces: list[str] = []
    position = 0
    env = ""
    for opened, closed in _expressions(text):
        pieces.append(literal_between(literal, text, position, opened))
        one = value(script, start + opened + 2, start + closed, names, depth + 1)
        pieces.append(one.text or "{}")
        env = env or one.env
        position = closed + 1
    pieces.append(literal_between(literal, text, position, len(text) - 1))
    return Value("".join(pieces), env)


def _expressions(text: str) -> Iterator[tuple[int, int]]:
    """Where each `${` stands, and the first `}` behind it."""
    closed = -1
    while (opened := text.find("${", closed + 1)) >= 0 and (closed := text.find("}", opened)) >= 0:
        yield opened, closed


def literal_between(literal: str, text: str, start: int, end: int) -> str:
    """The part of a template's literal that lies under a span of its mask: both run alike, the quote left out."""
    return literal[max(start - 1, 0) : end - 1]


def _named(text: str, script: Script, names: NodeNames, depth: int) -> Value:
    last = text.rpartition(".")[2]
    if text in names.known:
        return names.known[text]
    own = [(script, *span) for span in script.names.get(text, ())[:4]]
    found = Value()
    for other, start, end in own or names.fields.get(last, [])[:4]:
        one = value(other, start, end, names, depth + 1)
        found = Value(found.text or one.text, found.env or one.env)
    return found


def _called(script: Script, start: int, text: str, names: NodeNames, depth: int) -> Value:
    """Casts, joined paths, settings of an application, and the source's own readers of variables."""
    match = _CALL.match(text)
    if not match:
        return Value()
    spans = arguments(script.code, start + match.end() - 1)
    callee = match.group(1)
    last = callee.rpartition(".")[2]
    if not spans:
        return Value("/tmp") if callee in ("os.tmpdir", "tmpdir") else Value()  # noqa: S108  # a fact, not a use
    if callee in ("path.join", "path.resolve", "join", "resolve", "path.posix.join"):
        parts = [value(script, *span, names, depth + 1).text for span in spans]
        return Value("/".join(part or "{}" for part in parts) if parts[0] else None)
    first = script.masked.string(spans[0][0])
    if last in names.readers and first:
        return Value(value(script, *spans[1], names, depth + 1).text if len(spans) > 1 else None, first)
    if last == "get" and first:
        default = value(script, *spans[1], names, depth + 1) if len(spans) > 1 else Value()
        if re.fullmatch(r"[A-Z][A-Z0-9_]+", first):
            return Value(default.text, first)
        return default if default.text else _named(first, script, names, depth)
    return value(script, *spans[0], names, depth + 1) if _NUMBERS.search(last) else Value()
