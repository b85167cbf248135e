"""A file at two times → what may be shown of its change, as a unified diff. Reads no file and asks no git.

`kforge.sum` is text of the pull request: a path that it lists may be a private file of the user's. A file without
kforge's mark is only named: neither its content nor a count of its lines is shown.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from kforge.stages.compare import marked, sha256
from kforge.stages.line_diff import hunks

UNMARKED = "it does not carry kforge's mark"


@dataclass(frozen=True, slots=True)
class FileSide:
    """A file at one time: its content, or why that is not shown. Two hidden ones are equal by their digest."""

    content: bytes
    hidden: str = ""
    digest: str = ""


NOTHING = FileSide(b"")


@dataclass(frozen=True, slots=True)
class FileChange:
    path: str
    status: str  # created, changed, removed
    added: int
    removed: int
    diff: str  # of the sides that are shown; "" where none is
    note: str = ""  # what is not shown, and why


def side(content: bytes, ours: bool = False) -> FileSide:
    """A file's content where its first lines carry kforge's mark, or where `ours` says that kforge has just rendered it.

    A kind of output that has no comments needs a mark of its own here before it may be shown; there is none yet.
    """
    if ours or not content or marked(content):
        return FileSide(content)
    return FileSide(b"", UNMARKED, sha256(content))


def files_since(old: Mapping[str, FileSide], new: Mapping[str, FileSide]) -> tuple[FileChange, ...]:
    """Every file that differs, with a unified diff, sorted by path."""
    changes = []
    for path in sorted(old.keys() | new.keys()):
        before, after = old.get(path), new.get(path)
        if before != after:
            status = "created" if before is None else "removed" if after is None else "changed"
            changes.append(file_change(path, status, before or NOTHING, after or NOTHING))
    return tuple(changes)


def file_change(path: str, status: str, before: FileSide, after: FileSide) -> FileChange:
    """A unified diff of one file, as `diff -u` and git print it, and a note on each side that is not shown."""
    body = list(hunks(_lines(before.content), _lines(after.content))) if before.content or after.content else []
    names = ("/dev/null" if status == "created" else f"a/{path}", "/dev/null" if status == "removed" else f"b/{path}")
    lines = [f"--- {names[0]}\n", f"+++ {names[1]}\n", *body] if body else []
    text = "".join(line if line.endswith("\n") else line + "\n\\ No newline at end of file\n" for line in lines)
    added, removed = (sum(line.startswith(sign) for line in body) for sign in "+-")
    return FileChange(path, status, added, removed, text, "; ".join(_notes(status, before.hidden, after.hidden)))


def _notes(status: str, before: str, after: str) -> Iterator[str]:
    if before == after or status != "changed":
        yield from (f"not shown: {why}" for why in dict.fromkeys((before, after)) if why)
        return
    yield from (
        f"{when} is not shown: {why}" for when, why in (("the old content", before), ("the new content", after)) if why
    )


def _lines(content: bytes) -> Sequence[str]:
    """Lines as diff and git see them: a line feed ends one, nothing else does."""
    *whole, last = content.decode(errors="replace").split("\n")
    return [*(f"{line}\n" for line in whole), *([last] if last else [])]
