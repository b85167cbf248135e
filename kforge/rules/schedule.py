"""A CronJob's schedule is one that Kubernetes can read.

Five fields by the rules of github.com/robfig/cron v3 (`ParseStandard`), or `@hourly` and the like, or `@every 1h30m`.
Unlike in crontab(5), day 7 of the week does not exist, and names have three letters.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping

from kforge.domain.document import Documents
from kforge.domain.finding import Hit, Rule
from kforge.domain.kubernetes.objects import mapping, text

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_FIELDS: tuple[tuple[str, int, int, Mapping[str, int]], ...] = (
    ("minute", 0, 59, {}),
    ("hour", 0, 23, {}),
    ("day of month", 1, 31, {}),
    ("month", 1, 12, {name: index + 1 for index, name in enumerate(_MONTHS)}),
    ("day of week", 0, 6, {name: index for index, name in enumerate(_DAYS)}),
)  # fmt: skip
_WORDS = ("@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly")
# Go's ParseDuration
_EVERY = re.compile(r"@every [+-]?(0|(?:(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:ns|us|µs|μs|ms|s|m|h))+)")
_NUMBER = re.compile(r"[0-9]{1,18}")  # as many digits as Go's integers hold
_SHOWN = 40  # characters of a field
_POLICIES = ("Allow", "Forbid", "Replace")


def fault(schedule: str) -> str:
    """What is wrong with a schedule, "" for a good one."""
    if not schedule:
        return "the schedule is empty"
    if "TZ" in schedule:
        return "a time zone does not belong into the schedule"
    if schedule.startswith("@"):
        good = schedule in _WORDS or _EVERY.fullmatch(schedule)
        return "" if good else f"`{schedule[:_SHOWN]}` is none of {', '.join(_WORDS)}, `@every DURATION`"
    fields = schedule.split()
    if len(fields) != len(_FIELDS):
        return f"expected 5 fields (minute, hour, day of month, month, day of week), got {len(fields)}"
    for value, (name, least, most, words) in zip(fields, _FIELDS, strict=True):
        for part in value.split(","):
            # The parser drops empty parts of a list, as Go's strings.FieldsFunc does, unless nothing is left.
            if part and (said := _part(part, least, most, words)):
                return f"{name} `{value[:_SHOWN]}`: {said}"
        if not value.strip(","):
            return f"{name} `{value[:_SHOWN]}` is empty"
    return ""


def _part(part: str, least: int, most: int, words: Mapping[str, int]) -> str:
    range_, slash, step = part.partition("/")
    if "/" in step or (slash and not _NUMBER.fullmatch(step)):
        return f"`{part[:_SHOWN]}` has no step that is a number"
    if slash and int(step) == 0:
        return "the step is 0"
    ends = range_.split("-")
    if ends[0] in ("*", "?"):
        # robfig reads `*-3` as `*`; nobody means that.
        return "" if len(ends) == 1 else f"`{range_[:_SHOWN]}` is no range"
    if len(ends) > 2:
        return f"`{range_[:_SHOWN]}` is no range"
    numbers = [words.get(end.lower(), _number(end)) for end in ends]
    for end, number in zip(ends, numbers, strict=True):
        if number is None:
            return f"`{end[:_SHOWN]}` is no number" + (" and no name of three letters" if words else "")
        if not least <= number <= most:
            return f"`{end[:_SHOWN]}` is not between {least} and {most}"
    first, last = numbers[0], numbers[-1]
    return f"`{range_[:_SHOWN]}` runs backwards" if first is not None and last is not None and first > last else ""


def _number(text: str) -> int | None:
    if not (text.isascii() and text.isdecimal()):
        return None
    return int(text) if _NUMBER.fullmatch(text) else sys.maxsize


def _schedule(documents: Documents) -> Iterator[Hit]:
    for document in documents.objects("CronJob"):
        spec = mapping(document.data, "spec")
        if said := fault(text(spec, "schedule")):
            yield Hit(document, "spec.schedule", said)
        policy = spec.get("concurrencyPolicy")
        if policy not in (None, "", *_POLICIES):
            yield Hit(document, "spec.concurrencyPolicy", f"`{str(policy)[:_SHOWN]}` is none of {', '.join(_POLICIES)}")


RULES = (
    Rule(
        "schedule",
        "error",
        "write `minute hour day month weekday`, for instance `0 3 * * *`",
        _schedule,
        waivable=False,
    ),
)
