"""`.kforge/pending`: the files and folders that a build is about to write, for the case that it is killed. Reads and
writes that file alone.

By it the next build tells the work of a killed one from an edit by hand, and a folder that a killed build made from an
empty one of the user's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from kforge.domain.own_files import STATE_FOLDER
from kforge.system.files import failed, read_in
from kforge.system.git.tracked import tracked
from kforge.system.paths import odd
from kforge.system.state import is_kept, opened

PENDING = f"{STATE_FOLDER}/pending"
_LIMIT = 64 << 20
_FOLDER = "folder"  # stands in a digest's place


@dataclass(frozen=True, slots=True)
class Unfinished:
    """Path → digests that the build found there or was about to write, and the folders that it was to make or might
    empty.
    """

    files: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    folders: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.files or self.folders)


def load(base: Path, root: Path | None = None) -> Unfinished:
    """What a killed build listed; nothing after one that ended.

    Nothing, too, where git tracks the list: then it is no build's. Raises InputError for what is no regular file.
    """
    if not is_kept(base) or tracked(base, root or base):
        return Unfinished()
    try:
        with opened(base, root) as folder:
            content = read_in(folder, "pending", _LIMIT, PENDING)
    except FileNotFoundError:
        return Unfinished()
    except OSError as error:
        raise failed("read", PENDING, error) from None
    files: dict[str, tuple[str, ...]] = {}
    folders: list[str] = []
    for line in (content or b"").decode(errors="replace").splitlines():
        digest, _, path = line.partition("  ")
        if odd(path):
            continue
        if digest == _FOLDER:
            folders.append(path)
        elif len(digest) == 64:
            files[path] = (*files.get(path, ()), digest)
    return Unfinished(files, tuple(folders))


def listed(digests: Iterable[tuple[str, str]], folders: Iterable[str], earlier: Unfinished) -> bytes:
    """The list of a build that begins, with what one before it left."""
    before = [(path, digest) for path, held in sorted(earlier.files.items()) for digest in held]
    lines = [f"{digest}  {path}\n" for path, digest in (*before, *digests)]
    lines += [f"{_FOLDER}  {path}\n" for path in (*earlier.folders, *folders)]
    return "".join(dict.fromkeys(lines)).encode()
