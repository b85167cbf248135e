"""Words of a sentence → when a job runs, as five fields of cron. Knows nothing of what runs.

Words are lower case and without accents, as `draft_words` cuts them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from kforge.spec import cron

# First letters of words in English, German, French and Spanish → the name that a job gets, and its usual time.
_OFTEN = (
    (r"nightly|nachtlich\w*|nocturn\w*", "nightly"), (r"hourly|stundlich\w*|horaire", "hourly"), (r"daily|taglich\w*|quotidien\w*|diari[ao]|diariamente", "daily"),
    (r"weekly|wochentlich\w*|hebdomadaire|semanal\w*", "weekly"), (r"monthly|monatlich\w*|mensue?l\w*", "monthly"),
)  # fmt: skip
EACH = r"(?:every|each|jede[nrs]?|alle|chaque|tou(?:te)?s les|cada)"
_UNITS = (
    (r"nights?|nacht|nuits?|noche", "nightly"), (r"hours?|stunden?|heures?|horas?", "hourly"), (r"days?|tage?|morning|morgen|jours?|matin|dias?", "daily"),
    (r"weeks?|wochen?|semaines?|semanas?", "weekly"), (r"months?|monate?|mois|mes", "monthly"),
)  # fmt: skip
_USUAL = {
    "nightly": "0 3 * * *",
    "hourly": "0 * * * *",
    "daily": "0 6 * * *",
    "weekly": "0 4 * * 1",
    "monthly": "0 4 1 * *",
}
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_DAY = re.compile(rf"\b(?:{EACH}|on|weekly) ({'|'.join(_DAYS)})(?:day|sday|nesday|rsday|urday)?s?\b")
_COUNTED = re.compile(
    rf"\b{EACH} ([0-9]{{1,9}}|other|second)? ?(minutes?|minuten?|minutos?|hours?|stunden?|heures?|horas?)\b"
)
_CLOCK = re.compile(
    r"\b(?:at |um |a )?(\d{1,2}):(\d\d) ?([ap]m)?\b|\b(?:at |um |a )?(\d{1,2}) ?([ap]m|uhr|h)\b|\bat (\d{1,2})\b|\b(midnight|noon)\b"
)
_FIVE = re.compile(r"(?<![\w*/])((?:[\d*/,-]{1,50} ){4}[\d*/,-]{1,50})(?![\w*/])")


@dataclass(frozen=True, slots=True)
class When:
    """A schedule, the name that a job gets from it, and whether the hour is a guess."""

    schedule: str
    name: str
    guessed: bool = False


def when(words: str) -> When | None:
    """The schedule that a few words say, None where they say none. `every 30 seconds` is none: no CronJob runs so
    often.
    """
    five = _FIVE.search(words)
    if five and not cron.wrong(five[1]):
        return When(five[1], "cron")
    counted = _COUNTED.search(words)
    if counted:
        return _counted(counted[1] or "1", counted[2])
    day = _DAY.search(words)
    name = "weekly" if day else _often(words)
    hour = _clock(words)
    if not name:
        return None
    minute, hours, date, month, weekday = _USUAL[name].split()
    if day:
        weekday = str(_DAYS.index(day[1]))
    elif re.search(rf"\b(?:{EACH} )?(?:weekdays?|workdays?|werktags?)\b", words):
        weekday = "1-5"
    if hour and name != "hourly":
        hours, minute = map(str, hour)
    return When(f"{minute} {hours} {date} {month} {weekday}", name, hour is None and name != "hourly")


def _counted(number: str, unit: str) -> When | None:
    often = {"other": 2, "second": 2}.get(number) or int(number)
    if unit.startswith("min"):
        return When("* * * * *" if often == 1 else f"*/{often} * * * *", "cron") if 0 < often < 60 else None
    if often == 1:
        return When(_USUAL["hourly"], "hourly")
    return When(f"0 */{often} * * *", "cron") if 0 < often < 24 else None


def _often(words: str) -> str:
    found = next((name for sign, name in _OFTEN if re.search(rf"\b(?:{sign})\b", words)), "")
    return (
        found
        or next((name for sign, name in _UNITS if re.search(rf"\b{EACH} (?:{sign})\b", words)), "")
        or ("daily" if re.search(rf"\b{EACH} (?:weekday|workday)s?\b|\bweekdays\b", words) else "")
    )


def _clock(words: str) -> tuple[int, int] | None:
    """Hour and minute that are said."""
    found = _CLOCK.search(words)
    if found is None:
        return None
    if found[7]:
        return (0 if found[7] == "midnight" else 12, 0)
    hour, minute, half = int(found[1] or found[4] or found[6]), int(found[2] or 0), found[3] or found[5]
    if half in ("am", "pm"):
        hour = hour % 12 + (12 if half == "pm" else 0)
    return (hour, minute) if hour < 24 and minute < 60 else None
