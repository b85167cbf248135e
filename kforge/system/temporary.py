"""Names of files that are about to get another name or to vanish: nobody can guess one, and none is taken for a spec."""

from __future__ import annotations

import os
import re

PREFIX = ".kforge-tmp-"
_WHOLE = re.compile(re.escape(PREFIX) + "[0-9a-f]{16}")


def fresh() -> str:
    """A name that no file has and that nobody could put a link under beforehand. It ends as no file of a project does."""
    return PREFIX + os.urandom(8).hex()


def is_temporary(name: str) -> bool:
    """Whether `fresh` makes such names. Other files that begin so are somebody's own, or an older kforge's."""
    return _WHOLE.fullmatch(name) is not None
