"""A file that code needs at a place of its source where there is none → the file of that name in a folder that programs of
the repository share, which the image gets at that place.

Authors keep such a file once (`pb/shop.proto`, `src/shared/tools.py`) and copy it by their Dockerfiles. Only single files
are looked for, and of two that have the name none is taken, since either may be meant.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from kforge.detectors.named_files import makes
from kforge.detectors.settings_knowledge import knowledge
from kforge.domain.artifact import around, closed, links
from kforge.domain.source.build_context import between, contains, upwards
from kforge.domain.source.sightings import WORKDIR
from kforge.syntax.values import resolve

if TYPE_CHECKING:
    from kforge.domain.artifact import Tree
    from kforge.domain.source.sightings import Sightings
    from kforge.syntax.expression import Call
    from kforge.syntax.program import SourceProgram

# Folders whose files are for the programs beside them, in the source's folder's own or one further up.
_PLACES = (
    "", "shared", "common", "lib", "libs", "pkg", "packages", "pb", "proto", "protos", "protobuf", "protobufs", "grpc", "api", "apis", "idl",
    "schema", "schemas", "contracts", "interfaces", "data", "assets", "resources", "static", "templates",
)  # fmt: skip
_DATA = re.compile(
    r"(?:[\w-]{1,100}/){0,8}[\w.-]{1,100}\.(?:proto|graphqls?|gql|avsc|xsd|wsdl|jsonl?|ya?ml|toml|csv|tsv|xml|sql|txt|html|md)"
)
_MOST = 20  # files that are looked for


def shared(tree: Tree, name: str, fits: Callable[[str], bool] = bool) -> str:
    """The path from the repository's top of the only file of a name whose text fits; "" for none and for several."""
    place = around(tree)
    if place is None:
        return ""
    ways = (posixpath.join(folder, each, name) for folder in upwards(place.folder)[1:] for each in _PLACES)
    pinned, found = place.pins.context, set[str]()
    for way in ways:
        within = pinned is None or contains(pinned, way)
        if within and not contains(place.folder, way) and place.has(way) and not place.ignored(way):
            found |= {way} if fits(place.text(way)) else set()
    return found.pop() if len(found) == 1 else ""


def bring(tree: Tree, seen: Sightings, path: str, to: str, file: str, line: int) -> None:
    """See that a file of the repository belongs to a place of the source."""
    place = around(tree)
    if place is not None:
        seen.see("brought", {"from": between(place.folder, path), "to": to}, file, line)


def opened(tree: Tree, names: SourceProgram, seen: Sightings, language: str) -> None:
    """See files of data that code reads by a path of its source."""
    calls = knowledge(language).rest.get("opens", {})
    there = frozenset((*tree.files, *closed(tree), *(path for path, _ in links(tree))))
    looked = 0
    for path, file, line in _read(names, calls):
        if path in there or looked >= _MOST:
            continue
        looked += 1
        if found := shared(tree, posixpath.basename(path)):
            bring(tree, seen, found, path, file, line)


def _read(names: SourceProgram, calls: Any) -> Iterator[tuple[str, str, int]]:
    """(path from the source, file, line) of what is read without a condition."""
    for file in names.files:
        for call in file.calls:
            which = calls.get(call.name) or calls.get(call.last)
            for at in which if which and call not in file.guarded and not makes(call) else ():
                given = _argument(call, at)
                text = (resolve(given, file, names).text or "") if given is not None else ""
                path = posixpath.normpath(text.removeprefix(f"{WORKDIR}/").removeprefix("./")) if text else ""
                if _DATA.fullmatch(path):
                    yield path, file.path, call.line


def _argument(call: Call, at: int | str) -> Any:
    return call.named.get(at) if isinstance(at, str) else call.argument(at)


def defines(names: Iterable[str]) -> Callable[[str], bool]:
    """Whether the text of a module makes all of these names."""
    wanted = [*names]

    def fits(text: str) -> bool:
        made = {one for pair in _MADE.findall(text) for one in pair if one}
        return bool(text) and made.issuperset(wanted)

    return fits


_MADE = re.compile(
    r"^(?:async[ \t]+)?(?:def|class)[ \t]+(\w{1,200})|^(\w{1,200})[ \t]*(?::[^=\n]{0,200})?=", re.MULTILINE
)
