"""Wanted files, owned files, the disk → Changes. Unaware of how files are made, read or written.

A file is kforge's when its first lines say so. The sums alone prove nothing: they are text that a pull request can
change. A file was edited by hand when its content is none that kforge recorded. A file that nothing wants any more goes
only where its mark names this spec, and no other spec has it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Mapping

from kforge.domain.change import Change, Changes, Status, WantedFile
from kforge.domain.conflict_sides import sides
from kforge.domain.document import FRAMES, is_dockerfile, is_of_a_kind, mark
from kforge.domain.lock import Sums
from kforge.domain.own_files import SUMS_FILE
from kforge.errors import InputError, Place, Problem

ReadFile = Callable[[str], bytes | None]
Mingled = Callable[[str, bytes, Collection[str]], bool]  # path, content, digests of the versions that kforge wrote
Unfinished = Mapping[str, Collection[str]]  # path → digests that a killed build found there or meant to write
IGNORED = ".dockerignore"
_ENDS = [tuple(mark("\0", frame).encode().split(b"\0")) for frame in FRAMES]  # of lines that are marks


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def marked(content: bytes, spec: str = "") -> bool:
    """Whether one of the first two lines says that kforge made the file, from a spec of that name where one is given.

    The mark is the whole line, so that a text that mentions it is not taken for a generated file.
    """
    lines = [line.removesuffix(b"\r") for line in content[:4096].split(b"\n", 2)[:2]]
    if spec:
        return any(mark(spec, frame).encode("utf-8", "surrogateescape") in lines for frame in FRAMES)
    return any(line.startswith(before) and line.endswith(after) for line in lines for before, after in _ENDS)


def compare(
    wanted: Mapping[str, WantedFile],
    owned: Sums,
    disk: ReadFile,
    spec: str,
    *,
    pending: Unfinished | None = None,
    keep: Callable[[str], bool] = lambda path: False,
    others: Callable[[str], bool] = lambda path: False,
    rival: Callable[[str, bool], str] = lambda path, listed: "",
    mingled: Mingled = lambda path, content, digests: False,
    untouched: Collection[bytes] = (),
    force: bool = False,
) -> Changes:
    """What separates the disk from what is wanted. `spec` is the name of the spec's file.

    `keep` says whether a file that kforge wrote may stay as it is: an older kforge made it, its inputs are unchanged
    and no upgrade was asked for. `others` says whether another spec has a file that this one wants no more, `rival`
    which other spec has one that this one wants, given whether the own list names it. `mingled` says whether a file is
    what a merge made of two versions. `untouched` are kforge's texts of seeds: one that still has its text goes where
    nothing wants it any more. `force` takes over foreign and edited files, Dockerfiles without the mark excepted.
    Raises InputError where a newer kforge has rendered a wanted file.
    """
    _refuse_newer(wanted, owned)
    past = _Past(owned, pending or {}, spec, mingled, untouched)
    orphans = {*owned.files, *owned.aggregates, *owned.seeds, *past.pending} - wanted.keys()
    items: list[Change] = []
    files: dict[str, str] = {}
    revisions: dict[str, int] = {}
    for path in sorted({*wanted, *orphans}):
        file = wanted.get(path)
        if file is None:
            items.extend(_orphan(path, past, disk, others, force))
            continue
        change = _wanted(path, file, past, disk(path), keep, force)
        if other := rival(path, path in past.listed):
            change = Change(path, "shared", change.before, change.before, other)
        items.append(change)
        if file.seed:
            continue
        if not file.aggregate:
            files[path] = sha256(change.after or b"")
        stays = change.before == change.after and path in owned.files and keep(path)
        revision = owned.revisions.get(path, 1) if stays else file.revision
        if revision != 1:
            revisions[path] = revision
    sums = Sums(
        files=files,
        revisions=revisions,
        aggregates=tuple(sorted(path for path, file in wanted.items() if file.aggregate)),
        seeds=tuple(sorted(path for path, file in wanted.items() if file.seed)),
    )
    return Changes(tuple(items), sums)


def refuse(changes: Changes, spec: str) -> None:
    """Raise InputError for every file that a build of this spec must not overwrite."""
    if problems := refusals(changes, spec):
        raise InputError(problems)


def refusals(changes: Changes, spec: str = "this spec") -> tuple[Problem, ...]:
    """One problem for every file that a build of a spec must not overwrite."""
    return tuple(
        shared(change.path, change.other, spec) if change.status == "shared" else _refusal(change)
        for change in changes.refused
    )


def shared(path: str, other: str, spec: str) -> Problem:
    """Two specs want one file. `other` is the one that has it, from the repository's top."""
    hint = (
        "a file is made from one spec: give one of the two another `source` or other `paths`; "
        f"where `{other}` wants it no more, build that first"
    )
    return Problem(f"`{path}` belongs to `{other}`, and `{spec}` would write it too", Place(spec), hint)


class _Past:
    """What is known of who wrote a file."""

    def __init__(
        self, owned: Sums, pending: Unfinished, spec: str, mingled: Mingled, untouched: Collection[bytes]
    ) -> None:
        self.owned, self.pending, self.spec, self.mingled, self.untouched = owned, pending, spec, mingled, untouched
        self._unhashed = frozenset(owned.aggregates)
        self.listed = owned.files.keys() | self._unhashed | {*owned.seeds}

    def owns(self, path: str) -> bool:
        return path in self.owned.files or path in self._unhashed or path in self.pending

    def edited(self, path: str, content: bytes) -> bool:
        """Whether a file that kforge owns holds what kforge never wrote. An aggregate carries no digest to tell."""
        versions = sides(content) or (content,)
        if not all(map(marked, versions)):
            return True
        if path in self._unhashed:
            return False
        known = {self.owned.files.get(path, ""), self.owned.others.get(path, ""), *self.pending.get(path, ())}
        if all(sha256(version) in known for version in versions):
            return False
        return path not in self.owned.others or not self.mingled(path, content, known)


def _wanted(
    path: str, file: WantedFile, past: _Past, held: bytes | None, keep: Callable[[str], bool], force: bool
) -> Change:
    status = _status(path, file, past, held, keep)
    if status in ("foreign", "edited") and force and held is not None and not _protected(path, held):
        status = "changed"
    after = held if status in ("unchanged", "kept") else file.content
    return Change(path, status, held, after)


def _status(path: str, file: WantedFile, past: _Past, held: bytes | None, keep: Callable[[str], bool]) -> Status:
    if held is not None and (file.seed or held == file.content):
        return "unchanged"
    if held is None or (past.owns(path) and _torn(held)):
        return "missing" if past.owns(path) or path in past.owned.seeds else "created"
    if not past.owns(path):
        return "changed" if marked(held, past.spec) else "foreign"
    if past.edited(path, held):
        return "edited"
    written = path in past.owned.files and sha256(held) == past.owned.files[path]
    return "kept" if written and keep(path) else "changed"


def _orphan(path: str, past: _Past, disk: ReadFile, others: Callable[[str], bool], force: bool) -> tuple[Change, ...]:
    """What happens to a file that is no longer rendered. It is deleted only where its mark names this spec and no other
    spec has it.
    """
    if not is_of_a_kind(path):  # a list may name anything, a secret too: it is not even opened
        return (Change(path, "left", None, None),)
    if _handed_over(path, past, disk):
        return (Change(path, "left", None, None, yours=True),)
    held = disk(path)
    if held is None:
        return () if path in past.pending and path not in past.owned else (Change(path, "removed", None, None),)
    ours = past.owns(path) and marked(held, past.spec)
    if ours and (force or not past.edited(path, held)) and not others(path):
        return (Change(path, "removed", held, None),)
    seed = path in past.owned.seeds
    if seed and held in past.untouched and not others(path):
        return (Change(path, "removed", held, None),)
    return (Change(path, "left", None, None, unused=seed),)  # its content is not looked at


def _handed_over(path: str, past: _Past, disk: ReadFile) -> bool:
    """Whether a Dockerfile that the user wrote took the place of kforge's: it is built with what lies beside it."""
    folder, _, name = path.rpartition("/")
    beside = path.removesuffix(IGNORED) if name != IGNORED else f"{folder}/Dockerfile".removeprefix("/")
    if not is_dockerfile(beside) or beside not in past.owned or disk(path) is None:
        return False
    held = disk(beside)
    return held is not None and not marked(held)


def _torn(content: bytes) -> bool:
    """Whether a power cut left the file: one that was renamed but not yet synced comes back empty or full of NUL."""
    return not content.strip(b"\0")


def _protected(path: str, held: bytes) -> bool:
    """A Dockerfile that the user wrote, which not even force takes over."""
    return is_dockerfile(path) and not marked(held)


def _refusal(change: Change) -> Problem:
    place = Place(change.path)
    if _protected(change.path, change.before or b""):
        hint = "kforge never overwrites it: move it away to get a generated one"
        return Problem(f"`{change.path}` is a Dockerfile of yours", place, hint)
    if change.status == "foreign":
        hint = "move it away, or run `kforge build --force` to overwrite it"
        return Problem(f"`{change.path}` exists already and is not kforge's", place, hint)
    return Problem(f"`{change.path}` was edited by hand", place, edit_advice(change.path))


def edit_advice(path: str) -> str:
    """What to do about an edit of a generated file."""
    said = (
        "`build` and `process` pins, another base image under `bases`, or a Dockerfile of your own in its place"
        if is_dockerfile(path)
        else "`kubernetes` fragments, `patches`"
    )
    return f"write it in the spec ({said}), or run `kforge build --force` to drop the edit"


def _refuse_newer(wanted: Mapping[str, WantedFile], owned: Sums) -> None:
    newer = [
        path
        for path, revision in sorted(owned.revisions.items())
        if path in wanted and revision > wanted[path].revision
    ]
    if newer:
        message = f"a newer kforge rendered `{newer[0]}`" + (f" and {len(newer) - 1} more" if newer[1:] else "")
        raise InputError(message, Place(SUMS_FILE), "install the newer kforge: the spec's `requires` should name it")
