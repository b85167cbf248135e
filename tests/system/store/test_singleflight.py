"""However many ask the same at once, one asks; what comes of it is everybody's."""

import subprocess
import sys
import threading
import time
from concurrent.futures import CancelledError, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from kforge.domain.model.request import Fault
from kforge.system.store.singleflight import SingleFlight
from tests.growth import ENDLESS, SOON

ROOT = Path(__file__).parents[3]
HOLD = """
import sys, time
from pathlib import Path
from kforge.system.store.singleflight import SingleFlight
def ask():
    print("asking", flush=True)
    time.sleep(float(sys.argv[2]))
SingleFlight(Path(sys.argv[1])).run("k", ask)
"""


@contextmanager
def holder(folder, seconds):
    """Another process that asks `k`, and is at it."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(folder), str(seconds)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as running:
        assert running.stdout.readline() == "asking\n"
        yield running
        running.kill()


def crowd(flight, ask, number=16, key=lambda index: "k"):
    """Everybody asks; all are there before the first answer can come."""
    with ThreadPoolExecutor(number) as pool:
        return [
            (run.exception(), None if run.exception() else run.result())
            for run in [pool.submit(flight.run, key(index), ask) for index in range(number)]
        ]


@pytest.mark.parametrize("locks", [False, True])
def test_one_thread_asks_and_all_get_the_answer(tmp_path, locks):
    asked = []

    def ask():
        asked.append(1)
        time.sleep(0.2)
        return "answer"

    ends = crowd(SingleFlight(tmp_path / "locks" if locks else None), ask)
    assert (len(asked), ends) == (1, [(None, "answer")] * 16)


def test_the_leaders_error_is_everybodys_and_nobody_asks_again():
    asked = []

    def ask():
        asked.append(1)
        time.sleep(0.2)
        raise Fault("outage", "unreachable")

    ends = crowd(SingleFlight(), ask)
    assert len(asked) == 1
    assert {str(error) for error, _ in ends} == {"unreachable"}


def test_other_keys_do_not_wait():
    together = threading.Barrier(4, timeout=SOON)
    ends = crowd(SingleFlight(), together.wait, 4, key=str)
    assert all(error is None for error, _ in ends)


def test_after_an_error_the_next_one_asks():
    flight = SingleFlight()
    with pytest.raises(Fault):
        flight.run("k", lambda: (_ for _ in ()).throw(Fault("outage", "unreachable")))
    assert flight.run("k", lambda: "answer") == "answer"


def test_no_lock_is_left_behind(tmp_path):
    crowd(SingleFlight(tmp_path), lambda: time.sleep(0.01), key=str)
    assert list(tmp_path.iterdir()) == []


def test_another_process_is_waited_for(tmp_path):
    with holder(tmp_path, 0.6) as running:
        SingleFlight(tmp_path).run("k", lambda: None)
        assert running.wait(SOON) == 0  # it was done, or about to end


def test_a_killed_process_holds_nobody_up(tmp_path):
    began = time.monotonic()
    with holder(tmp_path, ENDLESS) as running:
        threading.Timer(0.3, running.kill).start()
        assert SingleFlight(tmp_path).run("k", lambda: "answer") == "answer"
    assert time.monotonic() - began < SOON


def test_patience_ends_and_we_ask_ourselves(tmp_path):
    with holder(tmp_path, ENDLESS):
        assert SingleFlight(tmp_path, patience=0.2).run("k", lambda: "answer") == "answer"


def test_whoever_waits_can_be_called_off(tmp_path):
    flight = SingleFlight(tmp_path)
    with holder(tmp_path, ENDLESS):
        threading.Timer(0.2, flight.cancel).start()
        with pytest.raises(CancelledError):
            flight.run("k", lambda: "answer")


def test_a_folder_that_cannot_be_made_costs_only_the_locks(tmp_path):
    (tmp_path / "file").write_text("")
    assert SingleFlight(tmp_path / "file" / "locks").run("k", lambda: "answer") == "answer"


COUNT = """
import sys, time
from pathlib import Path
from kforge.system.store.answers import Answers
from kforge.system.store.completions import CompletionStore
from tests.asking import ANSWER, ENDPOINT, PROVIDER, request
def ask():
    with open(sys.argv[2], "a") as log:
        log.write("asked\\n")
    time.sleep(0.05)
    return ANSWER
with CompletionStore(Path(sys.argv[1])) as store:
    answers = Answers(store)
    for number in range(20):
        assert answers.complete(ENDPOINT, PROVIDER, request(str(number)), ask)[0] == ANSWER
"""


def test_six_processes_ask_each_question_once(tmp_path):
    words = [sys.executable, "-c", COUNT, str(tmp_path / "store"), str(tmp_path / "log")]
    running = [subprocess.Popen(words, cwd=ROOT) for _ in range(6)]
    assert [one.wait(120) for one in running] == [0] * 6
    assert (tmp_path / "log").read_text().count("asked") == 20
