"""An accepted answer whose server tells no probabilities → how sure the model was, by asking the same again.

Each further asking has a seed of its own and a temperature above 0: without these a server says the same of a guess
and of what it knows.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from kforge.deciders.repair import NO_ANSWER
from kforge.domain.digest import alike
from kforge.domain.model.question import Rejected
from kforge.domain.model.request import Completion, Fault, Request

if TYPE_CHECKING:
    from kforge.domain.decision import Answer

MORE = 2  # askings besides the first: each costs as much as that


def agreement(
    request: Request, first: Answer, complete: Callable[[Request], Completion], read: Callable[[str], Answer]
) -> int | None:
    """The share of askings, the first included, that came to its answer, in percent; None where such an asking is refused:
    by `--offline`, or by a server that takes no temperature. Raises Fault where no answer at all can be had now.
    """
    same = 1
    for number in range(1, MORE + 1):
        try:
            other = read(complete(replace(request, sample=number)).text)
        except Rejected:
            continue
        except Fault as fault:
            if fault.kind == "request":
                return None
            if fault.kind not in NO_ANSWER:
                raise
            continue
        same += alike(other.value, first.value)
    return round(100 * same / (MORE + 1))
