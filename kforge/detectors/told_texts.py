"""Texts that a program only says: what it puts into a sentence and hands to nothing else, such as a link in a mail."""

from __future__ import annotations

from kforge.domain.source.hosts import is_sentence
from kforge.syntax.code_file import CodeFile
from kforge.syntax.expression import Expression, Joined, Name, Text


def told(file: CodeFile) -> set[Expression]:
    """Texts of names that stand in sentences alone."""
    said: set[str] = set()
    for each in file.texts:
        if isinstance(each, Joined) and is_sentence("".join(one.value for one in each.parts if isinstance(one, Text))):
            said.update(one.dotted for one in each.parts if isinstance(one, Name))
    if not said:
        return set()
    given = {
        one.dotted for call in file.calls for one in (*call.arguments, *call.named.values()) if isinstance(one, Name)
    }
    return {value for name in said - given for value in file.assigned.get(name, ())}
