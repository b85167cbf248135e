"""Code that looks at how an address begins → the schemes that it knows: `DATABASE_URL.startswith("postgres://")`.

A store's address has several names of its scheme, and code that asks for one does something else for another.
"""

from __future__ import annotations

import re

from kforge.domain.source.sightings import Sightings
from kforge.syntax.expression import Many, Text
from kforge.syntax.program import SourceProgram
from kforge.syntax.values import resolve

_ASKS = frozenset(("startswith", "startsWith"))
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]{1,30})://")


def scan(names: SourceProgram, seen: Sightings) -> None:
    """Sees `schemes`, in the order of the code."""
    for file in names.files:
        for call in file.calls:
            if call.last not in _ASKS or not call.arguments:
                continue
            first = call.arguments[0]
            asked = first.items if isinstance(first, Many) else (first,)
            found = [match[1] for one in asked if isinstance(one, Text) and (match := _SCHEME.fullmatch(one.value))]
            variable = resolve(call.owner, file, names).env if found else ""
            for scheme in found if variable else ():
                seen.see("schemes", {"env": variable, "scheme": scheme}, file.path, call.line)
