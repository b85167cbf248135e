"""The commands that every pull request goes through, in order. Knows no attempt and no verdict."""

from __future__ import annotations

from dataclasses import dataclass


BASE = "{base}"  # stands for the commit that the pull request is against: the name of a branch is looked up elsewhere


@dataclass(frozen=True)
class Command:
    """`writes`: it may change files of the repository. `usual`: also in a normal run of the tests."""

    words: tuple[str, ...]
    writes: bool = False
    usual: bool = False

    def __str__(self) -> str:
        return " ".join(self.words)


def _read(line: str, usual: bool = False) -> Command:
    return Command(tuple(line.split()), False, usual)


FULL = _read("check --full", usual=True)
BUILD = Command(("build",), writes=True, usual=True)
READING = (
    _read("check", usual=True),
    FULL,
    _read("check --approved"),
    _read("check --full --format json"),
    _read("check --full --format github", usual=True),
    _read("check -j 2 app"),
    _read("plan", usual=True),
    _read("plan --format json"),
    _read("plan --graph mermaid"),
    _read("plan --prompts web/build"),
    _read("diff", usual=True),
    _read("diff --base main"),
    _read(f"diff --base {BASE} --format markdown", usual=True),
    _read(f"diff --base {BASE} --format json -- app"),
    _read("explain -s app web/process"),
    _read("explain -s app Deployment/web --format json"),
    _read("detect app/web", usual=True),
    _read("detect app/api --format json"),
    _read("pin -s app web/resources memory --dry-run"),
    _read("refine -s app web concise --offline --dry-run"),
    _read("approve -s app --all --dry-run"),
    _read("doctor"),
    _read("schema"),
    _read("cache info"),
)
WRITING = (
    Command(("build", "--locked", "--offline"), writes=True),
    BUILD,
    Command(("check",), writes=False, usual=True),
    Command(("build", "--force", "--upgrade"), writes=True, usual=True),
    Command(("pin", "-s", "app", "web/resources", "memory"), writes=True),
    Command(("approve", "-s", "app", "--all"), writes=True),
    Command(("init", "--offline", "--folder", "other", "a web shop"), writes=True),
)
EVERY = (*READING, *WRITING)
USUAL = tuple(command for command in EVERY if command.usual)
