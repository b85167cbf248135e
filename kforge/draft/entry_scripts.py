"""An entry script of an image → what of it surely runs: without the branches that its start or its variables rule out.

`if [ "$1" = "worker" ]` is false where the image starts something else, `if [ "$MIGRATE" = on ]` where nothing sets the
variable. Conditions of another form are taken to hold. Nothing is run.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

_IF = re.compile(  # with possessive blanks: else many of them are tried in every way
    r"^(?:el)?if\s++\[{1,2}\s++(?P<left>\"?[\w$@{}:-]{1,100}\"?)\s++={1,2}\s++(?P<right>[\"']?[\w./:-]{1,200}[\"']?|\"\"|'')\s++\]"
)
_WORD = re.compile(r"\$\{?(?P<name>\w{1,100})\}?")
_MOST = 100  # branches in branches


def effective(text: str, first: str, env: Mapping[str, str]) -> str:
    """The lines that may run where `first` is the script's first argument and the variables are those of `env`."""
    held: list[str] = []
    open_: list[bool] = []  # of each branch around a line, whether it may run
    for line in text.splitlines():
        words = line.strip()
        if words.startswith(("if ", "if[")) and len(open_) < _MOST:
            open_.append(_may(words, first, env))
        elif words.startswith("elif ") and open_:
            open_[-1] = _may(words, first, env)
        elif re.match(r"else\b", words) and open_:
            open_[-1] = True
        elif re.match(r"fi\b", words) and open_:
            open_.pop()
        elif all(open_):
            held.append(line)
    return "\n".join(held)


def _may(words: str, first: str, env: Mapping[str, str]) -> bool:
    """Whether a condition may hold; `if …; then …; fi` on one line always may."""
    found = _IF.match(words)
    if found is None or re.search(r"\bfi\b", words) or " || " in words or " -o " in words:
        return True
    left, right = found["left"].strip('"'), found["right"].strip("\"'")
    named = _WORD.search(left)
    if named is None or "$" in right:
        return True
    value = first if named["name"] == "1" else env.get(named["name"], "")
    return left[: named.start()] + value + left[named.end() :] == right
