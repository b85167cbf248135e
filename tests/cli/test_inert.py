"""What a repository says reaches a terminal and a build's log as text alone: no escape of theirs, no command of
GitHub's.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from kforge.domain.invisible_chars import INVISIBLE
from kforge.errors import Problem
from kforge.output.annotations import _data
from kforge.output.findings import problem
from kforge.output.layout import Table, plain, rows
from kforge.output.text import harmless, inert
from tests import locks
from tests.conftest import copied, edit, run
from tests.integration.conftest import commit, git

HOSTILE = "\x1b[2J\n::error::x ##[group]y\u202e"
COMMAND = re.compile(r"^\s*::|##\[", re.MULTILINE)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """An example, one of whose files has a name that means harm and reads a variable with such a name."""
    folder = copied("hello", tmp_path / "hello")
    run("build", cwd=folder, code=0)
    extra = folder / "web" / "a\x1b[2Jb"
    extra.mkdir()
    (extra / "x\n::error::y.py").write_text("import os\n\nos.environ['ZZ']\nos.environ['##[add-mask]Y\\x1b[2J']\n")
    return folder


@pytest.mark.parametrize(
    "words",
    [["detect", "web"], ["plan"], ["build"], ["check", "--full"], ["diff"], ["explain", "web/process"]],
    ids=" ".join,
)
def test_names_of_a_source_command_nobody(words: list[str], source: Path, plain_environment: None) -> None:
    ended = run(*words, cwd=source)
    assert not INVISIBLE.sub(
        lambda match: "" if match[0] == "\N{REPLACEMENT CHARACTER}" else match[0], ended.out + ended.err
    ).count("\x1b")
    assert not COMMAND.search(ended.out + ended.err)


def test_annotations_hold_nothing_unseen() -> None:
    assert _data(HOSTILE) == "\N{REPLACEMENT CHARACTER}[2J%0A::error::x ##[group]y\N{REPLACEMENT CHARACTER}"


@pytest.fixture
def locked(tmp_path: Path) -> Path:
    folder = copied("hello", tmp_path / "hello")
    run("build", cwd=folder, code=0)
    return folder


def relocked(folder: Path, topic: str, **changes: object) -> None:
    with locks.edited(folder) as lock:
        decision = lock["services"]["web"]["decisions"][topic]
        for key, value in changes.items():
            decision[key] = {**decision[key], **value} if isinstance(value, dict) else value


@pytest.mark.parametrize(
    "words",
    [["plan"], ["check"], ["check", "--full"], ["build"], ["diff"], ["explain", "web/process"], ["approve"], ["diff", "--base", "HEAD"], ["pin", "web/process", "--dry-run"]],
    ids=" ".join,
)  # fmt: skip
def test_a_lock_that_somebody_wrote_commands_nobody(words: list[str], locked: Path, plain_environment: None) -> None:
    told = dict.fromkeys(("command", "ports", "user", "writable"), HOSTILE)
    relocked(
        locked,
        "process",
        decider={"by": "model", "model": HOSTILE, "provider": HOSTILE, "identity": HOSTILE},
        reasons=told,
        inputs={f"spec.{HOSTILE}": "0" * 16},
        pinned=[HOSTILE],
    )
    ended = run(*words, cwd=locked)
    assert "\x1b" not in ended.out + ended.err and "\u202e" not in ended.out + ended.err
    assert not COMMAND.search(ended.out + ended.err)


FILE = "a\n::error::x\n##[error]y\n\u3000::error::z\nb"


@pytest.fixture
def stated(tmp_path: Path) -> Path:
    """An example whose files, spec and source hold lines that a runner would obey, each beside one that is to change."""
    folder = copied("hello", tmp_path / "hello")
    spec = folder / "app.kforge.yaml"
    files = json.dumps({"path": "/etc/web", "files": {"x": FILE}}, ensure_ascii=False)
    said = spec.read_text().replace("source: ./web", f"source: ./web, config: {files}")
    spec.write_text(said.replace("services:", "description: |\n  ::error::d\n  ##[error]d\nservices:"))
    run("build", cwd=folder, code=0)
    git(folder, "init", "-q")
    commit(folder)
    spec.write_text(spec.read_text().replace("\\nb", "\\nc"))
    return folder


@pytest.mark.parametrize(
    "words",
    [["diff"], ["diff", "--format", "markdown"], ["diff", "--base", "HEAD"], ["pin", "web/resources", "--dry-run"]],
    ids=" ".join,
)
def test_lines_of_several_command_nobody(words: list[str], stated: Path, plain_environment: None) -> None:
    """The runner trims a line of a difference that is as it was, and finds `##[` behind its `+`, too."""
    if "--base" in words:
        run("build", cwd=stated, code=0)
    said = run(*words, cwd=stated).out
    assert not COMMAND.search(said)
    assert ": :error::" in said and "# #[error]" in said


def test_a_prompt_that_is_shown_commands_nobody(stated: Path) -> None:
    edit(stated / "app.kforge.yaml", "app: hello", "app: hello\nmodel: {name: auto}")
    edit(
        stated / "web/app.py", '@app.get("/healthz")', '# held in memory, about 900 MB ##[error]y\n@app.get("/healthz")'
    )
    said = run("plan", "--prompts", "web/resources", cwd=stated, code=0).out
    assert "# #[error]y" in said and not COMMAND.search(said)


def test_json_commands_nobody_and_says_what_is(stated: Path) -> None:
    told = run("diff", "--format", "json", cwd=stated).out
    assert not COMMAND.search(told)
    assert "##[error]y" in "".join(file["diff"] for file in json.loads(told)["specs"][0]["files"])


@pytest.mark.parametrize("start", ["", " ", "\t", "\u3000", "a\r", "a\r\n  "])
def test_no_line_begins_a_command(start: str) -> None:
    assert harmless(f"{start}::error::x::y") == f"{start}: :error::x::y"


def test_what_is_no_command_stays() -> None:
    assert harmless("+::error::x\na::b\n: :\n## [x]\n:\n") == "+::error::x\na::b\n: :\n## [x]\n:\n"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("facts.nonsense", "nonsense of the source"),
        ("facts.__class__", "__class__ of the source"),
        ("nonsense", "nonsense"),
        ("services.nobody.facts.x", "x of nobody"),
        ("environments.x.callers", "what calls it in x"),
        ("decisions", "decisions"),
    ],
)
def test_an_input_that_nobody_knows_is_stale_and_no_bug(name: str, said: str, locked: Path) -> None:
    relocked(locked, "build", inputs={name: "0" * 16})
    assert run("check", cwd=locked, code=1).out == f"web: {said} changed\n"
    run("build", cwd=locked, code=0)
    run("check", "--full", cwd=locked, code=0)


def test_text_of_anybody_is_one_line_of_which_all_is_seen() -> None:
    assert inert(HOSTILE) == "\N{REPLACEMENT CHARACTER}[2J ::error::x # #[group]y\N{REPLACEMENT CHARACTER}"
    assert plain([Table(rows(("a", HOSTILE), ("bcd", "e")))]).split("\n")[1] == "bcd  e"


def test_further_faults_of_a_problem_are_points_of_a_list() -> None:
    assert (
        plain(problem(Problem("first\n::error::second", hint="a\n::error::b")))
        == "error: first\n  - ::error::second\n  help: a ::error::b"
    )
