"""A folder → the specs in it, and what the search for them depends on. Knows no index and no lock."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from kforge.errors import InputError, Place
from kforge.system.beneath import Beneath
from kforge.system.ignore import SHORTER, TOO_MANY_LINES, Ignore, MatchBudget, parse
from kforge.system.skipped_names import SKIPPED
from kforge.system.surroundings import read_beneath
from kforge.system.temporary import PREFIX

SUFFIX = ".kforge.yaml"
SearchIgnores = tuple[tuple[str, Ignore], ...]  # the folder a .gitignore lies in, and what it says


@dataclass(frozen=True, slots=True)
class FoundSpecs:
    """Specs in order, and every folder and .gitignore that a search for them depends on, as absolute paths."""

    specs: tuple[Path, ...]
    consulted: tuple[str, ...]


def search(folder: Path, end: Path | None, matching: MatchBudget | None = None) -> FoundSpecs:
    """Specs in and below an absolute folder of the repository whose top is `end`, None where there is none.

    Not looked into: what .gitignore leaves out, links, and other repositories. Raises InputError where the .gitignore
    files take more than `matching`: a spec that is not found would not be checked.
    """
    with Beneath(end or folder) as ways:
        return _Search(folder, end, ways, MatchBudget() if matching is None else matching).run()


class _Search:
    """Folders one after the other, each with the .gitignore files that hold in it."""

    def __init__(self, folder: Path, end: Path | None, ways: Beneath, matching: MatchBudget) -> None:
        self._folder, self._end, self._handles, self._matching = folder, end, ways, matching
        self._consulted: list[str] = []

    def run(self) -> FoundSpecs:
        base = str(self._folder)
        specs: list[Path] = []
        queue: list[tuple[str, SearchIgnores]] = [(base, self._above())]
        for place, outer in queue:
            self._consulted.append(place)
            files, folders = _listed(place, self._handles, outermost=place == base)
            ignores = outer
            if ".gitignore" in files:
                ignores = (*outer, (place, self._ignore(f"{place}{os.sep}.gitignore")))
            specs += [
                Path(f"{place}{os.sep}{name}")
                for name in files
                if name.endswith(SUFFIX)
                and not name.startswith(PREFIX)
                and not self._ignored(f"{place}{os.sep}{name}", False, ignores)
            ]
            inner = [f"{place}{os.sep}{name}" for name in folders if name not in SKIPPED]
            queue += [(path, ignores) for path in inner if not ignores or not self._ignored(path, True, ignores)]
        return FoundSpecs(tuple(sorted(specs)), tuple(self._consulted))

    def _above(self) -> SearchIgnores:
        """The .gitignore files between the git top level and the folder, outermost first."""
        end = self._end
        above = [] if end is None else [one for one in self._folder.parents if one.is_relative_to(end)]
        return tuple((str(one), self._ignore(str(one / ".gitignore"))) for one in reversed(above))

    def _ignore(self, place: str) -> Ignore:
        self._consulted.append(place)
        text = (read_beneath(self._handles, _below(place, self._handles), 64 * 1024) or b"").decode(errors="replace")
        ignore = parse(text)
        self._spend(ignore.made, place)
        return ignore

    def _ignored(self, path: str, folder: bool, ignores: SearchIgnores) -> bool:
        """The nearest .gitignore that mentions a path decides."""
        name = path.rpartition(os.sep)[2]
        for place, ignore in reversed(ignores):
            seen = path[len(place) :].lstrip(os.sep).replace(os.sep, "/")
            self._spend(ignore.steps(seen, name, folder), f"{place}{os.sep}.gitignore")
            verdict = ignore.verdict(seen, name, folder)
            if verdict is not None:
                return verdict
        return False

    def _spend(self, steps: int, place: str) -> None:
        if not self._matching.spend(steps):
            raise InputError(
                f"{TOO_MANY_LINES}: not all folders were searched for specs",
                Place(place),
                f"name the specs or their folders, or {SHORTER}",
            )


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


def _below(place: str, ways: Beneath) -> str:
    """A place as seen from the top; it lies below it or is it."""
    return place[len(str(ways.root)) :].lstrip(os.sep) or "."
