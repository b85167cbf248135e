"""Words of a command → whether a credential may be among them: a quick look, without the forms that `redact` knows; and
logins that no name and no place gives away."""

from __future__ import annotations

import re
from collections.abc import Sequence

_HINT = re.compile(  # a credential, or its name, may be there
    r"pass|pw|psk|salt|secret|token|key|cred|auth|curl|mysql|maria|redis|mongo|login|@|[^\s/]{20}", re.IGNORECASE
)
_LOGIN = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,60}:([A-Za-z0-9_.+=,-]{6,200})")
_AROUND = "`'\"()[]<>,.;!"
_VERSION = re.compile(r"v?[0-9]{1,6}(?:[.-][0-9A-Za-z]{1,20}){1,6}")


def hints_at_one(words: Sequence[str]) -> bool:
    """Whether it is worth the time to look for credentials among the words."""
    return _HINT.search(" ".join(words)) is not None


def is_login(word: str) -> bool:
    """`user:password` by itself: the second part has letters and digits, and is no version."""
    match = _LOGIN.fullmatch(word)
    if match is None or _VERSION.fullmatch(match[1]):
        return False
    return any(map(str.isdigit, match[1])) and any(map(str.isalpha, match[1]))


def holds_login(text: str) -> bool:
    """Whether a word of a sentence or of a command is a login."""
    return any(is_login(word.strip(_AROUND)) for word in text.split())
