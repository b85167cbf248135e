"""A real llama.cpp server over HTTP: constrained answers, the same twice, and its own way of saying no."""

import json

import pytest

from kforge.domain.model.request import Endpoint, Fault, Message, Request, ServedModel
from kforge.providers import openai
from kforge.system.http.transport import Transport
from kforge.system.rate_limits import RateLimits
from tests.models import tiny
from tests.models.tiny import tiny_model, tiny_server  # noqa: F401

SCHEMA = {
    "type": "object",
    "properties": {
        "recipe": {"type": "string", "enum": ["python", "node", "go"]},
        "port": {"anyOf": [{"type": "integer", "minimum": 1, "maximum": 65535}, {"type": "null"}]},
        "reason": {"type": "string", "minLength": 3, "maxLength": 60},
        "steps": {"type": "array", "items": {"type": "string", "maxLength": 12}, "minItems": 1, "maxItems": 3},
    },
    "required": ["recipe", "port", "reason", "steps"],
    "additionalProperties": False,
}


def asked(number=0, **more):
    return Request("web/build", (Message("system", "Decide."), Message("user", f"service {number}")), SCHEMA, **more)


@pytest.fixture
def transport(tiny_server):  # noqa: F811
    with Transport(
        Endpoint("openai", ServedModel(tiny.NAME), tiny_server, server="llama-server"), openai.PROVIDER, RateLimits()
    ) as found:
        yield found


def test_an_answer_fits_its_schema(transport):
    for number in range(10):
        found = json.loads(transport.complete(asked(number)).text)
        assert set(found) == set(SCHEMA["properties"])
        assert found["recipe"] in ("python", "node", "go")
        assert found["port"] is None or 1 <= found["port"] <= 65535
        assert 3 <= len(found["reason"]) <= 60
        assert 1 <= len(found["steps"]) <= 3


def test_an_answer_is_the_same_twice_whatever_was_asked_between(transport):
    first = [transport.complete(asked(number)) for number in range(8)]
    assert [transport.complete(asked(number)) for number in reversed(range(8))][::-1] == first


def test_a_constant_that_no_prompt_mentions_comes_back(transport):
    schema = {
        "type": "object",
        "properties": {"mark": {"const": "kf-1f2e3d"}},
        "required": ["mark"],
        "additionalProperties": False,
    }
    canary = Request("canary", (Message("user", "Answer."),), schema)
    assert json.loads(transport.complete(canary).text) == {"mark": "kf-1f2e3d"}


def test_the_server_tells_what_it_has(transport):
    assert [(one.name, one.context, one.parameters) for one in transport.models()] == [
        (tiny.NAME, tiny.CONTEXT, 127552)
    ]
    assert transport.healthy() is True


def test_a_question_longer_than_the_context_is_an_overflow(tiny_model):  # noqa: F811
    with tiny.serve(tiny_model, context=512) as url:
        endpoint = Endpoint("openai", ServedModel(tiny.NAME), url, server="llama-server")
        with Transport(endpoint, openai.PROVIDER, RateLimits()) as transport, pytest.raises(Fault) as caught:
            transport.complete(Request("web/build", (Message("user", "x" * 2000),), SCHEMA))
    assert caught.value.kind == "overflow"
    assert "longer context" in caught.value.hint


def test_a_model_that_is_not_there_is_noticed(tiny_server):  # noqa: F811
    endpoint = Endpoint("openai", ServedModel("qwen-99b"), tiny_server, server="llama-server")
    with Transport(endpoint, openai.PROVIDER, RateLimits()) as transport:
        with pytest.raises(Fault) as caught:
            transport.complete(asked())
        health = transport.healthy()
    assert caught.value.kind == "model"
    assert "`kforge-tiny`" in caught.value.message
    assert isinstance(health, Fault) and health.kind == "model"


def test_an_answer_that_the_limit_cuts_off_is_none(transport):
    with pytest.raises(Fault) as caught:
        transport.complete(asked(max_tokens=4))
    assert caught.value.kind == "cut"
