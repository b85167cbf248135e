"""A configuration of the TypeScript compiler → the folders that it reads and fills, those of `extends` followed.

https://www.typescriptlang.org/tsconfig/: the nearest file wins, and a folder is seen from the file that names it.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Sequence
from itertools import takewhile
from typing import TYPE_CHECKING

from kforge.domain.facts import Evidence
from kforge.syntax import javascript as syntax
from kforge.syntax.expression import Constant, Many, Pairs, Text

if TYPE_CHECKING:
    from kforge.domain.artifact import Tree

_MOST = 8  # files that extend one another
_PLAIN = re.compile(r"(?=[*?{])|/[^/]{0,200}[*?{]")  # where a pattern begins to be one
_OWN = "${configDir}"
_SILENT = {"--noEmit", "--emitDeclarationOnly"}
_COMPILERS = ("tsc", "tspc", "vue-tsc")


def output(tree: Tree, path: str) -> tuple[str, Evidence] | None:
    """The folder that the compiler fills, and the line that names it; None where it writes nothing, or beside sources."""
    for option in ("noEmit", "emitDeclarationOnly"):
        value, _ = _option(tree, path, option)
        if isinstance(value, Constant) and value.word == "true":
            return None
    return _folder(tree, path, "outDir")


def compiled_folders(tree: Tree, path: str) -> tuple[str, ...]:
    """The folders of which every file is compiled, by `rootDir` or else `include`; none where nothing limits them."""
    if root := _folder(tree, path, "rootDir"):
        return () if root[0] == "." else (root[0],)
    for file, held in _chain(tree, path):
        if isinstance(listed := held.get("include"), Many):
            named = [one.value for one in listed.items if isinstance(one, Text)]
            folders = tuple(_below(file, _PLAIN.split(name)[0].rstrip("/") or ".") for name in named)
            return folders if "." not in folders and len(named) == len(listed.items) else ()
    return ()


def outputs(tree: Tree, commands: Sequence[Sequence[str]]) -> Iterator[tuple[str, Evidence]]:
    """The folder that each command of a build fills by the compiler, with the line that names it."""
    for program, *words in commands:
        if program.rpartition("/")[2] not in _COMPILERS or not _SILENT.isdisjoint(words):
            continue
        told = [words[at + 1] for at, word in enumerate(words[:-1]) if word.lower() == "--outdir"]
        if told:
            yield _below("", told[-1]), Evidence("package.json")
            continue
        for path in _projects(words) or ["tsconfig.json"]:
            if found := output(tree, _file(tree, _below("", path))):
                yield found


def _projects(words: Sequence[str]) -> list[str]:
    """The configurations that a command names: one behind `-p`, any number behind `-b`."""
    found: list[str] = []
    for at, word in enumerate(words):
        if word in ("-p", "--project"):
            found += [one for one in words[at + 1 : at + 2] if not one.startswith("-")]
        elif word in ("-b", "--build"):
            found += takewhile(lambda one: not one.startswith("-"), words[at + 1 :])
    return found


def _option(tree: Tree, path: str, name: str) -> tuple[object, str]:
    """An option of the compiler as an expression, and the file that has it; (None, "") where none has."""
    for file, held in _chain(tree, path):
        options = held.get("compilerOptions")
        if isinstance(options, Pairs) and (value := options.get(name)) is not None:
            return value, file
    return None, ""


def _folder(tree: Tree, path: str, name: str) -> tuple[str, Evidence] | None:
    value, file = _option(tree, path, name)
    if not isinstance(value, Text) or value.value.startswith("/"):
        return None
    own = value.value.startswith(_OWN)  # of the file that was asked about first
    return _below(path if own else file, value.value.removeprefix(_OWN).lstrip("/") if own else value.value), Evidence(
        file, value.line
    )


def _chain(tree: Tree, path: str, seen: set[str] | None = None) -> Iterator[tuple[str, Pairs]]:
    """A file and those that it extends, the nearest first, each once; what a package has is not here."""
    seen = set() if seen is None else seen
    text = tree.text(path) if path in tree.files and path not in seen and len(seen) < _MOST else ""
    seen.add(path)
    # JSON becomes an expression within brackets, which JavaScript reads with comments and trailing commas.
    held = next(iter(syntax.read(path, f"({text})").objects), None) if text else None
    if held is None:
        return
    yield path, held
    told = held.get("extends")
    for one in reversed(told.items if isinstance(told, Many) else (told,)):  # of several the last wins
        if isinstance(one, Text) and one.value.startswith("."):
            yield from _chain(tree, _file(tree, _below(path, one.value)), seen)


def _file(tree: Tree, path: str) -> str:
    """A file by its path, by that without `.json`, or by its folder."""
    return next(
        (found for found in (path, f"{path}.json", posixpath.join(path, "tsconfig.json")) if found in tree.files), ""
    )


def _below(file: str, path: str) -> str:
    return posixpath.normpath(posixpath.join(posixpath.dirname(file), path))
