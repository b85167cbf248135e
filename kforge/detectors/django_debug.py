"""Django's DEBUG → the variable that switches it off, in the form that the settings read; a doubt where it is written on.

https://docs.djangoproject.com/en/stable/ref/settings/#debug
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kforge.detectors.django_settings import DjangoSettings, table
from kforge.domain.source.sightings import Sightings
from kforge.syntax.code_file import CodeFile
from kforge.syntax.environment_reads import reads
from kforge.syntax.expression import Call, Constant, Expression, Many, Name, Number, Text
from kforge.syntax.program import SourceProgram
from kforge.syntax.values import candidates, resolve

if TYPE_CHECKING:
    from kforge.domain.artifact import Tree

_DEPTH = 4
_UNEQUAL = re.compile(r"!=|\bnot\s+in\b")


def switch(settings: DjangoSettings, names: SourceProgram, tree: Tree, seen: Sightings) -> None:
    """Sees as `production` the variable that switches DEBUG off, where it is on without."""
    given = settings.given("DEBUG")
    if not given:
        return
    file, value = settings.last("DEBUG") or given[-1]
    off = any(isinstance(one, Constant) and one.word == "False" for _, one in given[given.index((file, value)) + 1 :])
    if isinstance(value, Constant):
        if value.word == "True" and not off:
            hint = 'let a variable say it, such as `DEBUG = os.environ.get("DEBUG") == "True"`: errors show settings and code to everybody'
            seen.see("doubts", {"said": "`DEBUG` is on, also in production", "hint": hint}, file.path, value.line)
        return
    if (found := _Reading(file, names, tree).of(value, 0)) and not off:
        variable, text = found
        seen.see("production", {"name": variable, "value": text}, file.path, value.line)


class _Reading:
    """What makes an expression true when nothing is set, and which value of the variable makes it false."""

    def __init__(self, file: CodeFile, names: SourceProgram, tree: Tree) -> None:
        self.file, self.names, self.tree = file, names, tree

    def of(self, value: Expression, depth: int) -> tuple[str, str] | None:
        """(variable, its value for off); None where it is off without, or where that is not known."""
        if isinstance(value, Name):
            own = [one for _, one in candidates(value, self.file, self.names)]
            return self.of(own[-1], depth + 1) if own and depth < _DEPTH else None
        if isinstance(value, Call):
            return self._called(value)
        return self._compared(value) if type(value) is Expression else None

    def _called(self, call: Call) -> tuple[str, str] | None:
        read, casts = self._read(call)
        if read is None:
            return None
        variable, default, insists = read
        word = self._word(default)
        if word is None:
            return (variable, "False") if insists and default is None else None
        if "int" in casts:
            return (variable, "0") if word in ("1", "True") else None
        bare = not casts and call.name.endswith(self.names.dialect.getters)
        if bare or casts[-1:] == ["bool"]:
            return (variable, "") if word not in ("", "False", "0") else None  # every other text is true
        return (variable, off) if (off := table()["opposites"].get(word)) else None

    def _read(self, call: Call) -> tuple[tuple[str, Expression | None, bool] | None, list[str]]:
        """What a call reads, through the calls that convert it, the inner one first."""
        casts: list[str] = []
        for _ in range(_DEPTH):
            if found := reads(call, self.file, self.names):
                return (found.variable, found.default, found.insists), [*reversed(casts)]
            inner = call.arguments[0] if call.arguments else call.owner
            if not isinstance(inner, Call):
                break
            casts.append(call.last)
            call = inner
        return None, []

    def _word(self, value: Expression | None) -> str | None:
        if isinstance(value, Constant):
            return value.word
        if isinstance(value, Text | Number):
            return value.value
        return resolve(value, self.file, self.names).text if value is not None else None

    def _compared(self, value: Expression) -> tuple[str, str] | None:
        """`os.getenv("DEBUG", "True") == "True"`, `getenv("DEBUG", "1") in ("1", "true")`, `ENV != "production"`."""
        pair = next((one for one in self.file.compared if one[0].line == value.line), None)
        if pair is None:
            return None
        left, rights = pair
        while isinstance(left, Name) and (own := [one for _, one in candidates(left, self.file, self.names)]):
            left = own[-1]
            if not isinstance(left, Name):
                break
        read, _ = self._read(left) if isinstance(left, Call) else (None, [])
        if read is None:
            return None
        variable, default, _ = read
        word = self._word(default)
        wanted = [text for one in rights for part in _items(one) if (text := self._word(part)) is not None]
        lines = self.tree.text(self.file.path).splitlines()
        said = lines[value.line - 1] if value.line <= len(lines) else ""
        met = word is not None and word.lower() in [one.lower() for one in wanted]
        if _UNEQUAL.search(said):
            return (variable, wanted[0]) if wanted and not met else None
        off = table()["opposites"].get(word or "")
        return (variable, off) if met and off and off.lower() not in [one.lower() for one in wanted] else None


def _items(value: Expression) -> tuple[Expression, ...]:
    return value.items if isinstance(value, Many) else (value,)
