"""A terminal gets what rich lays out, and is left as it was; pipes, files and CI get plain lines and load no rich."""

from __future__ import annotations

import os
import pty
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest

from tests import locks, wishes
from tests.conftest import CURRENT, copied, edit, kforge, run, settle
from tests.llm.server import MODEL, Asked, serving, target, usual
from tests.mutations import SPEC
from tests.terminal import CODES, PLAIN, Shown, on_a_terminal
from tests.trials import sample

# Runs kforge, and then says in a file whether rich was loaded. {} is put before it. Without click, httpx does not load rich
# for a command line of its own.
TELLING = """
import os, sys
sys.modules["click"] = None
from kforge.output import progress
progress.BUILDING = 600
{}
from kforge.cli import main
try:
    code = main()
finally:
    open(os.environ["LOADED"], "w").write(str("rich" in sys.modules))
sys.exit(code)
"""
SGR = re.compile(r"\x1b\[[0-9;]*m")
LAID_OUT = (["plan"], ["detect", "web"], ["explain", "web/build"], ["diff"], ["pin", "web/resources", "--dry-run"])
STATES = ["cache", "info"]


@pytest.fixture
def loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The file that says whether rich was loaded. Nothing of this machine's user is seen."""
    for name in PLAIN:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("KFORGE_CACHE_DIR", str(tmp_path / "caches"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("LOADED", str(tmp_path / "loaded"))
    return tmp_path / "loaded"


@pytest.fixture
def stale(built_shop: Path) -> Path:
    edit(built_shop / SPEC, "max: 10, cpu: 70", "max: 12, cpu: 70")
    return built_shop


def piped(cwd: Path, *words: str) -> str:
    """Standard output through a pipe."""
    done = subprocess.run(
        [sys.executable, "-c", TELLING.format(""), *words], cwd=cwd, capture_output=True, text=True, check=False
    )
    assert done.returncode in (0, 1), done.stderr
    return done.stdout


def telling(cwd: Path, *words: str, before: str = "", **how: object) -> Shown:
    return on_a_terminal(cwd, *words, program=("-c", TELLING.format(before)), **how)  # type: ignore[arg-type]


# --- who loads rich ---


@pytest.mark.parametrize("words", sample([*LAID_OUT, STATES, ["check"], ["build"], ["doctor"]], 3), ids=" ".join)
def test_a_pipe_loads_no_rich(words: list[str], stale: Path, loaded: Path) -> None:
    piped(stale, *words)
    assert loaded.read_text() == "False"


@pytest.mark.parametrize("words", sample([*LAID_OUT, STATES, ["build"], ["doctor"]], 3), ids=" ".join)
def test_a_terminal_loads_it_for_columns_and_differences(words: list[str], stale: Path, loaded: Path) -> None:
    assert telling(stale, *words).code in (0, 1) and loaded.read_text() == "True"


@pytest.mark.parametrize("columns", [40, 200])
def test_a_current_check_loads_it_nowhere(columns: int, built_shop: Path, loaded: Path) -> None:
    settle()
    for words in (["check"], ["check"], ["check", "--full"]):
        shown = telling(built_shop, *words, columns=columns)
        assert CURRENT.fullmatch(shown.text) and loaded.read_text() == "False"


def test_an_error_that_fits_its_terminal_loads_none(built_shop: Path, loaded: Path) -> None:
    assert "did you mean `kforge check`?" in telling(built_shop, "chekc", columns=60).text
    assert loaded.read_text() == "False"


@pytest.mark.parametrize(
    ("words", "name", "value"), sample([*((words, "CI", "true") for words in LAID_OUT), (["plan"], "TERM", "dumb")], 5)
)
def test_ci_and_dumb_terminals_get_what_a_pipe_gets(
    words: list[str], name: str, value: str, stale: Path, loaded: Path
) -> None:
    shown = telling(stale, *words, columns=200, NO_COLOR="1", **{name: value})
    assert shown.text.startswith(piped(stale, *words)) and loaded.read_text() == "False"


# --- what it shows ---


WIDE = [
    pytest.param(words, columns, id=f"{' '.join(words)}-{columns}") for words in LAID_OUT[1:] for columns in (40, 200)
]


@pytest.mark.parametrize(("words", "columns"), sample(WIDE, 5))
def test_every_letter_is_there_at_every_width(words: list[str], columns: int, stale: Path, loaded: Path) -> None:
    plain, shown = piped(stale, *words), on_a_terminal(stale, *words, columns=columns).text
    said = [line for line in plain.split("\n") if not re.fullmatch("[A-Z ]+", line)]  # a list has no heads
    assert not Counter("".join("".join(said).split())) - Counter("".join(shown.split())) and "…" not in shown


def test_a_plan_folds_into_a_list(stale: Path, loaded: Path) -> None:
    shown = on_a_terminal(stale, "plan", "--all", columns=40).text
    assert "deploy/kubernetes/web/service.yaml\n  unchanged\n" in shown
    assert all(len(line) <= 40 for line in shown.split("\n"))


def test_a_plan_stands_in_columns_and_colours_what_moves(stale: Path, loaded: Path) -> None:
    shown = on_a_terminal(stale, "plan", "-v", columns=100)
    assert re.search(r"horizontalpodautoscaler\.yaml +\x1b\[36mchange\x1b\[0m\r\n", shown.raw)
    assert "\x1b[36mHorizontalPodAutoscaler/web\x1b[0m" in shown.raw


def test_a_difference_is_coloured_and_says_what_differs(stale: Path, loaded: Path) -> None:
    shown = on_a_terminal(stale, "diff")
    assert "\x1b[32m+  maxReplicas: 1\x1b[0m\x1b[1;32m2\x1b[0m\r\n" in shown.raw
    assert shown.left == piped(stale, "diff")


def test_no_color_lays_out_without_a_code(stale: Path, loaded: Path) -> None:
    shown = telling(stale, "plan", NO_COLOR="1")
    assert not SGR.search(shown.raw) and loaded.read_text() == "True"


def test_findings_are_coloured_and_folded_below_their_text(built_shop: Path, loaded: Path) -> None:
    edit(built_shop / SPEC, "redis:8.8.3", "redis:latest")
    shown = on_a_terminal(built_shop, "build", columns=50)
    assert "\x1b[1;31merror[image-tag]\x1b[0m: container `cache` runs\r\n  unpinned image" in shown.raw
    assert (
        "  --> deploy/kubernetes/cache/deployment.yaml:\n      spec.template.spec.containers[0].image\n" in shown.text
    )


# --- what others wrote ---

EVIL = "[red]a[/red] :smile: [link=http://x]b[/link] \x1b[2J\x1b]0;c\x07 漢字"
SEEN = "[red]a[/red] :smile: [link=http://x]b[/link] "


@pytest.fixture
def hostile(tmp_path: Path, loaded: Path) -> Path:
    """An example whose source, lock and model say what a terminal would obey or rich would take for markup."""
    folder = copied("hello", tmp_path / "hello")
    (folder / "web" / "[bold]d :smile:").mkdir()
    (folder / "web" / "[bold]d :smile:" / "x.py").write_text(
        f"import os\n\nos.environ['MARKED_KEY']\nopen({EVIL!r}, 'w')\n"
    )
    run("build", cwd=folder, code=0)
    with locks.edited(folder) as lock:
        held = lock["services"]["web"]["decisions"]["process"]
        held["decider"] = {"by": "model", "model": EVIL, "provider": EVIL, "identity": EVIL}
        held["reasons"] = dict.fromkeys(held["reasons"], EVIL)
    edit(folder / SPEC, "app: hello", "app: hello\ndescription: '[red]e[/red] :smile:'")
    return folder


TOLD = (["plan"], ["check", "--full"], ["diff"], ["explain", "web/process"], ["approve"], ["detect", "web"])


@pytest.mark.parametrize(("words", "columns"), sample(product(TOLD, (40, 200)), 3))
def test_a_terminal_obeys_nothing_that_a_repository_says(words: list[str], columns: int, hostile: Path) -> None:
    shown = on_a_terminal(hostile, *words, columns=columns)
    assert shown.code in (0, 1) and "\x1b" not in SGR.sub("", shown.raw) and "\x07" not in shown.raw


@pytest.mark.parametrize("words", [["approve"]], ids=" ".join)
def test_markup_of_a_repository_shows_as_itself(words: list[str], hostile: Path) -> None:
    assert SEEN in on_a_terminal(hostile, *words, columns=200).text


def test_markup_in_the_name_of_a_file_shows_as_itself(hostile: Path) -> None:
    assert "[bold]d :smile:/x.py" in on_a_terminal(hostile, "detect", "web", columns=200).text


# --- how it ends ---


@pytest.fixture
def asked(tmp_path: Path, loaded: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Path, Asked]]:
    """An example whose questions go to a server that takes its time."""
    folder = copied("hello", tmp_path / "asked")
    wishes.wish(folder / SPEC)
    with (folder / SPEC).open("a") as spec:
        spec.write(f"model: {{name: {MODEL}}}\n")
    with serving() as server:
        server.latency = 0.4
        monkeypatch.setenv("KFORGE_BASE_URL", server.url)
        yield folder, server


HASTY = "import kforge.output.progress as p; p.PATIENCE = p.BUILDING = p.TICK = 0.02"
LAST = re.compile(r"(?:\x1b\[1A)?\x1b\[2K(?!.*asking about)", re.DOTALL)


def test_questions_are_shown_with_a_bar_and_time_left_and_go(asked: tuple[Path, Asked]) -> None:
    shown = telling(asked[0], "build", columns=100, before=HASTY)
    assert shown.code == 0 and re.search(r"asking about web/process, 0 s; \d s left, at most \d+ s in all", shown.text)
    assert "\x1b[?25l" not in shown.raw and LAST.search(shown.raw)


def test_an_interrupted_build_takes_its_line_away(asked: tuple[Path, Asked]) -> None:
    def interrupt(terminal: int, shown: str) -> bool:
        return "asking about" in shown and bool(os.write(terminal, b"\x03"))

    shown = telling(asked[0], "build", before=HASTY, act=interrupt)
    assert (shown.code, "\x1b[?25l" in shown.raw) == (130, False)
    # What was spent until then is told where an answer came before the interruption.
    end = r"\x1b\[1A\x1b\[2K(\^C)?(answers: [^\r\x1b]*\r\n)?interrupted: no file is half written\r\n$"
    assert re.search(end, shown.raw)


def test_a_build_that_fails_takes_its_line_away(asked: tuple[Path, Asked]) -> None:
    folder, server = asked
    server.answer = lambda body: "nonsense" if target(body) else usual(body)
    shown = telling(folder, "build", before=HASTY)
    assert shown.code == 3 and "\x1b[?25l" not in shown.raw
    last = CODES.sub("", shown.raw.split("\x1b[2K")[-1])
    assert last.startswith(("answers: 1 missing", "error: `web/build` has no answer")) and "asking about" not in last


def test_a_terminal_that_closes_ends_no_build(asked: tuple[Path, Asked]) -> None:
    ours, theirs = pty.openpty()
    words = [sys.executable, "-c", TELLING.format(HASTY), "build"]
    process = subprocess.Popen(words, cwd=asked[0], stdout=subprocess.DEVNULL, stderr=theirs, start_new_session=True)
    os.close(theirs)
    shown = b""
    while b"asking about" not in shown:
        shown += os.read(ours, 65536)
    os.close(ours)
    assert process.wait(timeout=60) == 0


def test_steps_of_a_build_are_shown_and_go(stale: Path, loaded: Path) -> None:
    shutil.rmtree(stale / ".kforge", ignore_errors=True)
    shown = telling(stale, "build", columns=100, before=HASTY)
    assert re.search(r"━.*  checking the manifests, \d+ s; \d+ s left", shown.text) and "\x1b[?25l" not in shown.raw
    assert CODES.sub("", shown.raw.split("\x1b[2K")[-1]).lstrip().startswith("shop: 61 files, 1 changed")


def test_a_pipe_is_told_nothing_of_steps(stale: Path, loaded: Path) -> None:
    assert kforge("build", cwd=stale).stderr == "shop: 61 files, 1 changed\n"
