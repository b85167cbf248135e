"""A world before and after a command → what broke of that which no command may break. Knows no attempt."""

from __future__ import annotations

import hashlib
import os
import re
import stat
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import yaml

from kforge.errors import Error
from kforge.system import sums
from tests.hostile.commands import Command
from tests.hostile.forkserver import CPU, MEMORY, TORN, WALL, Ran
from tests.hostile.worlds import PLANTED, World

_LONGEST = 4096  # bytes of a path that a system call takes
CODES = (0, 1, 2, 3, 75)
Look = tuple[int, int, int, int, str]  # mode, size, time of change, inode, and a link's target
OWN = ("kforge.lock", "kforge.sum")
# Of the control characters only line feeds and tabs; nothing that turns the direction of text; no commands to a
# workflow.
_ODD = re.compile("[\x00-\x08\x0b-\x1f\x7f\x80-\x9f\u202a-\u202e\u2066-\u2069]")
_COMMAND = re.compile(r"^\s*::(?:set-|add-|save-|stop-|debug|echo)|^\s*##\[", re.MULTILINE)
_ANNOTATION = re.compile(r"^\s*::", re.MULTILINE)


@dataclass(frozen=True)
class Looks:
    """How everything of a world looks: the clone by its times, what lies outside by its content; which scripts have
    run.
    """

    clone: dict[str, Look]
    outside: dict[str, object]
    ran: frozenset[str]


def look(world: World) -> Looks:
    outside = {path: (_target(place), _digest(place)) for path, place in _walk(world.outside)}
    return Looks(
        {path: _look(place) for path, place in _walk(world.repository)},
        outside,
        frozenset(place.name for place in world.ran.iterdir()),
    )


def broken(
    world: World,
    command: Command,
    ran: Ran,
    before: Looks,
    tracked: frozenset[str] = frozenset(),
    after: Looks | None = None,
) -> list[str]:
    """What a command broke, each with the place, in words. `tracked`: folders `.kforge` that came with the repository.
    `after`: how the world looks now, where that is known.
    """
    after = after or look(world)
    changed = sorted(
        path for path in before.clone.keys() | after.clone.keys() if before.clone.get(path) != after.clone.get(path)
    )
    return [
        *_ended(ran),
        *(
            f"changed outside: {path}"
            for path in sorted(before.outside.keys() | after.outside.keys())
            if before.outside.get(path) != after.outside.get(path)
        ),
        *(f"ran a planted script: {name}" for name in sorted(after.ran - before.ran)),
        *_shown(command, ran),
        *_kept(world, changed),
        *(
            []
            if command.writes
            else [f"a reading command changed {path!a}" for path in changed if not state(path, tracked)]
        ),
    ]


def _ended(ran: Ran) -> list[str]:
    found = []
    if ran.code == TORN and ran.wall >= WALL:
        found.append(f"did not end within {WALL:.0f} s")
    elif ran.code not in CODES:
        found.append(f"exit code {ran.code}: {ran.err.decode(errors='replace')[-300:]!a}")
    if b"Traceback" in ran.said:
        found.append("shows a traceback")
    if ran.cpu > CPU:
        found.append(f"computed for {ran.cpu:.1f} s")
    if ran.held > MEMORY:
        found.append(f"held {ran.held >> 20} MB of memory")
    return found


def _shown(command: Command, ran: Ran) -> list[str]:
    text = ran.said.decode(errors="replace")
    found = [f"shows {leaked}" for leaked in sorted({*re.findall(rf"(?i){PLANTED}\w*", text)})]
    if odd := _ODD.search(text):
        found.append(
            f"writes the character {odd.group()!a} to the terminal: {text[max(0, odd.start() - 40) : odd.end() + 20]!a}"
        )
    if (_COMMAND if "github" in command.words else _ANNOTATION).search(text):
        found.append("writes a command to the workflow")
    return found


def _kept(world: World, changed: list[str]) -> list[str]:
    """Secrets in files that were written, here or in kforge's cache."""
    places = [world.repository / path for path in changed] + [place for _, place in _walk(world.top / "cache")]
    files = [place for place in places if place.is_file() and not place.is_symlink()]
    return [f"wrote a secret to {place.name!a}" for place in files if PLANTED.encode() in _content(place)]


def state(path: str, tracked: frozenset[str]) -> bool:
    """Whether a path lies in a `.kforge/` of kforge's own, or is one: not one that came with the repository."""
    parts = Path(path).parts
    return ".kforge" in parts and Path(*parts[: parts.index(".kforge") + 1]).as_posix() not in tracked


def tracked_state(world: World) -> frozenset[str]:
    """Folders `.kforge` that git tracks something of, or tracks as a link."""
    names = [Path(name).parts for name in world.git("ls-files", "-z").split("\0") if ".kforge" in name]
    return frozenset(Path(*parts[: parts.index(".kforge") + 1]).as_posix() for parts in names if ".kforge" in parts)


def taken(world: World, before: dict[str, bytes], theirs: set[str]) -> list[str]:
    """Files of the user's that a build changed or removed."""
    found = []
    for path in sorted(theirs & before.keys()):
        place, content = world.repository / path, before[path]
        if not os.path.lexists(place):
            found.append(f"removed {path!a}, which is not kforge's")
        elif _content(place) != content:
            found.append(f"changed {path!a}, which is not kforge's")
    return found


def folders(world: World) -> frozenset[str]:
    """Folders that no build may remove: git's own, and every empty one but for kforge's state."""
    found = set()
    for here, inner, names in os.walk(world.repository):
        parts = Path(here).relative_to(world.repository).parts
        if parts[:1] == (".git",) or not (inner or names or ".kforge" in parts):
            found.add("/".join(parts))
    return frozenset(found)


def emptied(world: World, before: frozenset[str]) -> list[str]:
    """Folders that a build removed."""
    gone = (path for path in sorted(before) if not (world.repository / path).is_dir())
    return [f"removed the folder {path!a}, which is not kforge's" for path in gone]


def listed(world: World, seeds: bool = True) -> dict[str, Path]:
    """Files that the repository's sums list, and locks and sums themselves, as they are now. Seeds are the user's."""
    found = {}
    for place in (place for _, place in _walk(world.repository) if place.name == "kforge.sum"):
        with suppress(Error, OSError):
            held = sums.parse(_content(place), "kforge.sum")
            for name in (*held.files, *held.aggregates, *(held.seeds if seeds else ()), *OWN):
                full = Path(os.path.normpath(place.parent / name))
                found[os.path.relpath(full, world.repository)] = full
    return found


def made(world: World, before: dict[str, bytes]) -> list[str]:
    """Files that a build made and that no sums list."""
    new = sorted(files(world).keys() - before.keys() - listed(world).keys())
    return [
        f"made {path!a}, which no sums list"
        for path in new
        if not state(path, frozenset()) and not path.endswith(".kforge.yaml")
    ]


def unreadable(world: World) -> list[str]:
    """Manifests that a build wrote and that are no YAML to another parser."""
    found = []
    for path, place in sorted(listed(world, seeds=False).items()):
        if place.suffix == ".yaml" and place.is_file():
            try:
                list(yaml.load_all(_content(place), yaml.CSafeLoader))
            except (yaml.YAMLError, ValueError) as error:
                found.append(f"wrote {path!a}, which is no YAML: {str(error).splitlines()[0]}")
    return found


def files(world: World) -> dict[str, bytes]:
    """Every file of the clone, git's included, with a link's target as its content."""
    return {
        path: _content(place) for path, place in _walk(world.repository) if place.is_symlink() or not place.is_dir()
    }


def _walk(folder: Path) -> list[tuple[str, Path]]:
    found = []
    for here, folders, names in os.walk(folder):
        found += [Path(here, name) for name in (*folders, *names)]
    whole = (place for place in found if len(os.fsencode(place)) < _LONGEST)  # git and kforge go from folder to folder
    start = len(str(folder)) + 1
    return sorted((str(place)[start:], place) for place in whole)


def _look(place: Path) -> Look:
    held = place.lstat()
    folder = stat.S_ISDIR(held.st_mode)  # its size and time change when `.kforge/` is made in it
    return held.st_mode, 0 if folder else held.st_size, 0 if folder else held.st_mtime_ns, held.st_ino, _target(place)


def _target(place: Path) -> str:
    return str(place.readlink()) if place.is_symlink() else ""


def _digest(place: Path) -> str:
    return hashlib.sha256(_content(place)).hexdigest() if not place.is_dir() or place.is_symlink() else "folder"


def _content(place: Path) -> bytes:
    """A file's beginning, however large it is; a special file has none."""
    held = place.lstat()
    if stat.S_ISLNK(held.st_mode):
        return os.fsencode(place.readlink())
    if not stat.S_ISREG(held.st_mode):
        return str(held.st_mode).encode()
    with place.open("rb") as file:
        return file.read(1 << 22)
