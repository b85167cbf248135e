"""Schedule text → its five fields, or what in it no CronJob could run by. The one grammar of schedules.

Kubernetes gives the text to `ParseStandard` of github.com/robfig/cron v3, and its own validation refuses a time zone in
it (k8s.io/kubernetes/pkg/apis/batch/validation). Unlike in crontab(5), day 7 of the week does not exist and names have
three letters. kforge is stricter in three points: that parser reads `*-3` as `*`, `+5` as `5`, and `,` as no time at all.
"""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

FaultKind = Literal[
    "empty", "zone", "macro", "count", "blank", "step", "zero", "star", "range", "name", "number", "bounds", "backwards"
]
_DIGITS = re.compile(r"[0-9]+")
_NUMBER = re.compile(r"[0-9]{1,18}")  # as many digits as Go's integers hold


class Field(NamedTuple):
    """One of the five: its name and a short one, its bounds, and the names of its numbers from the lowest on."""

    name: str
    short: str
    low: int
    high: int
    names: tuple[str, ...] = ()

    def number(self, text: str) -> int | None:
        """The number that a text means, None for one that means none."""
        if text.lower() in self.names:
            return self.names.index(text.lower()) + self.low
        return int(text) if _NUMBER.fullmatch(text) else self.high + 1 if _DIGITS.fullmatch(text) else None


class CronFault(NamedTuple):
    """What is wrong with a schedule: `text` is the smallest part that shows it, `value` the field that it stands in."""

    kind: FaultKind
    text: str
    field: Field | None = None
    value: str = ""


DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
FIELDS = (
    Field("minute", "minute", 0, 59),
    Field("hour", "hour", 0, 23),
    Field("day of month", "day", 1, 31),
    Field(
        "month",
        "month",
        1,
        12,
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"),
    ),
    Field("day of week", "weekday", 0, 6, DAYS),
)
MACROS = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}
# https://pkg.go.dev/time#ParseDuration
_EVERY = re.compile(r"@every [+-]?(0|(?:(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:ns|us|µs|μs|ms|s|m|h))+)")


def fields(schedule: str) -> tuple[str, ...]:
    """The fields of a schedule, for a macro those that it stands for; () for `@every`, which has none."""
    return () if schedule.startswith("@every") else tuple(MACROS.get(schedule, schedule).split())


def fault(schedule: str) -> CronFault | None:
    """The first thing that is wrong with a schedule, None for a sound one."""
    values = schedule.split()
    if not schedule:
        return CronFault("empty", "")
    if "TZ" in schedule:
        at = next(index for index, value in enumerate(values) if "TZ" in value)
        return CronFault("zone", values[at], *((FIELDS[at], values[at]) if len(values) == len(FIELDS) else ()))
    if schedule.startswith("@"):
        return None if schedule in MACROS or _EVERY.fullmatch(schedule) else CronFault("macro", schedule)
    if len(values) != len(FIELDS):
        return CronFault("count", str(len(values)))
    return next((found for field, value in zip(FIELDS, values, strict=True) if (found := _field(field, value))), None)


def _field(field: Field, value: str) -> CronFault | None:
    # The parser drops empty parts of a list, as Go's strings.FieldsFunc does, unless nothing is left.
    parts = [part for part in value.split(",") if part]
    if not parts:
        return CronFault("blank", value, field, value)
    found = next((found for part in parts if (found := _part(field, part))), None)
    return found and found._replace(field=field, value=value)


def _part(field: Field, part: str) -> CronFault | None:
    """`*`, `N` or `N-N`, each with `/STEP` or without."""
    span, slash, step = part.partition("/")
    if slash and not _NUMBER.fullmatch(step):
        return CronFault("step", part)
    if slash and int(step) == 0:
        return CronFault("zero", part)
    ends = span.split("-")
    if ends[0] in ("*", "?"):
        return CronFault("star", span) if len(ends) > 1 else None
    return CronFault("range", span) if len(ends) > 2 else _span(field, span, ends)


def _span(field: Field, span: str, ends: list[str]) -> CronFault | None:
    numbers = []
    for end in ends:
        number = field.number(end)
        if number is None:
            return CronFault("name" if end.isascii() and end.isalpha() else "number", end)
        if not field.low <= number <= field.high:
            return CronFault("bounds", end)
        numbers.append(number)
    return CronFault("backwards", span) if numbers[0] > numbers[-1] else None
