"""Several questions in one request, within a session: which go together, and each one's answer, kept as its own.

An answer that came with others is kept under a key that says so and names none of them: a later run that changes one question
asks that one alone. What a request of several does not answer is left to be asked alone. Knows no disk and no network:
what it needs comes as functions.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kforge.domain.model.request import Completion, Fault, FaultKind, Request, Usage
from kforge.llm.joint_request import grouped, joined, parted
from kforge.llm.prompt import prompt

if TYPE_CHECKING:
    from kforge.domain.model.question import Question

# Faults of a request of several that one question alone may not meet.
ALONE: tuple[FaultKind, ...] = ("cut", "refused", "garbled", "overflow", "request", "budget")


@dataclass(frozen=True, slots=True)
class JointAnswers:
    """`most` questions a request; `known` finds an answer without asking, `complete` asks, `keep` stores a part."""

    most: int
    known: Callable[[Request], object | None]
    complete: Callable[[Request], Completion]
    keep: Callable[[Request, Completion], None]

    def groups(self, questions: Sequence[Question]) -> list[list[int]]:
        """Indices of questions to be asked together: those whose answers are not known yet."""
        if self.most < 2:
            return []
        open_ = [at for at, question in enumerate(questions) if self.known(prompt(question)) is None]
        return [[open_[at] for at in group] for group in grouped([questions[at] for at in open_], self.most)]

    def first(self, questions: Sequence[Question]) -> tuple[Completion | None, ...]:
        """The first answer to each of a group, None for one that has to be asked alone.

        Raises Fault for what each of them alone would meet as well.
        """
        try:
            whole = self.complete(joined(questions))
        except Fault as fault:
            if fault.kind in ALONE:
                return (None,) * len(questions)
            raise
        parts = shared(whole, len(questions))
        for question, part in zip(questions, parts, strict=True):
            if part is not None:
                self.keep(prompt(question), part)
        return parts


def shared(whole: Completion, number: int) -> tuple[Completion | None, ...]:
    """The answer to so many questions as one for each, with its share of the tokens; None where there is none."""
    texts = parted(whole.text, number)
    answered = sum(map(bool, texts))
    used = zip(_shares(whole.usage.input, answered), _shares(whole.usage.output, answered), strict=True)
    return tuple(
        Completion(text, whole.model, Usage(*next(used)), known=whole.known) if text else None for text in texts
    )


def _shares(amount: int, number: int) -> list[int]:
    """An amount in equal whole parts; the first ones take what is over."""
    return [amount // number + (at < amount % number) for at in range(number)]
