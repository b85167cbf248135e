"""Real shells complete kforge: what is typed, a tab, and what stands there."""

from __future__ import annotations

import os
import pty
import re
import shlex
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from kforge.cli import COMMANDS
from kforge.commands.completion_scripts import SCRIPTS
from tests.conftest import SPECS, edit, run
from tests.trials import sample

SPEC = "app.kforge.yaml"
# What is typed, and words that are offered; `~` before a word that is not.
OFFERED = (
    ("", ["build", "check", "explain", "completion"]),
    ("exp", ["explain", "~build"]),
    ("build --o", ["--offline", "~--locked"]),
    ("build --format ", ["text", "json"]),
    ("build --locked --lo", ["~--locked"]),
    ("explain ", ["web", "orders", "~web/build"]),
    ("explain web/", ["web/build", "web/probes", "~orders/build"]),
    ("explain web/resources ", ["memory", "cpu"]),
    ("explain -e ", ["prod", "staging"]),
    ("pin web/resources mem", ["memory", "~cpu"]),
    ("approve orders web/pro", ["web/probes", "web/process"]),
    ("refine web/b", ["web/build"]),
    ("build --ask nigh", ["nightly", "nightly/build"]),
    ("build --upgrade kub", ["kubernetes"]),
    ("check app", ["app.kforge.yaml"]),
    ("cache ", ["info", "clear", "verify"]),
    ("cache info --f", ["--format"]),
    ("completion ", ["bash", "zsh", "fish"]),
    ("build -q --k", ["--keep-going", "--keep-stale"]),
    ("doctor --provider ol", ["ollama"]),
)
SHELLS = [pytest.param(*each, id=each[0] or "nothing") for each in OFFERED]


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The shop, and a shell's `kforge` which is this one."""
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "kforge").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m kforge "$@"\n')
    (programs / "kforge").chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}:{os.environ['PATH']}")
    monkeypatch.setenv("PYTHONPATH", str(SPECS.parent))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    for name, script in SCRIPTS.items():
        (tmp_path / f"script.{name}").write_text(script)
    return Path(shutil.copytree(SPECS / "shop", tmp_path / "shop", ignore=shutil.ignore_patterns(".kforge")))


def answered(typed: str, cwd: Path, shell: str = "fish") -> list[str]:
    """What kforge answers to a shell."""
    ended = run("completion", "--words", shell, "kforge", *typed.split(" "), cwd=cwd, code=0)
    assert ended.err == ""
    return [line.partition("\t")[0] for line in ended.out.splitlines()]


def bash(typed: str, cwd: Path) -> list[str]:
    """What bash's own completion function is left with: it is called as readline does."""
    words = ["kforge", *(part for word in typed.split(" ") for part in (re.split(r"([=:])", word) if word else [""]) if part or not word)]  # fmt: skip
    script = f"""
        source {shlex.quote(str(cwd.parent / "script.bash"))}
        COMP_WORDS=({" ".join(map(shlex.quote, words))})
        COMP_CWORD={len(words) - 1}
        _kforge
        printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    done = subprocess.run(["bash", "--norc", "-c", script], cwd=cwd, capture_output=True, text=True, check=True)
    return done.stdout.split()


def fish(typed: str, cwd: Path) -> list[str]:
    script = f"source {shlex.quote(str(cwd.parent / 'script.fish'))}; complete -C {shlex.quote(f'kforge {typed}')}"
    done = subprocess.run(["fish", "--no-config", "-c", script], cwd=cwd, capture_output=True, text=True, check=True)
    return [line.partition("\t")[0] for line in done.stdout.splitlines()]


def held(offered: list[str], wanted: list[str]) -> list[str]:
    """Words that are missing, and those that should not be there."""
    return [word for word in wanted if (word.removeprefix("~") in offered) == word.startswith("~")]


@pytest.mark.parametrize(("typed", "wanted"), SHELLS)
def test_kforge_answers(typed: str, wanted: list[str], shop: Path) -> None:
    assert held(answered(typed, shop), wanted) == []


@pytest.mark.toolchain("bash")
@pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not here")
@pytest.mark.parametrize(("typed", "wanted"), sample(SHELLS, 6))
def test_bash_offers(typed: str, wanted: list[str], shop: Path) -> None:
    assert held(bash(typed, shop), wanted) == []


@pytest.mark.toolchain("fish")
@pytest.mark.skipif(shutil.which("fish") is None, reason="fish is not here")
@pytest.mark.parametrize(("typed", "wanted"), sample(SHELLS, 6))
def test_fish_offers(typed: str, wanted: list[str], shop: Path) -> None:
    assert held(fish(typed, shop), wanted) == []


@pytest.mark.toolchain("bash")
@pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not here")
def test_bash_completes_what_stands_behind_an_equals_sign(shop: Path) -> None:
    assert bash("build --format=", shop) == ["text", "json"]


@pytest.mark.toolchain("bash")
@pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not here")
@pytest.mark.parametrize(
    ("typed", "wanted"), [("detect we", "web"), ("-C we", "web"), ("check deploy/kub", "deploy/kubernetes")]
)
def test_bash_offers_folders_and_files(typed: str, wanted: str, shop: Path) -> None:
    assert bash(typed, shop) == [wanted]


LINES = (
    ("versi", "RAN version"),
    ("explain ord", "RAN explain orders"),
    ("explain orders/res", "RAN explain orders/resources"),
    ("explain -e sta", "RAN explain -e staging"),
    ("build --off", "RAN build --offline"),
    ("build --format=js", "RAN build --format=json"),
    ("detect cata", "RAN detect catalog"),
)


@pytest.mark.toolchain("zsh")
@pytest.mark.skipif(shutil.which("zsh") is None, reason="zsh is not here")
@pytest.mark.parametrize(("typed", "wanted"), LINES, ids=[typed for typed, _ in LINES])
def test_zsh_completes_a_line(typed: str, wanted: str, shop: Path) -> None:
    start = f"PS1='READY '; autoload -Uz compinit; compinit -u -D; source {shop.parent}/script.zsh; kforge() {{ print -r -- RAN $*; }}"
    assert wanted in typed_into(["zsh", "-f", "-i"], start, f"kforge {typed}", shop)


@pytest.mark.toolchain("bash")
@pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not here")
@pytest.mark.parametrize(("typed", "wanted"), LINES, ids=[typed for typed, _ in LINES])
def test_bash_completes_a_line(typed: str, wanted: str, shop: Path) -> None:
    start = f"PS1='READY '; source {shop.parent}/script.bash; kforge() {{ echo RAN $*; }}"
    assert wanted in typed_into(["bash", "--norc", "--noprofile", "-i"], start, f"kforge {typed}", shop)


def typed_into(shell: list[str], start: str, line: str, cwd: Path) -> str:
    """What an interactive shell shows after a line, a tab and an enter."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        shell, cwd=cwd, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True, env={**os.environ, "TERM": "dumb"}
    )  # fmt: skip
    os.close(theirs)
    os.set_blocking(ours, False)
    shown = ""

    def until(pattern: str) -> None:
        nonlocal shown
        end = time.monotonic() + 30
        while not re.search(pattern, shown) and time.monotonic() < end:
            try:
                shown += os.read(ours, 65536).decode(errors="replace")
            except BlockingIOError:
                time.sleep(0.01)

    os.write(ours, f"{start}\n".encode())
    until(r"READY (?!.*READY '?;)[^']*$")
    shown = ""
    os.write(ours, line.encode() + b"\t")
    until(re.escape(line) + r"\S*[^\s\x07]")
    before = len(shown)
    os.write(ours, b"\n")
    until(r"RAN [^$]*\n")
    process.kill()
    process.wait(timeout=30)
    os.close(ours)
    assert before
    return " ".join(shown.split())


def test_a_hostile_name_is_offered_to_no_shell(shop: Path) -> None:
    edit(shop / SPEC, "\nservices:\n", "\nservices:\n  'x$(touch owned)': {source: ./web}\n  'y;id': {source: ./web}\n")
    assert answered("explain ", shop)[1:] == ["cache", "catalog", "db", "nightly", "orders", "web"]


@pytest.mark.parametrize(
    "text", ["", "services: [", "services: 3", "apiVersion: kforge.dev/v1\nservices: {web: 3}\n", "\t\x00"]
)
@pytest.mark.parametrize("typed", ["explain ", "explain web/", "pin web/build ", "explain -e ", "build --upgrade "])
def test_a_broken_spec_is_no_reason_to_speak(typed: str, text: str, shop: Path) -> None:
    (shop / SPEC).write_text(text)
    answered(typed, shop)


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["fish"],
        ["fish", "kforge"],
        ["fish", "kforge", "-C", "/nowhere", ""],
        ["fish", "kforge", "nonsense", ""],
        ["fish", "kforge", "cache", "nonsense", ""],
    ],
)
def test_words_that_mean_nothing_are_answered_by_nothing(words: list[str], tmp_path: Path) -> None:
    ended = run("completion", "--words", *words, cwd=tmp_path, code=0)
    assert ended.err == ""


def test_a_spec_that_is_named_is_the_one_that_is_read(shop: Path) -> None:
    one = shop.parent / "one"
    one.mkdir()
    (one / SPEC).write_text("apiVersion: kforge.dev/v1\napp: one\nservices: {alone: {source: ./web}}\n")
    assert answered("explain --spec ../one al", shop)[1:2] == ["alone"]
    assert answered("-C ../one explain al", shop)[1:2] == ["alone"]


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_of_every_command_is_offered(name: str, shop: Path) -> None:
    help_text = run(name, "--help", cwd=shop, code=0).out
    named = {*re.findall(r"^  (?:-\w, )?(--[a-z-]+)", help_text, re.MULTILINE)}
    assert named - {*answered(f"{name} --", shop)} == set()


def test_a_repository_offers_no_options(shop: Path) -> None:
    edit(shop / SPEC, "\nservices:\n", '\nservices:\n  "--force": {source: ./web}\n  "-C": {source: ./web}\n')
    offered = answered("explain ", shop)
    assert "web" in offered and not [word for word in offered if word.startswith("-")]
