"""Whether a model says the same again, where its server tells no probabilities."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kforge.deciders.agreement import MORE, agreement
from kforge.domain.decision import Answer
from kforge.domain.model.cache_key import key_of
from kforge.domain.model.question import Rejected
from kforge.domain.model.request import Completion, Endpoint, Fault, Message, Provider, Request, ServedModel
from kforge.providers import anthropic, gemini, ollama, openai

REQUEST = Request("web/size", (Message("user", "how large?"),), {"type": "object", "properties": {}}, seed=7)


def read(text: str) -> Answer:
    if not text.isdigit():
        raise Rejected("no number")
    return Answer({"size": int(text)}, {"size": f"said {text}"})


@pytest.mark.parametrize(
    ("again", "sure"),
    [(["2", "2"], 100), (["2", "3"], 67), (["3", "4"], 33), (["2", "many"], 67), (["2", Fault("cut", "cut")], 67)],
    ids=str,
)
def test_the_share_of_the_same_answers_is_the_confidence(again: list[str | Fault], sure: int) -> None:
    asked: list[Request] = []

    def complete(request: Request) -> Completion:
        asked.append(request)
        thing = again[len(asked) - 1]
        if isinstance(thing, Fault):
            raise thing
        return Completion(thing)

    assert agreement(REQUEST, read("2"), complete, read) == sure
    assert [one.sample for one in asked] == [1, 2] == [*range(1, MORE + 1)]
    assert len({one.sampling_seed for one in (REQUEST, *asked)}) == 3


def test_what_keeps_all_answers_back_keeps_this_one_back() -> None:
    def complete(request: Request) -> Completion:
        raise Fault("budget", "spent")

    with pytest.raises(Fault, match="spent"):
        agreement(REQUEST, read("2"), complete, read)


def test_an_asking_that_is_refused_leaves_it_unknown() -> None:
    def complete(request: Request) -> Completion:
        raise Fault("request", "unsupported value: temperature")

    assert agreement(REQUEST, read("2"), complete, read) is None


@pytest.mark.parametrize(
    "provider", [anthropic.PROVIDER, gemini.PROVIDER, ollama.PROVIDER, openai.PROVIDER], ids=lambda one: one.name
)
def test_the_same_asked_again_is_another_request(provider: Provider) -> None:
    spoken = provider.at(Endpoint(provider.name, ServedModel("m"), "http://127.0.0.1:8080/v1"))

    def key(request: Request) -> str:
        return key_of(provider.name, ServedModel("m"), spoken.encode("m", request), request).digest

    assert len({key(replace(REQUEST, sample=number)) for number in (0, 1, 2)}) == 3
