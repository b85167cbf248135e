"""Variables that switch debugging and reloading, on unless they are set → their values for off, in the form of the default.

What nothing here knows is left alone: a default that is no word for on, and names that say the opposite. Knows no
language.
"""

from __future__ import annotations

import re

from kforge.domain.facts import Fact, Facts, Many

_SWITCH = re.compile(
    r"(?:.{1,200}_)?(?:(?:IS_)?DEBUG(?:_MODE|_ENABLED)?|ENABLE_DEBUG|DEV(?:ELOPMENT)?_MODE|(?:HOT_?|AUTO_?)?RELOAD)"
)
_OPPOSITE = re.compile(r"(?:^|_)(?:NO|NOT|NON|DISABLED?|WITHOUT|SKIP|HIDE)_")
_OFF = {"true": "false", "1": "0", "yes": "no", "on": "off", "y": "n", "t": "f"}
OFF = frozenset(_OFF.values())  # words, in lower case


def production(facts: Facts) -> Many:
    """What a source's own image sets besides what a detector of its language settles; an author's Dockerfile says it itself."""
    if facts.dockerfile is not None:
        return ()
    known = {fact.value["name"] for fact in (*facts.production, *facts.build_env, *facts.variables)}
    found = ((fact, off(fact.value["name"], fact.value["default"] or "")) for fact in facts.env)
    return tuple(
        Fact({"name": fact.value["name"], "value": value}, fact.evidence)
        for fact, value in found
        if value and fact.value["name"] not in known
    )


def off(name: str, default: str) -> str:
    """The value that turns a switch off, "" for what is none or is off already."""
    if not _SWITCH.fullmatch(name.upper()) or _OPPOSITE.search(name.upper()):
        return ""
    word = _OFF.get(default.lower(), "")
    if len(default) > 1 and default.isupper():
        return word.upper()
    return word.capitalize() if default[:1].isupper() else word
