"""Every command's `--help` has examples, and each is run as it stands there: by a real shell where one reads more in it
than words, and in this process otherwise.

Models, a registry and whoever answers a batch are on loopback. What asks two providers at once is parsed and no more; the
name of such a test says so.
"""

from __future__ import annotations

import os
import pty
import re
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

from kforge.cli import COMMANDS, USAGE
from kforge.commands.command_parser import command_parser
from tests.commands.test_upgrade_images import PROGRAM, SPEC
from tests.conftest import SPECS, once, run, write
from tests.integration.conftest import commit, git
from tests.llm.conftest import asking
from tests.llm.server import MODEL, Asked, serving
from tests.llm.test_batch_files import REMOTE, answered
from tests.system.oci_server import Registry, digest_of, manifest
from tests.system.oci_server import serving as serving_registry
from tests.wishes import wish

pytestmark = pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not here")

EXAMPLE = re.compile(r"^  ((?:[A-Z_]+=\S+ )*kforge\b.*?)(?:  .*)?$")
# What an example says that no machine of a test has, by a word of it.
ELSEWHERE = {"--allow-remote": "two providers"}
# What an example needs that asks a model: by a word of it, so that the others run without any.
ASKING = ("refine", "--prompts", "--model", "--ask", "export", "evaluate")
APART = ("import", "upgrade")  # words of examples that have a test of their own
SERVED = (MODEL, "qwen2.5-coder:14b", "qwen2.5-coder:7b")
# What came before an example: the sentence that it takes back.
BEFORE = {"--undo": 'kforge refine web/build "stay on Debian" --yes'}


def examples(text: str) -> list[str]:
    """The command lines after `examples:`, without what is said beside them."""
    lines = text.partition("examples:\n")[2].splitlines()
    return [found[1] for line in lines if (found := EXAMPLE.match(line))]


def listed() -> Iterator[tuple[str, str]]:
    texts = [import_module(f"kforge.commands.{name}").__doc__ or "" for name in COMMANDS]
    for text in (*texts, USAGE.replace("A first run:", "examples:")):
        for line in examples(text):
            words = line.split()
            yield words[words.index("kforge") + 1], line


ALL = [*dict.fromkeys(listed())]


def elsewhere(name: str, line: str) -> str:
    """What an example needs that is not here."""
    return next((what for word, what in ELSEWHERE.items() if word in (name, *line.split())), "")


def asks(name: str, line: str) -> bool:
    return any(word in (name, *line.split()) for word in ASKING) and not elsewhere(name, line)


def apart(name: str, line: str) -> bool:
    return any(word in (name, *line.split()) for word in APART)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_an_example(name: str) -> None:
    assert examples(import_module(f"kforge.commands.{name}").__doc__ or "")


@pytest.mark.parametrize(("name", "line"), [pytest.param(*each, id=f"{each[1]} ({elsewhere(*each)})") for each in ALL if elsewhere(*each)])  # fmt: skip
def test_an_example_that_needs_what_is_elsewhere_is_parsed(name: str, line: str) -> None:
    words = shlex.split(line.partition(" | ")[0].partition(" > ")[0])
    words = words[words.index("kforge") + 2 :]
    door = import_module(f"kforge.commands.{name}")
    assert command_parser(name, door).parsed(words, getattr(door, "MIXED", False))


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shop at the top of a repository and once more below it, as examples name it, with a branch of others."""

    def make(target: Path) -> None:
        for place in (target, target / "specs" / "shop"):
            shutil.copytree(SPECS / "shop", place, ignore=shutil.ignore_patterns(".kforge"), dirs_exist_ok=True)
        git(target, "init", "-q", "-b", "main")
        commit(target)
        git(target, "update-ref", "refs/remotes/origin/main", "HEAD")

    return once(tmp_path_factory, "examples", make)


@pytest.fixture
def folder(repository: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(repository, tmp_path / "shop", symlinks=True))


@pytest.fixture
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """This process as one of a user without settings, with nothing on standard input."""
    for name in [name for name in os.environ if name.startswith(("KFORGE_", "XDG_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary"))
    with Path(os.devnull).open() as nothing:
        monkeypatch.setattr(sys, "stdin", nothing)
        yield


def environment(home: Path) -> dict[str, str]:
    """A user without settings, whose `kforge` is this one."""
    programs = home / "bin"
    programs.mkdir(parents=True)
    (programs / "kforge").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m kforge "$@"\n')
    (programs / "kforge").chmod(0o755)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("KFORGE_", "XDG_", "OPENAI_"))}
    summary = {"GITHUB_STEP_SUMMARY": str(home / "summary"), "PYTHONPATH": str(SPECS.parent)}
    return {**kept, **summary, "HOME": str(home), "PATH": f"{programs}:{os.environ['PATH']}"}


HERE = [
    pytest.param(*each, id=each[1])
    for each in ALL
    if not (elsewhere(*each) or asks(*each) or apart(*each)) and "--watch" not in each[1]
]
WORDS = re.compile(r"kforge [\w ./:@,=+-]+")  # a shell passes these on as they are


def without_specs(folder: Path) -> None:
    for spec in folder.rglob("*.kforge.yaml"):
        spec.unlink()


@pytest.mark.parametrize(("name", "line"), [each for each in HERE if WORDS.fullmatch(str(each.values[1]))])
def test_an_example_of_words_does_what_it_says(name: str, line: str, folder: Path, alone: None) -> None:
    if name == "init":
        without_specs(folder)
    run(*line.split()[1:], cwd=folder, code=0)


@pytest.mark.parametrize(("name", "line"), [each for each in HERE if not WORDS.fullmatch(str(each.values[1]))])
def test_an_example_of_a_shell_does_what_it_says(name: str, line: str, folder: Path, tmp_path: Path) -> None:
    if "| jq" in line and shutil.which("jq") is None:
        pytest.skip("jq is not here")
    if name == "init":
        without_specs(folder)
    done = subprocess.run(
        ["bash", "-c", f"set -o pipefail\n{line}"],
        cwd=folder,
        env=environment(tmp_path / "home"),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"exit {done.returncode}\n{done.stdout}\n{done.stderr}"


@pytest.fixture(scope="module")
def model() -> Iterator[Asked]:
    with serving() as asked:
        asked.models = SERVED
        yield asked


@pytest.fixture
def wishing(folder: Path) -> Path:
    """The example with a wish that only a model reads."""
    for spec in folder.rglob("app.kforge.yaml"):
        wish(spec)
        spec.write_text(f"{spec.read_text()}model: {{name: {MODEL}}}\n")
    return folder


def typed(line: str, cwd: Path, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """A line run by a shell of someone who says yes where that is asked."""
    ours, theirs = pty.openpty()
    os.write(ours, b"y\n")
    try:
        words = ["bash", "-c", f"set -o pipefail\n{line}"]
        return subprocess.run(
            words, cwd=cwd, env=environment, stdin=theirs, capture_output=True, text=True, check=False
        )
    finally:
        os.close(ours)
        os.close(theirs)


@pytest.mark.parametrize(("name", "line"), [pytest.param(*each, id=each[1]) for each in ALL if asks(*each)])
def test_an_example_that_asks_a_model_does_what_it_says(
    name: str, line: str, wishing: Path, model: Asked, tmp_path: Path
) -> None:
    settings = {**environment(tmp_path / "home"), "KFORGE_BASE_URL": model.url}
    for word, before in BEFORE.items():
        assert word not in line or typed(before, wishing, settings).returncode == 0
    model.forget()
    done = typed(line, wishing, settings)
    assert done.returncode == 0, f"exit {done.returncode}\n{done.stdout}\n{done.stderr}"
    assert bool(model.bodies) == (name in ("refine", "evaluate") or "--ask" in line)


@pytest.mark.parametrize("line", [line for _, line in ALL if "import" in line.split()])
def test_an_example_takes_the_answers_of_a_batch(line: str, tmp_path: Path) -> None:
    folder, settings = asking(tmp_path / "hello", model=REMOTE), environment(tmp_path / "home")
    export = next(each for _, each in ALL if "batch export" in each)
    assert typed(export, folder, settings).returncode == 0
    answered(folder, 0)
    done = typed(line, folder, settings)
    assert done.returncode == 0, f"exit {done.returncode}\n{done.stdout}\n{done.stderr}"


@pytest.mark.parametrize("line", [line for name, line in ALL if name == "upgrade"])
def test_an_example_asks_a_registry(line: str, tmp_path: Path) -> None:
    one, two = manifest("one"), manifest("two")
    settings = environment(tmp_path / "home")
    with serving_registry(Registry(manifests={"library/python:3.13-slim": one})) as registry:
        for place in ("specs/shop", "specs/other"):
            spec = SPEC.format(image=f"{registry.host}/library/python:3.13-slim").replace("shop", Path(place).name)
            write(tmp_path / place, {"app.kforge.yaml": spec, "web/main.py": PROGRAM, "web/requirements.txt": ""})
        typed("kforge upgrade --images", tmp_path, settings)
        registry.manifests["library/python:3.13-slim"] = two
        done = typed(line, tmp_path, settings)
    assert done.returncode == 0, f"exit {done.returncode}\n{done.stdout}\n{done.stderr}"
    assert digest_of(two)[:19] in done.stdout


@pytest.mark.parametrize(("name", "line"), [pytest.param(*each, id=each[1]) for each in ALL if "--watch" in each[1]])
def test_an_example_that_watches_ends_with_ctrl_c(name: str, line: str, folder: Path, tmp_path: Path) -> None:
    process = subprocess.Popen(
        shlex.split(line), cwd=folder, env=environment(tmp_path / "home"), stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )  # fmt: skip
    assert process.stderr is not None
    assert any("watching" in each for each in iter(process.stderr.readline, ""))
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=30)
    assert process.returncode == 130
