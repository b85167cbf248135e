"""A line of a source that may tell what no detector reads, and what a file's lines are: text for people, settings, code."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kforge.llm.line_clues import Clue

# Who reads a repository reads these first.
PROSE = re.compile(
    r"(?:^|/)(?:readme|install|deploy|operat|running|run-?book|production|hosting)[^/]{0,60}\.(?:md|rst|txt|adoc)$|(?:^|/)readme[^/]{0,60}$",
    re.IGNORECASE,
)
SETTINGS = re.compile(
    r"(?:\.(?:ya?ml|toml|ini|cfg|conf|json5?|properties|env|service|container|tf|hcl|nomad|xml)|(?:^|/)\.env[^/]*|(?:^|/)(?:settings|config\w{0,10}|defaults?|constants?)\.(?:py|m?js|cjs|ts|go|rb|php|exs))$",
    re.IGNORECASE,
)
COMMENT = re.compile(r"^\s*(?:#|//|\*|/\*|<!--|;|--)|[\"']{3}")
_BESIDE = re.compile(r"\s(?:#|//) |\s--\s|/\*")  # a comment behind code
_DEAD = re.compile(
    r"\s{0,40}(?:#|//)\s?(?:[\w.]{1,60}\([^)]{0,200}[^()]{0,40}\)|(?:const|let|var) |\w{1,40} = \S{1,80}$)"
)
_HEAD = re.compile(r"(#{1,6}) +(.{1,200})")
_PART = re.compile(r"\s{0,12}(?:[-*+] |[0-9]{1,2}[.)] |\|)|\s{4}")  # of a list, a table, an example
_PRONOUN = re.compile(
    r"[\s#/*]{0,20}(?:they|it|these|those|sie|er|es|diese|ils|elles?|ell[oa]s|es[oa]s|eles|elas|zij|ze|oni|они|он[ао]?|вони)\b"
)
_LEVELS, _SECTION, _NEAR_LEAD = 7, 200, 20  # of headings; lines that are looked back at
_TOLD = re.compile(r"\b(?:log\w{0,8}|print\w{0,3}|echo|puts|warn|console)\b.{0,40}[\"'`]", re.IGNORECASE)  # to people


@dataclass(frozen=True, slots=True)
class TellingLine:
    """A line that may tell something: where it stands, the value in it and its words, phrases for what it may mean, each
    with its effect, and the lines around it that are shown.
    """

    kind: str  # of its value, else the name of its clue
    file: str
    number: int
    value: Any
    words: str
    choices: Mapping[str, str]
    first: int  # the first line that is shown, from 1
    rows: tuple[str, ...]
    rank: int  # 0: prose and comments, 1: code
    sure: bool  # whether its clue says alone what there is to choose
    ask: str

    @property
    def text(self) -> str:
        """The line itself."""
        return self.rows[self.number - self.first].strip()


@dataclass(frozen=True)
class SourceRows:
    """A file of a source as it is looked through: its lines, and the same in lower case."""

    name: str
    rows: Sequence[str]

    @cached_property
    def low(self) -> Sequence[str]:
        """The lines in lower case."""
        return [row.lower() for row in self.rows]

    @cached_property
    def text(self) -> str:
        """All of it in lower case."""
        return "\n".join(self.low)

    @cached_property
    def is_prose(self) -> bool:
        """Whether people write it for people."""
        return bool(PROSE.search(self.name))

    @cached_property
    def is_settings(self) -> bool:
        """Whether it configures something."""
        return bool(SETTINGS.search(self.name))

    @cached_property
    def quoted(self) -> frozenset[int]:
        """The lines that stand within a text of three quotes, from 0."""
        found, marks = set[int](), 0
        for at, row in enumerate(self.rows):
            if marks % 2:
                found.add(at)
            marks += row.count('"""') + row.count("'''")
        return frozenset(found)

    @cached_property
    def fenced(self) -> frozenset[int]:
        """The lines of examples between fences, from 0."""
        found, within = set[int](), False
        for at, row in enumerate(self.rows):
            fence = row.lstrip().startswith(("```", "~~~"))
            if within or fence:
                found.add(at)
            within ^= fence
        return frozenset(found)

    def is_dead(self, at: int) -> bool:
        """Whether a line is code that a comment takes out."""
        return bool(_DEAD.match(self.rows[at]))

    def is_text(self, at: int) -> bool:
        """Whether a line is for people: prose, a comment, a docstring."""
        return self.is_prose or at in self.quoted or bool(COMMENT.search(self.rows[at]))

    def speaks(self, at: int) -> bool:
        """… or has something for people: a comment behind code, a message."""
        row = self.rows[at]
        return self.is_text(at) or bool(_BESIDE.search(row) or _TOLD.search(row))

    def referred(self, said: str, at: int) -> str:
        """The rest of the paragraph before a line whose sentence begins with a pronoun; "" for any other sentence."""
        if not _PRONOUN.match(said):
            return ""
        first = at
        while first > max(0, at - _NEAR_LEAD) and self.rows[first - 1].strip(" #/*"):
            first -= 1
        return "\n".join(self.low[first:at])

    def headings(self, at: int) -> str:
        """The heads of the sections that a line of prose stands in, the nearest first, in lower case."""
        found, least = [], _LEVELS
        for place in range(at, max(0, at - _SECTION) - 1, -1):
            head = _HEAD.match(self.low[place]) if place not in self.fenced else None
            if head and len(head[1]) < least:
                found.append(head[2])
                least = len(head[1])
        return "\n".join(one for one in found if least > 1 or one is not found[-1])  # not the name of the whole

    def lead(self, at: int) -> str:
        """What stands before a list, a table or an example that a line of prose is in; "" for a line of a paragraph."""
        if not _PART.match(self.rows[at]):
            return ""
        for before in range(at - 1, max(-1, at - _NEAR_LEAD), -1):
            row = self.rows[before]
            if before in self.fenced:
                continue
            if _HEAD.match(row.lower()):
                return ""
            if row.strip() and not _PART.match(row):
                return self.sentence(before, self.rows[before].strip())
        return ""

    def sentence(self, at: int, words: str) -> str:
        """The sentence of a text with these words in a line, over the line before and the one behind; in lower case."""
        first = max(0, at - 1)
        before = "\n".join(self.low[first:at])
        text = "\n".join(self.low[first : at + 2])
        begin = len(before) + 1 if before else 0
        spot = max(begin, text.find(words.lower(), begin))
        ends = [match.end() for match in _END.finditer(text)]
        return text[
            max((end for end in ends if end <= spot), default=0) : min(
                (end for end in ends if end > spot + len(words)), default=len(text)
            )
        ]


_END = re.compile(r"[.!?;](?=\s)|[。！？]|\n\s{0,9}\n")


def line_at(clue: Clue, file: SourceRows, at: int, value: Any, words: str, after: int = 2) -> TellingLine:
    """A telling line with the line before it and some behind it."""
    first, last = max(0, at - 1), min(len(file.rows), at + after)
    while first < at and not file.rows[first].strip():
        first += 1
    return TellingLine(
        kind=clue.value or clue.ask or clue.name,
        file=file.name,
        number=at + 1,
        value=value,
        words=words,
        choices=clue.choices,
        first=first + 1,
        rows=tuple(file.rows[first:last]),
        rank=0 if file.is_text(at) else 1,
        sure=clue.is_sure,
        ask=clue.ask,
    )
