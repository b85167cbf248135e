"""Django's settings → the module that production takes, and the files that make it, the furthest first.

A project starts with settings for development unless DJANGO_SETTINGS_MODULE names others: those of production are the
module beside them that is called so. Only texts count; what code chooses while it runs is not followed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from kforge.detectors.python_modules import PythonModules
from kforge.domain.source.sightings import Sightings
from kforge.syntax.code_file import CodeFile
from kforge.syntax.expression import Expression, Pairs, Text
from kforge.syntax.program import MAX_GIVEN, SourceProgram
from kforge.syntax.values import resolve

VARIABLE = "DJANGO_SETTINGS_MODULE"
_STARTERS = ("wsgi.py", "asgi.py", "manage.py")
_DEPTH = 6  # modules of settings that are built on each other


@cache
def table() -> dict[str, Any]:
    """What settings are called, and what their values mean."""
    found: dict[str, Any] = json.loads(Path(__file__).with_suffix(".json").read_text(encoding="utf-8"))
    return found


@dataclass(frozen=True, slots=True)
class DjangoSettings:
    """The settings that production takes: the module's name, and its files, those that it is built on before it."""

    module: str
    files: tuple[CodeFile, ...]

    def given(self, name: str) -> list[tuple[CodeFile, Expression]]:
        """Values of a setting, in the order in which they are given."""
        return [(file, value) for file in self.files for value in file.assigned.get(name, ())[:MAX_GIVEN]]

    def last(self, name: str) -> tuple[CodeFile, Expression] | None:
        """The value of a setting where no condition holds, else the last one."""
        given = self.given(name)
        plain = [(file, value) for file, value in given if not file.conditional(value.line)]
        ranked = plain or given
        return ranked[-1] if ranked else None

    def texts(self, name: str) -> Iterator[str]:
        """Texts within the values of a setting."""
        for _, value in self.given(name):
            yield from _texts(value, 0)


def settings(names: SourceProgram, seen: Sightings, set_: Mapping[str, str]) -> DjangoSettings | None:
    """The settings of a source, None where none are found. Sees as `production` the variable that chooses them, where
    the start names others; `set_` are the variables that the start sets.
    """
    modules = PythonModules(names.files)
    found = list(_named(names))
    if not found:
        return None
    name, file, line = found[0]
    if VARIABLE in set_:
        name = set_[VARIABLE]
    elif chosen := _production(name, file, modules):
        name = chosen
    own = modules.file(name, file)
    if own is None:
        return None
    if VARIABLE not in set_ and any(other != name for other, _, _ in found):
        seen.see("production", {"name": VARIABLE, "value": name}, own.path, 1)
        seen.see("production", {"name": VARIABLE, "value": name}, file.path, line)
    return DjangoSettings(name, tuple(_chain(own, modules, 0)))


def _named(names: SourceProgram) -> Iterator[tuple[str, CodeFile, int]]:
    """(module, file, line) of what the programs of the source name, servers before tasks."""
    found = []
    for file in names.files:
        stem = file.path.rpartition("/")[2]
        if stem in _STARTERS:
            rank = (_STARTERS.index(stem), file.path.count("/"), file.path)
            found += [(rank, name, file, line) for name, line in _names(file, names)]
    for _, name, file, line in sorted(found, key=lambda one: one[0]):
        yield name, file, line


def _names(file: CodeFile, names: SourceProgram) -> Iterator[tuple[str, int]]:
    values: list[Expression | None] = []
    for call in file.calls:
        first = call.argument(0)
        if (
            call.last in ("setdefault", "putenv", "get", "getenv")
            and isinstance(first, Text)
            and first.value == VARIABLE
        ):
            values.append(call.argument(1, "default"))
    values += [held.get(VARIABLE) for held in file.objects if isinstance(held, Pairs)]
    for value in values:
        text = resolve(value, file, names).text
        if value is not None and text and re.fullmatch(r"[A-Za-z_][\w.]{0,200}", text):
            yield text, value.line


def _production(name: str, file: CodeFile, modules: PythonModules) -> str:
    """The module beside that of development which is production's; "" where there is none, or none is asked for."""
    rows, own = table(), modules.file(name, file)
    before, _, last = name.rpartition(".")
    package = own is not None and own.path.endswith("/__init__.py")
    outer = name if package else before
    if (
        package
        and own is not None
        and own.assigned
        and not any(re.search(rows["development"], one) for one in own.stars)
    ):
        return ""
    if not package and not re.search(rows["development"], last) and last != "settings":
        return ""
    for word in rows["production"]:
        forms = (
            [f"settings_{word}", f"{word}_settings"]
            if last == "settings" and not package
            else [word, f"settings_{word}"]
        )
        for form in forms:
            found = modules.file(f"{outer}.{form}" if outer else form, file)
            if found is not None and found.path.endswith(f"{form}.py") and _below(found, outer):
                return f"{outer}.{form}" if outer else form
    return ""


def _below(file: CodeFile, package: str) -> bool:
    """Whether a file lies in the package, and not in another that ends the same."""
    folder = file.path.rpartition("/")[0].replace("/", ".")
    return folder == package or folder.endswith(f".{package}")


def _chain(file: CodeFile, modules: PythonModules, depth: int) -> Iterator[CodeFile]:
    for star in file.stars[:MAX_GIVEN] if depth < _DEPTH else ():
        below = modules.file(star, file)
        if below is not None and below is not file:
            yield from _chain(below, modules, depth + 1)
    yield file


def _texts(value: Expression, depth: int) -> Iterator[str]:
    if isinstance(value, Text):
        yield value.value
    elif depth < _DEPTH:
        inner = getattr(value, "items", None) or getattr(value, "parts", None) or ()
        for one in inner[:200]:
            yield from _texts(one[1] if isinstance(one, tuple) else one, depth + 1)
