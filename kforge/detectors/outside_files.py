"""Files and folders of the repository, outside of a source, that its code names → doubts: no image of the source holds them.

Only what lies there is told: code names many paths that are made while it runs. What a build takes of the repository
besides the source (the projects of its workspace) is `held`.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection, Iterator
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING

from kforge.domain.artifact import around
from kforge.domain.source.build_context import between, contains, joined
from kforge.domain.source.sightings import WORKDIR
from kforge.syntax.expression import Below, Call, Text
from kforge.syntax.parts import is_named
from kforge.syntax.values import resolve

if TYPE_CHECKING:
    from kforge.domain.artifact import Around, Tree
    from kforge.domain.source.sightings import Sightings
    from kforge.syntax.code_file import CodeFile
    from kforge.syntax.expression import Expression
    from kforge.syntax.program import SourceProgram

HINT = "pin a folder that holds both as the service's `build.context`, or copy it into the source"
# A file is taken to lie this deep, so that the folders above its source have paths of their own.
_DEEP = "0/1/2/3/4/5/6/7/8/9/"
_ABOVE = re.compile(r"\.\.(?:[/\\]|['\"])|\bparents?\b|\bdirname\b")
# Calls whose texts are no paths from the folder that the program runs in.
_OTHERS = frozenset(
    ("require", "import", "import_module", "URL", "redirect", "load_dotenv", "insert", "append", "addsitedir")
)
_FILES = re.compile(r"\.env.*", re.DOTALL)
_MOST = 200  # paths that are looked for


def find(
    tree: Tree,
    names: SourceProgram,
    seen: Sightings,
    held: Collection[str] = (),
    once: re.Pattern[str] | None = None,
    hint: str = HINT,
) -> None:
    """See what code names by a path that leads out of the source. `held`: folders and files, from the repository's top;
    `once`: files that people run, whose needs are no service's.
    """
    place = around(tree)
    if place is None:
        return
    told = {(at.file, at.line) for fact in seen.many("doubts") for at in fact.evidence}
    for file, line, path in islice(_named(tree, names, once), _MOST):
        target = joined(place.folder, path)
        if target is not None and (file.path, line) not in told and outside(place, target, held):
            told.add((file.path, line))
            said = f"`{file.path}` names `{between(place.folder, target)}`, which is not in the source nor in its image"
            seen.see("doubts", {"said": said, "hint": hint}, file.path, line)


def outside(place: Around, target: str, held: Collection[str]) -> bool:
    """Whether a path of the repository is there, and no build of the source holds it."""
    if contains(target, place.folder) or contains(place.folder, target) or _FILES.fullmatch(posixpath.basename(target)):
        return False
    pinned = place.pins.context
    taken = (pinned is not None and contains(pinned, target)) or any(contains(each, target) for each in held)
    if taken or place.ignored(target) or not place.has(target):
        return False
    # `has` is true as well where nothing can be told any more; what is seen is there.
    return bool(place.names(target) or place.text(target))


def _named(tree: Tree, names: SourceProgram, once: re.Pattern[str] | None) -> Iterator[tuple[CodeFile, int, str]]:
    """(file, line, path from the source) of what leads out of the source."""
    deep = deeper(names)
    for file in names.files:
        if (once and once.search(file.path)) or not _ABOVE.search(tree.text(file.path)):
            continue
        for expression in _expressions(file, names):
            path = led_to(expression, file, deep)
            if path.startswith("../"):
                yield file, expression.line, path


def deeper(names: SourceProgram) -> SourceProgram:
    """The same program, as if it lay deep below its working directory."""
    before, after = names.moved or ("", "")
    return replace(names, moved=(before, f"{_DEEP}{after}"), values={})


def led_to(expression: Expression, file: CodeFile, deep: SourceProgram) -> str:
    """The path that an expression comes to, from the source; "" for none that is known."""
    text = resolve(expression, file, deep).text or ""
    if "{" in text or "\0" in text or "://" in text:
        return ""
    if text.startswith(f"{WORKDIR}/"):
        return posixpath.relpath(text, f"{WORKDIR}/{_DEEP}")
    return posixpath.normpath(text) if text.startswith("..") else ""


def _expressions(file: CodeFile, names: SourceProgram) -> Iterator[Expression]:
    """What calls are given, and names; pieces of a path are none by themselves."""
    dialect = names.dialect
    pieces = _OTHERS | dialect.parents | dialect.casts
    for call in file.calls:
        if isinstance(call.owner, (Below, Call)):  # (HERE / "x.yml").read_text()
            yield call.owner
        if call.name.rpartition(".")[2] not in pieces and not is_named(call.name, dialect.joins):
            yield from call.arguments[:4]
            yield from call.named.values()
    for values in file.assigned.values():
        yield from (value for value in values[:4] if not isinstance(value, Text))
