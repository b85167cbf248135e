"""Probabilities of tokens: asked for where a server is known to tell them, read in the form of each, and no part of what
an answer is kept by.

The answers are made after each vendor's documentation; llama.cpp's tokens were told by the embedded provider.
"""

from __future__ import annotations

import json
import math
from typing import Any

import pytest

from kforge.domain.model.answer_fields import choice, record
from kforge.domain.model.cache_key import key_of
from kforge.domain.model.confidence import MOST, judged
from kforge.domain.model.request import Endpoint, Message, Provider, Request, SampledToken, ServedModel, Wire
from kforge.providers import anthropic, embedded, gemini, ollama, openai

SCHEMA = record({"2_GiB": choice("memory", "memoryLimit", "something else")})
REQUEST = Request("web/resources", (Message("user", "what is 2 GiB for?"),), SCHEMA)
ASKS = {"logprobs": True, "top_logprobs": MOST}
TEXT = '{"2_GiB": "memoryLimit"}'


def told(token: str, logprob: float, **likeliest: float) -> dict[str, Any]:
    rivals = [{"token": name, "bytes": [*name.encode()], "logprob": chance} for name, chance in likeliest.items()]
    own = {"token": token, "bytes": [*token.encode()], "logprob": logprob}
    return {**own, "top_logprobs": [own, *rivals]}


# as Qwen2.5-Coder 1.5B told them, but for tokens that are far less likely
TOKENS = [
    told('{"2_GiB":', -0.05),
    told(' "', -0.89, **{" {\n": -0.56}),
    told("memory", -0.031, Memory=-5.64, strategy=-5.73),
    told("Limit", -0.272, **{'"\n': -2.25, '",\n': -2.6, " (": -3.86, '",': -5.18}),
    told('"}', -1.72, **{'"\n': -0.27}),
]
LEFT = math.exp(-2.25) + math.exp(-2.6) + math.exp(-5.18)  # that the value ends as `memory`
SURE = round(100 * math.exp(-0.272) / (math.exp(-0.272) + LEFT))


def chat(logprobs: Any) -> dict[str, Any]:
    message = {"role": "assistant", "content": TEXT}
    choice_ = {"index": 0, "message": message, "logprobs": logprobs, "finish_reason": "stop"}
    return {"model": "m", "choices": [choice_], "usage": {"prompt_tokens": 61, "completion_tokens": 37}}


def local(logprobs: Any) -> dict[str, Any]:
    message = {"role": "assistant", "content": TEXT}
    return {"model": "m", "message": message, "done": True, "done_reason": "stop", "logprobs": logprobs}


FORMS: list[tuple[Provider, dict[str, Any]]] = [
    (openai.PROVIDER, chat({"content": TOKENS, "refusal": None})),
    (embedded.PROVIDER, chat({"content": [{**row, "id": number} for number, row in enumerate(TOKENS)]})),
    (ollama.PROVIDER, local(TOKENS)),
]


@pytest.mark.parametrize(("provider", "body"), FORMS, ids=[provider.name for provider, _ in FORMS])
def test_a_servers_probabilities_become_a_confidence(provider: Provider, body: dict[str, Any]) -> None:
    found = provider.decode(200, {}, json.dumps(body).encode())
    assert found.sampled[2] == SampledToken(
        b"memory", -0.031, ((b"memory", -0.031), (b"Memory", -5.64), (b"strategy", -5.73))
    )
    assert judged(found, SCHEMA).confidence == SURE == 80


@pytest.mark.parametrize("odd", [None, [], {}, "x", {"content": None}, {"content": [{"token": 1}]}], ids=str)
@pytest.mark.parametrize(("provider", "form"), [(openai.PROVIDER, chat), (ollama.PROVIDER, local)])
def test_an_answer_counts_also_where_its_probabilities_have_another_form(
    provider: Provider, form: Any, odd: Any
) -> None:
    found = judged(provider.decode(200, {}, json.dumps(form(odd)).encode()), SCHEMA)
    assert (found.text, found.confidence) == (TEXT, None)


def sent(provider: Provider, model: str = "m", **more: Any) -> Wire:
    endpoint = Endpoint(provider.name, ServedModel(model), "http://127.0.0.1:8080/v1", **more)
    return provider.at(endpoint).encode(model, REQUEST)


TELL = {"llama-server", "vllm", "sglang"}


@pytest.mark.parametrize("accent", [accent.name for accent in openai.ACCENTS])
def test_only_servers_that_are_known_to_tell_them_are_asked(accent: str) -> None:
    asked = sent(openai.PROVIDER, dialect=accent).body
    assert ({"logprobs", "top_logprobs"} <= asked.keys()) is (accent in TELL)


@pytest.mark.parametrize(
    ("model", "tells"),
    [("gpt-4o-mini", True), ("gpt-4.1", True), ("gpt-5", False), ("o3", False), ("gpt-9-chat", False)],
)
def test_of_openais_own_models_those_that_do_not_think_are_asked(model: str, tells: bool) -> None:
    assert ("logprobs" in sent(openai.PROVIDER, model, dialect="openai").body) is tells


def test_vendors_that_refuse_the_parameter_are_not_asked() -> None:
    for provider in (anthropic.PROVIDER, gemini.PROVIDER):
        assert "logprobs" not in json.dumps({**sent(provider).body}).lower()


@pytest.mark.parametrize("provider", [embedded.PROVIDER, ollama.PROVIDER], ids=lambda one: one.name)
def test_an_answer_is_kept_by_the_same_key_with_and_without_them(provider: Provider) -> None:
    wire = sent(provider)
    assert {name: wire.body[name] for name in ASKS} == ASKS
    bare = Wire(wire.path, {name: value for name, value in wire.body.items() if name not in ASKS})
    one, two = (key_of(provider.name, ServedModel("m"), each, REQUEST).digest for each in (wire, bare))
    assert one == two
