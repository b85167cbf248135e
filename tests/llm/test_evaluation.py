"""What trials of a model come to."""

import pytest

from kforge.domain.model.request import Endpoint, ServedModel, Usage
from kforge.llm.evaluation import Trial, judge
from kforge.llm.prices import FREE, PRICES, Price, price_of

LOCKED = {"web/build": {"base": "a", "steps": []}}
GOOD = Trial("web/build", 0, (True,), {"base": "a", "steps": []}, 2.0, Usage(100, 10))
MENDED = Trial("web/build", 1, (False, True), {"base": "b", "steps": []}, 4.0, Usage(300, 30))
REFUSED = Trial("web/rollout", 0, (True, False, False), None, 9.0, Usage(500, 50), "surge is wrong")
FAILED = Trial("web/rollout", 1, (), None, 1.0, problem="is gone", fault="outage")


def test_answers_and_trials_are_counted_apart():
    verdict = judge("m", [GOOD, MENDED, REFUSED, FAILED], LOCKED)
    assert (verdict.sound, verdict.first, verdict.repaired, verdict.refused, verdict.faults) == (
        3 / 6,
        1 / 3,
        1 / 3,
        1 / 3,
        1,
    )
    assert verdict.problems == ("web/rollout: is gone", "web/rollout: surge is wrong")


def test_agreement_is_counted_field_by_field():
    verdict = judge("m", [GOOD, MENDED, REFUSED], LOCKED)
    assert (verdict.locked, verdict.steady) == (3 / 4, 1 / 2)


def test_nothing_to_agree_with_is_no_agreement():
    verdict = judge("m", [REFUSED], {})
    assert (verdict.locked, verdict.steady) == (None, None)


def test_no_trials_are_no_failure():
    verdict = judge("m", [], {})
    assert (verdict.first, verdict.median, verdict.seconds) == (None, None, 0.0)


def test_time_tokens_and_money_are_summed():
    verdict = judge("m", [GOOD, MENDED, REFUSED], {}, Price(1.0, 10.0, "a page", "2026-11"))
    assert (verdict.seconds, verdict.median, verdict.usage) == (15.0, 4.0, Usage(900, 90))
    assert verdict.cost == pytest.approx(900e-6 + 900e-6)


def remote(name, server="openai", local=False):
    return Endpoint("openai", ServedModel(name), "https://api.openai.com/v1", local=local, server=server)


def test_a_price_is_the_vendors_own_or_unknown():
    assert price_of(remote("gpt-5-mini-2025-08-07")) == PRICES["gpt-5-mini"]
    assert price_of(remote("gpt-99")) is None
    assert price_of(remote("gpt-5", "openrouter")) is None
    assert price_of(remote("gpt-5", local=True)) == FREE


def test_an_unknown_price_gives_no_cost():
    assert judge("m", [GOOD], {}, None).cost is None


def answered(topic, right, number=0, kind="wish", **parts):
    return Trial(f"web/{topic}", number, (True,), {"x": 1}, kind=kind, topic=topic, known=True, right=right, **parts)


def test_right_answers_are_counted_by_kind_and_topic():
    trials = [answered("probes", True), answered("probes", False, kind="keep"), answered("build", True)]
    verdict = judge("m", trials, {})
    assert {kind: (one.right, one.of) for kind, one in verdict.kinds.items()} == {"keep": (0, 1), "wish": (2, 2)}
    assert {topic: (one.right, one.of) for topic, one in verdict.topics.items()} == {"build": (1, 1), "probes": (1, 2)}


def test_an_answer_that_was_never_accepted_is_not_right():
    refused = Trial("web/probes", 0, (True, True, True), None, problem="x", kind="keep", topic="probes", known=True)
    assert (judge("m", [refused], {}).kinds["keep"].right, judge("m", [refused], {}).kinds["keep"].of) == (0, 1)


def test_what_has_no_known_truth_is_counted_apart():
    trials = [Trial("web/probes", n, (True,), {"x": n}, kind="wish", topic="probes", moved=bool(n)) for n in (0, 1)]
    score = judge("m", trials, {}).kinds["wish"]
    assert (score.of, score.moved, score.unknown, score.steady) == (0, 1, 2, 0.0)


@pytest.mark.parametrize(
    ("right", "small"),
    [
        ((True, False, False), True),
        ((True, True, False), False),  # two thirds are enough
        ((True, True, False, False), True),
        ((False, False), False),  # too few to say
        ((True, True, True), False),
    ],
)
def test_a_topic_in_which_too_few_answers_are_right_is_named(right, small):
    verdict = judge("m", [answered("probes", each, number) for number, each in enumerate(right)], {})
    assert verdict.too_small == (("probes",) if small else ())


def test_faults_say_nothing_of_a_topic():
    gone = [
        Trial("web/probes", n, (), problem="x", fault="outage", topic="probes", kind="wish", known=True)
        for n in (0, 1, 2)
    ]
    assert judge("m", gone, {}).too_small == ()
