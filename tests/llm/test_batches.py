"""Open questions become a batch; results in any order become answers, and every line that is none is named."""

import json
import random
from dataclasses import replace

import pytest

from kforge.domain.model.request import Endpoint, Usage
from kforge.domain.model.vendors import BY_NAME
from kforge.errors import InputError
from kforge.llm.batches import PendingRequest, export, form_of, read
from kforge.providers import anthropic as claude
from kforge.providers import openai
from tests.asking import ENDPOINT, MODEL, provider, request

QUESTIONS = tuple(
    PendingRequest(
        ENDPOINT, provider(), request(text, target), lambda text: None if text.startswith("{") else "it is not JSON"
    )
    for target, text in (("web/build", "Which base?"), ("web/probes", "Which path?"), ("api/build", "Which base now?"))
)
STRICT = tuple(
    replace(one, provider=replace(one.provider, same=lambda asked, told: asked == told)) for one in QUESTIONS
)
FIRST, SECOND, THIRD = (question.key.digest for question in QUESTIONS)


def result(key, text="{}", finish="stop", status=200):
    body = {"model": "tiny", "choices": [{"finish_reason": finish, "message": {"role": "assistant", "content": text}}]}
    return {
        "id": "batch_req_1",
        "custom_id": key,
        "response": {"status_code": status, "request_id": "r", "body": body},
        "error": None,
    }


def lines(*results):
    return "".join(one if isinstance(one, str) else json.dumps(one) + "\n" for one in results).encode()


def problems(*results):
    return [(str(one.where), one.message) for one in read(lines(*results), QUESTIONS, "results.jsonl").problems]


def test_a_batch_holds_every_question_as_openais_lines():
    held = [json.loads(line) for line in export(QUESTIONS, "openai").splitlines()]
    assert [line["custom_id"] for line in held] == [THIRD, FIRST, SECOND]  # api, web/build, web/probes
    assert {(line["method"], line["url"], line["body"]["model"]) for line in held} == {
        ("POST", "/v1/chat/completions", MODEL.name)
    }
    assert {tuple(sorted(line)) for line in held} == {("body", "custom_id", "method", "url")}


def test_a_batch_for_anthropic_is_one_document():
    held = json.loads(export(QUESTIONS, "anthropic"))
    assert [one["custom_id"] for one in held["requests"]] == [THIRD, FIRST, SECOND]
    assert {tuple(sorted(one)) for one in held["requests"]} == {("custom_id", "params")}
    assert {len(one["custom_id"]) for one in held["requests"]} == {64}  # at most 64, says the API


def test_the_same_questions_give_the_same_bytes_in_any_order():
    assert export(QUESTIONS[::-1], "openai") == export(QUESTIONS, "openai")


def test_a_question_that_two_specs_share_is_asked_once():
    assert export((*QUESTIONS, *QUESTIONS), "openai") == export(QUESTIONS, "openai")


@pytest.mark.parametrize("name", ["openai", "anthropic"])
@pytest.mark.parametrize("wanted", ["", "same"])
def test_the_form_is_that_of_the_provider(name, wanted):
    question = PendingRequest(ENDPOINT, provider(name), request(), lambda text: None)
    assert form_of([question], name if wanted else "") == name


@pytest.mark.parametrize(
    ("name", "wanted"), [("openai", "anthropic"), ("anthropic", "openai"), ("ollama", ""), ("gemini", "openai")]
)
def test_questions_for_another_provider_do_not_fit_and_the_way_out_is_named(name, wanted):
    question = PendingRequest(ENDPOINT, provider(name), request(), lambda text: None)
    with pytest.raises(InputError, match=f"`{name}`") as caught:
        form_of([question], wanted)
    assert f"KFORGE_PROVIDER={wanted or 'openai'}" in caught.value.problems[0].hint


def test_more_questions_than_a_batch_holds_are_refused(monkeypatch):
    monkeypatch.setitem(__import__("kforge.llm.batches", fromlist=["LINES"]).LINES, "openai", 2)
    with pytest.raises(InputError, match="3 questions are more than one batch holds"):
        export(QUESTIONS, "openai")


@pytest.mark.parametrize("seed", range(5))
def test_results_may_come_in_any_order(seed):
    given = [result(FIRST, '{"a": 1}'), result(SECOND, '{"a": 2}'), result(THIRD, '{"a": 3}')]
    random.Random(seed).shuffle(given)
    results = read(lines(*given), QUESTIONS)
    assert {one.key.digest: one.completion.text for one in results.answers} == {
        FIRST: '{"a": 1}',
        SECOND: '{"a": 2}',
        THIRD: '{"a": 3}',
    }
    assert (results.again, results.problems) == ((), ())


def vllm(key, text):
    """A line as `vllm run-batch` writes it."""
    message = {"role": "assistant", "content": text, "reasoning_content": None, "tool_calls": []}
    body = {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": "tiny",
        "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": "stop", "stop_reason": None}],
        "usage": {"prompt_tokens": 25, "total_tokens": 33, "completion_tokens": 8},
        "prompt_logprobs": None,
    }
    return {
        "id": "vllm-1",
        "custom_id": key,
        "response": {"status_code": 200, "request_id": "vllm-batch-1", "body": body},
        "error": None,
    }


def anthropic(key, text):
    """A line as Anthropic documents it."""
    message = {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "tiny",
        "content": [{"type": "text", "text": text}],
        "stop_reason": "end_turn",
        "stop_sequence": None,
        "usage": {"input_tokens": 25, "output_tokens": 8},
    }
    return {"custom_id": key, "result": {"type": "succeeded", "message": message}}


@pytest.mark.parametrize(("real", "form", "line"), [(openai, "openai", vllm), (claude, "anthropic", anthropic)])
def test_what_the_real_providers_export_they_read_back(real, form, line):
    endpoint = Endpoint(form, MODEL, BY_NAME[form].base_url)
    questions = [PendingRequest(endpoint, real.PROVIDER, one.request, one.accept) for one in QUESTIONS]
    held = export(questions, form_of(questions))
    keys = [
        one["custom_id"]
        for one in (json.loads(held)["requests"] if form == "anthropic" else map(json.loads, held.splitlines()))
    ]
    results = read(lines(*(line(key, '{"a": 1}') for key in keys)), questions)
    assert ([one.completion.usage for one in results.answers], results.again, results.problems) == (
        [Usage(25, 8)] * 3,
        (),
        (),
    )


def test_another_models_answer_is_not_taken():
    results = read(
        lines(
            {
                **result(FIRST),
                "response": {"status_code": 200, "body": {**result(FIRST)["response"]["body"], "model": "other"}},
            }
        ),
        STRICT,
        "r",
    )
    assert (results.answers, results.problems[0].message) == ((), "model `other` answered instead of `tiny`")


def test_a_rejected_answer_is_kept_and_asked_again():
    results = read(lines(result(FIRST, "Sure! Here you go"), result(SECOND), result(THIRD)), QUESTIONS)
    assert len(results.answers) == 3
    assert [(one.target, one.reason) for one in results.again] == [("web/build", "it is not JSON")]


def test_an_answer_that_was_cut_is_asked_again():
    results = read(lines(result(FIRST, "{", finish="length"), result(SECOND), result(THIRD)), QUESTIONS)
    assert [(one.target, one.reason) for one in results.again] == [("web/build", "stopped by the length limit")]
    assert results.problems == ()


def test_questions_without_an_answer_are_asked_again():
    results = read(lines(result(SECOND)), QUESTIONS)
    assert [one.target for one in results.again] == ["api/build", "web/build"]


def test_the_place_of_a_bad_line_is_its_number():
    assert problems(result(FIRST), "\n", "{\n", result(SECOND)) == [
        ("results.jsonl:3", "it is not JSON: expecting property name enclosed in double quotes")
    ]


def test_bad_lines_cost_no_good_one():
    results = read(lines("{\n", result(FIRST), "[]\n", result("0" * 64), result(FIRST), result(SECOND)), QUESTIONS, "r")
    assert {one.key.digest for one in results.answers} == {FIRST, SECOND}
    assert [one.where.line for one in results.problems] == [1, 3, 4, 5]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (result("kf-7"), "`kf-7` is not an open question"),
        ("[]\n", "it is neither an OpenAI"),
        ("null\n", "it is neither an OpenAI"),
        ('"text"\n', "it is neither an OpenAI"),
        ("[" * 100_000 + "\n", "not JSON"),
        ("\xff\n", "not JSON"),
        ({"custom_id": 7, "response": {}}, "it is neither an OpenAI"),
        ({"custom_id": FIRST, "response": {"status_code": 200}}, "it is neither an OpenAI"),
        ({"custom_id": FIRST, "method": "POST", "url": "/", "body": {}}, "it is a request, not a result"),
        ({"requests": []}, "it is a request, not a result"),
    ],
)  # fmt: skip
def test_a_line_that_is_no_result_is_a_problem_in_words(line, message):
    ((place, said),) = problems(line)
    assert (place, message in said) == ("results.jsonl:1", True), said


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ({"custom_id": FIRST, "response": None, "error": {"code": "batch_expired", "message": "it  took\ntoo long"}}, "it took too long"),
        ({"custom_id": FIRST, "response": {"status_code": 429, "body": {"error": {"message": "slow down"}}}}, "status 429: slow down"),
        ({"custom_id": FIRST, "response": {"status_code": 500, "body": {}}}, "status 500"),
        ({"custom_id": FIRST, "result": {"type": "errored", "error": {"type": "error", "error": {"type": "x", "message": "no"}}}}, "errored: no"),
        ({"custom_id": FIRST, "result": {"type": "expired"}}, "expired"),
        ({"custom_id": FIRST, "response": None, "error": {"code": "batch_expired", "message": None}}, "batch_expired"),
    ],
)  # fmt: skip
def test_a_question_that_the_provider_failed_is_asked_again_with_its_reason(line, reason):
    results = read(lines(line, result(SECOND), result(THIRD)), QUESTIONS, "r")
    assert [(one.target, one.reason) for one in results.again] == [
        ("web/build", f"the provider gave no answer: {reason}")
    ]
    assert results.problems == ()


def test_a_file_that_was_imported_before_asks_nothing_again():
    results = read(lines(result(FIRST), result(SECOND)), QUESTIONS[2:], "r", kept={FIRST, SECOND}.__contains__)
    assert (results.before, results.again, results.problems) == (2, (), ())


def test_the_first_of_two_answers_counts_and_the_second_is_named():
    results = read(lines(result(FIRST, '{"a": 1}'), result(FIRST, '{"a": 2}')), QUESTIONS, "r")
    assert [one.completion.text for one in results.answers] == ['{"a": 1}']
    assert "answered in line 1 already" in results.problems[0].message


def test_an_error_and_a_later_answer_is_an_answer():
    results = read(lines(result(FIRST, status=500), result(FIRST)), QUESTIONS)
    assert len(results.answers) == 1


def test_windows_line_ends_and_a_byte_order_mark_are_read():
    content = b"\xef\xbb\xbf" + lines(result(FIRST), result(SECOND)).replace(b"\n", b"\r\n")
    assert len(read(content, QUESTIONS).answers) == 2


def test_an_empty_file_answers_nothing():
    results = read(b"", QUESTIONS)
    assert (results.answers, len(results.again), results.problems) == ((), 3, ())


def test_a_credential_in_an_answer_is_hidden():
    secret = "ghp_" + "a1B2c3D4e5F6g7H8i9J0" * 2
    (answer,) = read(lines(result(FIRST, f'{{"env": "{secret}"}}')), QUESTIONS).answers
    assert secret not in answer.completion.text
