"""A service's schedule → why it cannot run, in the words of a spec. The grammar is that of `domain.kubernetes.cron`."""

from __future__ import annotations

from kforge.domain.kubernetes.cron import FIELDS, fault, fields

_LONGEST = {2: 29, 4: 30, 6: 30, 9: 30, 11: 30}  # days of a month; 31 for the others
# What is wrong with one field. A text of another form than five fields is refused by the spec's pattern.
_WORDS = {
    "zero": "a step of 0 never moves",
    "star": "a range begins with a number",
    "name": "expected {low} to {high}",
    "bounds": "expected {low} to {high}",
    "backwards": "the range runs backwards",
}


def wrong(schedule: str) -> str:
    """Why a schedule cannot run, "" when it can. A schedule of another form than five fields is not judged."""
    found = fault(schedule)
    if found is None:
        return _never(schedule)
    if found.field is None:
        return ""
    said = _WORDS.get(found.kind, "expected `*`, {low} to {high}, a range or a step")
    said = said.format(low=found.field.low, high=found.field.high)
    return f"the {found.field.short} is `{found.value}`: {said}"


def _never(schedule: str) -> str:
    """Kubernetes takes the 31st of February, and no Job ever starts."""
    texts = fields(schedule)[2:4]
    day, month = (field.number(text) for field, text in zip(FIELDS[2:4], texts, strict=True)) if texts else (None, None)
    if day is None or month is None or day <= _LONGEST.get(month, 31):
        return ""
    return f"day {texts[0]} never comes in month {texts[1]}"
