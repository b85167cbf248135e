"""A locked answer and today's question → what the lock claims and cannot have. A lock comes with a pull request and
proves nothing by itself.

Heuristics are asked again and must say the same. A model's answer counts only where the spec leaves the topic to a
model, and within the limits of a fresh one. An answer of an older revision cannot be worked out again: it is unproven
unless today's heuristics agree, and then the files on disk or a commit that the user trusts must show it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from kforge.domain.decider import HEURISTICS, MODEL, PROPOSAL, Decider
from kforge.domain.digest import ABSENT, canonical
from kforge.domain.invisible_chars import line, visible
from kforge.domain.lock import LockedDecision
from kforge.domain.spec.pins import nested, overlay, without
from kforge.errors import InputError

if TYPE_CHECKING:
    from kforge.domain.change import WantedFile
    from kforge.domain.decision import Answer
    from kforge.domain.model.pending_decision import PendingDecision
    from kforge.domain.model.question import Question

EDITED = "the lock says that heuristics gave this answer, but theirs is another"
UNPROPOSED = "the lock says that heuristics gave this answer, but it is a proposal that needs approval"
REASONS = "the lock says that heuristics gave these reasons, but theirs are others"
INPUTS = "the lock does not list `{}`, which the answer depends on"
UNREAD = "the lock lists `{}`, which the answer does not depend on"
NOBODY = "the lock has an answer of a model, but `model.decides` does not list `{}`"
UNKNOWN = "the lock names a decider that this kforge does not have"
UNWEIGHED = "the lock has a reliability that no build writes, or for an answer not from a model"
BEYOND = "the lock says that a model gave this answer, but none may: {}"
UNSHOWN = "the lock has an answer of an older kforge that neither the files nor today's heuristics confirm"
_LONGEST = 400  # characters of a name: servers' names are shorter


@dataclass(frozen=True, slots=True)
class Claim:
    """`fault` says why an answer cannot be what the lock calls it; `proven` whether it could be worked out again;
    `reads` names what the question reads today.
    """

    fault: str = ""
    proven: bool = True
    reads: tuple[str, ...] = ()


def claim(
    one: PendingDecision,
    decides: Collection[str],
    older: bool,
    digest: Callable[[str], str],
    faults: Callable[[Question, LockedDecision], Iterator[str]],
    choices: Callable[[Question], object],
) -> Claim:
    """Hold a locked answer against what it claims to be. `one` has a view of its own, whose reads are looked at.

    `decides` are the topics that the spec leaves to a model, `older` says that an older revision of the question or of
    the detector stands behind the answer, `digest` gives an input's digest today, `faults` are the limits of a model.

    Where the spec leaves the topic to a model, more inputs than the heuristics read are no lie: a model's question
    reads more. An input too many can only make an answer stale sooner. Where it did once, the heuristics answered after
    `choices` had been looked for.
    """
    locked = one.locked
    if locked is None:
        return Claim()
    by = locked.decider.by
    if locked.decider not in (HEURISTICS, PROPOSAL) and one.topic.name not in decides:
        return Claim(NOBODY.format(one.topic.name))
    if not _is_decider(locked.decider):
        return Claim(UNKNOWN)
    if locked.reliability is not None and (by != MODEL or locked.reliability.odd is not None):
        return Claim(UNWEIGHED)
    try:
        question = one.question()
    except InputError:  # the heuristics cannot answer today, so the locked answer is not theirs
        return Claim(EDITED)
    # of the heuristics: what holds a model's answer to its limits is no input of it
    reads = tuple(sorted(one.view.reads))
    if by == MODEL:
        found = next(faults(question, locked), "")
        told = BEYOND.format(found) if found else ""
    else:
        told = _other(locked, question.baseline, one.pinned)
    if by == MODEL and (told or older):  # an older revision may have read less
        return Claim(told, reads=reads)
    lacking = (name for name in reads if name not in locked.inputs and digest(name) != ABSENT)
    told = told or next((INPUTS.format(name) for name in lacking), "")
    if one.topic.name not in decides and not older and locked.inputs.keys() - {*reads}:  # an older one may read more
        choices(question)
        unread = sorted(locked.inputs.keys() - one.view.reads.keys())
        told = told or next((UNREAD.format(line(name, 80)) for name in unread), "")
    return Claim(proven=not told, reads=reads) if older else Claim(told, reads=reads)


def _is_decider(decider: Decider) -> bool:
    """Whether it has the fields of one that this kforge records, each with a name that can be shown."""
    if decider.by == MODEL:
        known = bool(decider.provider and decider.model) and not decider.instead_of
    else:
        known = replace(decider, instead_of="") in (HEURISTICS, PROPOSAL)
    return (known and decider.odd is None) and all(
        len(name) <= _LONGEST and name == visible(name) and "\n" not in name for name in decider.record().values()
    )


def _other(locked: LockedDecision, today: Answer, pinned: Mapping[str, Any]) -> str:
    """What of an answer that bears the heuristics' name is not theirs. What the spec pins, then or now, does not count."""
    fixed = overlay(nested(locked.pinned), pinned)
    if (locked.decider.by == PROPOSAL.by) != today.proposed:
        return UNPROPOSED if today.proposed else EDITED
    if canonical(without(today.value, fixed)) != canonical(without(locked.value, fixed)):
        return EDITED
    said, own = (
        {name: why for name, why in reasons.items() if name not in fixed or isinstance(fixed[name], Mapping)}
        for reasons in (locked.reasons, today.reasons)
    )
    return "" if said == own else REASONS


def shown(
    wanted: Mapping[str, WantedFile], renewed: Mapping[str, WantedFile], disk: Callable[[str], bytes | None]
) -> Callable[[str], bool]:
    """Whether the disk has, of one service, every line that unproven answers bring into its files.

    `wanted` are the files with those answers, `renewed` the files with today's. What is on disk already a build does
    not bring there: such an answer may stay until an upgrade. The app's own files speak for every service.
    """
    hidden = {
        file.service
        for path, file in wanted.items()
        if not file.seed
        and _brought(file.content, renewed[path].content if path in renewed else b"") - _lines(disk(path) or b"")
    }
    return lambda service: not hidden & {"", service}


def _brought(wanted: bytes, renewed: bytes) -> Counter[bytes]:
    return Counter[bytes]() if wanted == renewed else _lines(wanted) - _lines(renewed)


def _lines(content: bytes) -> Counter[bytes]:
    return Counter(content.splitlines())
