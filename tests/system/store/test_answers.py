"""Recording, store, model, in this order; every answer is kept, and none is asked for twice."""

import itertools
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from kforge.domain.model.request import Completion, Fault
from kforge.system.store.answers import Answers, Unknown
from kforge.system.store.completions import CompletionStore
from kforge.system.store.replay import Replay
from tests.asking import ANSWER, ENDPOINT, PROVIDER, key, request
from tests.growth import LINEAR, SOON, growth


@pytest.fixture
def store(tmp_path):
    with CompletionStore(tmp_path / "store") as held:
        yield held


class Model:
    """Answers, slowly if told so, and counts."""

    def __init__(self, answer=ANSWER, seconds=0.0):
        self.answer, self.seconds, self.calls = answer, seconds, 0
        self._lock = threading.Lock()

    def __call__(self):
        with self._lock:
            self.calls += 1
        time.sleep(self.seconds)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def complete(answers, model, asked=None):
    return answers.complete(ENDPOINT, PROVIDER, asked or request(), model)


def test_a_new_question_goes_to_the_model(store):
    assert complete(Answers(store), Model()) == (ANSWER, "model")


def test_a_question_asked_before_does_not(store):
    complete(Answers(store), Model())
    model = Model()
    assert (complete(Answers(store), model), model.calls) == ((ANSWER, "store"), 0)


def test_a_recording_comes_before_the_store(store, tmp_path):
    recorded = Completion("recorded", "tiny")
    Replay(tmp_path / "cache", record=True).put(key(), recorded)
    store.put(key(), ANSWER)
    assert complete(Answers(store, Replay(tmp_path / "cache")), Model()) == (recorded, "replay")


@pytest.mark.parametrize("known", [False, True], ids=["asked", "stored"])
def test_recording_writes_what_was_asked_and_what_was_stored(store, tmp_path, known):
    if known:
        store.put(key(), ANSWER)
    complete(Answers(store, Replay(tmp_path / "cache", record=True)), Model())
    assert Replay(tmp_path / "cache").get(key()) == ANSWER


def test_an_error_is_not_stored(store):
    with pytest.raises(Fault):
        complete(Answers(store), Model(Fault("cut", "stopped by the length limit")))
    assert store.get(key()) is None


def test_offline_a_miss_says_why_and_nobody_is_asked(store):
    store.put(key(request(attempt=1)), ANSWER)
    model = Model()
    with pytest.raises(Unknown, match="differs in `attempt`"):
        complete(Answers(store, offline=True), model)
    assert model.calls == 0


def test_offline_a_recording_is_enough(tmp_path):
    Replay(tmp_path / "cache", record=True).put(key(), ANSWER)
    assert complete(Answers(replay=Replay(tmp_path / "cache"), offline=True), Model()) == (ANSWER, "replay")


def test_sixteen_threads_with_one_question_ask_once(store):
    answers, model = Answers(store), Model(seconds=0.2)
    with ThreadPoolExecutor(16) as pool:
        ends = list(pool.map(lambda number: complete(answers, model), range(16)))
    assert model.calls == 1
    assert sorted(source for _, source in ends) == ["model"] + ["shared"] * 15


def test_sixteen_questions_are_asked_side_by_side(store):
    answers, together = Answers(store), threading.Barrier(16, timeout=SOON)

    def ask():
        together.wait()
        return ANSWER

    with ThreadPoolExecutor(16) as pool:
        ends = list(pool.map(lambda number: complete(answers, ask, request(str(number))), range(16)))
    assert ends == [(ANSWER, "model")] * 16


def test_a_credential_in_an_answer_is_neither_stored_nor_seen(store, tmp_path):
    secret = "ghp_" + "a1B2c3D4e5F6g7H8i9J0" * 2
    answers = Answers(store, Replay(tmp_path / "cache", record=True))
    fresh, _ = complete(answers, Model(Completion(f'{{"env": "{secret}"}}', "tiny")))
    kept = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert secret not in fresh.text
    assert secret.encode() not in kept
    assert complete(Answers(store), Model())[0] == fresh


def test_a_store_that_cannot_be_used_costs_nothing_but_calls(tmp_path):
    (tmp_path / "file").write_text("")
    warned, model = [], Model()
    with CompletionStore(tmp_path / "file" / "store", warned.append) as broken:
        answers = Answers(broken)
        assert [complete(answers, model), complete(answers, model)] == [(ANSWER, "model")] * 2
    assert (model.calls, len(warned)) == (2, 1)


def test_a_stored_answer_costs_the_same_however_many_there_are(store):
    """The bound on a cold build's overhead rests on it."""
    answers, numbers = Answers(store), itertools.count()

    def fill(count):
        for number in itertools.islice(numbers, count):
            complete(answers, Model(), request(str(number)))

    assert growth(fill, 400) < LINEAR
