r"""Patterns over text that a stranger wrote: how they stay linear, and how many of their matches are looked at.

A source may be hostile, and time has to stay linear in its size. So every pattern that reads one keeps three rules, to
which tests/detectors/test_linear.py holds all of them: a repeat is possessive (`\s*+`) or has a bound; a pattern that
begins with a name begins where the word begins (`(?<!\w)`); and what runs on to a closing sign (`[^}]`) excludes the
opening one or has a bound. Code is read by the grammars of `kforge.syntax`, not by patterns.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

MAX_MATCHES = 500  # per pattern and file
MAX_TEXT = 4_000  # characters of a string that means a port, a host, a path or a name


def every(pattern: re.Pattern[str], text: str) -> Iterator[re.Match[str]]:
    """Matches of a pattern, as many as a program that people write has."""
    return islice(pattern.finditer(text), MAX_MATCHES)
