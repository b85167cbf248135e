"""Requests → bodies: every server is asked in its own accent, the same request always in the same bytes."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kforge.domain.model import schema_dialect
from kforge.domain.model.request import Endpoint, Fault, Message, Request, ServedModel, Usage
from kforge.domain.model.wire import ceiling, encoded
from kforge.providers import anthropic, gemini, ollama, openai

PROVIDERS = [one.PROVIDER for one in (anthropic, gemini, ollama, openai)]
SCHEMA = {
    "type": "object",
    "properties": {
        "name": {"type": "string", "maxLength": 40, "pattern": "^[a-z]+$", "description": "A name."},
        "size": {"anyOf": [{"type": "integer", "minimum": 1, "maximum": 9}, {"type": "null"}]},
        "kind": {"type": "string", "enum": ["small", "big"]},
        "words": {"type": "array", "items": {"type": "string", "maxLength": 9}, "minItems": 2, "maxItems": 5},
        "mark": {"const": "kf-1"},
        "code": {"type": "string", "pattern": "^[a-z]{2,8}$"},
    },
    "required": ["name", "size", "kind", "words", "mark", "code"],
    "additionalProperties": False,
}
REQUEST = Request("web/build", (Message("system", "You decide."), Message("user", "Decide: größe?")), SCHEMA, seed=11)


def body(provider, model="m", base="http://127.0.0.1:8080/v1", request=REQUEST, **more):
    """What is sent to an endpoint, with the path in front."""
    endpoint = Endpoint(provider.name, more.pop("held", ServedModel(model)), base, **more)
    sent = provider.at(endpoint).encode(model, request)
    return sent.path, dict(sent.body)


@pytest.mark.parametrize("provider", PROVIDERS, ids=lambda one: one.name)
def test_the_same_request_is_the_same_bytes(provider):
    assert encoded(body(provider)[1]) == encoded(body(provider, request=replace(REQUEST))[1])


@pytest.mark.parametrize("provider", PROVIDERS, ids=lambda one: one.name)
def test_the_target_is_never_sent(provider):
    assert b"web/build" not in encoded(body(provider)[1])


@pytest.mark.parametrize("accent", openai.ACCENTS, ids=lambda one: one.name)
def test_every_accent_asks_for_the_schema_once_and_in_one_piece(accent):
    _, sent = body(openai.PROVIDER, dialect=accent.name)
    assert sent["response_format"]["json_schema"]["strict"] is True
    assert sent["stream"] is False
    assert ("max_tokens" in sent) != ("max_completion_tokens" in sent)


SPOKEN = [(one, "") for one in PROVIDERS] + [(openai.PROVIDER, accent.name) for accent in openai.ACCENTS]


@pytest.mark.parametrize("model", ["m", "gpt-5"])
@pytest.mark.parametrize(("provider", "accent"), SPOKEN, ids=[accent or provider.name for provider, accent in SPOKEN])
def test_what_a_protocol_is_said_to_do_is_what_it_is_asked(provider, accent, model):
    able = provider.at(
        Endpoint(provider.name, ServedModel(model), "http://127.0.0.1:8080/v1", dialect=accent)
    ).capabilities
    sent = encoded(body(provider, model, dialect=accent)[1])
    asked = (b'seed":11' in sent, b'"temperature":0' in sent, b'"mark":{' in sent)
    assert (able.seed, able.temperature, able.structured) == asked


@pytest.mark.parametrize("provider", PROVIDERS, ids=lambda one: one.name)
def test_what_a_request_can_cost_is_known_before(provider):
    endpoint = Endpoint(provider.name, ServedModel("gpt-5"), "https://api.openai.com/v1")
    sent = provider.at(endpoint).encode("gpt-5", REQUEST)
    room = {"openai": 8192, "gemini": 8192}.get(provider.name, 0)
    assert ceiling(sent) == Usage(round(len(encoded(sent.body)) * 0.4), REQUEST.max_tokens + room)


def test_llama_server_forgets_what_was_asked_before():
    _, sent = body(openai.PROVIDER, server="llama-server b6000")
    assert (sent["cache_prompt"], sent["seed"], sent["temperature"]) == (False, 11, 0)


def test_openai_stores_nothing():
    _, sent = body(openai.PROVIDER, "gpt-4o", "https://api.openai.com/v1")
    assert sent["store"] is False
    assert sent["max_completion_tokens"] == REQUEST.max_tokens
    assert sent["temperature"] == 0


@pytest.mark.parametrize("model", ["o3", "o4-mini", "gpt-5", "gpt-5.2-codex"])
def test_a_model_that_thinks_gets_room_and_no_temperature(model):
    _, sent = body(openai.PROVIDER, model, "https://api.openai.com/v1")
    assert "temperature" not in sent
    assert sent["max_completion_tokens"] > REQUEST.max_tokens


def test_mistral_takes_a_random_seed():
    _, sent = body(openai.PROVIDER, "codestral-latest", "https://api.mistral.ai/v1")
    assert sent["random_seed"] == 11
    assert "seed" not in sent


def test_azure_takes_its_key_in_a_header_of_its_own():
    endpoint = Endpoint("openai", ServedModel("mine"), "https://acme.openai.azure.com/openai/v1", local=False)
    assert openai.PROVIDER.at(endpoint).authorize("k") == {"api-key": "k"}


def test_a_key_is_a_bearers_elsewhere():
    assert openai.PROVIDER.at(Endpoint("openai", ServedModel("m"), "https://api.openai.com/v1")).authorize("k") == {
        "authorization": "Bearer k"
    }


@pytest.mark.parametrize("provider", PROVIDERS, ids=lambda one: one.name)
def test_no_key_is_no_header(provider):
    assert provider.authorize("") == {}


def test_anthropic_is_never_sent_what_newer_models_refuse():
    path, sent = body(anthropic.PROVIDER, "claude-x", "https://api.anthropic.com")
    assert path == "/v1/messages"
    assert not {"temperature", "top_p", "top_k", "seed"} & set(sent)
    assert sent["system"] == "You decide."
    assert [one["role"] for one in sent["messages"]] == ["user"]


def test_an_access_token_of_anthropic_is_a_bearers():
    gateway = Endpoint("anthropic", ServedModel("m"), "https://gate.example", dialect="bearer")
    assert anthropic.authorize("sk-ant-" + "oat01-x") == {"authorization": "Bearer sk-ant-" + "oat01-x"}
    assert anthropic.authorize("sk-ant-" + "api03-x") == {"x-api-key": "sk-ant-" + "api03-x"}
    assert anthropic.PROVIDER.at(gateway).authorize("t") == {"authorization": "Bearer t"}


def test_geminis_model_stands_in_the_path_and_cannot_leave_it():
    path, sent = body(gemini.PROVIDER, "../../upload?x=", "https://generativelanguage.googleapis.com/v1beta")
    assert path == "/models/..%2F..%2Fupload%3Fx%3D:generateContent"
    assert sent["systemInstruction"] == {"parts": [{"text": "You decide."}]}
    assert sent["generationConfig"]["seed"] == 11


def test_ollama_may_not_drop_what_is_too_long():
    _, sent = body(ollama.PROVIDER, base="http://127.0.0.1:11434")
    assert (sent["truncate"], sent["shift"], sent["options"]["num_ctx"]) == (False, False, 8192)


def test_ollamas_context_grows_with_the_question_up_to_what_the_model_can():
    long = replace(REQUEST, messages=(Message("user", "x" * 40_000),))
    known = ServedModel("m", context=12_000)
    assert body(ollama.PROVIDER, request=long)[1]["options"]["num_ctx"] == 32768
    assert body(ollama.PROVIDER, request=long, held=known)[1]["options"]["num_ctx"] == 12_000


def test_ollama_is_told_not_to_think_only_where_it_can():
    assert "think" not in body(ollama.PROVIDER)[1]
    assert body(ollama.PROVIDER, held=ServedModel("m", features=("completion", "thinking")))[1]["think"] is False


@pytest.mark.parametrize(
    ("provider", "asked", "told", "same"),
    [
        (openai, "gpt-4o", "gpt-4o-2024-08-06", True),
        (openai, "Qwen/Qwen2.5-Coder-14B-Instruct", "qwen2.5-coder-14b-instruct", True),
        (openai, "gpt-4o", "llama-3", False),
        (anthropic, "claude-opus-4-6", "claude-opus-4-6-20260204", True),
        (anthropic, "claude-opus-latest", "claude-opus-4-6", True),
        (anthropic, "claude-opus-4-6", "claude-haiku-4-5", False),
        (gemini, "gemini-flash-latest", "gemini-2.5-flash", True),
        (ollama, "llama3.2", "llama3.2:latest", True),
        (ollama, "llama3.2", "llama3.2:1b", False),
    ],
)
def test_a_server_may_call_the_model_by_a_name_of_its_kin(provider, asked, told, same):
    assert provider.PROVIDER.same(asked, told) is same


def test_llama_server_must_call_the_model_as_it_was_asked():
    endpoint = Endpoint("openai", ServedModel("a"), "http://127.0.0.1:8080/v1", dialect="llama-server")
    assert not openai.PROVIDER.at(endpoint).same("qwen2.5-coder:14b", "qwen2.5-coder")


def words_of(schema):
    yield from (key for key in schema if key not in ("properties",))
    for inner in [
        *schema.get("properties", {}).values(),
        *schema.get("anyOf", []),
        *([schema["items"]] if "items" in schema else []),
    ]:
        yield from words_of(inner)


ALWAYS = {"type", "required", "additionalProperties", "description", "anyOf", "enum", "items"}


@pytest.mark.parametrize(
    ("spoken", "more"),
    [
        (schema_dialect.OPENAI, {"pattern", "minimum", "maximum", "minItems", "maxItems"}),
        (schema_dialect.ANTHROPIC, set()),
        (schema_dialect.GEMINI, {"minimum", "maximum", "minItems", "maxItems"}),
        (schema_dialect.LLAMA, {"pattern", "minimum", "maximum", "minItems", "maxItems", "maxLength"}),
    ],
)
def test_a_schema_holds_only_what_its_server_knows(spoken, more):
    assert set(words_of(schema_dialect.translate(SCHEMA, spoken))) == ALWAYS | more


def test_a_bound_that_is_not_known_becomes_a_word():
    told = schema_dialect.translate(SCHEMA, schema_dialect.ANTHROPIC)["properties"]
    assert told["name"]["description"] == "A name. (maxLength: 40; pattern: ^[a-z]+$)"
    assert told["size"]["anyOf"][0]["description"] == "(minimum: 1; maximum: 9)"
    assert told["words"]["description"] == "(minItems: 2; maxItems: 5)"


def test_properties_keep_their_order():
    for spoken in (schema_dialect.OPENAI, schema_dialect.LLAMA, schema_dialect.ANTHROPIC, schema_dialect.GEMINI):
        assert list(schema_dialect.translate(SCHEMA, spoken)["properties"]) == list(SCHEMA["properties"])


@pytest.mark.parametrize("pattern", [r"^\d+$", r"^(?!x)[a-z]+$", "[a-z]+", r"^a\b$"])
def test_a_pattern_that_a_grammar_drops_silently_is_told_in_words(pattern):
    told = schema_dialect.translate({"type": "string", "pattern": pattern}, schema_dialect.LLAMA)
    assert told == {"type": "string", "description": f"(pattern: {pattern})"}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(
        st.sampled_from(
            ["choices", "message", "content", "error", "code", "candidates", "parts", "text", "usage", "model", "data", "models", "id",
             "name", "done", "done_reason", "finish_reason", "finishReason", "stop_reason", "details", "retryDelay", "type", "meta",
             "usageMetadata", "promptFeedback", "blockReason", "detail", "metadata", "model_info", "capabilities", "refusal"]
        ),
        inner,
        max_size=6,
    ),
    max_leaves=25,
)  # fmt: skip


@pytest.mark.parametrize("provider", PROVIDERS, ids=lambda one: one.name)
@given(status=st.sampled_from([200, 204, 301, 400, 404, 429, 500, 529]), held=JSON)
def test_whatever_json_comes_is_an_answer_or_a_fault(provider, status, held):
    content = json.dumps(held).encode()
    for decode in (provider.decode, provider.decode_models):
        try:
            decode(status, {}, content)
        except Fault as fault:
            assert fault.message.isprintable()


@pytest.mark.parametrize("provider", PROVIDERS, ids=lambda one: one.name)
@given(names=st.lists(st.one_of(st.text(max_size=400), st.just("q\x1b[2J"), st.integers()), max_size=4))
def test_names_of_models_are_printable_and_bounded(provider, names):
    entries = [
        {"id": name, "name": name, "supportedGenerationMethods": ["generateContent"], "capabilities": names}
        for name in names
    ]
    found = provider.decode_models(200, {}, json.dumps({"data": entries, "models": entries}).encode())
    assert all(one.name and len(one.name) <= 300 and "".join((one.name, *one.features)).isprintable() for one in found)


@pytest.mark.parametrize("provider", PROVIDERS, ids=lambda one: one.name)
@given(content=st.binary(max_size=200))
def test_whatever_bytes_come_are_a_fault(provider, content):
    with pytest.raises(Fault):
        provider.decode(200, {}, content)
