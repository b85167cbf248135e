"""Files of variables that a Go program loads by itself → variables with the values there, or a file that must exist.

`godotenv.Load()` fails where there is no `.env`, which images never have: an empty one does, since variables of the
container win. viper takes from the environment what `app.env` has lines for, so that an empty one would hide it.
"""

from __future__ import annotations

import posixpath
import re
from bisect import bisect_left
from typing import TYPE_CHECKING

from kforge.detectors.environment import ReadVariable, note
from kforge.domain.source.sightings import Sightings, Value
from kforge.syntax.code_file import CodeFile
from kforge.syntax.expression import Call, Text
from kforge.syntax.program import SourceProgram

if TYPE_CHECKING:
    from kforge.domain.artifact import Tree

_GODOTENV, _VIPER = "github.com/joho/godotenv", "github.com/spf13/viper"
_NEAR = 2  # lines behind a call on which its error may be asked for
_PLAIN = re.compile(r"[\w-]{0,40}\.env")
_TAG = re.compile(r'\bmapstructure\s*+:\s*+"(\w{1,100})[",]')
_LOOKED_AFTER = "ConfigFileNotFoundError"
_MOST = 200


def scan(names: SourceProgram, tree: Tree, seen: Sightings) -> None:
    """Adds `opened` for files that the source has, a build step or a doubt for those that it lacks, and variables."""
    files = frozenset(tree.files)
    for file in names.files:
        origins = {*file.imports.values()}
        for call in file.calls if _GODOTENV in origins or _VIPER in origins else ():
            if _loads(call, file):
                given = call.argument(0)
                path = posixpath.normpath(given.value) if isinstance(given, Text) else ".env"
                if path in files:
                    seen.see("opened", path, file.path, call.line)
                elif _PLAIN.fullmatch(path) and _fails(file, call.line):
                    seen.see("build", ["touch", f"/out/{path}"], file.path, call.line)
            elif call.last == "ReadInConfig" and (path := _of_viper(file)):
                _variables(file, names, seen)
                if path not in files and _fails(file, call.line) and _LOOKED_AFTER not in tree.text(file.path):
                    said = (
                        f"the program ends without `{path}`, which stays out of the image: its name is that of a secret"
                    )
                    hint = f"go on without it and bind each variable (`viper.{_LOOKED_AFTER}`, `viper.BindEnv`), or keep what is no secret in a file with another name"
                    seen.see("doubts", {"said": said, "hint": hint}, file.path, call.line)


def _loads(call: Call, file: CodeFile) -> bool:
    owner, _, last = call.name.rpartition(".")
    plain = not call.arguments or (len(call.arguments) == 1 and isinstance(call.arguments[0], Text))
    return last in ("Load", "Overload") and file.imports.get(owner) == _GODOTENV and plain and call not in file.guarded


def _fails(file: CodeFile, line: int) -> bool:
    """Whether the function ends, or the program does, under a condition right behind a line."""
    branches = [(first, last) for first, last in file.branches if line <= first - 1 <= line + _NEAR]
    lasts = sorted({*file.leaves, *file.ends}) if branches else []
    return any(bisect_left(lasts, first) < bisect_left(lasts, last + 1) for first, last in branches)


def _of_viper(file: CodeFile) -> str:
    """`app.env` of `SetConfigName("app")` with `SetConfigType("env")`, or of `SetConfigFile("app.env")`."""
    said = {call.last: one.value for call in reversed(file.calls) if isinstance(one := call.argument(0), Text)}
    if "AutomaticEnv" not in {call.last for call in file.calls}:
        return ""
    whole = said.get("SetConfigFile", "").removeprefix("./")
    name = said.get("SetConfigName", "") if said.get("SetConfigType") in ("env", "dotenv") else ""
    found = whole if whole.endswith(".env") else f"{name.removesuffix('.env')}.env" if name else ""
    return posixpath.normpath(posixpath.join(said.get("AddConfigPath", "."), found)) if found else ""


def _variables(file: CodeFile, names: SourceProgram, seen: Sightings) -> None:
    """The fields that are filled by such a file, or by the variables that it has lines for."""
    for made in file.classes:
        for each in made.fields[:_MOST]:
            if (tag := _TAG.search(each.tag)) and tag[1].isupper():
                note(ReadVariable(tag[1], None, False, each.line), file.path, seen)
                names.settings.setdefault(f"key {tag[1].lower()}", Value(None, tag[1]))
