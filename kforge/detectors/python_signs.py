"""Python modules → by name, where they decorate, call, assign and inherit: the signs by which libraries are told in use."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from kforge.detectors.python_modules import called
from kforge.domain.facts import Evidence
from kforge.syntax.code_file import CodeFile
from kforge.syntax.expression import Many, Pairs, Text, dotted
from kforge.syntax.program import SourceProgram

_KINDS = ("names", "decorators", "bases", "installed")
_MOST = 200  # files that are kept of one name


class PythonSigns:
    """Looked up as `{"names": [...], "decorators": [...], "bases": [...], "installed": [...]}`: any of them is a sign."""

    def __init__(self, names: SourceProgram) -> None:
        self._seen: dict[tuple[str, str], list[Evidence]] = {}
        self._names = names
        for file in names.files:
            for kind, name, line in (*_names(file), *_defined(file), *_installed(file)):
                self._see(kind, name, file.path, line)

    def _see(self, kind: str, name: str, path: str, line: int) -> None:
        places = self._seen.setdefault((kind, name), [])
        if len(places) < _MOST and (not places or places[-1].file != path):
            places.append(Evidence(path, line))

    def hold(self, wanted: Mapping[str, Iterable[str]] | None) -> bool:
        """Whether one of some signs is there; nothing wanted always is."""
        return wanted is None or self.place(wanted) is not None

    def any(self, wanted: Mapping[str, Iterable[str]] | None) -> bool:
        """Whether one of some signs is there; nothing wanted never is."""
        return wanted is not None and self.place(wanted) is not None

    def place(self, wanted: Mapping[str, Iterable[str]] | None) -> Evidence | None:
        """The first of some signs."""
        return next((places[0] for places in self._places(wanted or {})), None)

    def files(self, wanted: Mapping[str, Iterable[str]]) -> list[str]:
        """Paths of modules with one of some signs, those of the first kind first."""
        return list(dict.fromkeys(one.file for places in self._places(wanted) for one in places))

    def _places(self, wanted: Mapping[str, Iterable[str]]) -> Iterable[list[Evidence]]:
        for kind in _KINDS:
            for name in wanted.get(kind, ()):
                if places := self._seen.get((kind, name)):
                    yield places

    def queues(self, setting: str) -> list[str]:
        """Names of queues: the keys of a setting, else the first arguments of `Queue(…)`."""
        found: dict[str, Any] = {}
        for file in self._names.files:
            for value in file.assigned.get(setting, ()) if setting else ():
                found.update(dict.fromkeys(key for key, _ in value.items) if isinstance(value, Pairs) else {})
            for call in file.calls if not setting else ():
                first = call.argument(0, "name") if call.last == "Queue" else None
                if isinstance(first, Text):
                    found[first.value] = None
        return [name for name in found if name and not name.startswith("-") and "\0" not in name][:10]


Sign = tuple[str, str, int]


def _names(file: CodeFile) -> Iterator[Sign]:
    """What is assigned, called, and given by a name."""
    for name, values in file.assigned.items():
        yield "names", name.lstrip(".").rpartition(".")[2], values[0].line
    for call in file.calls:
        yield "names", call.last, call.line
        yield from (("names", name, value.line) for name, value in call.named.items())
    for held in file.objects:
        yield from (("names", name, value.line) for name, value in held.items)


def _defined(file: CodeFile) -> Iterator[Sign]:
    """What decorates functions, and what classes inherit."""
    for function in file.functions:
        yield from (("decorators", called(each).rpartition(".")[2], each.line) for each in function.decorators)
    for kind in file.classes:
        yield from (("bases", dotted(each).rpartition(".")[2], each.line) for each in kind.bases)


def _installed(file: CodeFile) -> Iterator[Sign]:
    """Applications of Django that a settings module lists."""
    for held in file.listed if any(name.endswith("_APPS") for name in file.assigned) else ():
        for one in held.items if isinstance(held, Many) else ():
            if isinstance(one, Text):
                yield "installed", one.value.partition(".apps.")[0], one.line
