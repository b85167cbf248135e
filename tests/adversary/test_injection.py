"""A model that always obeys an attacker: whatever it puts wherever, the same instructions, fields and hosts come out."""

from __future__ import annotations

import re
from functools import partial
from typing import Any

import pytest

from kforge.domain.images import allowed
from kforge.domain.invisible_chars import INVISIBLE
from kforge.domain.model.answer_fields import answer as schema_of
from kforge.domain.model.question import Question, Rejected
from kforge.llm.answer import read_answer
from kforge.llm.answer_schema import asked_fields
from kforge.llm.line_question import line_form
from tests.adversary.payloads import PAYLOADS
from tests.adversary.scripted import SPECS, Model, build, images, injected, places, shape, text, usual
from tests.trials import sample, widths

pytestmark = pytest.mark.xdist_group("adversary")  # one worker makes the trials that the tests share
EXAMPLES = ("hello", "shop", "batch")
Taken = tuple[str, str, tuple[str | int, ...], Any]  # example, target, place, payload
REGISTRIES = ("ghcr.io/acme", "registry.acme.internal", "docker.io/library", "gcr.io/distroless")


def questions(example: str) -> dict[str, Question]:
    """Every question of an example."""
    seen: dict[str, Question] = {}

    def word(asked: Question) -> str:
        seen[asked.target] = asked
        return text(usual(asked))

    build(example, Model(word))
    return seen


@pytest.fixture(scope="module")
def asked() -> dict[tuple[str, str], Question]:
    return {(example, target): question for example in EXAMPLES for target, question in questions(example).items()}


@pytest.fixture(scope="module")
def attempts(asked: dict[tuple[str, str], Question]) -> list[Taken]:
    """Every payload at every place of every question."""
    return [
        (example, target, path, payload)
        for (example, target), question in asked.items()
        for path in places(schema_of(asked_fields(question)), usual(question))
        for payload in (PAYLOADS if path else ())
    ]


@pytest.fixture(scope="module", params=widths(18))
def every(request: pytest.FixtureRequest) -> int:
    return int(request.param)


@pytest.fixture(scope="module")
def taken(every: int, asked: dict[tuple[str, str], Question], attempts: list[Taken]) -> list[Taken]:
    """Of each `every`-th attempt, what is not refused."""
    # What a question asks of its source's lines is no attacker's: worked out once a question, not once an attempt.
    forms = {id(question): line_form(question) for question in asked.values()}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("kforge.llm.answer.line_form", lambda question: forms[id(question)])
        return _taken(asked, attempts[::every])


def _taken(asked: dict[tuple[str, str], Question], attempts: list[Taken]) -> list[Taken]:
    kept = []
    for example, target, path, payload in attempts:
        question = asked[example, target]
        try:
            answer = read_answer(text(injected(usual(question), path, payload)), question)
        except Rejected as rejected:
            assert not INVISIBLE.search(rejected.finding) and len(rejected.finding) < 6000
            continue
        if dict(answer.value) != dict(question.baseline.value) or path[0] == "reasons":
            kept.append((example, target, path, payload))
    return kept


def test_there_are_as_many_attempts_as_the_documentation_says(attempts: list[Taken]) -> None:
    assert len(attempts) > told("than ([0-9,]+) answers in all")


def told(pattern: str) -> int:
    """A figure that the documentation gives."""
    found = re.search(pattern, (SPECS.parent / "docs" / "models.md").read_text(encoding="utf-8"))
    assert found, pattern
    return int(found[1].replace(",", ""))


def test_there_are_enough_payloads() -> None:
    assert len(PAYLOADS) >= 60 and len({repr(payload) for payload in PAYLOADS}) == len(PAYLOADS) == told(
        "put ([0-9]+) payloads"
    )


def test_every_topic_is_attacked(asked: dict[tuple[str, str], Question]) -> None:
    assert {question.topic.name for question in asked.values()} == {
        "build",
        "process",
        "probes",
        "resources",
        "rollout",
    }


def test_what_is_taken_is_harmless_by_itself(taken: list[Taken]) -> None:
    """Values that pass are plain words of their field: names, routes, numbers within their bounds."""
    for _, target, path, payload in taken:
        if path[0] == "value":
            assert isinstance(payload, (str, int)) or payload is None or payload == [], (target, path, payload)
            if isinstance(payload, str):
                assert (
                    not set(payload) & set("\n\r\0\\`$;|&<>{}()'\"") and "://" not in payload and "evil" not in payload
                ), (target, path, payload)


@pytest.mark.parametrize("example", EXAMPLES)
def test_what_is_taken_changes_no_instruction_no_field_and_no_host(
    example: str, every: int, taken: list[Taken]
) -> None:
    """Every value that is taken goes through the whole pipeline, one of each question in a run."""
    rounds: list[dict[str, tuple[tuple[str | int, ...], Any]]] = []
    for _, target, path, payload in (item for item in taken if item[0] == example and item[2][0] == "value"):
        free = next((one for one in rounds if target not in one), None)
        if free is None:
            rounds.append(free := {})
        free[target] = (path, payload)
    assert rounds or every > 1  # a sample may hold nothing that is taken
    for one in rounds:
        honest = build(
            example,
            Model(
                partial(answered, {target: (path, harmless(path, payload)) for target, (path, payload) in one.items()})
            ),
        )
        outcome = build(example, Model(partial(answered, one)))
        for key, held in shape(outcome).items():
            wanted = shape(honest)[key]
            assert held == wanted if key.endswith("Dockerfile") else set(held) <= set(wanted), (key, one)
        assert all(allowed(image, REGISTRIES) for image in images(outcome) if "/" in image)
        assert images(outcome) == images(honest)


def harmless(path: tuple[str | int, ...], payload: Any) -> Any:
    """A value of the same sort that nobody would mind: the file with it is what the attacker's is held against."""
    return (
        "curl"
        if path[1] in ("packages", "buildPackages")
        else payload
        if payload in (0, None, [])
        else "/healthz"
        if path[-1] == "path"
        else payload
    )


def answered(one: dict[str, Any], question: Question) -> str:
    answer = usual(question)
    return text(injected(answer, *one[question.target]) if question.target in one else answer)


@pytest.mark.parametrize(
    "payload",
    sample((payload for payload in PAYLOADS if isinstance(payload, str)), 7),
    ids=range(len([p for p in PAYLOADS if isinstance(p, str)])),
)
def test_a_reason_changes_no_file(payload: str) -> None:
    honest = build("hello", Model(lambda question: text({**usual(question)})))

    def word(question: Question) -> str:
        answer = usual(question)
        return text({**answer, "reasons": dict.fromkeys(answer["reasons"], f"{payload} and so on")})

    outcome = build("hello", Model(word))
    assert shape(outcome) == shape(honest)
    for file in outcome.files.values():
        assert b"evil.example.com" not in file.content and b"\x1b" not in file.content
    reasons = [
        reason
        for service in outcome.lock.services.values()
        for held in service.decisions.values()
        for reason in held.reasons.values()
    ]
    assert not any(INVISIBLE.search(reason) or "\n" in reason or "://" in reason or "<" in reason for reason in reasons)


@pytest.mark.parametrize("example", EXAMPLES)
def test_answers_that_are_refused_leave_the_build_as_the_heuristics_have_it(example: str) -> None:
    honest = build(example, Model(lambda question: text(usual(question))))
    model = Model(lambda question: '{"value": {"user": 0, "hostNetwork": true}, "reasons": {}}')
    outcome = build(example, model)
    assert model.taken == 0 and {path: file.content for path, file in outcome.files.items()} == {
        path: file.content for path, file in honest.files.items()
    }


@pytest.mark.parametrize("example", EXAMPLES)
def test_pod_security_holds_whatever_is_answered(example: str) -> None:
    def worst(question: Question) -> str:
        answer = usual(question)
        value = {
            **answer["value"],
            **({"user": 0} if "user" in answer["value"] else {}),
            **({"writable": ["/"]} if "writable" in answer["value"] else {}),
        }
        return text({**answer, "value": value})

    outcome = build(example, Model(worst))
    assert [finding for finding in outcome.findings if finding.level == "error"] == []
