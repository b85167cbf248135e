"""A pull request → what it broke: every command in a clone of its own, and after each what must hold always.

A pull request is a name, a change to a clone, and what must hold of it beyond that.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from tests.hostile import invariants
from tests.hostile.commands import BASE, BUILD, CHECK, FULL, Command
from tests.hostile.forkserver import Ran
from tests.hostile.worlds import World, clone

Change = Callable[[World], object]
Run = Callable[[tuple[str, ...], Path, Mapping[str, str]], Ran]


@dataclass(frozen=True)
class PullRequest:
    """`full`, `check` and `build`: exit codes that `check --full`, a first `check` and `build` may have. `never`: texts
    that no file of kforge's holds after a build that passed. `told`: texts that `check --full` shows. `mine`: paths that
    are the user's, although `main` has them as kforge's. `committed`: whether git can hold it; else it lies in the
    checkout only. `also`: commands that it is about. `rare`: only in a run of everything.
    """

    name: str
    change: Change
    full: tuple[int, ...] = (0, 1, 2)
    check: tuple[int, ...] = (0, 1, 2)
    build: tuple[int, ...] = (0, 1, 2, 3)
    never: tuple[str, ...] = ()
    told: tuple[str, ...] = ()
    mine: tuple[str, ...] = ()
    committed: bool = True
    also: tuple[Command, ...] = ()
    rare: bool = False


def thinned(pulls: Iterable[PullRequest], share: int = 4) -> Iterator[PullRequest]:
    """Of neighbours that differ in little, one in `share` is in a normal run of the tests, and all in a run of
    everything.
    """
    return (replace(pull, rare=number % share > 0) for number, pull in enumerate(pulls))


@dataclass(frozen=True)
class Step:
    """One command of an attempt, and what it broke."""

    command: Command
    ran: Ran
    broke: tuple[str, ...]


@contextmanager
def opened(original: World, top: Path, pull: PullRequest) -> Iterator[World]:
    """A clone at `top` with the pull request in it, removed afterwards."""
    world = clone(original, top)
    try:
        pull.change(world)
        if pull.committed:
            world.commit()
        world.plant()
        yield world
    finally:
        shutil.rmtree(top)


def theirs(world: World, original: World, pull: PullRequest) -> set[str]:
    """Files of a clone that are not kforge's on `main`, git's own among them, and those that the pull request says.
    Locks and sums beside a spec are kforge's.
    """
    here = invariants.files(world).keys()
    beside = {
        str(Path(path).with_name(name)) for path in here if path.endswith(".kforge.yaml") for name in invariants.OWN
    }
    return here - ({*invariants.listed(original), "app/app.kforge.yaml", *beside} - {*pull.mine})


def words(command: Command, original: World) -> tuple[str, ...]:
    """A command's words, with the commit that the pull request is against."""
    return tuple(original.git("rev-parse", "main") if word == BASE else word for word in command.words)


def attempt(run: Run, original: World, top: Path, pull: PullRequest, commands: Sequence[Command]) -> list[Step]:
    """Run the commands one after another in a clone with the pull request."""
    with opened(original, top, pull) as world:
        tracked, mine = invariants.tracked_state(world), theirs(world, original, pull)
        steps = []
        before = invariants.look(world)
        for command in commands:
            step, before = _step(run, world, pull, command, words(command, original), tracked, mine, before)
            steps.append(step)
        return steps


def _step(
    run: Run,
    world: World,
    pull: PullRequest,
    command: Command,
    said: tuple[str, ...],
    tracked: frozenset[str],
    mine: set[str],
    before: invariants.Looks,
) -> tuple[Step, invariants.Looks]:
    """A command's step, and how the world looks after it."""
    held, folders = (invariants.files(world), invariants.folders(world)) if command.writes else ({}, frozenset())
    ran = run(said, world.repository, world.environment)
    after = invariants.look(world)
    broke = invariants.broken(world, command, ran, before, tracked, after)
    if command.writes:
        forced = invariants.listed(world).keys() if "--force" in command.words else ()
        broke += invariants.taken(world, held, mine - {*forced})
        broke += invariants.emptied(world, folders)
        broke += invariants.made(world, held)
        broke += _written(world, pull) if ran.code == 0 and command.words[0] == "build" else []
    broke += _verdict(pull, command, ran)
    return Step(command, ran, tuple(broke)), after


def _written(world: World, pull: PullRequest) -> list[str]:
    """What a build that passed left in kforge's files."""
    found = invariants.unreadable(world)
    for path, place in sorted(invariants.listed(world).items()):
        content = place.read_bytes() if place.is_file() and not place.is_symlink() else b""
        found += [f"{path!a} holds {text!a} after a build" for text in pull.never if text.encode() in content]
    return found


def _verdict(pull: PullRequest, command: Command, ran: Ran) -> list[str]:
    found = []
    if command == FULL:
        found += [f"ended with {ran.code}, not {pull.full}"] if ran.code not in pull.full else []
        said = ran.said.decode(errors="replace")
        found += [f"does not tell {text!a}" for text in pull.told if text not in said]
    if command == CHECK and ran.code not in pull.check:
        found.append(f"ended with {ran.code}, not {pull.check}")
    if command == BUILD and ran.code not in pull.build:
        found.append(f"ended with {ran.code}, not {pull.build}")
    return found
