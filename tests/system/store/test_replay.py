"""Recordings are text that a repository can hold: the same bytes every time, and never taken for another's."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from kforge.errors import InputError
from kforge.system.store.replay import Replay
from tests.asking import ANSWER, MODEL, key, request


@pytest.fixture
def recorded(tmp_path):
    Replay(tmp_path / "cache", record=True).put(key(), ANSWER)
    return tmp_path / "cache"


def test_what_was_recorded_is_replayed(recorded):
    assert Replay(recorded).get(key()) == ANSWER


def test_what_was_not_recorded_is_a_miss(recorded):
    assert Replay(recorded).get(key(request("other"))) is None


def test_a_recording_is_sorted_text_named_by_its_key(recorded):
    path = recorded / f"{key().digest}.json"
    text = path.read_text()
    assert text == json.dumps(json.loads(text), indent=2, sort_keys=True) + "\n"
    assert path.stat().st_mode & 0o777 == 0o644


def test_recording_again_gives_the_same_bytes(recorded):
    path = recorded / f"{key().digest}.json"
    before = path.read_bytes()
    Replay(recorded, record=True).put(key(), ANSWER)
    assert path.read_bytes() == before


def test_many_threads_record_the_same(recorded):
    replay = Replay(recorded, record=True)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: replay.put(key(), ANSWER), range(200)))
    assert [path.name for path in recorded.iterdir()] == [f"{key().digest}.json"]


def test_a_folder_that_is_only_replayed_is_not_written(recorded):
    Replay(recorded).put(key(request("other")), ANSWER)
    assert len(list(recorded.iterdir())) == 1


def test_a_recording_says_who_gave_it_and_from_what(recorded):
    Replay(recorded, record=True, origin="documentation").put(key(name="anthropic"), ANSWER)
    held = [json.loads(path.read_text()) for path in recorded.iterdir()]
    assert sorted(
        (one["parts"]["provider"], one["parts"]["model"], one["parts"]["identity"], one["origin"]) for one in held
    ) == [
        ("anthropic", "tiny", MODEL.identity, "documentation"),
        ("openai", "tiny", MODEL.identity, "recorded"),
    ]


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(InputError, match=r"`.*nowhere` is not a folder"):
        Replay(tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda held: "{", "not JSON"),
        (lambda held: "[]", "not a recording"),
        (lambda held: "[" * 100_000, "not JSON"),
        (lambda held: json.dumps({**held, "format": 2}), "not a recording"),
        (lambda held: json.dumps({**held, "origin": "hearsay"}), "not a recording"),
        (lambda held: json.dumps({**held, "parts": {**held["parts"], "identity": "other"}}), "another question"),
        (lambda held: json.dumps({**held, "key": "0" * 64}), "another question"),
        (lambda held: json.dumps({**held, "completion": {"text": 7}}), "damaged"),
    ],
)
def test_a_recording_that_is_not_what_it_says_is_an_error_with_its_place(recorded, change, reason):
    path = recorded / f"{key().digest}.json"
    path.write_text(change(json.loads(path.read_text())))
    with pytest.raises(InputError, match=reason) as caught:
        Replay(recorded).get(key())
    assert caught.value.problems[0].where.file == str(path)


def test_a_recording_keeps_how_sure_the_model_was_and_one_without_is_read(tmp_path):
    sure, unsure = replace(ANSWER, confidence=91), request("other")
    replay = Replay(tmp_path / "cache", record=True)
    replay.put(key(), sure)
    replay.put(key(unsure), ANSWER)
    assert (replay.get(key()), replay.get(key(unsure))) == (sure, ANSWER)
