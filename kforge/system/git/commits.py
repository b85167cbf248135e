"""Repository and revision → what git holds there: names, and the content of regular files. Starts nothing itself.

Names are looked up in a listing of the commit's tree and content is asked for by object id, so that no name of a file
ever stands in what git is told.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from kforge.errors import InputError, WorldError
from kforge.system.files import LIMIT
from kforge.system.git.run import Repository, git, repository

BATCH = 32 << 20  # bytes of files that git is asked for at once
_ID = re.compile(rb"[0-9a-f]{40}(?:[0-9a-f]{24})?")  # SHA-1, SHA-256
# what no argument can hold, and controls; \udc80 to \udcff are bytes
_UNSPEAKABLE = re.compile(r"[\x00-\x1f\x7f\ud800-\udc7f\udd00-\udfff]")
_KINDS = {b"120000": "is a symbolic link", b"160000": "is a submodule"}
# no part, `.`, `..`, `.git`: no checkout makes it
_ODD_PART = re.compile(rb"(?:^|/)(?:\.\.?|\.git)?(?:/|$)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Blob:
    """What a commit has at a path: content, or why there is none to be had."""

    content: bytes = b""
    why: str = ""


@dataclass(frozen=True, slots=True)
class Commit:
    """One commit, and `MODE TYPE ID` of its files by path from the top of the repository."""

    repository: Repository
    revision: str  # as the user named it
    id: str
    entries: Mapping[bytes, bytes]

    def names(self, ending: str) -> list[str]:
        """Regular files whose names end so, from the top."""
        end = os.fsencode(ending)
        found = ((path, head) for path, head in self.entries.items() if path.endswith(end))
        return [os.fsdecode(path) for path, head in found if not _kind(head) and not _ODD_PART.search(path)]

    def below(self, folders: Collection[str]) -> dict[str, dict[str, str]]:
        """By folder from the top ("" for the top): regular files below it, by path from there, with their object ids."""
        found: dict[bytes, dict[str, str]] = {os.fsencode(folder): {} for folder in folders}
        for path, head in self.entries.items():
            if _kind(head) or _ODD_PART.search(path):
                continue
            end = 0
            while end >= 0:  # every folder above it, the top first
                held = found.get(path[:end])
                if held is not None:
                    held[os.fsdecode(path[end:].removeprefix(b"/"))] = head.rpartition(b" ")[2].decode()
                end = path.find(b"/", end + 1)
        return {os.fsdecode(folder): held for folder, held in found.items()}

    def read(self, paths: Iterable[str], limit: int = LIMIT) -> Iterator[tuple[str, Blob]]:
        """Files by path from the top; one that the commit does not have is left out, one beyond `limit` bytes has no
        content.

        Raises WorldError where git does not have what the commit names, as a partial clone does not.
        """
        wanted: list[tuple[bytes, str]] = []
        for path in dict.fromkeys(paths):
            head = self.entries.get(_encoded(path))
            if head and (kind := _kind(head)):
                yield path, Blob(why=kind)
            elif head:
                wanted.append((head.rpartition(b" ")[2], path))
        sizes = _sizes(self.repository, sorted({name for name, _ in wanted}))
        yield from (
            (path, Blob(why=f"is larger than {limit >> 20} MiB")) for name, path in wanted if sizes[name] > limit
        )
        for batch in _batches(sorted(each for each in wanted if sizes[each[0]] <= limit), sizes):
            contents = _contents(self.repository, {name: sizes[name] for name, _ in batch})
            yield from ((path, Blob(contents[name])) for name, path in batch)


def commit_at(top: Path, revision: str) -> Commit:
    """The commit that a revision names in the repository at `top`. Raises InputError for a revision that git does not
    know.
    """
    if not revision or revision.startswith("-") or _UNSPEAKABLE.search(revision):
        raise InputError(f"`{revision}` is not a revision", hint="name a branch, a tag or a commit")
    found = repository(top)
    answer = git(found, "rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}")
    name = (answer or b"").strip()
    if not _ID.fullmatch(name):
        raise InputError(
            f"git does not know the revision `{revision}`", hint="fetch it first: git fetch --depth=100 origin"
        )
    listed = git(found, "ls-tree", "-r", "-z", "--full-tree", name.decode())
    if listed is None:
        raise _incomplete(revision)
    return Commit(found, revision, name.decode(), _entries(listed))


def _entries(listed: bytes) -> dict[bytes, bytes]:
    """What stands before each path of a listing, whose lines NUL ends:
    https://git-scm.com/docs/git-ls-tree#_output_format
    """
    lines = (line.partition(b"\t") for line in listed.split(b"\0"))
    return {path: head for head, tab, path in lines if tab}


def _kind(head: bytes) -> str:
    """Why an entry is no regular file; "" for one."""
    return _KINDS.get(head.partition(b" ")[0], "")


def _sizes(found: Repository, names: list[bytes]) -> dict[bytes, int]:
    """Sizes of objects, `ID TYPE SIZE` a line."""
    if not names:
        return {}
    answer = git(found, "cat-file", "--batch-check", stdin=b"".join(name + b"\n" for name in names))
    fields = [line.split(b" ") for line in (answer or b"").splitlines()]
    held = {each[0]: int(each[2]) for each in fields if len(each) == 3 and each[1] == b"blob"}
    if held.keys() != {*names}:
        raise _incomplete("")
    return held


def _batches(wanted: list[tuple[bytes, str]], sizes: Mapping[bytes, int]) -> Iterator[list[tuple[bytes, str]]]:
    """Runs of files that are fetched at once, so that no more than BATCH bytes are held twice."""
    batch: list[tuple[bytes, str]] = []
    room = BATCH
    for name, path in wanted:
        room -= sizes[name]
        if room < 0 and batch:
            yield batch
            batch, room = [], BATCH - sizes[name]
        batch.append((name, path))
    if batch:
        yield batch


def _contents(found: Repository, sizes: Mapping[bytes, int]) -> dict[bytes, bytes]:
    """Objects by id: a line as above, then the content and a line feed."""
    if not sizes:
        return {}
    names = sorted(sizes)
    limit = sum(sizes.values()) + 200 * len(names)  # besides its content an object has one line
    answer = git(found, "cat-file", "--batch", stdin=b"".join(name + b"\n" for name in names), limit=limit) or b""
    held: dict[bytes, bytes] = {}
    offset = 0
    for name in names:
        head = b"%s blob %d\n" % (name, sizes[name])
        begin = offset + len(head)
        offset = begin + sizes[name] + 1
        if answer[begin - len(head) : begin] != head or len(answer) < offset:
            raise _incomplete("")
        held[name] = answer[begin : offset - 1]
    return held


def _incomplete(revision: str) -> WorldError:
    what = f"all of `{revision}`" if revision else "every file of that revision"
    return WorldError(
        f"git does not hold {what}",
        hint="clone without `--filter`: a partial clone fetches on demand, which kforge does not allow",
    )


def _encoded(path: str) -> bytes:
    """A path as git names it: what the system gave, or what kforge.sum says in UTF-8."""
    try:
        return os.fsencode(path)
    except UnicodeEncodeError:
        return path.encode("utf-8", "surrogatepass")
