"""A Go program that ends without its configuration file → that file, where it looks for it, and what names another place.

Seen where a call opens a file that is called so and the function fails behind it, and where a package has both a default
path and an error for its absence. What the source holds at that path comes into the image instead.
"""

from __future__ import annotations

import posixpath
import re
from bisect import bisect_left
from collections.abc import Iterator
from typing import TYPE_CHECKING

from kforge.domain.instructions import within
from kforge.domain.source.sightings import WORKDIR, Sightings
from kforge.syntax.code_file import CodeFile
from kforge.syntax.expression import Call, Text
from kforge.syntax.program import SourceProgram
from kforge.syntax.scopes import package
from kforge.syntax.values import resolve

if TYPE_CHECKING:
    from kforge.domain.artifact import Tree

_FILE = re.compile(
    r"(?:[\w.-]{1,60}/){0,6}(?:config|configuration|conf|cfg|settings)(?:\.(?:default|local|prod|production))?\.(?:ya?ml|toml|json|ini|hcl)|/etc/(?:[\w.-]{1,60}/){0,4}[\w-]{1,60}\.(?:ya?ml|toml|json|ini|hcl)"
)
_OPENS = frozenset(("ReadFile", "Open", "DecodeFile", "ReadConfig", "LoadFile", "ReadInConfig", "Stat"))
_NEAR = 5  # lines behind a call on which its function may fail
_NAMED = re.compile(r"conf(?:ig)?\w{0,30}(?:path|file)|(?:path|file)\w{0,30}conf(?:ig)?", re.IGNORECASE)
_LACKS = re.compile(
    r"conf(?:ig(?:uration)?)? file\b.{0,40}(?:not found|missing|does not exist|required)|no conf(?:ig(?:uration)?)?(?: file)? (?:found|given|specified|provided)",
    re.IGNORECASE,
)
_VARIABLE = re.compile(r"(?:^|_)CONF(?:IG)?(?:_|$)(?:\w{1,30}_)?(?:FILE|PATH)?(?:NAME)?$|(?:^|_)(?:FILE|PATH)_CONFIG$")
_LONGEST = 200


def find(names: SourceProgram, tree: Tree, seen: Sightings) -> None:
    """Adds `configured`, or `opened` for what the source has."""
    files = frozenset(tree.files)
    opened = [fact.value for fact in seen.many("opened")]
    for fact in seen.many("config file"):
        if not any(within(fact.value, each) for each in opened):
            seen.adopt("opened", [fact])
    asking = [str(fact.value["name"]) for fact in seen.env() if _VARIABLE.search(str(fact.value["name"]))]
    for file, path, env, line in (*_opened(names, tree), *_declared(names)):
        inside = posixpath.normpath(path.removeprefix("./"))
        if inside in files:
            seen.see("opened", inside, file.path, line)
            return
        if not seen.has("configured"):
            where = path if path.startswith("/") else f"{WORKDIR}/{inside}"
            variables = sorted({env} - {""}) or sorted(asking)
            value = {"path": where, "env": variables, "example": _example(inside, files)}
            seen.see("configured", value, file.path, line)


def _opened(names: SourceProgram, tree: Tree) -> Iterator[tuple[CodeFile, str, str, int]]:
    """Calls that open a file of that kind, behind which their function fails."""
    for file in names.files:
        lasts = sorted({*file.fails, *file.ends})
        for call in file.calls:
            if call.last not in _OPENS or call in file.guarded:
                continue
            at = bisect_left(lasts, call.line)
            if at == len(lasts) or lasts[at] > call.line + _NEAR:
                continue
            path, env = _of_viper(file, tree) if call.last == "ReadInConfig" else _of_call(call, file, names)
            if path and _FILE.fullmatch(path):
                yield file, path, env, call.line


def _of_call(call: Call, file: CodeFile, names: SourceProgram) -> tuple[str, str]:
    value = resolve(call.argument(0), file, names)
    return (value.text or "").removeprefix("./")[:_LONGEST], value.env


def _of_viper(file: CodeFile, tree: Tree) -> tuple[str, str]:
    """`SetConfigFile("config.yaml")`, or `AddConfigPath` and `SetConfigName`; "" where its absence is looked after."""
    if "ConfigFileNotFoundError" in tree.text(file.path):
        return "", ""
    said = {call.last: one.value for call in reversed(file.calls) if isinstance(one := call.argument(0), Text)}
    if "SetConfigFile" in said:
        return said["SetConfigFile"].removeprefix("./"), ""
    name, kind = said.get("SetConfigName", ""), said.get("SetConfigType", "yaml")
    return (
        (posixpath.normpath(posixpath.join(said.get("AddConfigPath", "."), f"{name}.{kind}")), "") if name else ("", "")
    )


def _declared(names: SourceProgram) -> Iterator[tuple[CodeFile, str, str, int]]:
    """A default path in a package that has words for a configuration file which is not there."""
    lacking = {
        package(file)
        for file in names.files
        for call in file.calls
        if call.last in ("New", "Errorf")
        and isinstance(text := call.argument(0), Text)
        and _LACKS.search(text.value[:_LONGEST])
    }
    for file in names.files if lacking else ():
        if package(file) in lacking:
            for name, value, line in file.top:
                if _NAMED.search(name) and isinstance(value, Text) and _FILE.fullmatch(value.value[:_LONGEST]):
                    yield file, value.value, "", line


def _example(path: str, files: frozenset[str]) -> str:
    """A file of the source that shows the form: of the same name elsewhere, or called an example."""
    stem, ending = posixpath.splitext(posixpath.basename(path))
    names = {f"{stem}{ending}"}
    for word in ("example", "sample", "dist", "default"):
        names |= {f"{stem}{mark}{word}{ending}" for mark in "._-"} | {f"{stem}{ending}.{word}"}
        names |= {f"{word}{mark}{stem}{ending}" for mark in "._-"}
    found = [each for each in files if posixpath.basename(each) in names and "test" not in each]
    return min(found, key=lambda each: (each.count("/"), each), default="")
