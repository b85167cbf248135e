"""A build with llama.cpp inside the process, which nothing can interrupt: what ends the build leaves it behind,
cleanly.

Threads of llama.cpp's are computing when the process ends, so each trial is a process of its own.
"""

import json
import signal
import sqlite3
import subprocess
import sys
import time

import pytest

from kforge.system.store import rows
from tests.conftest import edit, tree
from tests.growth import SOON
from tests.llm.conftest import asking
from tests.models import tiny


@pytest.fixture
def building(tmp_path, monkeypatch):
    """Starts a build of hello that the embedded model decides: with twelve times the layers and wishes that fill their
    room, so that an answer takes seconds anywhere.
    """
    tiny.needs_llama()
    monkeypatch.setattr(tiny, "LAYERS", 12 * tiny.LAYERS)
    tiny.build(tmp_path / "slow.gguf")
    monkeypatch.setenv("KFORGE_MODEL", str(tmp_path / "slow.gguf"))
    folder = asking(tmp_path / "hello", model=tiny.NAME)
    long = json.dumps([f"{number} {'and so on ' * 180}" for number in range(7)])
    edit(folder / "app.kforge.yaml", "source: ./web", f"source: ./web, refine: {long}")
    started = []

    def start(*words):
        command = [sys.executable, "-m", "kforge", "build", *words]
        started.append(subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True))
        return started[-1]

    yield folder, start
    for process in started:
        process.kill()
        process.wait()


def paid():
    """Answers that the cache holds."""
    folder = rows.place()
    try:
        return sum(1 for row in rows.scan(folder)) if folder else 0
    except sqlite3.OperationalError:  # it is just being made
        return 0


def test_interrupting_ends_within_seconds_writes_nothing_and_loses_no_answer(building):
    folder, start = building
    before = tree(folder)
    process, until = start("--fallback", "heuristics"), time.monotonic() + 300
    while not paid() and process.poll() is None and time.monotonic() < until:
        time.sleep(0.05)
    time.sleep(0.5)  # well into the first question
    begin = time.monotonic()
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert (process.returncode, out, tree(folder)) == (130, "", before), err
    assert time.monotonic() - begin < SOON
    assert "Traceback" not in err and "instead of" not in err and err.endswith("interrupted: no file is half written\n")
    held = paid()
    assert held

    process = start("--fallback", "heuristics", "--timeout", "3")
    out, err = process.communicate(timeout=60)
    assert (process.returncode, "Traceback" in err) == (0, False), err
    assert "its time is over (`--timeout 3`)" in err
    assert held == 1 or f"{held - 1} from the cache" in err  # the canary is no answer


def test_a_deadline_within_an_answer_is_told_and_may_work_later(building):
    folder, start = building
    before = tree(folder)
    process = start("--timeout", "2")
    _, err = process.communicate(timeout=60)
    assert (process.returncode, tree(folder)) == (75, before), err
    assert "its time is over (`--timeout 2`)" in err and "Traceback" not in err
