"""A variable and what an example of the author's gives it → what a draft takes of that: a harmless value, or nothing.

Forms are allowed one by one, so that a hostile file brings in no host, no path, no reference and no word that a shell, a
loader or Kubernetes expands. Words and their meanings are `example_values.json`; domains are those of RFC 2606.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from kforge.domain.invisible_chars import visible
from kforge.domain.secrets.credential_places import mixed
from kforge.domain.secrets.credentials import known, names_one, userinfo
from kforge.domain.secrets.redact import redact, sensitive
from kforge.domain.secrets.source_secrets import public

_LONGEST = 120
# Numbers with their units and versions: `24h`, `1.0.0`, `10 MB`, `0.5`, `v2.1.0-rc.1`; not `10.0.0.1`, nor `80:80`.
_NUMBER = re.compile(r"[+-]?v?\d{1,12}(?:[.,_]\d{1,12}){0,2}(?:-?[a-zA-Z]{1,8}(?:\.?\d{1,4})?)?(?: ?[a-zA-Z%]{1,12})?")
_WORDS = re.compile(r"[^\W\d]\w{0,40}(?:(?: |-|, ?|: |; | - | & | \(|\) |\)|'|! |!$|\? |\?$)\w{1,40}){0,20}[)!?]?")
_MAIL = re.compile(r"[\w+-]{1,60}(?:\.[\w+-]{1,60}){0,4}@([\w.-]{1,120})")
_ROUTE = re.compile(r"/|(?:/[a-z][\w-]{0,40}){1,6}/?")
_ZONE = re.compile(
    r"(?:Etc|Africa|America|Antarctica|Asia|Atlantic|Australia|Europe|Indian|Pacific)(?:/[A-Za-z_+-]{1,30}\d{0,2}){1,2}"
)
_LOCALE = re.compile(r"[a-z]{2}[_-][A-Z]{2}(?:\.UTF-?8)?")
_EVERYWHERE = frozenset(("0.0.0.0", "::", "[::]"))  # noqa: S104  # where a program listens, which is its pod alone
_BINDING = re.compile(
    r"(?:(?:APP|API|WEB|HTTP|SERVER|GRPC)_)?(?:(?:BIND_|LISTEN_)?(?:HOST|ADDR|ADDRESS|IP)|BIND|LISTEN)"
)
_RUN, _RANDOM = re.compile(r"[A-Za-z0-9]{8,}"), 16
_ANY = "x1y2z3w4"  # a value that can be a credential
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?", re.IGNORECASE)  # a host by its bare name


@cache
def _table() -> Mapping[str, Any]:
    held: dict[str, Any] = json.loads(Path(__file__).with_suffix(".json").read_text(encoding="utf-8"))
    return held


@cache
def _placeholders() -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{each})" for each in _table()["stands_for"]), re.IGNORECASE)


def secret(name: str, value: str) -> bool:
    """Whether a variable holds a credential: by its name, or by what the value looks like."""
    named = names_one(name, _ANY) or (sensitive(name, value) and not _NUMBER.fullmatch(value))
    told = (
        userinfo(value)
        or any(known(value))
        or redact(value) != value
        or redact(f"{name}={value}", ".env") != f"{name}={value}"
    )
    return bool(named or told or any(map(_random, _RUN.findall(value))))


def _random(run: str) -> bool:
    """Whether letters and digits in a row are of no word: a key, a digest, a part of a UUID."""
    return mixed(run) and (
        len(run) >= _RANDOM or (len(run) >= _RANDOM // 2 and not {*run.lower()} - {*"0123456789abcdef"})
    )


def harmless(name: str, value: str) -> str:
    """The value that a draft takes, "" for none: switches of development are off, and a log is not noisy."""
    if not 0 < len(value) <= _LONGEST or visible(value, "\0") != value or secret(name, value):
        return ""
    table, words = _table(), name.upper().split("_")
    if name.upper() in table["loaders"] or words[-1] in table["theirs"]:
        return ""
    if name.upper().endswith(tuple(table["log_levels"]["names"])):
        return _quiet(value)
    if not _NUMBER.fullmatch(value) and public(name, value) != value:
        return ""
    low, off = value.lower(), {**table["off"]}
    if low in off and not {*table["unsafe_on"]}.isdisjoint(words):
        return _cased(off[low], value)
    unsafe = table["unsafe_said"] if low in off else table["unsafe_off"] if low in off.values() else ()
    return value if {*unsafe}.isdisjoint(words) and _plain(name.upper(), words, value) else ""


def _quiet(value: str) -> str:
    """A level of a log: the usual one where the author's is for development."""
    levels = _table()["log_levels"]
    if value.lower() in levels["noisy"]:
        return _cased(levels["usual"], value)
    return value if re.fullmatch(r"[A-Za-z]{3,12}|\d{1,2}", value) else ""


def _cased(word: str, like: str) -> str:
    return word.upper() if like.isupper() else word.title() if like.istitle() else word


def _plain(name: str, words: list[str], value: str) -> bool:
    """Whether a value has one of the forms that mean nothing but themselves."""
    table = _table()
    if value in _EVERYWHERE:
        return bool(_BINDING.fullmatch(name))
    if _NUMBER.fullmatch(value):
        return not _placeholders().fullmatch(value)
    if name.endswith(tuple(table["routes"])) and _ROUTE.fullmatch(value):
        return True
    if name.endswith(("TZ", "ZONE", "TIMEZONE")) and _ZONE.fullmatch(value):
        return True
    if mail := _MAIL.fullmatch(value):
        return bool(re.fullmatch(table["reserved"], mail[1], re.IGNORECASE))
    if value.lower() in table["development"] or (not _LOCALE.fullmatch(value) and not _WORDS.fullmatch(value)):
        return False
    if {*table["addresses"]} & {*words} and _LABEL.fullmatch(value):
        return False  # a host of the author's by its bare name
    return words[-1] in table["titles"] or not _placeholders().fullmatch(value)
