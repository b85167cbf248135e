"""Question → the wishes that are about it, and which files of its source a tool wrote.

Nothing leaves here before credentials and unseen characters are out.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from kforge.domain.invisible_chars import line
from kforge.domain.secrets.redact import redact

if TYPE_CHECKING:
    from kforge.domain.model.question import Question

_WISHES, _WISH = 30, 2000
_MADE = ("?*.lock", "*.min.?*")  # files that a tool wrote, lock files of languages besides


def wishes(question: Question) -> list[str]:
    """The service's requirements, then its refinements, each a text on one line."""
    view = question.view
    texts = [view.spec("requirements") or "", *view.refinements(question.topic.name)]
    return [line(redact(text), _WISH) for text in texts if text.strip()][:_WISHES]


def own_wishes(question: Question) -> list[str]:
    """The refinements of this topic alone, as `wishes` has them."""
    return [line(redact(text), _WISH) for text in question.view.told(question.topic.name)]


def is_made(question: Question, file: str) -> bool:
    """Whether a tool wrote a file, by its name: its lines say nothing that the facts do not."""
    made = (*_MADE, *(pattern for language in question.view.languages for pattern in language.lock_files))
    name = file.rpartition("/")[2]
    return any(fnmatchcase(name, pattern) for pattern in made)
