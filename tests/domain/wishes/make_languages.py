"""Writes kforge/domain/wishes/languages.json: names of units and numbers in words, in the languages of this file.

    pip install babel num2words; python -m tests.domain.wishes.make_languages

Units come from the Unicode CLDR (Babel), numbers from num2words. What people say besides these stands in units.json, and
goes before them.
"""

from __future__ import annotations

import json
import re
from importlib.metadata import version
from pathlib import Path

LANGUAGES = ("en", "hi", "de", "fr", "es", "pt", "it", "nl", "pl", "ru", "uk", "cs", "sv", "tr", "zh", "ja", "ko")
TARGET = Path(__file__).resolve().parents[3] / "kforge/domain/wishes/languages.json"
UNITS = {
    "size": {"digital-megabyte": 1 << 20, "digital-gigabyte": 1 << 30, "digital-terabyte": 1 << 40},
    "time": {
        "duration-millisecond": "0.001", "duration-second": 1, "duration-minute": 60, "duration-hour": 3600,
        "duration-day": 86400, "duration-week": 604800,
    },
}  # fmt: skip
NUMBERS = (
    *range(2, 101),
    110,
    120,
    125,
    128,
    150,
    160,
    180,
    192,
    200,
    250,
    256,
    300,
    350,
    384,
    400,
    450,
    500,
    512,
    600,
    640,
    700,
    750,
    768,
    800,
    900,
    1000,
    1024,
    1500,
    2000,
)
ORDINALS = range(3, 13)  # the second one is a unit of time as well
ENDINGS = {
    "de": (("", "n", "r", "s", "m"), 0),
    "es": (("o", "a"), 1),
    "pt": (("o", "a"), 1),
    "it": (("o", "a"), 1),
}  # letters, of so many less
LEAST = 3  # characters of a name in Latin letters: shorter ones are words of other languages
OTHER = {
    "cent",
    "due",
    "elf",
    "era",
    "min",
    "once",
    "one",
    "ora",
    "sei",
    "sex",
    "six",
    "sto",
    "ten",
    "tio",
}  # …, and so are these


def main() -> None:
    made = {
        "from": f"Unicode CLDR by Babel {version('babel')}; num2words {version('num2words')}",
        "numbers": _numbers(),
        "ordinals": _ordinals(),
        "units": {kind: {str(factor): _names(unit) for unit, factor in units.items()} for kind, units in UNITS.items()},
    }
    TARGET.write_text(json.dumps(made, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _names(unit: str) -> list[str]:
    from babel import Locale

    found = set()
    for language in LANGUAGES:
        styles = Locale.parse(language)._data["unit_patterns"][unit]
        for style in ("long", "short"):
            for pattern in (one for one in styles.get(style, {}).values() if isinstance(one, str)):
                found.add(pattern.replace("{0}", "").replace("\xa0", " ").strip().lower().rstrip("."))
    return sorted(name for name in found if _whole(name))


def _numbers() -> dict[str, int]:
    from num2words import num2words

    found: dict[str, int] = {}
    for language in LANGUAGES:
        for number in NUMBERS:
            try:
                word = num2words(number, lang=language).lower()
            except NotImplementedError:
                break
            for each in {word, word.replace("-", " "), _apart(language, number, word), *_shorter(word)}:
                if _whole(each):
                    found.setdefault(each, number)
    return dict(sorted(found.items()))


def _shorter(word: str) -> set[str]:
    """“a hundred”, “a hundred fifty”, “hundred and fifty” for `one hundred and fifty`."""
    plain = {word, word.replace(" and ", " ")} if word.startswith("one ") else set()
    return {said for each in plain for said in (f"a {each[4:]}", each[4:])}


def _ordinals() -> dict[str, int]:
    from num2words import num2words

    found: dict[str, int] = {}
    for language in LANGUAGES:
        for number in ORDINALS:
            try:
                word = num2words(number, lang=language, to="ordinal").lower()
            except NotImplementedError:
                break
            endings, less = ENDINGS.get(language, (("",), 0))
            for ending in endings:
                found.setdefault(word[: len(word) - less] + ending, number)
    return dict(sorted(found.items()))


def _apart(language: str, number: int, word: str) -> str:
    """Tens and ones as Turkish writes them, `kırk beş`: num2words joins them."""
    from num2words import num2words

    ones = str(num2words(number % 10, lang=language)).lower()
    whole = number < 11 or number > 99 or not number % 10 or language != "tr"
    return word if whole else f"{word.removesuffix(ones)} {ones}"


def _whole(name: str) -> bool:
    return bool(name) and name not in OTHER and (not re.fullmatch(r"[a-z]+", name) or len(name) >= LEAST)


if __name__ == "__main__":
    main()
