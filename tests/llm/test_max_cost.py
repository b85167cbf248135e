"""What a run may cost in dollars: kept before every request, told at the end, refused where no price is known."""

import pytest

from kforge.domain.model.price import Price
from tests.conftest import run
from tests.llm.server import target

DEAR = Price(1000.0, 10_000.0, "a page", "2026-11")  # the server tells 100 tokens in and 20 out: 0.30 an answer


@pytest.fixture
def dear(model, monkeypatch):
    """A server whose tokens cost."""
    monkeypatch.setattr("kforge.llm.model_client.price_of", lambda endpoint: DEAR)
    return model


@pytest.fixture
def unknown(monkeypatch):
    """A model of a vendor's of which nobody wrote down a price; nothing may be sent to it."""
    monkeypatch.setattr("kforge.system.http.client.HttpClient.send", lambda *parts: pytest.fail("something was sent"))
    for name, value in (("PROVIDER", "openai"), ("MODEL", "gpt-99"), ("ALLOW_REMOTE", "1")):
        monkeypatch.setenv(f"KFORGE_{name}", value)
    monkeypatch.setenv("OPENAI_API_KEY", "sk-test-0123456789")


def test_the_end_of_a_run_says_what_it_cost(dear, hello):
    ended = run("build", cwd=hello, code=0)
    assert "6 requests, 600 tokens in, 120 out, 1.8000 US dollars" in ended.err


def test_a_model_that_costs_nothing_is_not_said_to_cost(model, hello):
    assert "US dollars" not in run("build", cwd=hello, code=0).err


def test_nothing_is_sent_that_could_cost_more_than_what_is_left_and_what_was_answered_is_kept(dear, hello):
    ended = run("build", "--max-cost", "3.2", cwd=hello, code=75)
    asked = [body for body in dear.bodies if target(body)]
    assert 0 < len(asked) < 5
    assert "(`--max-cost 3.2`)" in ended.err and "US dollars were spent, and the next question may cost" in ended.err
    assert "answers so far are kept: build again to continue from here" in ended.err
    run("build", cwd=hello, code=0)
    assert len([body for body in dear.bodies if target(body)]) == 5  # none of them twice


def test_a_local_model_is_not_held_back(model, hello):
    run("build", "--max-cost", "0.0001", cwd=hello, code=0)


def test_a_model_whose_price_is_not_known_is_refused_with_what_to_use_instead(unknown, hello):
    ended = run("build", "--max-cost", "1", cwd=hello, code=2)
    assert "the price of `gpt-99` at `openai` is not known" in ended.err
    assert "`--max-tokens N`" in ended.err


def test_evaluate_refuses_it_as_well(unknown, hello):
    ended = run("evaluate", "--models", "openai=gpt-99", "--max-cost", "1", cwd=hello, code=2)
    assert "the price of `gpt-99` at `openai` is not known" in ended.err


def test_evaluate_keeps_to_the_dollars(dear, hello):
    ended = run("evaluate", "--models", "obedient-1", "-n", "3", "--max-cost", "4", cwd=hello, code=1)
    assert 0 < len(dear.bodies) < 15
    assert "--max-cost 4" in ended.out


@pytest.mark.parametrize("amount", ["0", "-1", "nan", "inf", "much"])
def test_what_is_no_amount_is_refused(hello, amount):
    assert "--max-cost" in run("build", "--max-cost", amount, cwd=hello, code=2).err
