"""Every invariant catches a command that breaks it: a harness that cannot fail would hold nothing."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tests.hostile import allowed, audits, fuzz, kills, special_files
from tests.hostile.attempt import PullRequest, attempt
from tests.hostile.audit import Recorder
from tests.hostile.commands import BUILD, CHECK, FULL, INIT, Command
from tests.hostile.conftest import Hostile
from tests.hostile.forkserver import WALL, Forkserver, Ran, Watch
from tests.hostile.making import DEPLOYMENT, append, put
from tests.hostile.worlds import ENVIRONMENT, World

NOTHING = PullRequest("nothing", lambda world: None)
Fake = Callable[[Path], Ran]


def ended(code: int = 0, out: bytes = b"", err: bytes = b"", cpu: float = 0.0, wall: float = 0.0, held: int = 0) -> Ran:
    return Ran(("fake",), code, out, err, cpu, wall, None, held)


def caught(hostile: Hostile, fake: Fake, command: Command = FULL, pull: PullRequest = NOTHING) -> str:
    """What the harness says of a command that does what `fake` does to the repository."""

    def run(words: tuple[str, ...], cwd: Path, env: Mapping[str, str]) -> Ran:
        return fake(cwd)

    (step,) = attempt(run, hostile.original, hostile.place(), pull, [command])
    return "\n".join(step.broke)


def does(act: Callable[[Path], object], code: int = 0) -> Fake:
    def fake(cwd: Path) -> Ran:
        act(cwd)
        return ended(code)

    return fake


NOTES = Path("../outside/victim/notes.txt")
ENDS: dict[str, tuple[Ran, str]] = {
    "a bug": (ended(70), "exit code 70"),
    "a signal": (ended(-6), "exit code -6"),
    "a hang": (ended(-9, wall=WALL + 1), "did not end within"),
    "a traceback": (ended(1, err=b"Traceback (most recent call last):"), "shows a traceback"),
    "long computing": (ended(0, cpu=11.0), "computed for 11.0 s"),
    "much memory": (ended(0, held=600 << 20), "held 600 MB"),
    "the environment": (ended(0, out=ENVIRONMENT["NPM_TOKEN"].encode()), "shows Plant3dInTheEnvironment"),
    "a secret in capitals": (ended(0, err=b"PLANT3DINDOTENV"), "shows PLANT3D"),
    "an escape": (ended(0, out=b"\x1b[31m"), "writes the character '\\x1b'"),
    "bidirectional text": (ended(0, out="\u202e".encode()), "writes the character '\\u202e'"),
    "a workflow's command": (ended(0, out=b"x\n::error::y\n"), "writes a command to the workflow"),
}
ACTS: dict[str, tuple[Callable[[Path], object], Command, str]] = {
    "a write outside": (lambda cwd: (cwd / NOTES).write_text("x"), BUILD, "changed outside: victim/notes.txt"),
    "a new file outside": (
        lambda cwd: (cwd / NOTES).with_name("new").write_text("x"),
        FULL,
        "changed outside: victim/new",
    ),
    "a removal outside": (lambda cwd: (cwd / NOTES).unlink(), BUILD, "changed outside: victim/notes.txt"),
    "a script": (lambda cwd: (cwd / "../ran/x").write_text(""), FULL, "ran a planted script: x"),
    "a change by a reader": (lambda cwd: (cwd / DEPLOYMENT).write_text("x"), FULL, "a reading command changed"),
    "a file by a reader": (lambda cwd: (cwd / "app/new").write_text("x"), FULL, "a reading command changed 'app/new'"),
    "git's folder by a reader": (
        lambda cwd: (cwd / ".git/x").write_text("x"),
        FULL,
        "a reading command changed '.git/x'",
    ),
    "the user's file": (
        lambda cwd: (cwd / "Makefile").write_text("x"),
        BUILD,
        "changed 'Makefile', which is not kforge's",
    ),
    "the user's file removed": (lambda cwd: (cwd / "app/settings.json").unlink(), BUILD, "removed 'app/settings.json'"),
    "an empty folder": (lambda cwd: (cwd / "data/volume").rmdir(), BUILD, "removed the folder 'data/volume'"),
    "a folder of git's": (lambda cwd: (cwd / ".git/refs/tags").rmdir(), BUILD, "removed the folder '.git/refs/tags'"),
    "a file with a temporary name": (
        lambda cwd: (cwd / "docs/.kforge-tmp-0123456789abcdef").unlink(),
        BUILD,
        "removed 'docs/.kforge-tmp-0123456789abcdef'",
    ),
    "git's folder by a build": (lambda cwd: (cwd / ".git/hooks/x").write_text("x"), BUILD, "made '.git/hooks/x'"),
    "git's configuration": (lambda cwd: (cwd / ".git/config").write_text("x"), BUILD, "changed '.git/config'"),
    "an unlisted file": (
        lambda cwd: (cwd / "app/deploy/x.yaml").write_text("x"),
        BUILD,
        "made 'app/deploy/x.yaml', which no sums list",
    ),
    "no YAML": (lambda cwd: (cwd / DEPLOYMENT).write_text("[: x"), BUILD, "which is no YAML"),
    "a secret in a file": (
        lambda cwd: (cwd / DEPLOYMENT).write_bytes((cwd / "app/.env").read_bytes()),
        BUILD,
        "wrote a secret to 'deployment.yaml'",
    ),
    "a secret in the cache": (
        lambda cwd: (cwd / "../cache/x").write_bytes((cwd / ".env").read_bytes()),
        FULL,
        "wrote a secret to 'x'",
    ),
}


@pytest.mark.parametrize("name", ENDS)
def test_an_end_that_no_command_may_have_is_caught(hostile: Hostile, name: str) -> None:
    ran, says = ENDS[name]
    assert says in caught(hostile, lambda cwd: ran)


@pytest.mark.parametrize("name", ACTS)
def test_an_act_that_no_command_may_do_is_caught(hostile: Hostile, name: str) -> None:
    act, command, says = ACTS[name]
    assert says in caught(hostile, does(act), command)


def test_a_write_to_a_tracked_state_is_caught_and_to_an_own_one_is_not(hostile: Hostile) -> None:
    write = does(lambda cwd: ((cwd / "app/.kforge").mkdir(exist_ok=True), (cwd / "app/.kforge/clock").write_text("x")))
    tracked = PullRequest("tracked", put("app/.kforge/x", "x"))
    assert ("app/.kforge/clock" in caught(hostile, write, FULL, tracked), caught(hostile, write)) == (True, "")


def test_a_verdict_that_is_not_given_is_caught(hostile: Hostile) -> None:
    wanted = PullRequest(
        "x", append(DEPLOYMENT, "# evil\n"), full=(1,), check=(1,), build=(2,), never=("evil",), told=("deployment",)
    )
    assert caught(hostile, lambda cwd: ended(0), CHECK, wanted) == "ended with 0, not (1,)"
    assert caught(hostile, lambda cwd: ended(0), FULL, wanted) == "ended with 0, not (1,)\ndoes not tell 'deployment'"
    assert (
        caught(hostile, lambda cwd: ended(0), BUILD, wanted)
        == f"'{DEPLOYMENT}' holds 'evil' after a build\nended with 0, not (2,)"
    )


class Fakes(Forkserver):
    """A server whose children do something else than kforge."""

    def __init__(self, real: Forkserver, fake: Callable[[Path, Watch | None], Ran]) -> None:
        self.real, self.fake = real, fake

    def run(
        self, words: tuple[str, ...], cwd: Path, env: Mapping[str, str], watch: Watch | None = None, user: int = 0
    ) -> Ran:
        return self.fake(cwd, watch)


@pytest.mark.parametrize(
    ("event", "says"),
    [
        (["read", "/etc/passwd"], "opens '/etc/passwd'"),
        (["read", "{top}/outside/victim/notes.txt"], "outside of the repository"),
        (["read", "{top}/repository/app/web/.env"], "may hold a secret"),
        (["read", "{top}/repository/app/web/.env.example"], "may hold a secret"),
        (["read", "{top}/repository/.git/config"], "which is git's"),
        (["write", "{top}/outside/home/.bashrc"], "writes '"),
        (["write", "{top}/repository/app/kforge.lock"], "although it only reads"),
        (["remove", "{top}/repository/Makefile"], "although it only reads"),
        (["run", "sh", "-c", "x"], "runs 'sh -c x'"),
        (["run", "git", "fetch", "origin"], "runs 'git fetch origin'"),
        (["connect", "('127.0.0.1', 80)"], "looks for"),
    ],
)
def test_what_is_not_allowed_is_told(hostile: Hostile, event: list[str], says: str) -> None:
    world = hostile.original
    given = [[word.replace("{top}", str(world.top.resolve())) for word in event]]
    assert says in "\n".join(allowed.forbidden(world, FULL, given, frozenset(), set()))


@pytest.mark.parametrize(("name", "closed"), [(".env.example", False), (".env", True), (".env.production", True)])
def test_a_draft_may_open_examples_of_files_of_variables_alone(hostile: Hostile, name: str, closed: bool) -> None:
    world = hostile.original
    given = [["read", f"{world.top.resolve()}/repository/other/{name}"]]
    assert bool(allowed.forbidden(world, INIT, given, frozenset(), set())) is closed


def test_an_audit_that_told_nothing_is_caught(hostile: Hostile) -> None:
    server = Fakes(hostile.server, lambda cwd, watch: ended(-9))
    assert "told nothing" in audits.audited(server, hostile.original, hostile.place(), NOTHING, [FULL])[0]


def test_the_audit_sees_a_path_through_a_handle_and_a_link(hostile: Hostile) -> None:
    world, recorder = hostile.original, Recorder()
    folder = os.open(world.outside / "victim", os.O_RDONLY)
    try:
        opening = recorder.opening(lambda path, flags, mode, dir_fd: recorder.hook("open", (path, None, flags)) or 0)
        opening("notes.txt", os.O_RDONLY, dir_fd=folder)
        recorder.hook("os.remove", ("notes.txt", folder))
    finally:
        os.close(folder)
    notes = str((world.outside / "victim/notes.txt").resolve())
    assert recorder.events == [["read", notes], ["remove", notes]]


def test_a_file_that_a_kill_tore_is_caught(hostile: Hostile) -> None:
    def tear(cwd: Path, watch: Watch | None) -> Ran:
        if watch and watch.settings["at"]:
            (cwd / DEPLOYMENT).write_text("half")
            (cwd / "app/web/Dockerfile").unlink()
            return ended(-9)
        if watch:
            (cwd / DEPLOYMENT).write_text("new")
        return Ran(("fake",), 0, b"", b"", 0.0, 0.0, 1 if watch else None)

    case = kills.Case("torn", ("build",), lambda world: None)
    killed = kills.Killed(Fakes(hostile.server, tear), hostile.original, hostile.place, case, {})
    told = "\n".join(killed.broken([1]))
    assert all(
        text in told for text in ("is neither as before nor as after", "'app/web/Dockerfile' is gone", "is not healed")
    )


def test_a_command_that_hangs_on_a_special_file_is_caught(hostile: Hostile) -> None:
    server = Fakes(hostile.server, lambda cwd, watch: ended(-9, wall=WALL + 1))
    found = [*special_files.broken(server, hostile.original, hostile.place(), "a pipe", "app/kforge.lock", [FULL])]
    assert found == ["app/kforge.lock is a pipe: check --full: did not end within 180 s"]


def test_a_bug_that_chance_finds_is_caught(hostile: Hostile) -> None:
    server = Fakes(hostile.server, lambda cwd, watch: ended(70))
    ((_, code, broke),) = fuzz.runs(server, hostile.original, hostile.place, 1, 1)
    assert (code, "exit code 70" in broke[0]) == (70, True)


def test_a_command_that_eats_memory_is_stopped(hostile: Hostile) -> None:
    world: World = hostile.original
    ran = hostile.server.run(("check",), world.repository, world.environment, Watch("gluttons", {"memory": True}))
    assert (ran.code, b"MemoryError" in ran.err) == (99, True)
