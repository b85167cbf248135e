"""A key tells apart whatever may change an answer, and nothing else; an entry proves itself."""

import json
from dataclasses import replace

import pytest

from kforge.domain.model.cache_key import CacheEntry, CacheKey, differences, digest_of, dumps, key_of, loads, nearest
from kforge.domain.model.request import Completion, ServedModel, Usage, Wire
from tests.asking import ANSWER, MODEL, REQUEST, encode, key, request


@pytest.mark.parametrize(
    "other",
    [
        key(request("another prompt")),
        key(request(attempt=1)),
        key(request(revision=2)),
        key(request(schema={"type": "array"})),
        key(request(seed=8)),
        key(model=ServedModel("tiny", "sha256:11ee")),
        key(model=ServedModel("small", MODEL.identity)),
        key(name="ollama"),
    ],
    ids=["prompt", "attempt", "revision", "schema", "seed", "weights", "model", "provider"],
)
def test_whatever_may_change_the_answer_changes_the_key(other):
    assert other.digest != key().digest


@pytest.mark.parametrize("name", ["temperature", "max_tokens", "num_ctx", "cache_prompt"])
def test_any_setting_in_the_body_changes_the_key(name):
    wire = encode("tiny", REQUEST)
    changed = replace(wire, body={**wire.body, name: 3})
    assert key_of("openai", MODEL, changed, REQUEST).digest != key().digest


@pytest.mark.parametrize(
    "changed",
    [
        lambda wire: replace(wire, path="/v1/chat/completions"),
        lambda wire: replace(wire, headers={"x-request-id": "1"}),
        lambda wire: replace(wire, body={**wire.body, "stream": True}),
        lambda wire: replace(wire, body={**wire.body, "keep_alive": "10m"}),
        lambda wire: replace(wire, body=dict(reversed(wire.body.items()))),
    ],
    ids=["path", "headers", "stream", "keep_alive", "order"],
)
def test_how_an_answer_travels_does_not_change_the_key(changed):
    assert key_of("openai", MODEL, changed(encode("tiny", REQUEST)), REQUEST).digest == key().digest


def test_the_target_is_for_people_and_changes_no_key():
    assert key(request(target="api/build")).digest == key().digest


def test_a_key_is_the_same_on_every_machine():
    parts = {"model": "tiny", "body": {"messages": [{"content": "ä"}]}}
    assert digest_of(parts) == "c5d4252d372f039b298cdc7dae71f7f4d84d7879e4b564a369f39b15e2cd76ed"


def test_parts_hold_no_word_of_the_prompt():
    assert "Which base" not in json.dumps(key().parts)


def test_a_text_that_looks_like_a_digest_is_not_taken_for_one():
    plain = Wire("/", {"messages": "x"})
    posed = Wire("/", {"messages": key_of("openai", MODEL, plain, REQUEST).parts["body"]["messages"]})
    assert key_of("openai", MODEL, plain, REQUEST).digest != key_of("openai", MODEL, posed, REQUEST).digest


def test_an_entry_is_read_back_as_it_was():
    entry = CacheEntry(key(), ANSWER, 1_700_000_000)
    assert loads(dumps(entry), entry.key.digest) == entry


def test_half_a_surrogate_pair_survives():
    entry = CacheEntry(key(request("\ud83d")), Completion("\ud83d", "tiny", Usage(1, 1)))
    assert loads(dumps(entry), entry.key.digest).completion.text == "\ud83d"


def test_every_changed_byte_of_an_entry_is_noticed():
    content = dumps(CacheEntry(key(), ANSWER, 7))
    for index in range(len(content)):
        damaged = content[:index] + bytes([content[index] ^ 1]) + content[index + 1 :]
        with pytest.raises(ValueError, match=r"^it |^its "):
            loads(damaged, key().digest)


def test_an_entry_of_another_question_is_refused():
    with pytest.raises(ValueError, match="another question"):
        loads(dumps(CacheEntry(key(request("other")), ANSWER)), key().digest)


@pytest.mark.parametrize(
    "content", [b"", b"{}", b"[]", b"null", b"\xff", b"[" * 200_000, b'{"format":1,"x":NaN}', b"1" * 5000]
)
def test_whatever_is_no_entry_is_refused_in_words(content):
    with pytest.raises(ValueError, match="it "):
        loads(content, key().digest)


def test_a_truth_is_no_count():
    held = json.loads(dumps(CacheEntry(key(), ANSWER)))
    held["completion"]["usage"]["input"] = "12"
    held["digest"] = digest_of({name: value for name, value in held.items() if name != "digest"})
    with pytest.raises(ValueError, match="damaged"):
        loads(json.dumps(held).encode(), key().digest)


def test_a_miss_names_the_parts_that_differ():
    assert differences(key().parts, key(request("other", attempt=1)).parts) == ("attempt", "body.messages[1].content")


def test_the_nearest_is_of_the_same_target_and_differs_least():
    far, near = key(request("other", attempt=1)), key(request("other"))
    elsewhere = CacheKey(key().digest, key().parts, "api/build")
    assert nearest(key(), [far, near, elsewhere]) == (near, ("body.messages[1].content",))


def test_nothing_is_near_an_unasked_target():
    assert nearest(key(), [key(request(target="api/build"))]) is None


# ---- how sure the model was ------------------------------------------------------------------------------------
OLD = CacheEntry(key(), ANSWER, 7)
SURE = CacheEntry(key(), replace(ANSWER, confidence=91), 7)


def test_an_answer_without_a_confidence_is_stored_as_ever_and_read():
    assert "confidence" not in dumps(OLD).decode()
    assert loads(dumps(OLD), key().digest).completion.confidence is None


def test_a_confidence_is_stored_with_its_answer_and_no_part_of_the_key():
    found = loads(dumps(SURE), key().digest)
    assert (found.completion.confidence, found.key.digest) == (91, OLD.key.digest)


@pytest.mark.parametrize("odd", [101, -1, 9.5, "91", True])
def test_a_confidence_of_another_form_damages_an_entry(odd):
    with pytest.raises(ValueError, match="damaged"):
        loads(dumps(CacheEntry(key(), replace(ANSWER, confidence=odd), 7)), key().digest)
