"""Django's ALLOWED_HOSTS → the hosts that it answers for, and the variable that names others.

The kubelet asks by the pod's address, which no list holds: a probe must name a host that is allowed. Where conditions give
several lists, the last one is what holds when nothing is set.
https://docs.djangoproject.com/en/stable/ref/settings/#allowed-hosts
"""

from __future__ import annotations

from collections.abc import Iterator

from kforge.detectors.django_settings import DjangoSettings
from kforge.domain.source.sightings import Sightings
from kforge.syntax.code_file import CodeFile
from kforge.syntax.environment_reads import named_by, reads
from kforge.syntax.expression import Call, Constant, Either, Expression, Joined, Many, Name, Subscript, Text
from kforge.syntax.program import MAX_GIVEN, SourceProgram, is_environment
from kforge.syntax.values import candidates, resolve

_NAME = "ALLOWED_HOSTS"
_ADDS = (f"{_NAME}.append", f"{_NAME}.extend")
_DEPTH = 6
_NEAR = 3  # lines of a comprehension
_LOCAL = ("localhost", "127.0.0.1", "[::1]", "0.0.0.0", "[::]", "testserver")  # noqa: S104  # names, bound by nothing


def allowed(settings: DjangoSettings, names: SourceProgram, seen: Sightings) -> None:
    """Sees `allowed_hosts` where not every host is; doubts a list in the code that no visitor is on."""
    held = settings.last(_NAME)
    if held is None:
        return
    file, value = held
    lists = settings.given(_NAME)
    if all(one.conditional(each.line) for one, each in lists):
        file, value = lists[-1]
    reading = _Hosts(names)
    reading.take(value, file, 0)
    for one in settings.files:
        for call in one.calls:
            if call.name in _ADDS and call.arguments and not one.conditional(call.line):
                reading.take(call.arguments[0], one, 1, call.last == "append")
    for other, each in lists if not reading.variable else ():
        further = _Hosts(names)
        further.take(each, other, 0)
        reading.variable, reading.split = further.variable, further.split
        if reading.variable:
            break
    if "*" in reading.hosts or reading.unknown:
        return
    hosts = list(dict.fromkeys(reading.hosts))
    fact = {"hosts": hosts, "env": reading.variable, "split": reading.split}
    seen.see("allowed_hosts", fact, file.path, value.line)
    if not reading.variable and all(one.lstrip(".") in _LOCAL for one in hosts):
        shown = ", ".join(f"`{one}`" for one in hosts) or "nothing"
        said = f"`ALLOWED_HOSTS` holds {shown}: requests for any other host get status 400"
        hint = 'add the host that browsers use, or read it: `os.environ["ALLOWED_HOSTS"].split(",")`'
        seen.see("doubts", {"said": said, "hint": hint}, file.path, value.line)


class _Hosts:
    """What a list of hosts holds: names, and a variable with what stands between its names (`""`: it holds one)."""

    def __init__(self, names: SourceProgram) -> None:
        self.names = names
        self.hosts: list[str] = []
        self.variable, self.split = "", ","
        self.unknown = False

    def take(self, value: Expression, file: CodeFile, depth: int, inside: bool = False) -> None:
        """`inside`: whether the value is one host of a list, and no list."""
        if depth > _DEPTH:
            return
        if isinstance(value, Text):
            self.hosts += [value.value] if inside else list(_split(value.value, self.split))
        elif isinstance(value, Many):
            for one in value.items[:MAX_GIVEN]:
                self.take(one, file, depth + 1, True)
        elif isinstance(value, Joined):
            for one in value.parts[:MAX_GIVEN]:
                self.take(one, file, depth + 1, inside)
        elif isinstance(value, Either):
            self.take(value.options[-1], file, depth + 1, inside)
            self._variable(resolve(value.options[0], file, self.names).env, inside)
        elif isinstance(value, Name):
            given = candidates(value, file, self.names)
            if given:
                self.take(given[-1][1], given[-1][0], depth + 1, inside)
        elif isinstance(value, Call):
            self._called(value, file, depth, inside)
        elif isinstance(value, Subscript) and is_environment(value, file, self.names.dialect):
            self._variable(named_by(value.key, file, self.names), inside)
        elif not inside and not isinstance(value, Constant):
            self._near(value, file)

    def _called(self, call: Call, file: CodeFile, depth: int, inside: bool) -> None:
        if found := reads(call, file, self.names):
            self._variable(found.variable, inside)
            if found.default is not None:
                self.take(found.default, file, depth + 1, inside)
        elif call.last == "split":
            between = call.argument(0, "sep")
            self.split = between.value if isinstance(between, Text) else " "
            if call.owner is not None:
                self._inner(call, file, depth)
        elif call.owner is not None and call.last in ("strip", "replace", "lower"):
            self._inner(call, file, depth, inside)
        elif call.arguments and call.last in ("list", "tuple", "set", "str", "Csv"):
            self.take(call.arguments[0], file, depth + 1, inside)
        elif inside:
            return  # a name that only the running pod knows
        else:
            self.unknown = True

    def _inner(self, call: Call, file: CodeFile, depth: int, inside: bool = False) -> None:
        if call.owner is not None:
            self.take(call.owner, file, depth + 1, inside)

    def _near(self, value: Expression, file: CodeFile) -> None:
        """`[one.strip() for one in os.environ.get("ALLOWED_HOSTS", "").split(",")]`: what is read there."""
        for call in file.calls:
            near = value.line <= call.line < value.line + _NEAR
            if near and (call.last == "split" or reads(call, file, self.names)):
                self.take(call, file, 1)
                return
        self.unknown = True

    def _variable(self, name: str, inside: bool) -> None:
        if name and not self.variable:
            self.variable = name
            self.split = "" if inside else self.split


def _split(text: str, between: str) -> Iterator[str]:
    for one in text.split(between) if between and between in text else [text]:
        if one.strip():
            yield one.strip()
