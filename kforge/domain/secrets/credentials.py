"""Text → the credentials in it, by their known forms and by the names beside them. Never repeats what it finds.

The forms are those that their makers publish for secret scanners; a name alone counts only where its last word means a
credential and the value can be one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from kforge.domain.secrets.credential_forms import BLANKS, FORMS, HINT_PATTERNS, HINTS, RUN
from kforge.domain.secrets.credential_places import userinfos

_RUNS = re.compile(RUN)
_GAP = re.compile(r"\$\(|\$\{|<|\*+$|x+$")  # a placeholder, or what Kubernetes expands: `$(PASSWORD)`
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_LAST = {
    "PASSWORD", "PASSWD", "PASSPHRASE", "PASS", "PASSCODE", "SECRET", "SECRETS", "TOKEN", "APIKEY", "CREDENTIAL",
    "CREDENTIALS", "CREDS",
}  # fmt: skip
_KEYS = {
    "API", "SECRET", "PRIVATE", "ACCESS", "ENCRYPTION", "SIGNING", "SESSION", "AUTH", "MASTER", "ACCOUNT", "HMAC",
    "JWT", "LICENSE", "ROOT", "STORAGE", "SERVICE",
}  # fmt: skip
# What a credential never is: a number, a truth, a duration, a path, a reference, a URL.
_HARMLESS = re.compile(
    r"-?[\d.]+ ?(?:ns|us|ms|s|m|h|d|[KMG]i?B?)?|true|false|yes|no|on|off|none|null|enabled|disabled|required|optional|(?:\.{0,2}|~)/.*|.*\$[({].*|[A-Za-z][A-Za-z0-9+.-]*://.*",
    re.IGNORECASE | re.DOTALL,
)


def known(text: str) -> Iterator[tuple[int, str]]:
    """Position and kind (`a GitHub token`) of every credential that its form gives away."""
    return ((start, kind) for start, _, kind in spans(text))


def spans(text: str) -> Iterator[tuple[int, int, str]]:
    """Start, end and kind of the same; of a private key only its first line."""
    if _hinted(text):
        for match in _known().finditer(text):
            yield match.start(), match.end(), FORMS[int((match.lastgroup or "f0")[1:])][0]


def _hinted(text: str) -> bool:
    """Whether a form may be in the text. A specification of thousands of lines has few words that are long enough."""
    words = "\n".join({*_RUNS.findall(text)})
    if words and (any(hint in words for hint in HINTS) or any(re.search(hint, words) for hint in HINT_PATTERNS)):
        return True
    return BLANKS in text


@cache
def _known() -> re.Pattern[str]:
    """Compiled when the first hint is met: `check` reads most sources without any."""
    return re.compile("|".join(f"(?P<f{index}>{form})" for index, (_, form) in enumerate(FORMS)))


def userinfo(text: str) -> bool:
    """Whether a URL or a data source in the text carries a password."""
    return any(not _GAP.match(text, start, end) for _, start, end in userinfos(text))


def names_one(name: str, value: str) -> bool:
    """Whether a variable's name says that its value is a credential, and the value can be one."""
    if not value or _HARMLESS.fullmatch(value):
        return False
    words = [word.upper() for word in _WORDS.findall(name)]
    while words and (words[-1].isdigit() or words[-1] in ("BASE", "VALUE")):
        words.pop()
    if not words:
        return False
    return (
        words[-1] in _LAST
        or (words[-1] == "KEY" and len(words) > 1 and words[-2] in _KEYS)
        or words[-2:] == ["API", "KEY"]
    )
