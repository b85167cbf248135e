"""Something else than a file, in every place that kforge opens → what broke. The places are learnt from an audit."""

from __future__ import annotations

import os
import re
import shutil
import socket
import stat
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.hostile import invariants
from tests.hostile.attempt import PullRequest, opened, words
from tests.hostile.commands import BASE, BUILD, FULL, Command
from tests.hostile.forkserver import Forkserver, Watch
from tests.hostile.worlds import World
from tests.system.builds import NOBODY

CLEAN = PullRequest("nothing", lambda world: None)
CHECK, DIFF = Command(("check",)), Command(("diff", "--base", BASE))
COMMANDS = (
    CHECK,
    FULL,
    DIFF,
    BUILD,
    Command(("build", "--force"), writes=True),
    Command(("pin", "-s", "app", "web/resources", "memory"), writes=True),
)
# One of each sort. A run of everything takes all that the audit shows.
SORTS = (
    "app/app.kforge.yaml", "app/kforge.lock", "app/kforge.sum", "app/extra/settings.yaml", "app/web/app.py", "app/api/package.json", "app/web/requirements.txt",
    "app/deploy/kubernetes/web/deployment.yaml", "app/deploy/kubernetes/kustomization.yaml", "app/docker-bake.hcl", "app/web/Dockerfile", "app/web/.dockerignore",
    "app/deploy/images/prod/kustomization.yaml", "app/deploy/overlays/prod/web/horizontalpodautoscaler.yaml", ".gitignore", "app/api/.gitignore",
    "app/.kforge", "app/.kforge/index-app.kforge.yaml", "app/.kforge/index-app.kforge.yaml.clock", "app/.kforge/pending", "app/.kforge/lock", "app/.kforge/.gitignore", ".kforge/index-specs",
    "app/deploy/kubernetes/web/stray.yaml",
)  # fmt: skip
# Opened only where they are there, or by a command that the audit does not run.
RARE = (
    "app/.gitignore",
    "app/web/.gitignore",
    "app/api/vendor/modules.txt",
    ".kforge/index-specs.clock",
    "app/web/zz.py",
    "../cache/kforge/config.toml",
    *SORTS,
)
_OWN_NAMES = re.compile(r"\.kforge-tmp-|\.new$|\.git/|/\.git$")


def _folder_of(place: Path) -> Path:
    place.parent.mkdir(parents=True, exist_ok=True)
    return place.parent


def _socket(world: World, place: Path) -> None:
    folder = os.open(_folder_of(place), os.O_RDONLY)
    try:  # a socket's path may have 107 characters
        with socket.socket(socket.AF_UNIX) as made:
            made.bind(f"/proc/self/fd/{folder}/{place.name}" if len(str(place)) > 100 else str(place))
    finally:
        os.close(folder)


def _pipe_elsewhere(world: World, place: Path) -> None:
    os.mkfifo(world.outside / "pipe")
    _folder_of(place)
    place.symlink_to(world.outside / "pipe")


def _link(target: str) -> Callable[[World, Path], None]:
    def put(world: World, place: Path) -> None:
        _folder_of(place)
        place.symlink_to(
            target.replace("outside", str(world.outside)) if target.startswith("outside") else target or place.name
        )

    return put


def _sparse(world: World, place: Path) -> None:
    _folder_of(place)
    with place.open("wb") as file:
        file.truncate(50_000_000_000)


def _closed(world: World, place: Path) -> None:
    _folder_of(place)
    place.write_bytes(b"x\n")
    if os.geteuid() == 0:
        for path in world.top.rglob("*"):
            os.lchown(path, NOBODY, NOBODY)
        os.lchown(world.top, NOBODY, NOBODY)
    place.chmod(0)


def _device(world: World, place: Path) -> None:
    _folder_of(place)
    os.mknod(place, stat.S_IFCHR | 0o666, os.makedev(1, 5))


def _folder(world: World, place: Path) -> None:
    place.mkdir(parents=True)
    (place / "x").write_text("x")


KINDS: dict[str, Callable[[World, Path], object]] = {
    "a pipe": lambda world, place: os.mkfifo(_folder_of(place) / place.name),
    "a socket": _socket,
    "a link to an endless device": _link("/dev/zero"),
    "a link to random bytes": _link("/dev/urandom"),
    "a link to a pipe": _pipe_elsewhere,
    "a link to a file outside": _link("outside/victim/notes.txt"),
    "a link that leads nowhere": _link("outside/victim/nothing"),
    "a link to itself": _link(""),
    "a folder": _folder,
    "50 GB of nothing": _sparse,
    "a file without the right to read it": _closed,
    "a device": _device,
}


def usual(number: int, path: str) -> tuple[Command, ...]:
    """The commands of a normal run: the state is read by a check and written by a build, the rest is read by all in
    turn.
    """
    if ".kforge/" in path or path.endswith(".kforge"):
        return (CHECK, BUILD)
    return (DIFF, FULL) if number % 2 else (CHECK, BUILD)


def permitted(kind: str, folder: Path) -> bool:
    """Whether this user may make such a thing; devices are root's, as a rule."""
    if kind != "a device":
        return True
    try:
        os.mknod(folder / "device", stat.S_IFCHR | 0o666, os.makedev(1, 5))
    except OSError:
        return False
    (folder / "device").unlink()
    return True


def places(server: Forkserver, original: World, top: Path) -> tuple[str, ...]:
    """Every file that a clean run opens, relative to the repository, and those that it opens rarely."""
    found = set(RARE)
    with opened(original, top, CLEAN) as world:
        for command in (*COMMANDS, COMMANDS[0]):
            ran = server.run(words(command, original), world.repository, world.environment, Watch("audit"))
            found |= set(_opened(world, ran.noted))
    return tuple(sorted(found))


def _opened(world: World, events: Iterable[list[str]]) -> Iterator[str]:
    for verb, path, *_ in events:
        if verb in ("read", "write") and path.startswith(str(world.top)):
            below = os.path.relpath(path, world.repository)
            if not Path(path).is_dir() and not _OWN_NAMES.search(below):
                yield below


@contextmanager
def _placed(original: World, top: Path, kind: str, path: str) -> Iterator[World]:
    with opened(original, top, CLEAN) as world:
        place = world.repository / path
        if place.is_dir():
            shutil.rmtree(place)
        else:
            place.unlink(missing_ok=True)
        KINDS[kind](world, place)
        yield world


def broken(
    server: Forkserver, original: World, top: Path, kind: str, path: str, commands: Iterable[Command]
) -> Iterator[str]:
    """What commands broke that found something else than a file in this place."""
    user = NOBODY if kind.startswith("a file without") and os.geteuid() == 0 else 0
    with _placed(original, top, kind, path) as world:
        for command in commands:
            before = invariants.look(world)
            ran = server.run(words(command, original), world.repository, world.environment, user=user)
            found = invariants.broken(world, command, ran, before)
            yield from (f"{path} is {kind}: {command}: {each}" for each in found)
