"""kforge.sum ↔ Sums: what `sha256sum -c kforge.sum` accepts, with the rest in comments. Reads no listed file.

First the files, grouped by folder, then what answers and files were made of, grouped by service (`system/record.py`):
two lines stand between what different services own, since git merges two branches only where an unchanged line
separates their changes.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from itertools import groupby

from kforge.domain.lock import Lock, Sums
from kforge.errors import InputError, Place
from kforge.system import record
from kforge.system.conflicts import damaged, decoded, restore
from kforge.system.lockfile import text_digests, texts_of
from kforge.system.paths import odd_ones

MAX_BYTES = 24 << 20  # some 200,000 files
HEADER = (
    "# The files kforge wrote: `sha256sum -c kforge.sum` verifies them, `kforge check` says whether they are current."
)
_COMMENT = re.compile(r"# (aggregate|seeded|revision [1-9][0-9]{0,8}) (.+)")
_COMMENTS = {"agg", "see", "rev"}  # how those begin: a pattern for every line of inputs would take its time
_HEX = b"0123456789abcdef"


def parse(data: bytes, file: str) -> Sums:
    """The sums in a file's bytes. Raises InputError for damage, conflicts, and paths that no build writes."""
    text = decoded(data, file).replace("\r\n", "\n")
    lines = text.split("\n")
    # By slices, not by one pattern: there are thousands of lines, and every `check` reads them.
    listed = [(line[:64], line[66:]) for line in lines if line[64:66] == "  " and line[0] != "#"]
    notes = [line for line in lines if line[:1] == "#"]
    if (
        lines.pop()
        or len(listed) + len(notes) != len(lines)
        or "".join([hexes for hexes, _ in listed]).encode().translate(None, _HEX)
    ):
        raise _blame(text, file)
    comments = [match.groups() for line in notes if line[2:5] in _COMMENTS and (match := _COMMENT.fullmatch(line))]
    files = {path: digest for digest, path in listed}
    revisions = {path: int(sort[9:]) for sort, path in comments if sort.startswith("revision")}
    aggregates = sorted(path for sort, path in comments if sort == "aggregate")
    seeds = sorted(path for sort, path in comments if sort == "seeded")
    every = {*files, *aggregates, *seeds}
    if len(every) != len(listed) + len(aggregates) + len(seeds) or not every >= revisions.keys():
        raise _repeated([path for _, path in listed] + aggregates + seeds, revisions, file)
    for path, why in sorted(odd_ones(every)):
        raise InputError(f"`{file}` is damaged: the path `{path[:200]}` {why}", Place(file), restore(file))
    return Sums(
        files=files,
        revisions=revisions,
        aggregates=tuple(aggregates),
        seeds=tuple(seeds),
        record=record.parse(notes, text, file),
    )


def render(sums: Sums, lock: Lock, texts: Mapping[str, str] | None = None) -> str:
    """The file's text: a header, the files folder by folder, what services were made of, each in order, LF.

    `texts` are those of the lock (`lockfile.texts_of`), if known.
    """
    lines, aggregates = [HEADER, "#"], frozenset(sums.aggregates)
    for folder, paths in groupby(sorted({*sums.files, *sums.aggregates, *sums.seeds}, key=_place), key=_folder):
        lines.append(f"## {folder}/")
        for path in paths:
            revision = sums.revisions.get(path, 1)
            if revision != 1:
                lines.append(f"# revision {revision} {path}")
            if path in sums.files:
                lines.append(f"{sums.files[path]}  {path}")
            else:
                lines.append(f"# {'aggregate' if path in aggregates else 'seeded'} {path}")
        lines.append("#")  # also after the last, or a change to it would touch the folder that a branch adds behind it
    return "\n".join([*lines, *record.lines(lock, text_digests(texts_of(lock) if texts is None else texts))]) + "\n"


def _folder(path: str) -> str:
    return path.rpartition("/")[0] or "."


def _place(path: str) -> tuple[list[str], str]:
    folder, _, name = path.rpartition("/")
    return folder.split("/"), name


def _blame(text: str, file: str) -> InputError:
    lines = text.split("\n")
    for number, line in enumerate(lines, 1):
        told = line.startswith("#") or re.fullmatch("[0-9a-f]{64}  .+", line)
        if not told and (line or number < len(lines)):
            return damaged(text, file, number, "this line is neither a comment nor `SHA256  PATH`")
    return damaged(text, file, len(lines), "its last line does not end")


def _repeated(listed: list[str], revisions: dict[str, int], file: str) -> InputError:
    """Name what is listed twice, or has a revision and nothing else."""
    twice = sorted(path for path, number in Counter(listed).items() if number > 1)
    if twice:
        return InputError(f"`{file}` lists `{twice[0][:200]}` twice", Place(file), restore(file))
    lone = min(revisions.keys() - {*listed})
    return InputError(f"`{file}` gives `{lone[:200]}` a revision, but has no line for it", Place(file), restore(file))
