"""A folder → the specs in it, and what the search for them depends on. Knows no index and no lock."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from kforge.errors import InputError
from kforge.system.beneath import Beneath
from kforge.system.ignore import Ignore, parse
from kforge.system.temporary import PREFIX
from kforge.system.tree import SKIPPED, read_beneath

SUFFIX = ".kforge.yaml"
SearchIgnores = tuple[tuple[str, Ignore], ...]  # the folder a .gitignore lies in, and what it says


@dataclass(frozen=True, slots=True)
class FoundSpecs:
    """Specs in order, and every folder and .gitignore that a search for them depends on, as absolute paths."""

    specs: tuple[Path, ...]
    consulted: tuple[str, ...]


def search(folder: Path, end: Path | None) -> FoundSpecs:
    """Specs in and below an absolute folder of the repository whose top is `end`, None where there is none.

    Not looked into: what .gitignore leaves out, links, and other repositories.
    """
    base = str(folder)
    specs: list[Path] = []
    consulted: list[str] = []
    with Beneath(end or folder) as ways:
        queue: list[tuple[str, SearchIgnores]] = [(base, _above(folder, end, ways, consulted))]
        for place, outer in queue:
            consulted.append(place)
            files, folders = _listed(place, ways, outermost=place == base)
            ignores = outer
            if ".gitignore" in files:
                ignores = (*outer, (place, _ignore(f"{place}{os.sep}.gitignore", ways, consulted)))
            specs += [
                Path(f"{place}{os.sep}{name}")
                for name in files
                if name.endswith(SUFFIX)
                and not name.startswith(PREFIX)
                and not _ignored(f"{place}{os.sep}{name}", False, ignores)
            ]
            inner = [f"{place}{os.sep}{name}" for name in folders if name not in SKIPPED]
            queue += [(path, ignores) for path in inner if not ignores or not _ignored(path, True, ignores)]
    return FoundSpecs(tuple(sorted(specs)), tuple(consulted))


def _listed(place: str, ways: Beneath, outermost: bool) -> tuple[list[str], list[str]]:
    """Names of files and folders in a folder, sorted; none where another repository begins or it cannot be listed."""
    files, folders = [], []
    try:
        with os.scandir(ways.folder(_below(place, ways))) as entries:
            for entry in entries:
                if entry.name == ".git" and not outermost:
                    return [], []
                if entry.is_dir(follow_symlinks=False):
                    folders.append(entry.name)
                else:
                    files.append(entry.name)
    except OSError:
        return [], []
    except InputError:  # a link on the way: put there meanwhile, or above the folder that was named
        if outermost:
            raise
        return [], []
    return sorted(files), sorted(folders)


def _above(folder: Path, end: Path | None, ways: Beneath, consulted: list[str]) -> SearchIgnores:
    """The .gitignore files between the git top level and a folder, outermost first."""
    above = [] if end is None else [one for one in folder.parents if one.is_relative_to(end)]
    return tuple((str(one), _ignore(str(one / ".gitignore"), ways, consulted)) for one in reversed(above))


def _ignore(place: str, ways: Beneath, consulted: list[str]) -> Ignore:
    consulted.append(place)
    return parse((read_beneath(ways, _below(place, ways), 64 * 1024) or b"").decode(errors="replace"))


def _below(place: str, ways: Beneath) -> str:
    """A place as seen from the top; it lies below it or is it."""
    return place[len(str(ways.root)) :].lstrip(os.sep) or "."


def _ignored(path: str, folder: bool, ignores: SearchIgnores) -> bool:
    """The nearest .gitignore that mentions a path decides."""
    name = path.rpartition(os.sep)[2]
    for place, ignore in reversed(ignores):
        verdict = ignore.verdict(path[len(place) :].lstrip(os.sep).replace(os.sep, "/"), name, folder)
        if verdict is not None:
            return verdict
    return False
