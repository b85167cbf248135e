"""The parts of the harness, each a series of attempts that have a name. Knows no journal and no page."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tests.conftest import memory_folder
from tests.hostile import audits, kills, special_files
from tests.hostile.attempt import PullRequest, Run, attempt
from tests.hostile.commands import EVERY as COMMANDS
from tests.hostile.commands import QUICK, Command
from tests.hostile.forkserver import Forkserver
from tests.hostile.processes import Processes
from tests.hostile.test_kills import word
from tests.hostile.worlds import World, surroundings, template
from tests.models.talking import talking

# Every format of what CI runs, and a build: beside the shop, where each takes longer.
FORMS = tuple(command for command in COMMANDS if command.words[0] in ("check", "diff")) + QUICK[-1:]


@dataclass(frozen=True)
class Tried:
    """How an attempt ended: the number of commands, what broke, and the CPU seconds of the slowest command where that
    was measured.
    """

    commands: int
    broke: tuple[str, ...]
    slowest: float = 0.0


Attempts = Iterator[tuple[str, Callable[[], Tried]]]


@dataclass(frozen=True)
class Section:
    """`attempts` makes the worlds that it needs when it is first asked, and removes them at its end. `planned` is their
    number, 0 where only a run shows it.
    """

    name: str
    title: str
    attempts: Callable[[], Attempts]
    planned: int = 0


def every(pulls: Sequence[PullRequest], processes: int) -> tuple[Section, ...]:
    """All sections. Every `processes`-th pull request goes through real processes as well."""
    untraced = ": left out, strace is not here" if audits.missing() else ""
    small, beside = f"pull requests × {len(COMMANDS)} commands in a small application", "beside the shop"
    also = pulls[::processes]
    return (
        Section("small", small, lambda: _forked(pulls, COMMANDS), len(pulls)),
        Section(
            "shop",
            f"pull requests × {len(FORMS)} commands {beside}",
            lambda: _forked(pulls, FORMS, shop=True),
            len(pulls),
        ),
        Section("real", "pull requests × check --full, diff, build as real processes", lambda: _real(also), len(also)),
        Section("special", "special files × every path that is opened × six commands", _special),
        Section("killed", "commands killed before each of their changes", _killed),
        Section("audited", "audits of every command by Python's events", lambda: _audited(pulls)),
        Section("traced", f"audits of check, diff and build by strace{untraced}", lambda: _traced(pulls)),
    )


@contextmanager
def _world(shop: bool = False) -> Iterator[tuple[Forkserver, World, Path]]:
    with Forkserver(surroundings()) as server, memory_folder() as scratch:
        scratch.chmod(0o755)
        yield server, template(scratch / "original", server, shop), scratch / "world"


def _pulled(run: Run, original: World, top: Path, pull: PullRequest, commands: Sequence[Command]) -> Tried:
    steps = attempt(run, original, top, pull, commands)
    broke = tuple(f"{step.command}: {each}" for step in steps for each in step.broke)
    return Tried(len(steps), broke, max(step.ran.cpu for step in steps))


def _forked(pulls: Sequence[PullRequest], commands: Sequence[Command], shop: bool = False) -> Attempts:
    with _world(shop) as (server, original, top):
        for pull in pulls:
            yield pull.name, partial(_pulled, server.run, original, top, pull, commands)


def _real(pulls: Sequence[PullRequest]) -> Attempts:
    with _world() as (_, original, top), Processes() as processes:
        for pull in pulls:
            yield pull.name, partial(_pulled, processes.run, original, top, pull, QUICK)


def _audited(pulls: Sequence[PullRequest]) -> Attempts:
    def audit(server: Forkserver, original: World, top: Path, pull: PullRequest) -> Tried:
        return Tried(len(audits.AUDITED), tuple(audits.audited(server, original, top, pull)))

    with _world() as (server, original, top):
        for pull in (special_files.CLEAN, *audits.worst(pulls)):
            yield pull.name, partial(audit, server, original, top, pull)


def _traced(pulls: Sequence[PullRequest]) -> Attempts:
    def trace(original: World, top: Path, pull: PullRequest) -> Tried:
        return Tried(len(audits.TRACED), tuple(audits.traced(original, top, pull)))

    if audits.missing():
        return
    with _world() as (_, original, top):
        for pull in (special_files.CLEAN, *audits.worst(pulls)):
            yield pull.name, partial(trace, original, top, pull)


def _special() -> Attempts:
    commands = special_files.COMMANDS

    def place(server: Forkserver, original: World, top: Path, kind: str, path: str) -> Tried:
        return Tried(len(commands), tuple(special_files.broken(server, original, top, kind, path, commands)))

    with _world() as (server, original, top):
        kinds = [kind for kind in special_files.KINDS if special_files.permitted(kind, top.parent)]
        for path in special_files.places(server, original, top):
            for kind in kinds:
                yield f"{path} is {kind}", partial(place, server, original, top, kind, path)


def _killed() -> Attempts:
    def kill(one: kills.Killed, step: int) -> Tried:
        return Tried(1, tuple(one.broken([step])))

    with _world() as (server, original, top), talking(word) as model, tempfile.TemporaryDirectory() as caches:
        for case in kills.CASES:
            environment = model.environment(Path(caches, case.name)) if case.model else {}
            one = kills.Killed(server, original, lambda: top, case, environment)
            for step in range(1, one.steps + 1):
                yield f"{case.name}, killed at {step}", partial(kill, one, step)
