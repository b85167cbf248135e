"""Words of a sentence → when a job runs, as five fields of cron: times.json has them in several languages. Knows nothing of
what runs.

Words are lower case and without accents, as `draft.sentence_words` makes them plain.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kforge.draft.sentence_words import NUMBER, form, number, pattern, plain
from kforge.spec import cron

_DATA: dict[str, Any] = json.loads(Path(__file__).with_suffix(".json").read_text(encoding="utf-8"))
_USUAL = {
    "nightly": "0 3 * * *",
    "hourly": "0 * * * *",
    "daily": "0 6 * * *",
    "weekly": "0 4 * * 1",
    "monthly": "0 4 1 * *",
}


def _words(text: str) -> list[str]:
    return [plain(word) for word in text.split("|")]


_OFTEN = {name: pattern(_words(words)) for name, words in _DATA["often"].items()}
_EACH = form(_words(_DATA["each"]))
_AT = form(_words(_DATA["at"]))
_EACH_ALONE = pattern(_words(_DATA["each"]))
_ON = form([*_words(_DATA["each"]), *_words(_DATA["on"])])
_ANY_DAY = {int(day): pattern(_words(words)) for day, words in _DATA["days"].items()}
_EACH_DAY = re.compile(rf"{_ON} (?:{'|'.join(form(_words(words)) for words in _DATA['days'].values())})")
_WEEKDAYS = pattern(_words(_DATA["weekdays"]))
_MINUTES, _HOURS = form(_words(_DATA["minutes"])), form(_words(_DATA["hours"]))
_OTHER = form(_words(_DATA["other"]))
_COUNTED = re.compile(rf"{_EACH} ({NUMBER}|{_OTHER})?(?: ?- ?)? ?(?:({_MINUTES})|({_HOURS}))")
_COUNTED_DENSE = re.compile(
    r"(?:每隔?|每 |)([0-9]{1,3}) ?(?:(分ごと|分おき|分钟|分鐘|분마다)|(時間ごと|時間おき|个小时|小时|시간마다))"
)
_CLOCK = re.compile(
    rf"(?P<hour>[0-9]{{1,2}})(?:[:.](?P<minute>[0-5][0-9])|(?: ?h ?)(?P<after>[0-5][0-9])(?![0-9]))(?![0-9:.])"
    rf"|(?P<named>{NUMBER}) ?(?P<sign>h\b|[ap]\.?m\b\.?|{form(_words(_DATA['clock']))})"
    rf"|{_AT} (?P<bare>{NUMBER})(?! ?h ?[0-9])(?! ?(?:{_MINUTES}|{_HOURS}|%|x\b))"
    rf"|(?P<midnight>{form(_words(_DATA['midnight']))})|(?P<noon>{form(_words(_DATA['noon']))})"
)
_HALF = re.compile(
    rf"(?P<to>{form(_words(_DATA['half to']))}) (?P<next>{NUMBER})|(?P<past>{form(_words(_DATA['half past']))}) (?P<hour>{NUMBER})"
)
_AFTERNOON = pattern(_words(_DATA["afternoon"]))
_PM, _AM = re.compile(r"(?<=[0-9 ])p\.?m\b"), re.compile(r"(?<=[0-9 ])a\.?m\b")
_MORNING = pattern(_words(_DATA["morning"]))
_FIVE = re.compile(r"(?<![\w*/])((?:[\d*/,-]{1,50} ){4}[\d*/,-]{1,50})(?![\w*/])")
_DATE = re.compile(
    rf"{_ON} (?:the |des |dem )?(?:([0-9]{{1,2}})(?:st|nd|rd|th|er|\.|-го)(?!\w)|({form(_words(_DATA['first']))}))|([0-9]{{1,2}}) ?(?:日|号|일)"
)


@dataclass(frozen=True, slots=True)
class When:
    """A schedule, the name that a job gets from it, and whether the hour is a guess."""

    schedule: str
    name: str
    guessed: bool = False


def when(words: str) -> When | None:
    """The schedule that a few plain words say, None where they say none. `every 30 seconds` is none: no CronJob runs so
    often.
    """
    five = _FIVE.search(words)
    if five and not cron.wrong(five[1]):
        return When(five[1], "cron")
    counted = _COUNTED.search(words)
    if counted and not (counted[1] is None and not counted[2] and _often(words) not in ("", "hourly")):
        return _counted(counted[1] or "1", bool(counted[2]))
    if dense := _COUNTED_DENSE.search(words):
        return _counted(dense[1], bool(dense[2]))
    days = sorted(day for day, one in _ANY_DAY.items() if one.search(words))
    often = _often(words)
    on_days = bool(days) and bool(often in ("weekly", "nightly", "daily") or _EACH_DAY.search(words) or _plural(words))
    workdays = _WEEKDAYS.search(words)
    name = "weekly" if on_days else "daily" if workdays and often in ("", "daily") else often
    hour = clock(words)
    if not name:
        return None
    minute, hours, date, month, weekday = _USUAL[name].split()
    if on_days:
        weekday = ",".join(map(str, days))
    elif workdays:
        weekday = "1-5"
    if name == "monthly" and (day := _date(words)):
        date = str(day)
    if hour and name != "hourly":
        hours, minute = map(str, hour)
    return When(f"{minute} {hours} {date} {month} {weekday}", name, hour is None and name != "hourly")


def repeats(words: str) -> bool:
    """Whether some plain words say `every`."""
    return _EACH_ALONE.search(words) is not None


def spans(words: str) -> Iterator[tuple[int, int]]:
    """Where in some plain words a time is spoken of."""
    found = [
        *_OFTEN.values(),
        *_ANY_DAY.values(),
        _WEEKDAYS,
        _COUNTED,
        _COUNTED_DENSE,
        _CLOCK,
        _HALF,
        _AFTERNOON,
        _MORNING,
        _FIVE,
        _DATE,
    ]
    for one in found:
        yield from (match.span() for match in one.finditer(words))


def _plural(words: str) -> bool:
    """A day that says `each` by its form, or with a clock: `mondays`, `montags`, `lundi à 8h`."""
    return any(word in words for word in _PLURALS) or clock(words) is not None


_PLURALS = tuple(word for row in _DATA["days"].values() for word in _words(row) if word.endswith("s") and len(word) > 5)


def _counted(said: str, minutes: bool) -> When | None:
    often = 2 if re.fullmatch(_OTHER, said) else number(said)
    if minutes:
        return When("* * * * *" if often == 1 else f"*/{often} * * * *", "cron") if 0 < often < 60 else None
    if often == 1:
        return When(_USUAL["hourly"], "hourly")
    return When(f"0 */{often} * * *", "cron") if 0 < often < 24 else None


def _often(words: str) -> str:
    """The first that is said; a night before a day, since `每天凌晨` is a night."""
    return next((name for name, one in _OFTEN.items() if one.search(words)), "")


def _date(words: str) -> int:
    found = _DATE.search(words)
    day = 0 if found is None else 1 if found[2] else int(found[1] or found[3])
    return day if 0 < day < 29 else 0


def clock(words: str) -> tuple[int, int] | None:
    """Hour and minute that are said."""
    rest = _DATE.sub(" ", words)
    found, half = _CLOCK.search(rest), _HALF.search(rest)
    if found is None and half is None:
        return None
    if half:
        hour, minute = (number(half["next"]) - 1) % 24 if half["to"] else number(half["hour"]), 30
    elif found is None or found["midnight"] or found["noon"]:
        return (0 if found and found["midnight"] else 12, 0)
    else:
        hour = number(found["hour"] or found["named"] or found["bare"])
        minute = int(found["minute"] or found["after"] or (30 if rest[found.end() :].startswith("半") else 0))
    if hour <= 12 and (_PM.search(rest) or (_AFTERNOON.search(rest) and not _MORNING.search(rest))):
        hour = hour % 12 + 12
    elif hour == 12 and _AM.search(rest):
        hour = 0
    return (hour, minute) if hour < 24 and minute < 60 else None
