"""Code → variables that name a file which it reads: `open(os.environ["PUB_KEY_PATH"])`.

Which calls read a file, and where its path stands, comes as data (`NAME_settings.json`). What only writes is none, and a
variable with a default names a file that may be there without being told.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kforge.detectors.settings_knowledge import SettingsKnowledge
from kforge.domain.source.sightings import Sightings
from kforge.syntax.expression import Call, Expression, Text
from kforge.syntax.program import SourceProgram
from kforge.syntax.values import asked

_OWNER = "owner"  # instead of a position: the path that a method is called on, `Path(name).read_text()`
_WRITES = frozenset("wax")  # modes of opening that make a file


def scan(names: SourceProgram, knowledge: SettingsKnowledge, seen: Sightings) -> None:
    """See `named_files`: names of variables."""
    table = knowledge.rest.get("opens", {})
    for file in names.files:
        for call in file.calls:
            which = table.get(call.name) or table.get(call.last, ())
            for path in _paths(call, which) if which and not makes(call) else ():
                if name := asked(path, file, names):
                    seen.see("named_files", name, file.path, call.line)


def _paths(call: Call, which: list[Any]) -> Iterator[Expression]:
    """What a call reads: arguments by position or name, or the only one of what it is called on."""
    for at in which:
        given = call.owner if at == _OWNER else call.named.get(at) if isinstance(at, str) else call.argument(at)
        if at == _OWNER:
            given = given.argument(0) if isinstance(given, Call) else None
        if given is not None:
            yield given


def makes(call: Call) -> bool:
    """Whether the mode says that the file is written: `open(path, "w")`."""
    mode = call.argument(1, "mode")
    return call.last == "open" and isinstance(mode, Text) and not _WRITES.isdisjoint(mode.value)
