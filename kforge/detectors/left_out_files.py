"""What a program imports and opens, and the user's own .dockerignore keeps out of the image → doubts with the line.

Nothing of it comes back by itself: what a program opens may be a secret that is mounted where it runs.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from kforge.detectors.dockerignore import PATH, patterns
from kforge.domain.source.ignore_lines import excluding
from kforge.domain.source.text import MAX_TEXT
from kforge.syntax.expression import Text

if TYPE_CHECKING:
    from kforge.domain.artifact import Tree
    from kforge.domain.source.sightings import Sightings
    from kforge.syntax.code_file import CodeFile
    from kforge.syntax.program import SourceProgram

_SUFFIX = re.compile(r"(?:/__init__|/index)?\.[cm]?[a-z]{1,4}$")
_CODE = re.compile(r"\.(?:py|[cm]?[jt]sx?)$")
_RELATIVE = ("./", "../")
MOST = 5  # that are told of a source
HINT = "take the line back there, or add one with `!` before the path"


def scan(names: SourceProgram, tree: Tree, seen: Sightings) -> None:
    """Sees `doubts`: one for each file that is kept out, at the first line that names it."""
    lines = patterns(tree.text(PATH)) if PATH in tree.files else None
    if not lines or patterns(tree.text("Dockerfile") if "Dockerfile" in tree.files else "") is not None:
        return  # who writes the Dockerfile knows what it copies
    kept = {path: line for path in tree.files if (line := excluding(path, lines))}
    modules = {_SUFFIX.sub("", path): path for path in kept}
    told: set[str] = set()
    for file in names.files:
        if file.path in kept:
            continue
        for path, at, how in _named(file, kept, modules):
            if path not in told and len(told) < MOST:
                told.add(path)
                said = f"`{kept[path]}` of `{PATH}` keeps `{path}` out of the image, and the program {how}"
                seen.see("doubts", {"said": said, "hint": HINT}, file.path, at)


def _named(file: CodeFile, kept: Mapping[str, str], modules: Mapping[str, str]) -> Iterator[tuple[str, int, str]]:
    """(path, line, what becomes of it) of what a file names relative to itself or to the source."""
    base = posixpath.dirname(file.path)
    for name in sorted({*file.imports.values(), *file.imported}):
        for way in (way for module in _modules(name) for way in _ways(module, base)):
            if way in modules:
                yield modules[way], file.import_lines.get(name, 0), "is made of it"
    for text in file.texts:
        if isinstance(text, Text) and len(text.value) < MAX_TEXT:
            for way in _ways(text.value.lstrip("/"), base):
                code = modules.get(_SUFFIX.sub("", way), "") if text.value.startswith(_RELATIVE) else ""
                if way in kept or code:
                    yield code or way, text.line, "is made of it" if _CODE.search(code) else "names it"


def _modules(name: str) -> tuple[str, ...]:
    """An import as a path without its ending: `./lib/x.js`, and `lib.x`, which may be a name in `lib`."""
    if "/" in name:
        return (_SUFFIX.sub("", name),)
    path = name.strip(".").replace(".", "/")
    return path, posixpath.dirname(path)


def _ways(name: str, base: str) -> set[str]:
    return {posixpath.normpath(posixpath.join(start, name)) for start in ("", base, "src")} if name else set()
