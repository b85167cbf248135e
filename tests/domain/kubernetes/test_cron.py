"""One grammar of schedules: what `ParseStandard` of robfig/cron takes, and what Kubernetes refuses besides."""

from __future__ import annotations

import pytest

from kforge.domain.kubernetes.cron import fault, fields
from kforge.rules import schedule
from kforge.spec import cron

TAKEN = [
    "0 3 * * *", "*/5 * * * *", "0-30/10 8-18 1,15 jan-MAR MON-FRI", "? ? ? ? ?", "*/70 * * * *", "0 0 31 12 *", "0 0 * * 0,6", "5/15 * * * *",
    "1,,2 * * * *", "0 0 29 2 ?",
]  # fmt: skip
# text, what is wrong with it, the part that shows it
REFUSED = [
    ("", "empty", ""), ("TZ=UTC 0 3 * * *", "zone", "TZ=UTC"), ("CRON_TZ=UTC 0 3 * *", "zone", "CRON_TZ=UTC"),
    ("@reboot", "macro", "@reboot"), ("@Daily", "macro", "@Daily"), ("@every x", "macro", "@every x"), ("@every", "macro", "@every"),
    ("* * * *", "count", "4"), ("* * * * * *", "count", "6"), (", * * * *", "blank", ","), ("1/x * * * *", "step", "1/x"), ("1/ * * * *", "step", "1/"),
    ("1/2/3 * * * *", "step", "1/2/3"), ("*/0 * * * *", "zero", "*/0"), ("*-3 * * * *", "star", "*-3"), ("1-2-3 * * * *", "range", "1-2-3"),
    ("L * * * *", "name", "L"), ("* * * january *", "name", "january"), ("mon * * * *", "name", "mon"), ("-1 * * * *", "number", ""),
    ("٣ * * * *", "number", "٣"), ("60 * * * *", "bounds", "60"), ("* 24 * * *", "bounds", "24"), ("* * 0 * *", "bounds", "0"),
    ("* * * 13 *", "bounds", "13"), ("* * * * 7", "bounds", "7"), ("5-1 * * * *", "backwards", "5-1"), ("* * * * fri-mon", "backwards", "fri-mon"),
]  # fmt: skip


@pytest.mark.parametrize("text", [*TAKEN, "0 0 31 2 *", "@hourly", "@every 1h30m", "@every 1s", "@every 1.5h"])
def test_what_the_server_takes_has_no_fault(text: str) -> None:
    assert fault(text) is None


@pytest.mark.parametrize(("text", "kind", "part"), REFUSED)
def test_what_the_server_refuses_has_its_fault_and_the_part_that_shows_it(text: str, kind: str, part: str) -> None:
    found = fault(text)
    assert found is not None and (found.kind, found.text) == (kind, part)


@pytest.mark.parametrize("text", [text for text, kind, _ in REFUSED if kind not in ("empty", "macro", "count")])
def test_a_spec_refuses_the_five_fields_that_the_rule_refuses(text: str) -> None:
    assert bool(cron.wrong(text)) is (len(text.split()) == 5)


@pytest.mark.parametrize("text", TAKEN)
def test_a_spec_takes_the_five_fields_that_the_server_takes(text: str) -> None:
    assert cron.wrong(text) == ""


@pytest.mark.parametrize(("text", "said"), [
    ("0 25 * * *", "the hour is `25`: expected 0 to 23"), ("9-3 * * * *", "the minute is `9-3`: the range runs backwards"),
    ("* * 1,*/0 * *", "the day is `1,*/0`: a step of 0 never moves"), ("* * * * ?-3", "the weekday is `?-3`: a range begins with a number"),
    ("1-2-3 * * * *", "the minute is `1-2-3`: expected `*`, 0 to 59, a range or a step"),
    ("0 0 31 2 *", "day 31 never comes in month 2"), ("0 0 30 FEB *", "day 30 never comes in month FEB"),
])  # fmt: skip
def test_a_spec_says_what_is_wrong_in_its_words(text: str, said: str) -> None:
    assert cron.wrong(text) == said


@pytest.mark.parametrize(("text", "said"), [
    ("", "the schedule is empty"), ("TZ=UTC 0 3 * * *", "a time zone does not belong in the schedule"),
    ("@reboot", "`@reboot` is not one of @yearly, @annually, @monthly, @weekly, @daily, @midnight, @hourly, `@every DURATION`"),
    ("* *", "expected 5 fields (minute, hour, day of month, month, day of week), got 2"), (", * * * *", "minute `,` is empty"),
    ("* * 1/x * *", "day of month `1/x`: `1/x` has a step that is not a number"), ("*/0 * * * *", "minute `*/0`: the step is 0"),
    ("1-2-3 * * * *", "minute `1-2-3`: `1-2-3` is not a range"), ("x * * * *", "minute `x`: `x` is not a number"),
    ("* * * * 1,x", "day of week `1,x`: `x` is not a number or a name of three letters"),
    ("60 * * * *", "minute `60`: `60` is not between 0 and 59"), ("* * * 5-1 *", "month `5-1`: `5-1` runs backwards"),
])  # fmt: skip
def test_a_finding_says_what_is_wrong_in_its_words(text: str, said: str) -> None:
    assert schedule.fault(text) == said


@pytest.mark.parametrize(
    ("text", "hour"), [("@daily", ("0",)), ("@hourly", ("*",)), ("@every 1h", ()), ("0 3 * * *", ("3",))]
)
def test_a_macro_has_the_fields_that_it_stands_for(text: str, hour: tuple[str, ...]) -> None:
    assert fields(text)[1:2] == hour
