"""Ask, read, and ask again with what was wrong: the one loop of decisions, drafts and evaluations.

Knows no question: how a request is worded and how an answer is read come as functions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from kforge.domain.model.question import Rejected
from kforge.domain.model.request import Fault

if TYPE_CHECKING:
    from kforge.domain.model.request import Completion, Request

# Faults of an answer, not of the way to it: asked again as a wrong one is. What the model is told:
NO_ANSWER: Mapping[str, str] = {
    "cut": "the answer was longer than allowed and was cut off; keep every text short",
    "refused": "there was no answer; answer with the JSON object that was asked for",
    "garbled": "there was no answer that could be read; answer with the JSON object alone",
}
REPAIRS = 2  # more rarely help, and every one costs
ATTEMPTS = 1 + REPAIRS
Earlier = tuple[tuple[str, str], ...]  # what the model answered, and what was wrong with it
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Try(Generic[T]):
    """One exchange. `value` is the accepted answer, None where it was refused; `problem` says why, for people."""

    request: Request
    completion: Completion | None  # None: the provider said that there is no answer
    value: T | None
    problem: str
    earlier: Earlier  # with this exchange, where it was refused


def tries(
    word: Callable[[Earlier], Request],
    complete: Callable[[Request], Completion],
    read: Callable[[str, Earlier], T],
    earlier: Earlier = (),
) -> Iterator[Try[T]]:
    """Exchanges until an answer is accepted, or `ATTEMPTS` were made, `earlier` ones included.

    `word` makes the request that shows the earlier ones, `read` is told of them too and raises Rejected. Raises Fault for what no other wording
    would mend.
    """
    while len(earlier) < ATTEMPTS:
        request = word(earlier)
        try:
            completion = complete(request)
        except Fault as fault:
            if fault.kind not in NO_ANSWER:
                raise
            earlier = (*earlier, ("", NO_ANSWER[fault.kind]))
            yield Try(request, None, None, fault.message, earlier)
            continue
        try:
            value = read(completion.text, earlier)
        except Rejected as rejected:
            earlier = (*earlier, (completion.text, rejected.finding))
            yield Try(request, completion, None, rejected.finding, earlier)
        else:
            yield Try(request, completion, value, "", earlier)
            return
