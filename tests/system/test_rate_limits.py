"""How much a run may ask: minutes, budgets, and providers that are through."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kforge.domain.model.price import Price
from kforge.domain.model.request import Fault, Usage
from kforge.llm.prices import FREE
from kforge.system.clock import Clock
from kforge.system.rate_limits import Bucket, Budget, RateLimits, Spent
from tests.growth import SOON

FOREVER = float("inf")
GO = threading.Event()
NONE = Usage()


class Hand:
    """A clock that is moved by hand."""

    def __init__(self):
        self.at = 100.0
        self.clock = Clock(now=lambda: self.at, tick=lambda: self.at)


def one(limits, *names, tokens=100, used=NONE, until=FOREVER, stop=GO, price=None):
    with limits.request(Usage(tokens), until, stop, *names, price=price) as spent:
        spent.append(used)


@given(share=st.integers(1, 600), gaps=st.lists(st.floats(0, 5), min_size=1, max_size=80))
def test_no_minute_sees_more_than_its_share(share, gaps):
    bucket, now, sent = Bucket(share, 0.0), 0.0, []
    for gap in gaps:
        now += gap
        sent.append(now + bucket.take(1, now))
    assert max(sum(begin <= at < begin + 60 - 1e-6 for at in sent) for begin in sent) <= share


@pytest.mark.parametrize(("share", "lost"), [(1, 0), (2, 0), (5, 0), (12, 0), (13, 0.1), (60, 0.1), (500, 0.1)])
def test_whoever_always_waits_gets_the_share_but_for_what_a_burst_costs(share, lost):
    bucket = Bucket(share, 0.0)
    sent = [bucket.take(1, 0.0) for _ in range(3 * share + 1)]
    assert sent[-1] <= 180 / (1 - lost) + 1e-6


def test_a_taker_larger_than_a_burst_is_let_through_and_pays_later():
    bucket = Bucket(1200, 0.0)
    assert bucket.take(1200, 0.0) == 0
    assert bucket.take(1, 0.0) > 50


def test_requests_are_counted_and_end():
    limits = RateLimits(Budget(requests=3))
    for _ in range(3):
        one(limits)
    with pytest.raises(Fault, match="3 requests were sent") as caught:
        one(limits)
    assert (caught.value.kind, limits.spent.requests) == ("budget", 3)
    assert "build again" in caught.value.hint


def test_tokens_never_exceed_the_budget_however_many_ask():
    limits = RateLimits(Budget(tokens=1000))

    def ask(number):
        try:
            one(limits, tokens=300, used=Usage(150, 90))
        except Fault as fault:
            return fault.kind
        return "ok"

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(ask, range(12)))
    spent = limits.spent
    assert spent.input + spent.output <= 1000
    assert found.count("ok") == spent.requests == 3
    assert set(found) == {"ok", "budget"}


def test_tokens_are_counted_as_the_provider_did():
    limits = RateLimits()
    one(limits, used=Usage(40, 9))
    one(limits, used=Usage(2, 1))
    assert limits.spent == Spent(2, 42, 10)


def test_a_failed_request_counts_and_gives_its_tokens_back():
    limits = RateLimits(Budget(tokens=100))
    with pytest.raises(ZeroDivisionError), limits.request(Usage(100), FOREVER, GO):
        raise ZeroDivisionError
    one(limits, tokens=100)
    assert limits.spent.requests == 2


DEAR = Price(10_000.0, 100_000.0, "a page", "2026-11")  # a cent a token in, ten out


def test_what_a_request_may_cost_must_fit_what_is_left_and_what_it_cost_is_counted():
    limits = RateLimits(Budget(dollars=2))
    one(limits, price=DEAR, used=Usage(50, 2))
    one(limits, price=DEAR, used=Usage(30))
    assert limits.spent == Spent(2, 80, 2, pytest.approx(1.0))
    with pytest.raises(Fault, match=r"1\.0000 US dollars were spent, and the next question may cost 1\.0100") as caught:
        one(limits, price=DEAR, tokens=101)
    assert (caught.value.kind, "(`--max-cost 2`)" in caught.value.message) == ("budget", True)
    one(limits, price=DEAR, tokens=100)


def test_local_models_cost_nothing():
    limits = RateLimits(Budget(dollars=0.01))
    one(limits, price=FREE, used=Usage(500, 500))
    one(limits, used=Usage(500, 500))
    assert limits.spent.dollars == 0


@pytest.mark.parametrize(
    ("fault", "paid"),
    [
        (Fault("cut", "too long"), 1.0),
        (Fault("outage", "gone", lost=True), 1.0),
        (Fault("busy", "429"), 0.0),
        (Fault("key", "401"), 0.0),
    ],
)
def test_what_may_have_been_worked_on_costs_the_most_that_it_could(fault, paid):
    limits = RateLimits(Budget(dollars=5))
    with pytest.raises(Fault), limits.request(Usage(100), FOREVER, GO, price=DEAR):
        raise fault
    assert limits.spent.dollars == pytest.approx(paid)


def test_an_answer_whose_tokens_are_not_told_costs_the_most_that_it_could():
    limits = RateLimits(Budget(dollars=5))
    one(limits, price=DEAR)
    assert limits.spent.dollars == pytest.approx(1.0)


def test_who_is_short_of_dollars_waits_for_what_others_set_aside():
    limits, begun = RateLimits(Budget(dollars=1)), threading.Event()

    def second():
        begun.set()
        one(limits, price=DEAR, tokens=60, used=Usage(10))

    with ThreadPoolExecutor(1) as pool:
        with limits.request(Usage(60), FOREVER, GO, price=DEAR) as used:
            waiting = pool.submit(second)
            begun.wait()
            used.append(Usage(20))
        waiting.result(SOON)
    assert limits.spent.dollars == pytest.approx(0.3)


def test_a_run_ends_with_its_time():
    hand = Hand()
    limits = RateLimits(Budget(seconds=30), hand.clock)
    limits.check("x")
    hand.at += 30
    with pytest.raises(Fault, match="its time is over"):
        limits.check("x")


def test_a_turn_that_comes_after_the_deadline_is_not_waited_for():
    hand = Hand()
    limits = RateLimits(Budget(requests_per_minute=1), hand.clock)
    one(limits)
    with pytest.raises(Fault, match="have to wait too long"):
        one(limits, until=hand.at + 5)
    assert limits.spent.requests == 1


def test_a_wait_for_a_turn_can_be_stopped():
    limits, stop = RateLimits(Budget(requests_per_minute=1)), threading.Event()
    one(limits)
    threading.Timer(0.05, stop.set).start()
    with pytest.raises(Fault, match="interrupted"):
        one(limits, stop=stop)


def test_a_refused_key_ends_its_provider_for_all():
    limits = RateLimits()
    limits.end("api.example", Fault("key", "refused", hint="check it"))
    limits.check("other.example")
    with pytest.raises(Fault) as caught:
        limits.check("api.example")
    assert (caught.value.kind, caught.value.hint) == ("key", "check it")


@pytest.mark.parametrize("budget", [Budget(requests_per_minute=1), Budget(tokens=100)], ids=["its turn", "its tokens"])
def test_whoever_waits_for_a_provider_that_ends_sends_nothing(budget):
    limits, began = RateLimits(budget), threading.Event()

    def wait():
        began.set()
        with pytest.raises(Fault, match="refused"):
            one(limits, "api.example", "model")

    with ThreadPoolExecutor(1) as pool, limits.request(Usage(100), FOREVER, GO, "api.example"):
        waiting = pool.submit(wait)
        assert began.wait(SOON)
        limits.end("api.example", Fault("key", "refused"))
        waiting.result(SOON)
    assert limits.spent.requests == 1


def test_nothing_is_sent_to_whoever_has_ended():
    limits = RateLimits()
    limits.end("api.example", Fault("key", "refused"))
    with pytest.raises(Fault, match="refused"):
        one(limits, "api.example")
    assert limits.spent.requests == 0


def test_a_server_that_is_down_is_left_alone_after_a_few_questions():
    limits, fault = RateLimits(), Fault("outage", "down", hint="wait")
    for _ in range(2):
        limits.strike("x", fault, 3)
    assert limits.weary("x")
    limits.check("x")
    limits.strike("x", fault, 3)
    with pytest.raises(Fault, match="down"):
        limits.check("x")


def test_an_answer_makes_good_for_earlier_failures():
    limits = RateLimits()
    limits.strike("x", Fault("outage", "down"), 2)
    limits.well("x")
    limits.strike("x", Fault("outage", "down"), 2)
    limits.check("x")
