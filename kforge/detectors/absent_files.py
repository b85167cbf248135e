"""Modules and protocol files that code names and the source does not have → doubts: an image holds no more than the source.

Often they lie in a folder beside the source and are copied by hand, or are generated. Only what surely is not there is
told: relative imports, those from packages of the source whose `__init__.py` makes nothing, and modules of a package that
is the source's own.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

from kforge.detectors.brought_files import bring, defines, shared
from kforge.domain.artifact import closed, links
from kforge.domain.source.build_context import upwards
from kforge.domain.source.sightings import Sightings
from kforge.syntax.expression import Text
from kforge.syntax.program import SourceProgram

if TYPE_CHECKING:
    from kforge.domain.artifact import Tree

# At the start of a line: what stands in a `try` or a function may be missing.
_FROM = re.compile(
    r"^from[ \t]{1,9}(\.{0,9}[\w.]{0,200})[ \t]{1,9}import[ \t]{0,9}+(\([^()]{0,2000}+\)|[^\n(]{0,1000}+)", re.MULTILINE
)
_NAMES = re.compile(r"(?:^|,)\s*+(\w{1,200})")
_COMMENT = re.compile(r"#[^\n]*+")
_PLACES = ("", "src")  # folders that are on the path of a program
_MADE = ("_version", "version", "__version__", "_build", "_generated")  # what an installation writes
_LONGEST, _DEEPEST = 500, 8  # of a folder that imports may begin in
_ENDS = (".py", ".pyi", ".so", ".pyd", ".pyx", ".c")
_UNSEEN = frozenset(("vendor", "third_party", "venv", "env", "site-packages"))  # folders that no source shows
_HINT = "copy it into the source, or name a folder that holds both as `source`"


def modules(tree: Tree, names: SourceProgram, seen: Sightings, installed: Collection[str] = ()) -> None:
    """See imports of modules that no file of the source is. `installed`: names of packages, as they are required."""
    files = frozenset((*tree.files, *closed(tree), *(path for path, _ in links(tree))))
    stems = {path[: path.find(".", path.rfind("/") + 1)] for path in files if path.endswith(_ENDS)}
    stems |= {path for path, _ in links(tree)}
    folders = {above for path in files for above in upwards(posixpath.dirname(path))}
    found = [(file.path, each) for file in names.files for each in _FROM.finditer(tree.text(file.path))]
    own = {posixpath.dirname(way) for path, each in found for way in _ways(each[1], path) if way in stems}
    for path, each in found:
        missing = [*_wanted(each[1], each[2], path, tree, folders)]
        if each[1].partition(".")[0].replace("_", "-").lower() not in installed:
            missing += _of_package(each[1], path, stems | folders, own)
        for wanted in missing:
            absent = wanted not in stems and wanted not in folders
            if absent and posixpath.basename(wanted) not in _MADE and _UNSEEN.isdisjoint(wanted.split("/")):
                line = tree.text(path).count("\n", 0, each.start()) + 1
                if there := _shared(tree, wanted, each[1], each[2]):
                    bring(tree, seen, there, f"{wanted}.py", path, line)
                    continue
                said = f"`{path}` imports `{wanted}.py`, which the source does not have"
                seen.see("doubts", {"said": said, "hint": _HINT}, path, line)


def _shared(tree: Tree, wanted: str, module: str, listed: str) -> str:
    """The module of that name that programs of the repository share, if it has all that is imported."""
    name = posixpath.basename(wanted)
    names = _NAMES.findall(_COMMENT.sub("", listed.strip("()")))
    if module.rpartition(".")[2] != name or not names:
        return ""  # a module of a package, of which nothing is known but its name
    return shared(tree, f"{name}.py", defines(names))


def _ways(module: str, path: str) -> list[str]:
    """Where a module of two names or more may lie, as paths without an ending: below a folder above the file that imports
    it, or below one that is on the path of a program.
    """
    if module.startswith(".") or "." not in module.strip("."):
        return []
    above = upwards(posixpath.dirname(path)[:_LONGEST])[:_DEEPEST]
    return [posixpath.join(place, module.replace(".", "/")) for place in dict.fromkeys((*above, *_PLACES))]


def _of_package(module: str, path: str, there: Collection[str], own: Collection[str]) -> list[str]:
    """The module, where it is nowhere, and others of its folder are imported by the same name."""
    ways = _ways(module, path)
    if any(way in there for way in ways):
        return []
    return [way for way in ways if posixpath.dirname(way) in own][:1]


def protocols(tree: Tree, names: SourceProgram, seen: Sightings) -> None:
    """See `.proto` files that code loads while it runs, by a name that no file of the source has."""
    known = {posixpath.basename(path) for path in tree.files if path.endswith(".proto")}
    for file in names.files:
        for text in file.texts:
            if isinstance(text, Text) and re.fullmatch(r"[\w./-]{1,200}\.proto", text.value):
                name = posixpath.basename(text.value)
                if name in known or text.value.startswith("google/"):
                    continue
                to = posixpath.normpath(text.value)
                if not to.startswith(("/", "..")) and (there := shared(tree, name)):
                    bring(tree, seen, there, to, file.path, text.line)
                else:
                    said = f"`{file.path}` loads `{name}`, which the source does not have"
                    seen.see("doubts", {"said": said, "hint": _HINT}, file.path, text.line)


def _wanted(module: str, listed: str, path: str, tree: Tree, folders: Collection[str]) -> Iterator[str]:
    """Modules of the source, as paths without an ending, that one import surely needs."""
    dots = len(module) - len(module.lstrip("."))
    inner = module.lstrip(".").replace(".", "/")
    if dots:
        base = posixpath.dirname(path)
        for _ in range(dots - 1):
            if not base:
                return  # beyond the source: run as a part of something larger
            base = posixpath.dirname(base)
        package = posixpath.join(base, inner).rstrip("/")
        if inner and package not in folders:
            yield package
            return
    else:
        package = next((found for place in _PLACES if (found := posixpath.join(place, inner)) in folders), "")
    if package and module and _makes_nothing(tree, f"{package}/__init__.py"):
        plain = _COMMENT.sub("", listed.strip("()"))
        yield from (f"{package}/{name}" for name in _NAMES.findall(plain))


def _makes_nothing(tree: Tree, path: str) -> bool:
    """Whether a package's own file is there and empty, but for comments."""
    return path in tree.files and not _COMMENT.sub("", tree.text(path)).strip()
