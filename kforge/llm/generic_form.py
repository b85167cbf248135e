"""The small question about a source that no rule can build surely: what the commands in its README, CI and build files
do, and which number of its code is the port. Code finds the lines; a model says of each what it is, and writes no word
of the build itself.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from kforge.domain.facts import Evidence, Fact
from kforge.domain.invisible_chars import line as one_line
from kforge.domain.invisible_chars import visible
from kforge.domain.model.answer_fields import choice, record
from kforge.domain.secrets.credential_hint import holds_login
from kforge.domain.secrets.redact import redact
from kforge.domain.topic_names import BUILD, PROCESS
from kforge.llm.prompt_context import wishes
from kforge.llm.wish_question import wish_form

if TYPE_CHECKING:
    from kforge.domain.model.question import Question

INSTALLS, BUILDS, STARTS, PORT, ELSE = (
    "it installs what the program needs",
    "it builds the program",
    "it starts the program",
    "the port that the program listens on",
    "something else",
)
# The question speaks of a file outside of the marks, so its name has no room for a sentence.
_NAME = re.compile(r"[A-Za-z0-9_.-]{1,40}(?:/[A-Za-z0-9_.-]{1,40}){0,6}")
MOST = 8  # lines of one question
_LETTERS = ("", *"bcdefghijkl")
_SHOWN = 160  # characters of a line


@dataclass(frozen=True, slots=True)
class GenericLine:
    """A line that is asked about: the fact that it shows, and the phrases that may be said of it."""

    fact: Fact
    choices: tuple[str, ...]
    is_port: bool = False
    part: str = ""  # a letter for the second command of a line and those behind it
    alone: bool = True  # whether its line holds no other command, so that all of the line is shown

    @property
    def place(self) -> Evidence:
        return self.fact.evidence[0]

    @property
    def label(self) -> str:
        """How the question calls the line: `12`, `12b`."""
        return f"{self.place.line}{self.part}"

    def row(self, question: Question) -> str:
        """What is shown of it."""
        text = self.said(question) if self.alone else redact(self._value(), self.place.file)
        return f"{self.label}: {visible(text).strip()[:_SHOWN]}"

    def said(self, question: Question) -> str:
        """Its whole line without credentials; the command or the number alone where a login stands beside it."""
        at = self.place
        text = question.excerpt(at.file, at.line, at.line)
        return redact(self._value() if holds_login(text) else text, at.file)

    def _value(self) -> str:
        return str(self.fact.value["port"]) if self.is_port else " ".join(self.fact.value["words"])

    @property
    def ask(self) -> str:
        at = f"line {self.label} of {self.place.file}"
        return f"what is {self.fact.value['port']} in {at}?" if self.is_port else f"what does {at} do?"


@dataclass(frozen=True, slots=True)
class GenericForm:
    """What is asked: lines by the name under which the question speaks of each."""

    lines: Mapping[str, GenericLine]
    template, system = "generic_lines", "line_system"

    def __bool__(self) -> bool:
        return bool(self.lines)

    def schema(self) -> dict[str, Any]:
        """Each line with the phrases that can be chosen for it."""
        return record({key: choice(*one.choices) for key, one in self.lines.items()})

    def shown(self, question: Question) -> dict[str, Any]:
        """What the template is filled with, besides the mark: each line's key, what is asked of it and what can be chosen,
        and the files with what is shown of them.
        """
        asked = [{"key": key, "ask": one.ask, "choices": one.choices} for key, one in self.lines.items()]
        return {"files": self._files(question), "lines": asked}

    def _files(self, question: Question) -> list[dict[str, Any]]:
        wanted: dict[str, dict[str, str]] = {}
        for one in sorted(self.lines.values(), key=lambda each: (each.place.line, each.part)):
            wanted.setdefault(one.place.file, {})[one.label] = one.row(question)
        return [{"name": one_line(redact(file), _SHOWN), "rows": [*rows.values()]} for file, rows in wanted.items()]


def generic_form(question: Question) -> GenericForm:
    """The form about a source without a sure way to build or start it; empty for every other question.

    Where there is a usual decision and a wish speaks of it, the form is empty: the owner speaks first.
    """
    lines: list[GenericLine] = []
    if question.topic.name == BUILD and not question.baseline.value:
        lines = [GenericLine(fact, (INSTALLS, BUILDS, STARTS, ELSE)) for fact in _seen(question, "commands")]
    elif question.topic.name == PROCESS and _proposed(question):
        lines = _process(question)
    if lines and _wished(question):
        return GenericForm({})
    keyed: dict[str, GenericLine] = {}
    for one in lines[:MOST]:
        named = one if one.is_port else _named(one, lines)
        key = f"{'number' if one.is_port else 'line'}_{named.label}"
        keyed[key if key not in keyed else f"{key}_{len(keyed) + 1}"] = named
    return GenericForm(keyed)


def _wished(question: Question) -> bool:
    """Whether a wish speaks of a usual decision. Wishes are read through the view in every case: another wish is another
    question, even where nothing is usual and lines go before it.
    """
    return bool(wishes(question)) and bool(question.baseline.value) and bool(wish_form(question))


def _named(one: GenericLine, lines: Sequence[GenericLine]) -> GenericLine:
    """A command with its place among those of its line."""
    beside = [each for each in lines if not each.is_port and each.place == one.place]
    return replace(one, part=_LETTERS[beside.index(one)], alone=len(beside) == 1)


def _process(question: Question) -> list[GenericLine]:
    """Commands where none is known to start it, and numbers where there is more than one. What the spec pins is settled."""
    # A pin is no input of a question, and `port` pins half of a field, which is not among the pins.
    ported = "ports" in question.pinned or question.view.again().spec("port") is not None
    known = ported or question.baseline.value.get("ports")
    numbers = [] if known else _seen(question, "port_lines")
    ports = [GenericLine(fact, (PORT, ELSE), is_port=True) for fact in numbers]
    if question.baseline.value:
        return ports if len(ports) > 1 else []
    if "command" in question.pinned:
        return []
    starts = [GenericLine(fact, (STARTS, ELSE)) for fact in _seen(question, "commands")]
    return [*starts[: MOST - min(len(ports), 3)], *ports]


def _proposed(question: Question) -> bool:
    """Whether its build is a proposal. Without lines to ask about, the view is not read: nothing depends on it then."""
    if not (question.facts.commands or question.facts.port_lines):
        return False
    recipe = question.view.languages.recipe(question.view.decided(BUILD, "recipe"))
    return recipe is not None and recipe.proposed


def _seen(question: Question, name: str) -> list[Fact]:
    """A fact's values with their lines; what is read through the view is an input of the decision."""
    held = question.view.fact(name)
    found = [fact for fact in getattr(question.facts, name) if fact.value in held]
    return [fact for fact in found if fact.evidence and _NAME.fullmatch(fact.evidence[0].file)]
