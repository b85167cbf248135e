"""The embedded provider on a real model: it loads a file, answers by the schema, and fails as a server would."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from kforge.domain.model.request import Endpoint, Fault, Message, Request, ServedModel
from kforge.domain.model.vendors import LLAMA
from kforge.providers.embedded import PROVIDER, Embedded
from tests.growth import ENDLESS, SOON
from tests.models import tiny

tiny_model, tiny_server = tiny.tiny_model, tiny.tiny_server  # fixtures
SCHEMA = {
    "type": "object", "additionalProperties": False, "required": ["base", "port"],
    "properties": {"base": {"type": "string", "enum": ["slim", "alpine"]}, "port": {"type": "integer", "minimum": 1024, "maximum": 65535}},
}  # fmt: skip
REQUEST = Request("web/build", (Message("system", "You decide."), Message("user", "Decide.")), SCHEMA, max_tokens=200)


def endpoint(path: Path, context: int = 4096) -> Endpoint:
    return Endpoint("embedded", ServedModel("kforge-tiny", context=context), str(path), dialect="cpu")


@pytest.fixture(scope="module")
def model(tiny_model: Path) -> Iterator[Embedded]:
    with Embedded(endpoint(tiny_model)) as opened:
        yield opened


def test_an_answer_is_valid_by_the_schema_and_counts_its_tokens(model: Embedded) -> None:
    completion = model.complete(REQUEST)
    answer = json.loads(completion.text)
    assert answer["base"] in ("slim", "alpine") and 1024 <= answer["port"] <= 65535
    assert completion.model == "kforge-tiny" and completion.usage.input > 10 and completion.usage.output > 3


def test_the_same_question_gets_the_same_answer_whatever_was_asked_between(model: Embedded) -> None:
    first = model.complete(REQUEST).text
    model.complete(replace(REQUEST, messages=(Message("user", "Something else."),)))
    assert model.complete(REQUEST).text == first


def test_many_threads_ask_one_after_the_other_and_get_the_same(model: Embedded) -> None:
    told: list[str] = []
    threads = [threading.Thread(target=lambda: told.append(model.complete(REQUEST).text)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(told) == 8 and len(set(told)) == 1


def test_it_answers_as_the_server_on_the_same_file_does(model: Embedded, tiny_server: str) -> None:
    from kforge.llm.model_client import open_endpoint

    served = Endpoint("openai", ServedModel("kforge-tiny"), tiny_server, dialect="llama-server")
    with open_endpoint(served) as asker:
        assert asker.complete(REQUEST).text == model.complete(REQUEST).text


def test_it_says_what_the_server_would_be_sent() -> None:
    body = PROVIDER.encode("kforge-tiny", REQUEST).body
    assert (body["temperature"], body["seed"], body["cache_prompt"]) == (0, 7, False)


def test_a_question_longer_than_the_context_is_an_overflow(model: Embedded) -> None:
    with pytest.raises(Fault) as caught:
        model.complete(replace(REQUEST, messages=(Message("user", "x" * 9000),)))
    assert caught.value.kind == "overflow"


def test_a_schema_that_llama_refuses_is_a_refused_request(model: Embedded) -> None:
    with pytest.raises(Fault) as caught:
        model.complete(replace(REQUEST, schema={"type": "nonsense"}))
    assert caught.value.kind == "request"


def test_an_answer_that_the_limit_cuts_off_is_no_answer(model: Embedded) -> None:
    with pytest.raises(Fault) as caught:
        model.complete(replace(REQUEST, max_tokens=3))
    assert caught.value.kind == "cut"


LONG: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["a"],
    "properties": {"a": {"type": "array", "items": {"type": "integer"}, "minItems": 900, "maxItems": 900}},
}


def test_a_deadline_and_an_interruption_end_the_wait(tiny_model: Path) -> None:
    endless = replace(REQUEST, schema=LONG, max_tokens=3000)
    with Embedded(endpoint(tiny_model)) as opened:
        began = time.monotonic()
        with pytest.raises(Fault, match="did not answer in time"):
            opened.complete(endless, time.monotonic() + 0.3)
        opened.stop()
        with pytest.raises(Fault, match="was interrupted"):
            opened.complete(endless)
        assert time.monotonic() - began < SOON


def test_a_file_that_llama_cannot_load_is_named(tmp_path: Path) -> None:
    tiny.needs_llama()
    (tmp_path / "bad.gguf").write_bytes(b"GGUF" + bytes(100))
    with Embedded(endpoint(tmp_path / "bad.gguf")) as opened:
        for _ in range(2):
            with pytest.raises(Fault, match=r"bad\.gguf") as caught:
                opened.complete(REQUEST)
            assert caught.value.kind == "key"


def test_loading_keeps_the_deadline_and_ends_at_an_interruption(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    over = threading.Event()
    monkeypatch.setattr("kforge.providers.embedded._load", lambda endpoint: over.wait(ENDLESS))
    with Embedded(endpoint(tmp_path / "large.gguf")) as opened:
        began = time.monotonic()
        with pytest.raises(Fault, match="did not answer in time"):
            opened.complete(REQUEST, time.monotonic() + 0.3)
        threading.Timer(0.2, opened.stop).start()
        with pytest.raises(Fault, match="was interrupted"):
            opened.complete(REQUEST)
        assert time.monotonic() - began < SOON
    over.set()


def test_nobody_else_can_use_the_port_that_llama_opens(model: Embedded) -> None:
    from kforge.system.http.servers import probe_one

    model.complete(REQUEST)
    server = probe_one(model._server.listening_address)
    assert server and server.problem == "wants a key"


def test_without_xllamacpp_the_way_to_get_it_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(__import__("sys").modules, "xllamacpp", None)
    with Embedded(endpoint(tmp_path / "a.gguf")) as opened, pytest.raises(Fault, match="not installed") as caught:
        opened.complete(REQUEST)
    assert LLAMA in caught.value.hint
