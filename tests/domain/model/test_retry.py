"""How long to wait before asking again, and when not to."""

from email.utils import formatdate

import pytest

from kforge.domain.model.request import Fault
from kforge.domain.model.retry import PATIENCE, Tries, asked, pause, way_out
from kforge.domain.model.wire import fault
from kforge.providers import openai

NOW = 1_800_000_000.0


@pytest.mark.parametrize(
    ("headers", "found"),
    [
        ({}, (None, None)),
        ({"retry-after": "7"}, (None, 7.0)),
        ({"retry-after": "0"}, (None, 0.0)),
        ({"retry-after-ms": "250", "retry-after": "9"}, (None, 0.25)),
        ({"retry-after": formatdate(NOW + 30, usegmt=True)}, (None, 30.0)),
        ({"retry-after": formatdate(NOW - 30, usegmt=True)}, (None, 0.0)),
        ({"retry-after": formatdate(1030, usegmt=True), "date": formatdate(1000, usegmt=True)}, (None, 30.0)),
        ({"retry-after": "soon"}, (None, None)),
        ({"retry-after": "-1"}, (None, None)),
        ({"retry-after": "nan"}, (None, None)),
        ({"retry-after": "inf"}, (None, None)),
        ({"retry-after": "9" * 400}, (None, None)),
        ({"retry-after": "Mon, 99 Foo 0000 99:99:99 GMT"}, (None, None)),
        ({"x-should-retry": "false"}, (False, None)),
        ({"x-should-retry": "True", "retry-after": "1"}, (True, 1.0)),
    ],
)
def test_headers_are_read_and_garbage_is_not(headers, found):
    assert asked(headers, NOW) == found


@pytest.mark.parametrize(
    "kind", ["key", "quota", "model", "overflow", "refused", "cut", "garbled", "request", "budget"]
)
def test_what_cannot_change_is_not_tried_again(kind):
    assert pause(Fault(kind, "no"), Tries("web/build", local=True, tried=1), PATIENCE) is None


def test_waits_grow_and_end():
    waits = [
        pause(Fault("outage", "no"), Tries("web/build", local=False, tried=tried), PATIENCE) for tried in range(1, 8)
    ]
    assert all(0.75 * 2**number <= (wait or 0) * 2 <= 2**number for number, wait in enumerate(waits[:5]))
    assert waits[5:] == [None, None]


def test_two_questions_wait_unlike_each_other_and_alike_in_each_run():
    down = Fault("outage", "no")
    one, two = (pause(down, Tries(name, local=False, tried=3), PATIENCE) for name in ("web/build", "api/build"))
    assert one != two
    assert one == pause(down, Tries("web/build", local=False, tried=3), PATIENCE)


def test_a_server_is_obeyed():
    assert pause(Fault("busy", "no", retry_after=17), Tries("web/build", local=False, tried=1), PATIENCE) == 17


def test_a_server_that_asks_for_too_much_is_told_to_the_user():
    fault = Fault("busy", "no", retry_after=7200)
    assert pause(fault, Tries("web/build", local=False, tried=1), PATIENCE) is None
    assert way_out(fault, openai.PROVIDER, NOW).startswith("try again after 2027-01-15 10:00 UTC")


@pytest.mark.parametrize("kind", ["quota", "outage"])
def test_when_it_may_work_is_told_where_a_server_told_it(kind):
    assert way_out(Fault(kind, "no", retry_after=7200), openai.PROVIDER, NOW).startswith(
        "try again after 2027-01-15 10:00 UTC; "
    )
    assert "it may work" not in way_out(Fault(kind, "no"), openai.PROVIDER, NOW)


def test_a_wait_that_no_calendar_holds_is_told_in_seconds():
    assert way_out(Fault("busy", "no", retry_after=1e30), openai.PROVIDER, NOW).startswith("try again in 1000000000")


def test_a_request_that_may_have_been_billed_is_repeated_once():
    fault = Fault("outage", "did not answer in time", lost=True)
    assert pause(fault, Tries("web/build", local=False, tried=1, lost=1), PATIENCE) is not None
    assert pause(fault, Tries("web/build", local=False, tried=2, lost=2), PATIENCE) is None


def test_a_local_server_may_take_minutes_to_load_its_model():
    waited, tries = 0.0, 0
    while (
        wait := pause(Fault("busy", "loading"), Tries("web/build", True, tries + 1, waited=waited), PATIENCE)
    ) is not None:
        waited, tries = waited + wait, tries + 1
    assert PATIENCE.loading <= waited <= PATIENCE.loading + PATIENCE.longest
    assert tries < 50


@pytest.mark.parametrize(("status", "patient"), [(429, False), (503, True)])
def test_a_local_server_that_was_asked_too_much_does_not_load(status, patient):
    held = pause(fault(status, {"error": "busy"}), Tries("web/build", local=True, tried=PATIENCE.tries), PATIENCE)
    assert (held is not None) is patient


def test_a_key_fault_names_the_variables():
    assert way_out(Fault("key", "no"), openai.PROVIDER, NOW) == "check the key in `KFORGE_API_KEY` or `OPENAI_API_KEY`"
