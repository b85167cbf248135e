"""The commands that every pull request goes through, in order. Knows no attempt and no verdict."""

from __future__ import annotations

from dataclasses import dataclass

BASE = "{base}"  # stands for the commit that the pull request is against: the name of a branch is looked up elsewhere


@dataclass(frozen=True)
class Command:
    """`writes`: it may change files of the repository."""

    words: tuple[str, ...]
    writes: bool = False

    def __str__(self) -> str:
        return " ".join(self.words)


def _read(line: str) -> Command:
    return Command(tuple(line.split()))


CHECK = _read("check")
FULL = _read("check --full")
BUILD = Command(("build",), writes=True)
DIFF = _read(f"diff --base {BASE} --format markdown")
APPROVED = _read("check --approved")
SINCE = _read(f"check --approved --base {BASE}")
PLAN = _read("plan")
APPROVE = _read("approve -s app --all --dry-run")
READING = (
    CHECK,
    FULL,
    APPROVED,
    SINCE,
    _read("check --full --format json"),
    _read("check --full --format github"),
    _read("check -j 2 app"),
    PLAN,
    _read("plan --format json"),
    _read("graph app --files"),
    _read("graph app --format html"),
    _read("plan --prompts web/build"),
    _read("diff"),
    _read("diff --base main"),
    DIFF,
    _read(f"diff --base {BASE} --format json -- app"),
    _read("explain -s app web/process"),
    _read("explain -s app Deployment/web --format json"),
    _read("detect app/web"),
    _read("detect app/api --format json"),
    _read("pin -s app web/resources memory --dry-run"),
    _read("refine -s app web concise --offline --dry-run"),
    APPROVE,
    _read("doctor"),
    _read("schema"),
    _read("cache info"),
)
INIT = Command(("init", "--offline", "--folder", "other", "a web shop"), writes=True)
LOCKED = Command(("build", "--locked", "--offline"), writes=True)
WRITING = (
    LOCKED,
    BUILD,
    CHECK,
    Command(("build", "--force", "--upgrade"), writes=True),
    Command(("pin", "-s", "app", "web/resources", "memory"), writes=True),
    Command(("approve", "-s", "app", "--all"), writes=True),
    INIT,
)
EVERY = (*READING, *WRITING)
# What every pull request goes through in a normal run of the tests.
QUICK = (FULL, DIFF, BUILD)
