"""A pull request → what commands opened, wrote, ran or connected to in its clone and had no right to."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path

from tests.hostile import invariants, strace
from tests.hostile.allowed import forbidden, forbidden_to_git
from tests.hostile.attempt import PullRequest, opened, theirs, words
from tests.hostile.commands import EVERY, Command
from tests.hostile.forkserver import Forkserver, Watch
from tests.hostile.processes import Processes
from tests.hostile.worlds import World

# These look for hardware, servers and caches of the machine, and at no repository.
LOOK_ELSEWHERE = ("doctor", "cache", "schema")
AUDITED = tuple(command for command in EVERY if command.words[0] not in LOOK_ELSEWHERE)
USUAL = tuple(
    command
    for command in AUDITED
    if str(command) in ("check", "check --full", "plan", "diff", "detect app/web", "build", "build --force --upgrade")
    or command.words[:2] == ("diff", "--base")
)
TRACED = tuple(
    command for command in AUDITED if str(command) in ("check", "diff --base {base} --format markdown", "build")
)
WORST = (
    "links wait for an index of the spec", "app/.kforge/pending is a link to a new file outside", "an aggregate is {up}/proc/self/environ",
    "an aggregate is ../.env", "a file is ../../outside/victim/notes.txt", "../other/tsconfig.json is claimed with its digest",
    "app/deploy, a folder, is a link to one outside", "app/kforge.lock is a link to the environment", "an included folder is a link to one outside",
    "an include leaves: extra/../../other/*", "a source is '../../outside/victim/folder'", "the top is a repository, with a promisor by ext::",
    "a spec's folder holds a newline", "modules at the top", "a repository with the whole history beside a spec", "a repository beside a spec, with a promisor by ext::",
)  # fmt: skip


def worst(pulls: Iterable[PullRequest]) -> list[PullRequest]:
    """The pull requests that are audited, in the order of WORST."""
    known = {pull.name: pull for pull in pulls}
    return [known[name] for name in WORST]


def audited(
    server: Forkserver, original: World, top: Path, pull: PullRequest, commands: Iterable[Command] = AUDITED
) -> list[str]:
    """What Python's own audit events show."""
    with opened(original, top, pull) as world:
        tracked, mine, found = invariants.tracked_state(world), theirs(world, original, pull), []
        for command in commands:
            ran = server.run(words(command, original), world.repository, world.environment, Watch("audit"))
            if ran.noted is None:
                found.append(f"{command}: ended with {ran.code} and told nothing")
            found += [f"{command}: {each}" for each in forbidden(world, command, ran.noted or [], tracked, mine)]
        return found


def traced(original: World, top: Path, pull: PullRequest, commands: Iterable[Command] = TRACED) -> list[str]:
    """What the kernel was asked for, git's calls among it."""
    found = []
    with opened(original, top, pull) as world, Processes() as processes:
        tracked, mine = invariants.tracked_state(world), theirs(world, original, pull)
        for command in commands:
            log = top / "strace"
            processes.run(words(command, original), world.repository, world.environment, trace=log)
            gits, own, git = set[str](), [], []
            for pid, event in strace.events(log.read_text(errors="surrogateescape"), str(world.repository)):
                if event[0] == "run" and Path(event[1]).name == "git":
                    gits.add(pid)
                    own.append(event)
                elif event[1].startswith(str(processes.program.parent)):
                    continue  # the start of the program itself
                else:
                    (git if pid in gits else own).append(event)
            found += [f"{command}: {each}" for each in forbidden(world, command, own, tracked, mine)]
            found += [f"{command}: git {each}" for each in forbidden_to_git(world, git)]
    return found


def missing() -> str:
    """The program without which nothing is traced."""
    return "" if shutil.which("strace") else "strace"
