"""Code → the variables that it reads, their defaults, and which of them the program cannot do without.

Unaware of languages: what calls need of what they are given comes as data (`settings_knowledge.py`). A variable is
required where the program ends without it, or hands nothing to a call that cannot do with nothing. What is reached only
under a condition, or whose absence a condition asks for, requires none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from kforge.detectors import named_files
from kforge.detectors.settings_knowledge import SettingsKnowledge
from kforge.domain.source.hosts import hosts_for
from kforge.domain.source.sightings import Sightings
from kforge.syntax import mapping_loops
from kforge.syntax.code_file import CodeFile
from kforge.syntax.environment_reads import named_by, reads
from kforge.syntax.expression import (
    Attribute,
    Call,
    Constant,
    Either,
    Expression,
    Formatted,
    Joined,
    Many,
    Name,
    Pairs,
    Subscript,
    Text,
)
from kforge.syntax.program import SourceProgram, is_environment
from kforge.syntax.values import asked, candidates, resolve

_VARIABLE = re.compile(r"[A-Za-z_]\w*")
# Programs beside the service: what they need, it does without.
_BESIDE = re.compile(
    r"(?:^|/)(?:(?:scripts?|tools?|extras?|hack|ci|bin|static-builds?|management/commands)/|(?:manage|conftest|noxfile)\.py$)"
)
_SET = ("NODE_ENV",)  # every image sets it
# What a container has by itself: its runtime, the kubelet and the image set it.
_GIVEN = ("HOSTNAME", "HOME", "PATH", "PWD", "KUBERNETES_SERVICE_HOST", "KUBERNETES_SERVICE_PORT")
# What systemd tells the services that it starts, and no other: https://www.freedesktop.org/software/systemd/man/systemd.exec.html
_SYSTEMD = frozenset(("LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES", "NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID",
                      "INVOCATION_ID", "JOURNAL_STREAM", "CREDENTIALS_DIRECTORY"))  # fmt: skip
_NEAR = 12  # lines behind a loop over names that may end the program


class ReadVariable(NamedTuple):
    """A variable where it is read. `scheme`: the code itself puts a scheme before it, so that it holds an address.
    `switch`: it is only compared with `true`.
    """

    name: str
    default: str | None
    required: bool
    line: int
    scheme: bool = False
    switch: bool = False


def note(read: ReadVariable, file: str, seen: Sightings) -> None:
    """Adds a variable, and the hosts in its default."""
    if not _VARIABLE.fullmatch(read.name) or read.name in _SET:
        return
    required = read.required and read.name not in _GIVEN and read.name not in _SYSTEMD and not _BESIDE.search(file)
    value = {"name": read.name, "default": read.default, "required": required}
    form = "address" if read.scheme else "switch" if read.switch else ""
    seen.see("env", {**value, "form": form} if form else value, file, read.line)
    for host, port in hosts_for(read.name, read.default or ""):
        seen.see("hosts", {"host": host, "port": port}, file, read.line)


def scan(names: SourceProgram, knowledge: SettingsKnowledge, seen: Sightings) -> None:
    """Adds every variable that the files read, and `named_files`. What the program itself writes, it does not need of
    others.
    """
    named_files.scan(names, knowledge, seen)
    prefixes, written = _prefixes(names, knowledge), _written(names)
    for file in names.files:
        tested = {name for one in file.tested if (name := _variable(one, file, names))}
        for read in (
            *_switches(file, names),
            *_plain(file, names, tested),
            *_looped(file, names),
            *_replaced(file, names),
            *_needed(file, names, knowledge, tested, prefixes),
        ):
            note(read._replace(required=False) if read.name in written else read, file.path, seen)


def _written(names: SourceProgram) -> set[str]:
    """Variables that the program gives a value: `os.environ["TOR"] = "0"`."""
    stored = [(file, one) for file in names.files for one in file.stored if is_environment(one, file, names.dialect)]
    return {named_by(one.key, file, names) for file, one in stored} - {""}


def default_text(expression: Expression | None, file: CodeFile, names: SourceProgram) -> str | None:
    """A default as text; `True` and the like in the language's own word."""
    if isinstance(expression, Constant) and expression.word.lower() in ("true", "false"):
        return expression.word
    return resolve(expression, file, names).text if expression is not None else None


def _variable(expression: Expression, file: CodeFile, names: SourceProgram) -> str:
    """The variable that something reads, whether or not it has a default."""
    return asked(expression, file, names) or resolve(expression, file, names).env


def _plain(file: CodeFile, names: SourceProgram, tested: set[str]) -> Iterator[ReadVariable]:
    """Each place that reads a variable by its name."""
    for read in file.reads:
        if is_environment(read, file, names.dialect) and (name := named_by(read.key, file, names)):
            insists = names.dialect.index_insists and read not in file.guarded and name not in tested
            yield ReadVariable(name, None, insists, read.line)
    for call in file.calls:
        if found := reads(call, file, names):
            insists = found.insists and call not in file.guarded and found.variable not in tested
            default = default_text(found.default, file, names) if found.default else _held_before(call, file, names)
            yield ReadVariable(found.variable, default, insists, call.line)


def _switches(file: CodeFile, names: SourceProgram) -> Iterator[ReadVariable]:
    """Variables that are compared with `true`: anything else turns off what they switch."""
    for left, rights in file.compared if names.dialect.index_insists else ():
        owner = left.owner if isinstance(left, Call) and left.last == "lower" else left
        if not rights or not all(isinstance(one, Text) and one.value.lower() == "true" for one in rights):
            continue
        named = isinstance(owner, Subscript) and is_environment(owner, file, names.dialect)
        if isinstance(owner, Subscript) and named and (name := named_by(owner.key, file, names)):
            yield ReadVariable(name, None, False, left.line, switch=True)


def _held_before(call: Call, file: CodeFile, names: SourceProgram) -> str | None:
    """The default of what a reader fills, `readInt(&cfg.Port, "PORT")`: what the field had before."""
    reader, target = names.readers.get(call.last), call.argument(0)
    filled = reader is not None and reader.at > 0 and isinstance(target, Name) and "." in target.dotted
    return resolve(target, file, names).text or None if filled else None


def _replaced(file: CodeFile, names: SourceProgram) -> Iterator[ReadVariable]:
    """Variables for which another value stands in, and those without which the program ends."""
    for choice in file.choices:  # os.getenv("A") or "catalog"
        first = resolve(choice.options[0], file, names) if isinstance(choice, Either) else None
        if first and first.env and first.text is None and (text := resolve(choice, file, names).text):
            yield ReadVariable(first.env, text, False, choice.line)
    for missing, value in file.fallbacks:  # if x == "" { x = "catalog" }
        if name := asked(missing, file, names):
            yield ReadVariable(name, resolve(value, file, names).text, False, missing.line)
    for guard in file.guards:
        if name := asked(guard, file, names):
            yield ReadVariable(name, None, True, guard.line)


def _looped(file: CodeFile, names: SourceProgram) -> Iterator[ReadVariable]:
    """Variables that a loop reads by the names of a list, or the keys of a mapping; the program cannot do without them where
    it may end there.
    """
    keys: list[tuple[Expression | None, int, bool, bool]] = [
        (read.key, read.line, names.dialect.index_insists and read not in file.guarded, False)
        for read in (*file.reads, *(one for one in file.tested if isinstance(one, Subscript)))
        if is_environment(read, file, names.dialect)
    ]
    for call in file.calls if file.loops else ():
        reader = names.readers.get(call.last)
        if reader or call.name.endswith(names.dialect.getters):
            usual = isinstance(call.argument(reader.default if reader else 1), Name)  # the value beside the key
            keys.append((call.argument(reader.at if reader else 0), call.line, bool(reader and reader.insists), usual))
    for key, line, insists, usual in keys:
        if isinstance(key, Name) and (listed := file.loops.get(key.dotted)) is not None:
            ends = insists or any(line <= end <= line + _NEAR for end in file.ends)
            for item in _items(listed, file, names):
                yield ReadVariable(item.value, None, ends, item.line)
            for name, value in mapping_loops.pairs(listed, file):
                default = default_text(value, file, names) if usual else None
                yield ReadVariable(name, default, ends and not usual, value.line)


def _items(listed: Expression, file: CodeFile, names: SourceProgram) -> list[Text]:
    if isinstance(listed, Name):
        given = candidates(listed, file, names)
        listed = given[-1][1] if given else listed
    return [item for item in listed.items if isinstance(item, Text)] if isinstance(listed, Many) else []


def _prefixes(names: SourceProgram, knowledge: SettingsKnowledge) -> set[str]:
    """Variables that begin routes, `r.Handle(base+"/users", …)`: none is the usual one."""
    routes = knowledge.rest.get("routes", ())
    calls = [(file, call) for file in names.files for call in file.calls if call.last in routes]
    begun = [(file, parts[0]) for file, call in calls for one in call.arguments[:1] if (parts := _parts(one))]
    return {name for file, first in begun if (name := asked(first, file, names))}


def _needed(
    file: CodeFile, names: SourceProgram, knowledge: SettingsKnowledge, tested: set[str], prefixes: set[str]
) -> Iterator[ReadVariable]:
    """Variables without a default that are given to what fails without a value, or that a URL is made of."""
    said = {argument for call in file.calls if knowledge.logs.search(call.name) for argument in call.arguments}
    for call in file.calls:
        if call in file.guarded:
            continue
        given = [_given(call, at) for at in knowledge.needs.get(call.last, ())]
        if knowledge.methods and isinstance(call.callee, Attribute):
            owner = call.callee.owner
            plain = isinstance(owner, Subscript) or (
                isinstance(owner, Call) and owner.name.endswith(names.dialect.getters)
            )
            given.append(owner if plain else None)
        for one in given:
            if one is not None and (name := asked(one, file, names)) and name not in tested:
                yield ReadVariable(name, None, True, call.line)
    for joined in (*file.texts, *(call for call in file.calls if call.last in ("format", "Sprintf"))):
        if joined not in said and joined not in file.guarded:
            for name, scheme in _in_address(joined, file, names):
                required = name not in tested and (scheme or name not in prefixes)
                yield ReadVariable(name, None, required, joined.line, scheme)


def _given(call: Call, at: int | str) -> Expression | None:
    """What a call is given at a position, by a name, or in that field of an object."""
    if isinstance(at, int):
        return call.argument(at)
    if at in call.named:
        return call.named[at]
    fields = next((one for one in call.arguments if isinstance(one, Pairs)), None)
    return fields.get(at) if fields else None


def _in_address(joined: Expression, file: CodeFile, names: SourceProgram) -> Iterator[tuple[str, bool]]:
    """(variable, whether a scheme stands before it) of what has no other value and begins a URL or its authority."""
    parts = _parts(joined)
    for number, part in enumerate(parts):
        if isinstance(part, Text) or not (name := asked(part, file, names)):
            continue
        before = parts[number - 1] if number else None
        behind = parts[number + 1] if number + 1 < len(parts) else None
        head = before.value if isinstance(before, Text) else ""
        rest = behind.value if isinstance(behind, Text) else ""
        if head.endswith("://"):
            yield name, True
        elif number == 0 and rest.startswith("/"):
            yield name, False


def _parts(joined: Expression) -> tuple[Expression, ...]:
    """Parts of a text one after another: of a join, of `"http://{}/".format(x)`, of `fmt.Sprintf("http://%s/", x)`, of
    `"http://%s/" % x`.
    """
    if isinstance(joined, Joined):
        return joined.parts
    owner = joined.owner if isinstance(joined, Call) else None
    if isinstance(joined, Formatted) and isinstance(joined.pattern, Text):
        pattern, values = joined.pattern.value, joined.values
    elif not isinstance(joined, Call):
        return ()
    elif joined.last == "format" and isinstance(owner, Text):
        pattern, values = owner.value, joined.arguments
    elif joined.last == "Sprintf" and joined.arguments and isinstance(first := joined.arguments[0], Text):
        pattern, values = first.value, joined.arguments[1:]
    else:
        return ()
    texts = _HOLES.split(pattern, maxsplit=len(values))
    found: list[Expression] = []
    for number, text in enumerate(texts):
        found.append(Text(joined.line, text))
        if number < len(values) and number + 1 < len(texts):
            found.append(values[number])
    return tuple(one for one in found if not (isinstance(one, Text) and not one.value))


_HOLES = re.compile(r"\{\d{0,2}\}|%[svdq]")
