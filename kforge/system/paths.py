"""Paths of files to read, write or remove → a refusal of those that would leave their place. Knows no content.

Two gates: `odd` looks at the text alone, `guard` at the disk as well. What a path may reach ends at a root, the git top
level as a rule, because a source may lie beside the spec's folder (`../web`) but not outside of the repository. No path
leads through git's own folder in any spelling that a disk may take for `.git`: `beneath` asks `gits` as well.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable, Iterable
from itertools import pairwise
from pathlib import Path

from kforge.domain.invisible_chars import BIDI, BLANKS, IGNORABLE, IGNORABLE_BEYOND, JOINERS, visible
from kforge.domain.own_files import LOCK_FILE, STATE_FOLDER, SUMS_FILE
from kforge.errors import InputError, Place, Problem

# A newline or a backslash would need the escapes of sha256sum; the rest hides what a path is from who reads it. What
# shows nothing at all is left out by some disks too, so that `.g\u200cit` is `.git` there.
_ODD_CHARACTER = re.compile(
    f"[\x00-\x1f\x7f\\\\\u0085\u2028\u2029\ufeff\ud800-\udfff{BIDI}{JOINERS}{BLANKS}{IGNORABLE}{IGNORABLE_BEYOND}]"
)
FOLDERS, NAME_BYTES = 100, 255  # on one way; of one name, as every usual disk has it
# As `_meant` has it: NTFS has short names as well, and ignores what follows a colon, blanks and dots at the end.
_GIT = re.compile(r"(?:^|/)(?:\.git|git~\d+)[ .]*(?::[^/]*)?(?:/|$)").search
_GITHUB = re.compile(r"\.github|github~\d+").fullmatch
_WORKFLOWS = re.compile(r"workflows|workfl~\d+").fullmatch
# The one file there that a spec can ask for, by `outputs: [github-actions]`, in the one spelling that GitHub reads.
_OWN_WORKFLOW = re.compile(r"\.github/workflows/kforge-[a-z](?:[-a-z0-9]{0,61}[a-z0-9])?\.yaml").fullmatch
_PLAIN = re.compile(r"[^./][^/]*(?:/[^./][^/]*)*").fullmatch


def odd(path: str) -> str:
    """Why a text is no relative POSIX path in its shortest form, "" when it is one. It may begin with `../`."""
    if not path:
        return "is empty"
    if _ODD_CHARACTER.search(path):
        return "has a character that is not allowed here"
    if path.startswith("/") or path[1:2] == ":":
        return "is not relative"
    if path.count("/") > FOLDERS:
        return f"has more than {FOLDERS} folders"
    if len(path) > NAME_BYTES // 4 and any(len(part.encode()) > NAME_BYTES for part in path.split("/")):
        return f"has a name of more than {NAME_BYTES} bytes"
    if not _PLAIN(path) and (path != os.path.normpath(path) or path.rpartition("/")[2] in (".", "..")):
        return "is not in its shortest form"
    return "lies in git's own folder" if gits(path) else ""


def gits(path: str) -> bool:
    """Whether a path leads through git's own folder: `.git`, or a name that some disk takes for it (`.GIT`, `.git.`, `git~1`)."""
    return _GIT((path if path.isascii() else visible(path, "")).casefold()) is not None


def from_top(folder: str, path: str) -> str | None:
    """A path from the top of the repository, given one relative to a folder in it; None where it leaves the repository."""
    parts: list[str] = []
    for part in f"{folder}/{path}".split("/"):
        if part == "..":
            if not parts:
                return None
            parts.pop()
        elif part not in ("", "."):
            parts.append(part)
    return "/".join(parts)


def odd_ones(paths: Iterable[str]) -> list[tuple[str, str]]:
    """What `odd` says of the paths that it objects to. Looks at them all at once first: thousands are no rarity."""
    paths = [*paths]
    joined = " ".join(paths)
    simple = joined.isascii()
    if (joined.isprintable() if simple else not _ODD_CHARACTER.search(joined)) and not any(
        text in joined for text in ("\\", ":", "//")
    ):
        long = 2 * FOLDERS if simple else NAME_BYTES // 4  # up to here there is no room for too much
        paths = [
            path
            for path in paths
            if "/." in path or path[:1] in "./" or path[-1] == "/" or len(path) > long or "~" in path
        ]
    return [(path, why) for path in paths if (why := odd(path))]


def guard(base: Path, root: Path, paths: Iterable[str]) -> None:
    """Refuse outputs that leave `root`, pass through a link, or land where kforge never writes.

    `paths` are relative to `base`, which lies at or below `root`. Raises InputError naming every one of them.
    """
    base, root = Path(os.path.abspath(base)), Path(os.path.abspath(root))  # noqa: PTH100  # resolves no link
    seen: dict[str, str] = {str(root): ""}
    problems = []
    for path in sorted(paths):
        why = odd(path) or _reserved(path)
        if not why:
            place = os.path.normpath(f"{base}{os.sep}{path}")
            inside = place.startswith(f"{root}{os.sep}")
            below = place[len(str(root)) + 1 :] if inside else os.path.relpath(place, root)
            why = _forbidden(below) or _linked(place, str(root), seen)
        if why:
            problems.append(
                Problem(f"refusing to write `{path}`: it {why}", Place(path), "change `paths` or `source` in the spec")
            )
    if problems:
        raise InputError(tuple(problems))


def _reserved(path: str) -> str:
    parts = _meant(path)
    if "/".join(parts) in (LOCK_FILE, SUMS_FILE) or parts[0] == STATE_FOLDER or parts[-1].endswith(".kforge.yaml"):
        return "is one of kforge's own files"
    return ""


def _meant(path: str) -> list[str]:
    """The names on a way as a disk may take them that ignores case, or what NTFS ignores at the end of a name."""
    return [part if part in (".", "..") else part.partition(":")[0].rstrip(" .") for part in path.casefold().split("/")]


def _forbidden(below: str) -> str:
    parts = _meant(below)  # `.GIT` and `.git.` are `.git` on some disks
    if parts[0] == "..":
        return "lies outside the repository"
    if gits(below):
        return "lies in git's own folder"
    if not _OWN_WORKFLOW(below) and any(_GITHUB(one) and _WORKFLOWS(other) for one, other in pairwise(parts)):
        return "lies in `.github/workflows`, where a file is run with the repository's rights"
    return ""


def _linked(place: str, root: str, seen: dict[str, str]) -> str:
    """Why a place cannot be a file: something on the way down from the root is a link or no folder."""
    parent = os.path.dirname(place)  # noqa: PTH120  # text, thousands of times
    if parent not in seen:
        seen[parent] = _linked_folder(parent, root, seen)
    return seen[parent] or _kind(place, stat.S_ISREG, "is not a regular file")


def _linked_folder(folder: str, root: str, seen: dict[str, str]) -> str:
    way = [folder]
    while (parent := os.path.dirname(way[-1])) not in seen:  # noqa: PTH120
        way.append(parent)
    for each in reversed(way):
        above = seen[os.path.dirname(each)]  # noqa: PTH120
        seen[each] = above or _kind(
            each, stat.S_ISDIR, f"passes through `{os.path.relpath(each, root)}`, which is not a folder"
        )
    return seen[folder]


def _kind(place: str, right: Callable[[int], bool], wrong: str) -> str:
    try:
        mode = os.lstat(place).st_mode
    except (FileNotFoundError, NotADirectoryError):
        return ""
    except OSError as error:
        return f"cannot be read: {(error.strerror or 'error').lower()}"
    if stat.S_ISLNK(mode):
        return "passes through a symbolic link" if right is stat.S_ISDIR else "is a symbolic link"
    return "" if right(mode) else wrong
