"""The address that a Go server is given → its port, and what keeps it from being reached: a host that is only the pod.

A variable or a flag that holds such a host is set; where the code has neither, its line is told.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from kforge.domain.commands.container_words import EVERYWHERE
from kforge.domain.source.sightings import Sightings, Value, port_number
from kforge.syntax import scopes
from kforge.syntax.code_file import CodeFile
from kforge.syntax.expression import Call, Expression, Joined, Name, Pairs, Text
from kforge.syntax.program import MAX_GIVEN, SourceProgram
from kforge.syntax.values import candidates, resolve

_LOOPBACK = re.compile(r"localhost|127\.0\.0\.1|\[?::1\]?")
_PATTERN = re.compile(r"%[svq]:%[dsv]")
_PORT = re.compile(r"([\w.\[\]:-]{0,60}):%[dsv]")
PRIVILEGED = 1024
_THROUGH = 4  # names that are followed


class Reached(NamedTuple):
    """How a port is opened to others: by a variable of its host, by flags, or by nothing that the code shows."""

    port: int
    env: str = ""
    words: tuple[str, ...] = ()
    closed: bool = False


class ListenAddress(NamedTuple):
    """What a server is told: the whole, and host and port where the code puts them together."""

    whole: Value
    host: Value | None = None
    port: Value | None = None
    flag: str = ""  # the flag that holds the host, or the whole
    port_flag: str = ""  # the flag that holds the port alone

    @property
    def env(self) -> str:
        """The variable that its port is read from, or the whole of it."""
        return self.port.env if self.port else self.whole.env

    @property
    def number(self) -> int:
        """The port; 0 where no text shows one."""
        shown = self.whole.text or ""
        return (port_number(self.port.text) if self.port else 0) or port_number(shown.rpartition(":")[2])

    @property
    def shown(self) -> Value:
        """What shows the port."""
        return self.port if self.port and port_number(self.port.text) else self.whole

    @property
    def local(self) -> bool:
        """Whether nothing outside of the pod reaches it."""
        host = self.host.text if self.host else (self.whole.text or "").rpartition(":")[0]
        return bool(_LOOPBACK.fullmatch(host or ""))


class GoAddresses:
    """The addresses of one program, followed to the flags and variables that hold them."""

    def __init__(self, names: SourceProgram) -> None:
        self.names = names
        self.flags = {
            id(value): key[5:]
            for file in names.files
            for each in file.objects
            for key, value in each.items
            if key.startswith("flag ")
        }

    def of(self, given: Expression, file: CodeFile) -> ListenAddress:
        """An address as it is written, followed to where the code puts it together."""
        whole = resolve(given, file, self.names)
        at, place = given, file
        for _ in range(_THROUGH):
            if flag := _flag(at, self.flags):
                return ListenAddress(whole, flag=flag)
            if parts := _host_and_port(at):
                host, port = (resolve(one, place, self.names) for one in parts)
                behind = [_behind(one, place, self.names, self.flags) for one in parts]
                return ListenAddress(whole, host, port, *behind)
            found = _given(at, place, self.names)
            if found is None:
                break
            place, at = found
        return ListenAddress(whole)

    def flag(self, value: Expression, file: CodeFile, of: set[int]) -> str:
        """The flag behind a name, of those whose defaults are meant."""
        found = {key: name for key, name in self.flags.items() if key in of}
        return _behind(value, file, self.names, found)


def reach(address: ListenAddress, file: str, line: int, seen: Sightings) -> None:
    """See by what an address that only the pod reaches, or a port that only root may open, becomes another."""
    number, told = address.number, Reached(address.number)
    if not address.local and number >= PRIVILEGED:
        return
    whole, port = (
        f"{EVERYWHERE * address.local}:{number}",
        address.port_flag and not address.env and number < PRIVILEGED,
    )
    if address.local and address.host is not None and address.host.env:
        told = told._replace(env=address.host.env)
    elif address.local and address.host is not None and address.flag:
        told = told._replace(words=(f"--{address.flag}={EVERYWHERE}",))
    elif address.host is None and address.flag and not address.env:
        told = told._replace(words=(f"--{address.flag}={whole}",))
    elif address.local and (address.host is not None or not address.env):
        told = told._replace(closed=True)
    if port:
        told = told._replace(words=(*told.words, f"--{address.port_flag}={number}"))
    seen.see("reached", told, file, line)


def _flag(value: Expression, flags: dict[int, str]) -> str:
    """The flag whose default something is, or that a call declares: `flag.String("addr", "localhost:80", "")`."""
    if id(value) in flags:
        return flags[id(value)]
    return next((flags[id(one)] for one in value.arguments if id(one) in flags), "") if isinstance(value, Call) else ""


def _behind(value: Expression, file: CodeFile, names: SourceProgram, flags: dict[int, str]) -> str:
    """The flag behind a name, through what it is given."""
    for _ in range(_THROUGH):
        if flag := _flag(value, flags):
            return flag
        found = _given(value, file, names)
        if found is None:
            break
        file, value = found
    return ""


def _given(value: Expression, file: CodeFile, names: SourceProgram) -> tuple[CodeFile, Expression] | None:
    """What a name was given, or a function of the source's own gives back; of several, what says most."""
    if isinstance(value, Call):
        found = scopes.returned(value, file, names)
    elif isinstance(value, Name):
        found = candidates(value, file, names)
        for key in scopes.keys(value.dotted, value.line, file, names) if not found else ():
            if found := names.fields.get(key, []):
                break
    else:
        return None
    ranked = sorted(found[:MAX_GIVEN], key=lambda each: (isinstance(each[1], Pairs), isinstance(each[1], Text)))
    return next((each for each in ranked if each[1] is not value), None)


def _host_and_port(value: Expression) -> tuple[Expression, Expression] | None:
    """The two parts of `host + ":" + port` and of `fmt.Sprintf("%s:%d", host, port)`."""
    if isinstance(value, Joined) and len(value.parts) == 2:
        first, second = value.parts
        if isinstance(first, Text) and first.value.endswith(":"):
            return Text(first.line, first.value[:-1]), second
        return (
            (first, Text(second.line, second.value[1:]))
            if isinstance(second, Text) and second.value[:1] == ":"
            else None
        )
    if isinstance(value, Joined) and len(value.parts) == 3:
        host, colon, port = value.parts
        return (host, port) if isinstance(colon, Text) and colon.value == ":" else None
    if isinstance(value, Call) and value.last == "Sprintf" and len(value.arguments) == 2:
        pattern, port = value.arguments
        shown = _PORT.fullmatch(pattern.value) if isinstance(pattern, Text) else None
        return (Text(value.line, shown[1]), port) if shown else None
    if isinstance(value, Call) and value.last == "Sprintf" and len(value.arguments) == 3:
        pattern, host, port = value.arguments
        return (host, port) if isinstance(pattern, Text) and _PATTERN.fullmatch(pattern.value) else None
    return None
