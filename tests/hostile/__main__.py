"""Every hostile pull request through every command, and all the rest of the harness: `python -m tests.hostile`.

Pull requests go through the fork server, and, as far as `--processes` says, through real processes with their own
interpreter. What broke is printed as it is found, and the counts are written to results.md.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.conftest import memory_folder
from tests.hostile import audits, kills, special_files
from tests.hostile.attempt import PullRequest, attempt
from tests.hostile.commands import EVERY as COMMANDS
from tests.hostile.commands import QUICK
from tests.hostile.forkserver import Forkserver
from tests.hostile.processes import Processes
from tests.hostile.pull_requests import EVERY as PULLS
from tests.hostile.test_kills import word
from tests.hostile.worlds import World, surroundings, template
from tests.models.talking import talking

# Every format of what CI runs, and a build: beside the shop, where each takes longer.
FORMS = tuple(command for command in COMMANDS if command.words[0] in ("check", "diff")) + QUICK[-1:]


@dataclass
class Section:
    """One part of the run: what was tried how often, and what broke."""

    title: str
    attempts: int = 0
    runs: int = 0
    broke: list[str] = field(default_factory=list)
    slowest: float = 0.0

    def add(self, runs: int, broke: list[str], slowest: float = 0.0) -> None:
        self.attempts, self.runs, self.slowest = self.attempts + 1, self.runs + runs, max(self.slowest, slowest)
        self.broke += broke
        print(*broke, sep="\n", end="\n" if broke else "", flush=True)


@contextmanager
def world(shop: bool = False) -> Iterator[tuple[Forkserver, World, Path]]:
    with Forkserver(surroundings()) as server, memory_folder() as scratch:
        scratch.chmod(0o755)
        yield server, template(scratch / "original", server, shop), scratch


def forked(pulls: list[PullRequest], shop: bool = False) -> Section:
    commands = FORMS if shop else COMMANDS
    section = Section(
        f"pull requests × {len(commands)} commands " + ("beside the shop" if shop else "in a small application")
    )
    with world(shop) as (server, original, scratch):
        for pull in pulls:
            steps = attempt(server.run, original, scratch / "world", pull, commands)
            broke = [f"{pull.name}: {step.command}: {each}" for step in steps for each in step.broke]
            section.add(len(steps), broke, max(step.ran.cpu for step in steps))
    return section


def real(pulls: list[PullRequest]) -> Section:
    section = Section("pull requests × check --full, diff, build as real processes")
    with world() as (_, original, scratch), Processes() as processes:
        for pull in pulls:
            steps = attempt(processes.run, original, scratch / "world", pull, QUICK)
            section.add(
                len(steps),
                [f"{pull.name}: process: {step.command}: {each}" for step in steps for each in step.broke],
                max(step.ran.cpu for step in steps),
            )
    return section


def audited() -> Section:
    section = Section("audits of every command by Python's events")
    with world() as (server, original, scratch):
        for pull in (special_files.CLEAN, *audits.worst(PULLS)):
            section.add(
                len(audits.AUDITED),
                [f"{pull.name}: {each}" for each in audits.audited(server, original, scratch / "world", pull)],
            )
    return section


def traced() -> Section:
    section = Section(
        "audits of check, diff and build by strace" + (": left out, strace is not here" if audits.missing() else "")
    )
    with world() as (_, original, scratch):
        for pull in () if audits.missing() else (special_files.CLEAN, *audits.worst(PULLS)):
            section.add(
                len(audits.TRACED),
                [f"{pull.name}: {each}" for each in audits.traced(original, scratch / "world", pull)],
            )
    return section


def special() -> Section:
    section = Section("special files × every path that is opened × six commands")
    with world() as (server, original, scratch):
        kinds = [kind for kind in special_files.KINDS if special_files.permitted(kind, scratch)]
        for path in special_files.places(server, original, scratch / "world"):
            for kind in kinds:
                found = [*special_files.broken(server, original, scratch / "world", kind, path, special_files.COMMANDS)]
                section.add(len(special_files.COMMANDS), found)
    return section


def killed() -> Section:
    section = Section("commands killed before each of their changes")
    with world() as (server, original, scratch), talking(word) as model, tempfile.TemporaryDirectory() as caches:
        for case in kills.CASES:
            environment = model.environment(Path(caches, case.name)) if case.model else {}
            one = kills.Killed(server, original, lambda: scratch / "world", case, environment)
            for step in range(1, one.steps + 1):
                section.add(1, [*one.broken([step])])
    return section


def page(sections: list[Section], seconds: float) -> str:
    """The results as they are committed."""
    broke = [each for section in sections for each in section.broke]
    attempts, runs = sum(section.attempts for section in sections), sum(section.runs for section in sections)
    lines = [
        "# Hostile pull requests",
        "",
        f"`python -m tests.hostile`: {attempts} attempts, {runs} commands; what broke: {len(broke)}.",
        "",
    ]
    lines += ["| what | attempts | commands | broke | slowest command (CPU) |", "|---|---|---|---|---|"]
    lines += [
        f"| {each.title} | {each.attempts} | {each.runs} | {len(each.broke)} | {f'{each.slowest:.1f} s' if each.slowest else ''} |"
        for each in sections
    ]
    return (
        "\n".join([*lines, "", f"{seconds / 60:.0f} minutes.", "", *(f"- {each}" for each in broke[:500])]).rstrip()
        + "\n"
    )


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.hostile", description=__doc__.splitlines()[0])
    parser.add_argument(
        "-k",
        default="",
        metavar="TEXT",
        help="only pull requests with this in their name, and nothing else; nothing is written",
    )
    parser.add_argument("-j", type=int, default=2, metavar="N", help="sections at once")
    parser.add_argument(
        "--processes",
        type=int,
        default=3,
        metavar="N",
        help="every N-th pull request also as real processes (default: 3)",
    )
    parser.add_argument("--no-write", action="store_true", help="leave results.md as it is")
    options = parser.parse_args()
    began = time.monotonic()
    chosen = [pull for pull in PULLS if options.k in pull.name]
    work: list[Callable[[], Section]] = [
        lambda: forked(chosen),
        lambda: forked(chosen, shop=True),
        lambda: real(chosen[:: options.processes]),
    ]
    work = [lambda: forked(chosen)] if options.k else [*work, special, killed, audited, traced]
    with ThreadPoolExecutor(options.j) as pool:
        sections = [waiting.result() for waiting in [pool.submit(each) for each in work]]
    text = page(sections, time.monotonic() - began)
    if not (options.k or options.no_write):
        Path(__file__).with_name("results.md").write_text(text)
    print(text)
    return 1 if any(section.broke for section in sections) else 0


if __name__ == "__main__":
    sys.exit(main())
