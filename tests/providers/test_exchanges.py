"""What servers answer → completions, models and faults. Each exchange is a file that says where it comes from."""

import json
from pathlib import Path

import pytest

from kforge.domain.model import retry
from kforge.domain.model.request import Completion, Fault, ServedModel, Usage
from kforge.providers import anthropic, gemini, ollama, openai
from kforge.system.http.dialects import ServerProbe, recognise
from kforge.system.http.reply import HttpReply

PROVIDERS = {one.PROVIDER.name: one.PROVIDER for one in (anthropic, gemini, ollama, openai)}
EXCHANGES = {
    path.stem: json.loads(path.read_text()) for path in sorted(Path(__file__).with_name("exchanges").glob("*.json"))
}
SOURCES = {"documentation", "recorded from llama.cpp with the tiny model"}


def of(what):
    return pytest.mark.parametrize("name", [name for name, held in EXCHANGES.items() if held["what"] == what])


def reply(held):
    return held["status"], held["headers"], json.dumps(held["body"]).encode()


@pytest.mark.parametrize("name", EXCHANGES)
def test_an_exchange_says_where_it_comes_from(name):
    assert EXCHANGES[name]["source"] in SOURCES
    assert EXCHANGES[name]["where"]


@of("complete")
def test_an_answer_becomes_a_completion_or_a_fault(name):
    held = EXCHANGES[name]
    provider, expect = PROVIDERS[held["provider"]], held["expect"]
    if "fault" not in expect:
        found = provider.decode(*reply(held))
        assert found == Completion(expect["text"], expect["model"], Usage(*expect["usage"]))
        return
    with pytest.raises(Fault) as caught:
        provider.decode(*reply(held))
    assert caught.value.kind == expect["fault"], caught.value.message
    assert expect.get("words", "") in caught.value.message
    assert caught.value.retry_after == expect.get("after")


@of("complete")
def test_an_error_is_told_in_its_own_words(name):
    held = EXCHANGES[name]
    if held["status"] == 200:
        return
    with pytest.raises(Fault) as caught:
        PROVIDERS[held["provider"]].decode(*reply(held))
    assert not caught.value.message.startswith("status")


@pytest.mark.parametrize("name", [name for name, held in EXCHANGES.items() if "asked" in held])
def test_headers_say_when_to_ask_again(name):
    held = EXCHANGES[name]
    assert list(retry.asked(held["headers"], now=0.0)) == held["asked"]


@of("models")
def test_a_list_becomes_models(name):
    held = EXCHANGES[name]
    found = PROVIDERS[held["provider"]].decode_models(*reply(held))
    assert [[one.name, one.identity, one.strong, one.context] for one in found] == held["expect"]["models"]


@pytest.mark.parametrize("name", [name for name, held in EXCHANGES.items() if "server" in held["expect"]])
def test_a_list_tells_who_the_server_is(name):
    held = EXCHANGES[name]

    def fetch(path, seconds):
        if path != "/v1/models":
            return HttpReply(404)
        return HttpReply(200, held["headers"], json.dumps(held["body"]).encode())

    server = recognise(ServerProbe("http://127.0.0.1:8080", fetch, 0.0), 0.0)
    assert server is not None
    assert server.kind == held["expect"]["server"]


@of("show")
def test_a_model_is_described(name):
    held = EXCHANGES[name]
    found = ollama.decode_show(ServedModel("m", "sha256:1", True), *reply(held))
    expect = held["expect"]["show"]
    assert (found.context, found.parameters, list(found.features)) == (
        expect["context"],
        expect["parameters"],
        expect["features"],
    )
    assert (found.name, found.identity, found.strong) == ("m", "sha256:1", True)
