"""Calls and flags of a Go program → files and folders of its source that it opens while it runs.

A compiled program has none of its source beside it: templates, pages, migrations and configuration that it opens by a
path of its own must be copied into the image. What `go:embed` takes in is opened from the program itself.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from kforge.syntax.expression import Expression, Text

if TYPE_CHECKING:
    from kforge.domain.artifact import Tree
    from kforge.domain.source.sightings import Sightings
    from kforge.syntax.code_file import CodeFile

# The last word of a call → which of its arguments is a path of the file system; -1 for all of them.
_OPENS = {
    "LoadHTMLGlob": 0, "LoadHTMLFiles": -1, "ParseGlob": 0, "ParseFiles": -1, "Static": 1, "StaticFile": 1, "StaticDir": 1,
    "Dir": 0, "DirFS": 0, "Open": 0, "ReadFile": 0, "ReadDir": 0, "ServeFile": 2, "AddConfigPath": 0, "SetConfigFile": 0,
    "File": 0, "Glob": 0, "WalkDir": 0, "Walk": 0, "Up": 1, "HTMLFiles": 0, "NewFileSystem": 0, "DecodeFile": 0,
    "ListenAndServeTLS": -1, "RunTLS": -1, "StartTLS": -1, "ListenTLS": -1, "ServeTLS": -1, "LoadX509KeyPair": -1,
    "NewServerTLSFromFile": -1,
}  # fmt: skip
_SCHEME = re.compile(r"file://")  # golang-migrate's sources: `file://migrations`
_MOST = 40
_APPLIED = re.compile(r"^-- \+goose Up\b", re.MULTILINE)
_HEAD = 4000  # letters of a file of SQL
_NOT_READ = (".go", ".mod", ".sum", ".work", ".proto", ".md")


def find(files: Iterable[CodeFile], tree: Tree, seen: Sightings) -> None:
    """See `opened`: paths from the source, a folder for a pattern in it. `files` are those of all programs that share
    the image.
    """
    held = [path for path in tree.files if not path.endswith(_NOT_READ) and "testdata/" not in path]
    places = frozenset(held) | {above for path in held for above in _above(path)}
    found = 0
    for file in files:
        for text in _paths(file.calls, file.texts):
            path = _place(text.value)
            if path in places and path != "." and found < _MOST:
                found += 1
                seen.see("opened", path, file.path, text.line)


def migrations(tree: Tree, seen: Sightings) -> None:
    """See `opened`: folders of migrations that a program beside the source's own applies."""
    for path in (path for path in tree.files if path.endswith(".sql")):
        folder = posixpath.dirname(path)
        if folder and (path.endswith(".up.sql") or _APPLIED.search(tree.text(path)[:_HEAD])):
            seen.see("opened", folder, path, 1)


def _above(path: str) -> Iterator[str]:
    while path := posixpath.dirname(path):
        yield path


def _paths(calls: Iterable[Expression], texts: Iterable[Expression]) -> Iterator[Text]:
    """Arguments of calls that open; and texts such as `./ui`, which only a path begins like."""
    for call in calls:
        name = str(getattr(call, "last", ""))
        arguments: tuple[Expression, ...] = getattr(call, "arguments", ())
        if name in _OPENS:
            which = _OPENS[name]
            yield from (
                each for each in (arguments if which < 0 else arguments[which : which + 1]) if isinstance(each, Text)
            )
    for text in texts:
        if isinstance(text, Text) and text.value.startswith(("./", "file://")) and len(text.value) < 300:
            yield text


def _place(value: str) -> str:
    """The path as the source has it; of a pattern, the folder above its first star."""
    path = _SCHEME.sub("", value[:300], count=1).partition("?")[0]
    if path.startswith("/") or "\0" in path:
        return ""
    star = re.search(r"[*?\[]", path)
    if star:
        path = path[: star.start()].rpartition("/")[0]
    path = posixpath.normpath(path) if path else ""
    return "" if path.startswith("..") else path
