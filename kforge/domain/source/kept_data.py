"""What a source keeps on disk, by its facts → whether a service's variables put it elsewhere."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kforge.domain.view import View

# A value that names a file or folder, and not a store elsewhere.
_FILE = re.compile(r"(?:sqlite\w*(?:\+\w+)?:/{0,3}|file:)?(\.{0,2}/[^\s?:]*|[\w.-]+\.(?:db|sqlite3?))(?:\?\S*)?")


def file_of(value: str) -> str | None:
    """The absolute path that a value names; None for the name or address of another store."""
    found = _FILE.fullmatch(value)
    path = found.group(1) if found else None
    return path if path is None or path.startswith("/") else f"/app/{path.removeprefix('./')}"


def within(folder: str, outer: Collection[str]) -> bool:
    """Whether a folder is one of these, or lies in one."""
    return any(f"{folder}/".startswith(f"{one.rstrip('/')}/") for one in outer)


def elsewhere(kept: Mapping[str, Any], variables: Mapping[str, str], safe: Collection[str] = ()) -> bool:
    """Whether a variable says that the data are in another store, or in a folder that is `safe`."""
    for name in kept["env"]:
        if name in variables:
            path = file_of(variables[name])
            if path is None or within(path, safe):
                return True
    return False


def left_folders(view: View) -> set[str]:
    """Folders of the source that its program does not write where the spec's variables are set."""
    kept = [one for one in view.fact("kept") if not one.get("mixed")]
    if not kept:
        return set()
    certain = [name for name, key in view.spec("secrets").items() if not key.optional]
    given = {**dict.fromkeys(certain, ""), **{name: str(text) for name, text in view.spec("env").items()}}
    return {one["folder"] for one in kept if elsewhere(one, given) or _moved(one, given)}


def _moved(kept: Mapping[str, Any], given: Mapping[str, str]) -> bool:
    paths = [path for name in kept.get("moved", ()) if name in given and (path := file_of(given[name]))]
    return any(not within(path, [kept["folder"]]) for path in paths)
