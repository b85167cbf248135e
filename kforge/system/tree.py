"""A folder on disk → the source that detectors see: bounded, in order, no links, no secrets. Knows no language.

Global excludes (`core.excludesFile`, `.git/info/exclude`) do not count: they differ between machines.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from kforge.domain.facts import Evidence, Fact, Many
from kforge.domain.source.build_context import NO_PINS, ContextPins
from kforge.errors import InputError
from kforge.system.beneath import Beneath, unfit
from kforge.system.ignore import NOTHING_IGNORED, TOO_MANY_LINES, Ignore, MatchBudget, parse
from kforge.system.skipped_names import SKIPPED, UNPACKED, VENDOR, denied
from kforge.system.surroundings import Entry, RepositoryDisk, SourceSurroundings, from_top, read_beneath

Ignores = tuple[tuple[str, Ignore], ...]  # where each holds: a folder below the root, or \0 and the way down to it


@dataclass(frozen=True, slots=True)
class TreeLimits:
    """How much of a source is looked at."""

    files: int = 20_000
    folders: int = 5_000
    depth: int = 32
    file_bytes: int = 512 * 1024
    total_bytes: int = 16 * 1024 * 1024


LIMITS = TreeLimits()
NAMED = 200  # links, and files by the names of secrets, that are remembered
SMALL = 1024  # bytes of a file of a few lines
IGNORES = 64 * 1024  # bytes of a .gitignore file that are looked at


class SourceTree:
    """A source on disk, walked once. `base` is the folder that the source's path was written against, if any; `code` is
    how names of code files end: one that is left out for its name is noted. `matching` is what the trees of one run may
    take for their .gitignore files. `pins` are what the spec says of the build.
    """

    def __init__(
        self,
        root: Path,
        base: Path | None = None,
        limits: TreeLimits = LIMITS,
        code: tuple[str, ...] = (),
        matching: MatchBudget | None = None,
        pins: ContextPins = NO_PINS,
    ) -> None:
        self.root, self.limits, self.code = root, limits, code
        self._matching = MatchBudget() if matching is None else matching
        self.problem = unfit(root, base)
        here = Path(os.path.normpath(root))
        self._bound = base is not None  # else the way to the root is the user's own, links in it too
        self._handles = Beneath(base, here) if base is not None and here.is_relative_to(base) else Beneath(here)
        self._notes: dict[str, Evidence] = {}
        self._texts: dict[str, str] = {}
        self._consulted: set[str] = set()
        self._bytes = 0
        self._closed: list[str] = []
        self._linked: list[str] = []
        self._files: tuple[str, ...] | None = None
        self._outer = RepositoryDisk(base) if self._bound and base is not None and here.is_relative_to(base) else None
        folder = from_top(str(here), str(base)) if self._outer else ""
        self.around = SourceSurroundings(self._outer, folder, self._saw_around, pins) if self._outer else None

    @property
    def files(self) -> tuple[str, ...]:
        """Sorted POSIX paths below the root; none where `problem` says why."""
        if self._files is None:
            self._files = () if self.problem else tuple(sorted(self._walk()))
            self.close()
            self._known = frozenset(self._files)
        return self._files

    @property
    def notes(self) -> Many:
        """What was left out for its size or number, so far."""
        return tuple(Fact(text, (evidence,)) for text, evidence in sorted(self._notes.items()))

    @property
    def closed(self) -> tuple[str, ...]:
        """Files that are never opened, since names like theirs hold secrets: the first of them, sorted."""
        return tuple(sorted(self._closed)) if self.files else ()

    @property
    def links(self) -> tuple[tuple[str, str], ...]:
        """Links that the source holds, with what they say: the first of them, sorted."""
        return tuple((path, self._target(path)) for path in sorted(self._linked)) if self.files else ()

    @property
    def texts(self) -> dict[str, str]:
        """Files that were read so far, with their contents."""
        return self._texts

    def _target(self, path: str) -> str:
        with suppress(OSError, InputError):
            folder, name = self._handles.parent(path)
            return os.readlink(name, dir_fd=folder)
        return ""

    @property
    def consulted(self) -> tuple[str, ...]:
        """Absolute paths of every folder listed and file opened, so far; one that is missing was looked for."""
        return tuple(sorted(self._consulted))

    def close(self) -> None:
        """Let go of the folders that are held open; what is read later opens them again."""
        self._handles.close()
        if self._outer:
            self._outer.close()

    def _saw_around(self, path: str) -> None:
        if self._outer:
            self._consulted.add(os.path.normpath(f"{self._outer.top}{os.sep}{path}"))

    def text(self, path: str) -> str:
        """Content of a file; "" for what is missing, binary or too large, or not among `files`."""
        if path not in self._texts:
            self._texts[path] = self._read(path) if self.files and path in self._known else ""
        return self._texts[path]

    def small(self, path: str) -> str:
        """Content of a file of a few lines; "" for any other, about which nothing is noted."""
        self._consulted.add(f"{self.root}{os.sep}{path}")
        content = read_beneath(self._handles, path, SMALL) if self.files and path in self._known else None
        return (content or b"").decode("utf-8", errors="replace")

    def _read(self, path: str) -> str:
        self._consulted.add(f"{self.root}{os.sep}{path}")
        content = self._content(path, self.limits.file_bytes)
        if content is None:
            self._note(f"larger than {self.limits.file_bytes // 1024} KiB or unreadable: not read", path)
            return ""
        self._bytes += len(content)
        if self._bytes > self.limits.total_bytes:
            self._note(
                f"more than {self.limits.total_bytes // 1024 // 1024} MiB of source: the rest was not read", path
            )
            self._bytes -= len(content)
            return ""
        if b"\0" in content:
            return ""
        return content.decode("utf-8-sig", errors="replace")

    def _note(self, text: str, path: str) -> None:
        self._notes[f"`{path}`: {text}" if path and "the rest" not in text else text] = Evidence(path or ".")

    def _walk(self) -> list[str]:
        found: list[str] = []
        queue: list[tuple[str, Ignores]] = [("", self._above())]
        for folders, (prefix, above) in enumerate(queue):  # breadth first: what is near the root counts most
            if folders >= self.limits.folders:
                self._notes[f"more than {self.limits.folders} folders: the rest was not looked at"] = Evidence(".")
                break
            if self._spent():
                break
            entries, ignores = self._listed(prefix, above)
            for name, folder in entries:
                path = prefix + name
                if not folder:
                    found.append(path)
                elif path.count("/") < self.limits.depth:
                    queue.append((f"{path}/", ignores))
                else:
                    self._note(f"deeper than {self.limits.depth} folders: not looked at", path)
            if len(found) > self.limits.files:
                self._notes[f"more than {self.limits.files} files: the rest was not looked at"] = Evidence(".")
                return found[: self.limits.files]
        self._spent()
        return found

    def _spent(self) -> bool:
        """Whether there is no more to take for .gitignore files, which is noted."""
        if self._matching.left >= 0:
            return False
        self._notes[f"{TOO_MANY_LINES}: the rest was not looked at"] = Evidence(".gitignore")
        return True

    def _listed(self, prefix: str, ignores: Ignores) -> tuple[list[tuple[str, bool]], Ignores]:
        """Entries of one folder that count, in order, and the ignore files that hold below it."""
        place = f"{self.root}{os.sep}{prefix}".rstrip(os.sep) or os.sep
        self._consulted.add(place)
        try:
            listed = sorted((entry.name, entry) for entry in self._entries(prefix))
        except (OSError, InputError) as error:
            reason = (
                (error.strerror or "error").lower()
                if isinstance(error, OSError)
                else "a link leads there, or it lies too deep"
            )
            self._note(f"cannot be listed: {reason}", prefix or ".")
            return [], ignores
        if any(name == ".gitignore" for name, _ in listed):
            self._consulted.add(f"{place}{os.sep}.gitignore")
            ignores = (*ignores, (prefix, self._ignore(self._content(f"{prefix}.gitignore", IGNORES))))
        parent = prefix.rstrip("/").rpartition("/")[2]
        result: list[tuple[str, bool]] = []
        for name, entry in listed:
            folder = entry.is_dir(follow_symlinks=False)
            if folder and name in VENDOR:
                self._vendored(prefix, name, result)
            elif entry.is_symlink():
                tools = name in SKIPPED or name in VENDOR or len(self._linked) >= NAMED
                if not tools and self._included(prefix + name, name, folder, ignores):
                    self._linked.append(prefix + name)
            elif self._counts(prefix, name, folder, parent, ignores) and (
                folder or entry.is_file(follow_symlinks=False)
            ):
                result.append((name, folder))
        return result, ignores

    def _vendored(self, prefix: str, name: str, result: list[tuple[str, bool]]) -> None:
        """Vendored code is not the service's, but that it is there matters to Go's build."""
        if name == "vendor":
            path = f"{prefix}{name}/modules.txt"
            self._consulted.add(f"{self.root}{os.sep}{path}")
            if self._is_file(path):
                result.append((f"{name}/modules.txt", False))

    def _counts(self, prefix: str, name: str, folder: bool, parent: str, ignores: Ignores) -> bool:
        if folder and (name in SKIPPED or name in UNPACKED.get(parent, ())):
            return False
        path = prefix + name
        if not self._included(path, name, folder, ignores):
            return False
        if folder or not denied(name, self.code):
            return True
        if name.endswith(self.code):
            self._note("its name is that of a secret: not read", path)
        if len(self._closed) < NAMED:
            self._closed.append(path)
        return False

    def _included(self, path: str, name: str, folder: bool, ignores: Ignores) -> bool:
        """Whether the .gitignore files leave a path in."""
        for below, ignore in reversed(ignores):  # the nearest file that mentions it decides
            if path.startswith(below):
                seen = path[len(below) :]
            elif below.startswith("\0"):  # a file above the root: paths are relative to its own folder
                seen = below[1:] + path
            else:
                continue
            if not self._matching.spend(ignore.steps(seen, name, folder)):
                return False
            verdict = ignore.verdict(seen, name, folder)
            if verdict is not None:
                return not verdict
        return True

    def _ignore(self, content: bytes | None) -> Ignore:
        if self._matching.left < 0:  # compiling another file's lines may take a second
            return NOTHING_IGNORED
        ignore = parse((content or b"").decode("utf-8", errors="replace"))
        self._matching.spend(ignore.made)
        return ignore

    # ---- what a disk says, and a commit as well (`system/git/commit_tree.py`) ---------------------------------
    def _entries(self, prefix: str) -> Iterable[Entry]:
        """What lies in a folder. Raises OSError, InputError."""
        with os.scandir(self._handles.folder(prefix or ".")) as entries:
            return list(entries)

    def _is_file(self, path: str) -> bool:
        with suppress(OSError, InputError):
            folder, file = self._handles.parent(path)
            return stat.S_ISREG(os.lstat(file, dir_fd=folder).st_mode)
        return False

    def _content(self, path: str, limit: int) -> bytes | None:
        """Content of a regular file of at most `limit` bytes."""
        return read_beneath(self._handles, path, limit)

    def _above(self) -> Ignores:
        """The .gitignore files between the git top level and the root, outermost first; none outside a repository."""
        here = os.path.normpath(self.root) if self._bound else str(self.root.resolve())
        parents = [str(folder) for folder in Path(here).parents]  # text from here on: there are many sources
        top = next((folder for folder in (here, *parents) if os.path.lexists(f"{folder}{os.sep}.git")), here)
        folders = parents[: parents.index(top) + 1] if top in parents else []
        self._consulted.update(f"{folder}{os.sep}.git" for folder in folders[:-1])  # one there would be the top
        self._consulted.update(f"{folder.rstrip(os.sep)}{os.sep}.gitignore" for folder in folders)
        with Beneath(top) as ways:
            return tuple(
                (f"\0{_below(here, folder)}/", self._ignore(read_beneath(ways, path, IGNORES)))
                for folder in reversed(folders)
                for path in [f"{_below(folder, top)}/.gitignore".lstrip("/")]
            )


def _below(place: str, folder: str) -> str:
    """A path as seen from a folder that it is or lies in, both absolute and in their shortest form."""
    return place[len(folder.rstrip(os.sep)) :].lstrip(os.sep).replace(os.sep, "/")
