"""A cron schedule → what no clock could read in it. The forms are those of Kubernetes: robfig/cron's standard parser."""

from __future__ import annotations

import re

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_FIELDS = (
    ("minute", 0, 59, ()),
    ("hour", 0, 23, ()),
    ("day", 1, 31, ()),
    ("month", 1, 12, _MONTHS),
    ("weekday", 0, 6, _DAYS),
)
_NUMBER = r"[0-9]{1,18}"  # as many digits as Go's integers hold
_PART = re.compile(rf"(\*|\?|[a-z]+|{_NUMBER})(?:-([a-z]+|{_NUMBER}))?(?:/({_NUMBER}))?")
_SHOWN = 40  # characters of a field


def wrong(schedule: str) -> str:
    """Why a schedule cannot run, "" when it can. A schedule of another form than five fields is not judged."""
    fields = schedule.split()
    if len(fields) != len(_FIELDS):
        return ""
    for value, (name, low, high, words) in zip(fields, _FIELDS, strict=True):
        for part in value.split(","):
            why = _part(part.lower(), low, high, words)
            if why:
                return f"its {name} is `{value[:_SHOWN]}`: {why}"
    if _never(fields[2], fields[3]):
        return f"day {fields[2]} never comes in month {fields[3]}"
    return ""


def _part(part: str, low: int, high: int, words: tuple[str, ...]) -> str:
    match = _PART.fullmatch(part)
    if match is None:
        return f"expected `*`, {low} to {high}, a range or a step"
    first, last, step = match.groups()
    if step is not None and int(step) == 0:
        return "a step of 0 never moves"
    if first in ("*", "?"):
        return "" if last is None else "a range begins with a number"
    numbers = [_number(word, low, words) for word in (first, last) if word is not None]
    if any(number is None or not low <= number <= high for number in numbers):
        return f"expected {low} to {high}"
    return "the range runs backwards" if len(numbers) == 2 and (numbers[0] or 0) > (numbers[1] or 0) else ""


def _number(word: str, low: int, words: tuple[str, ...]) -> int | None:
    if word.isdecimal():
        return int(word)
    return words.index(word) + low if word in words else None


def _never(day: str, month: str) -> bool:
    longest = {"2": 29, "4": 30, "6": 30, "9": 30, "11": 30}.get(month, 31)
    return day.isdecimal() and int(day) > longest
