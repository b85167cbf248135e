"""A value that a source gives to a name → what may be shown of it. Facts are printed; a secret in them would be too."""

from __future__ import annotations

import re

from kforge.domain.secrets.credential_places import userinfos
from kforge.domain.secrets.credentials import known

HIDDEN = "(hidden)"
_NAMES = re.compile(
    r"pass(?:word|wd|phrase|code)?(?:$|_)|secret|token|credential|private|api_?key|access_?key|(?:^|_)(?:key|pwd|pw|salt|auth|cert)$",
    re.IGNORECASE,
)
_VALUES = re.compile(
    r"sk-[A-Za-z0-9-]{16,}|gh[pousr]_[A-Za-z0-9]{16,}|(?:AKIA|ASIA)[A-Z0-9]{12,}|xox[a-z]-[A-Za-z0-9-]{8,}|AIza[A-Za-z0-9_-]{20,}"
    r"|glpat-[A-Za-z0-9_-]{16,}|-----BEGIN [A-Z ]*PRIVATE KEY"
    # From the first `eyJ` of a word: where a later one would do, so does it.
    r"|(?<![A-Za-z0-9_-])(?>[A-Za-z0-9_-]*?eyJ)[A-Za-z0-9_-]{8,}+\.[A-Za-z0-9_-]{8,}+\."
)
# switches and numbers are no secrets
_PLAIN = re.compile(r"\d{1,6}(?:\.\d+)?|true|false|yes|no|on|off|none|null", re.IGNORECASE)
_USERINFO = re.compile(r"(://)[^\s/@:]*+:[^\s/@]*+@")


def public(name: str, value: str) -> str:
    """The value, `(hidden)` where its name or its form is that of a secret; user and password leave a URL."""
    if value and ((_NAMES.search(name) and not _PLAIN.fullmatch(value)) or _VALUES.search(value) or any(known(value))):
        return HIDDEN
    for begin, _, end in reversed([*userinfos(value)]):
        value = value[:begin] + value[end + 1 :]
    return _USERINFO.sub(r"\1", value) if "://" in value else value
