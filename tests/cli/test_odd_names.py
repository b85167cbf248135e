"""Every command, in a repository whose folder, lock, files and services have names that a terminal would obey."""

from __future__ import annotations

import io
import json
import os
from pathlib import Path
from typing import Any

import pytest

from kforge.cli import COMMANDS
from kforge.domain.digest import digest
from kforge.domain.invisible_chars import INVISIBLE
from kforge.output.text import CODES, Paint, command, emit, say, seen
from tests import locks
from tests.conftest import copied, run
from tests.integration.conftest import commit, git

ODD = "a\x1b[2J\u202eb\x85c\x9bd\x07e\u2066f\u200bg"
SPEC = f"{ODD}/app.kforge.yaml"
LINES = (
    "build",
    "check",
    "check -q",
    "check --full",
    "check --approved",
    "check --approved --base HEAD",
    "check --full --base HEAD --format github",
    "check --approved --format json",
    "plan",
    "plan --format json",
    "graph",
    "graph -v --format text",
    "graph --format html",
    "graph --format svg",
    "graph --format json",
    "graph --files",
    "graph -e {odd}",
    "graph -o {odd}/x.svg",
    "graph -o {odd}/app.kforge.yaml --format svg",
    "plan --prompts web/build",
    "approve",
    "approve --all --dry-run",
    "upgrade --images {odd}/no.kforge.yaml",
    "approve {odd}",
    "approve nonsense",
    "diff",
    "diff --format markdown",
    "diff --base HEAD",
    "diff --base HEAD --format markdown",
    "diff --base HEAD --format json",
    "explain web/process",
    "explain Deployment/web nonsense",
    "explain Deployment/{odd}",
    "pin web/resources --dry-run",
    "pin {odd}/resources --dry-run",
    "refine web concise --offline --dry-run",
    "init --offline --folder other",
    "init --offline --folder {odd}/new",
    "init --offline --folder {odd}",
    "init --offline --dry-run --folder other",
    "detect {odd}/web",
    "detect {odd}/web --format json",
    "detect {odd}/nothing",
    "doctor",
    "schema",
    "version",
    "completion bash",
    "completion --words bash kforge explain {odd}",
    "batch export {odd}/requests",
    "batch import {odd}/results",
    "evaluate --models {odd}",
    "cache info",
    "check {odd}/nothing",
    "build nonsense",
    "mcp {odd}/nothing",
)


def obeyed(text: str) -> list[str]:
    """What a terminal would obey, or not show."""
    return [match for match in INVISIBLE.findall(text) if match != "\N{REPLACEMENT CHARACTER}"]


def relocked(folder: Path) -> None:
    """A lock that names another service, which a model has decided, with and without an approval."""
    lock = locks.read(folder)
    held: dict[str, Any] = lock["services"]["web"]
    for topic, decision in held["decisions"].items():
        decision["decider"] = {"by": "model", "model": ODD, "provider": ODD, "identity": ODD}
        if topic != "build":
            decision["approved"] = digest(decision["value"])
    lock["services"][f"{ODD}\n{ODD}"] = held
    (folder / "kforge.lock").write_text(json.dumps(lock))


@pytest.fixture
def top(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "cache"))
    folder = Path(copied("hello", tmp_path / "top" / ODD))
    top = folder.parent
    git(top, "init", "-q", "-b", "main")
    run("build", cwd=top, code=0)
    commit(top)
    relocked(folder)
    for place in (folder / "web" / ODD, top / "other" / "a\x85b", folder / "new" / "web"):
        place.mkdir(parents=True)
        (place / "main.py").write_text(f"import os\n\nos.environ[{ODD!r}]\n")
        (place / "requirements.txt").write_text("flask==3.1.0\n")
    (folder / "deploy/kubernetes" / f"{ODD}.yaml").write_text("a: b\n")
    (folder / "kforge.sum").write_text((folder / "kforge.sum").read_text() + f"{'0' * 64}  {ODD[:1]}\x9b.yaml\n")
    return top


@pytest.mark.parametrize("line", LINES)
def test_a_terminal_obeys_no_name(line: str, top: Path, plain_environment: None) -> None:
    words = [word.format(odd=ODD) for word in line.split()]
    if words[0] in ("approve", "explain", "pin", "refine"):
        words += ["-s", SPEC]
    ended = run(*words, cwd=top)
    assert obeyed(ended.out + ended.err) == []


@pytest.mark.parametrize("line", ["check", "build", "approve {odd}"])
def test_a_terminal_obeys_no_name_of_a_folder_that_kforge_refuses(
    line: str, top: Path, plain_environment: None
) -> None:
    (top / ODD / ".kforge/.gitignore").unlink()
    commit(top)
    ended = run(*(word.format(odd=ODD) for word in line.split()), cwd=top)
    assert ".kforge` is tracked by git" in ended.err and obeyed(ended.out + ended.err) == []


def test_every_command_is_among_them() -> None:
    assert {line.split()[0] for line in LINES} == COMMANDS.keys()


def test_a_draft_reads_back_whatever_its_sources_are_called(tmp_path: Path) -> None:
    from kforge.spec.edit import flow
    from kforge.spec.read import read

    name = "a\x85b\u2028c\u2029d"
    text = f"{flow({name: name})}\n"
    assert (read(text, "x").data, obeyed(text)) == ({name: name}, [])


@pytest.mark.parametrize("style", CODES)
def test_what_kforge_paints_stays_painted(style: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.delenv("NO_COLOR", raising=False)
    painted = f"a {Paint(True)(style, 'b')} c\n{Paint(True)(style, 'd')}{Paint(True)(style, 'e')}"
    assert seen(painted, io.StringIO()) == painted


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred\x1b[0m \x1b[2J", "\x1b[31mred\x1b[0m \ufffd[2J"),
        ("\x1b[31mred\x1b[2J\x1b[0m", "\ufffd[31mred\ufffd[2J\ufffd[0m"),
        ("\x1b[31m\x85\x1b[0m", "\x1b[31m\ufffd\x1b[0m"),
        ("\x1b[8mhidden\x1b[0m", "\ufffd[8mhidden\ufffd[0m"),
        ("\x1b[31mnever ended", "\ufffd[31mnever ended"),
        ("\x1b[0m", "\ufffd[0m"),
        ("\x1b]8;;x\x07", "\ufffd]8;;x\ufffd"),
    ],
)
def test_no_other_code_passes_where_there_is_colour(text: str, shown: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert seen(text, io.StringIO()) == shown


def test_without_colour_no_code_passes(plain_environment: None, capsys: pytest.CaptureFixture[str]) -> None:
    for tell in (say, emit, command):
        tell(f"\x1b[31mred\x1b[0m {ODD}\ttab\nline")
    told = capsys.readouterr()
    assert obeyed(told.out + told.err) == [] and told.out.count("\ttab\nline\n") == 2 and "\ttab\nline\n" in told.err


def test_a_wait_for_another_kforge_is_told_in_what_can_be_seen(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    from kforge.system.project import ProjectLock

    folder = tmp_path / ODD
    folder.mkdir()
    told: list[str] = []

    class HeldError(Exception):
        pass

    def waiting(message: str) -> None:
        say(message)
        told.append(message)
        raise HeldError

    with ProjectLock([folder]), pytest.raises(HeldError), ProjectLock([folder], waiting):
        pass
    assert os.fspath(folder) in told[0] and obeyed(capsys.readouterr().err) == []
