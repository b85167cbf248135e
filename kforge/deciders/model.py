"""Open questions → a model's answers: asked side by side, read strictly, asked again at most twice with the finding.

Knows no protocol, no prompt and no disk: what it needs comes as functions. It remembers, for one run, what it asked
and what came back, so that a finding of the rules goes back to the model that caused it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal, cast

from kforge.deciders import heuristics
from kforge.deciders.agreement import agreement
from kforge.deciders.repair import ATTEMPTS, Earlier, Try, tries
from kforge.domain.decider import Decider
from kforge.domain.digest import canonical
from kforge.domain.model.pending_decision import PendingDecision, Reply, Unanswered, named
from kforge.domain.model.question import Question
from kforge.domain.model.request import Completion, Fault, Request
from kforge.errors import Error, InputError, OutageError, Problem, WorldError

if TYPE_CHECKING:
    from kforge.domain.decision import Answer

# Whose fault a fault is: the user's input, the surroundings, or only this hour's.
SORTS: Mapping[str, type[Error]] = {
    "key": WorldError, "model": InputError, "overflow": InputError, "request": InputError,
    "quota": OutageError, "busy": OutageError, "outage": OutageError, "budget": OutageError,
}  # fmt: skip
AFRESH = "all of these answers were stored: `kforge cache clear --model {model}` forgets them, so that the model is asked again"


@dataclass(frozen=True, slots=True)
class Skills:
    """What the decider is given: how a question is worded, asked and read. `read` raises Rejected.

    `stop` ends what is being asked, from any thread; `watch` is told how many of the questions under way are answered.
    """

    prompt: Callable[[Question], Request]
    complete: Callable[[Request], Completion]
    read: Callable[[str, Question], Answer]
    stop: Callable[[], None] = lambda: None
    watch: Callable[[int, int], None] = lambda done, all_: None
    agrees: bool = False  # whether answers without a confidence are asked for again, to see whether they agree
    # indices of questions for one request, and the first answer to each of such a group, None where it is asked alone
    groups: Callable[[Sequence[Question]], Sequence[Sequence[int]]] | None = None
    joint: Callable[[Sequence[Question]], Sequence[Completion | None]] = lambda questions: ()


End = Literal["first", "repaired", "heuristics", ""]


@dataclass(slots=True)
class Tally:
    """What became of each question: taken at the first try, after a repair, left to the heuristics, or nothing."""

    ends: dict[str, End] = field(default_factory=dict)
    # (service, sentence of its owner) → decision that was asked about it → whether it heard it
    heard: dict[tuple[str, str], dict[str, bool]] = field(default_factory=dict)


class ModelDecider:
    """Answers the open questions that `mine` selects by a model, the others by the heuristics; those too, on record,
    where the model gives no answer and the user allows that. What is its own is asked beside all else: of many questions, the first shall not wait for the
    last.
    """

    def __init__(
        self,
        skills: Skills,
        decider: Decider,
        mine: Callable[[PendingDecision], bool],
        parallel: int,
        fallback: bool = False,
        tell: Callable[[str], None] = lambda line: None,
    ) -> None:
        self._skills, self._decider, self._mine = skills, decider, mine
        self._parallel, self._fallback, self._tell = parallel, fallback, tell
        self._history: dict[str, Earlier] = {}
        self._texts: dict[str, str] = {}
        self._faults: dict[str, Fault] = {}
        self._interrupted = False
        self.tally = Tally()

    def __call__(self, questions: Sequence[PendingDecision]) -> list[Reply]:
        """A reply for every question, in order. A fault of the provider is the reply of every question it stopped."""
        for one in questions:
            if one.complaint:
                said = self._texts.get(one.target) or canonical(one.locked.value if one.locked else {}).decode()
                self._history[one.target] = (*self._history.get(one.target, ()), (said, one.complaint))
        self._faults.clear()
        answers = self._together(self._side_by_side(questions))
        return [answers[one.target] for one in questions]

    def _side_by_side(self, mine: Sequence[PendingDecision]) -> dict[str, Reply]:
        if not mine:
            return {}
        self._skills.watch(0, len(mine))
        groups = self._groups(mine)
        # While so many wait for the model, as many word their question: how many it is asked at once is the
        # transport's.
        workers = 2 * self._parallel if self._parallel > 1 else 1
        with ThreadPoolExecutor(min(workers, len(groups))) as pool:
            try:
                futures = [pool.submit(self._replies, group) for group in groups]
                replies: dict[str, Reply] = {}
                for future in as_completed(futures):
                    replies |= future.result()
                    self._skills.watch(len(replies), len(mine))
                return {one.target: replies[one.target] for one in mine}
            except BaseException:  # Ctrl-C above all: a slow server must not hold it up
                self._interrupted = True  # threads that still wait shall not report that heuristics stepped in
                pool.shutdown(wait=False, cancel_futures=True)
                self._skills.stop()
                raise

    def _groups(self, questions: Sequence[PendingDecision]) -> list[list[PendingDecision]]:
        """Questions that go into one request, and every other one by itself."""
        if self._skills.groups is None:
            return [[one] for one in questions]
        fresh = [one for one in questions if not self._history.get(one.target) and self._mine(one)]
        joint = [[fresh[at] for at in group] for group in self._skills.groups([one.question() for one in fresh])]
        taken = {one.target for group in joint for one in group}
        return [*joint, *([one] for one in questions if one.target not in taken)]

    def _replies(self, group: Sequence[PendingDecision]) -> dict[str, Reply]:
        """A reply to each of a group: the answers come in one request, what is refused of them is asked again alone."""
        first: Sequence[Completion | None] = (None,)
        if len(group) > 1:
            try:
                first = self._skills.joint([one.question() for one in group])
            except Fault as fault:
                return {one.target: self._instead(one, fault.message, fault) for one in group}
        return {one.target: self._reply(one, came) for one, came in zip(group, first, strict=True)}

    def _reply(self, one: PendingDecision, came: Completion | None = None) -> Reply:
        try:
            return self._asked(one, came) if self._mine(one) else heuristics.ask([one])[0]
        except InputError as error:
            return error
        except Fault as fault:
            return self._instead(one, fault.message, fault)

    def _asked(self, one: PendingDecision, came: Completion | None) -> Reply:
        """Ask until an answer is accepted, at most `ATTEMPTS` times. `came` is the first answer, where it came with others."""
        question = one.question()
        earlier = self._history.get(one.target, ())
        last = earlier[-1][1] if earlier else ""
        known = True  # whether every answer was stored, so that no request was sent
        for each in tries(
            lambda so_far: self._skills.prompt(replace(question, attempt=len(so_far), earlier=so_far)),
            lambda request: self._skills.complete(request) if request.attempt or came is None else came,
            lambda text, so_far: self._skills.read(text, replace(question, earlier=so_far)),
            earlier,
        ):
            known = known and each.completion is not None and each.completion.known
            if each.completion is not None:
                self._texts[one.target] = each.completion.text
            if each.value is not None:
                self.tally.ends[one.target] = "repaired" if each.earlier else "first"
                for line in each.value.told:
                    self._tell(line)
                for sentence, heard in each.value.heard:
                    self.tally.heard.setdefault((one.view.service, sentence), {})[one.topic.name] = heard
                return self._weighable(question, each), self._decider
            self._history[one.target], last = each.earlier, each.problem
        why = "\n" if "\n" in last else " "  # several findings, one a line
        return self._instead(
            one,
            f"no answer was accepted in {ATTEMPTS} attempts; the last one:{why}{last}",
            None,
            AFRESH.format(model=self._decider.model) if known else "",
        )

    def _weighable(self, question: Question, last: Try[Answer]) -> Answer:
        """An accepted answer with what its reliability is worked out of."""
        answer = cast("Answer", last.value)
        sure = last.completion.confidence if last.completion else None
        if sure is None and self._skills.agrees:
            asked = replace(question, attempt=len(last.earlier), earlier=last.earlier)
            sure = agreement(last.request, answer, self._skills.complete, lambda text: self._skills.read(text, asked))
        return replace(answer, confidence=sure, repaired=bool(last.earlier))

    def _instead(self, one: PendingDecision, why: str, fault: Fault | None, first: str = "") -> Reply:
        """The heuristics' answer where the user allowed it, on record; else the failure, with the ways out, `first`
        before all.
        """
        if self._fallback and not self._interrupted:
            reply = heuristics.ask([one])[0]
            if isinstance(reply, InputError):
                return reply
            if self.tally.ends.get(one.target) != "heuristics":
                self._tell(
                    f"{one.target}: still heuristics: the model `{self._decider.model}` did not answer: {why}".replace(
                        "\n", "\n  - "
                    )
                )
            self.tally.ends[one.target] = "heuristics"
            return reply[0], replace(reply[1], instead_of=self._decider.model)
        self.tally.ends[one.target] = ""
        if fault:
            self._faults[one.target] = fault
        return Unanswered(self._failure([one.target], why, fault, first))

    def _failure(self, targets: Sequence[str], why: str, fault: Fault | None, first: str = "") -> Error:
        """The error for questions without an answer. Its hint lists the ways out, `first` before all."""
        way = f"`kforge pin {targets[0] if len(targets) == 1 else 'TARGET'}`"
        hint = f"pin {'it' if len(targets) == 1 else 'them'} ({way}), keep what is locked (`kforge build --keep-stale`), or `--fallback heuristics`"
        if first or (fault and fault.hint):
            hint = f"{first or (fault.hint if fault else '')}; or {hint}"
        have = "has" if len(targets) == 1 else "have"
        problem = Problem(f"{named(targets)} {have} no answer from model `{self._decider.model}`: {why}", hint=hint)
        return (SORTS.get(fault.kind, WorldError) if fault else WorldError)((problem,))

    def _together(self, replies: dict[str, Reply]) -> dict[str, Reply]:
        """Questions that one fault stopped fail with one failure, which is told once."""
        alike: dict[tuple[str, str, str], list[str]] = {}
        for target, reply in replies.items():
            if isinstance(reply, Unanswered) and (fault := self._faults.get(target)):
                alike.setdefault((fault.kind, fault.message, fault.hint), []).append(target)
        for targets in alike.values():
            fault = self._faults[targets[0]]
            replies |= dict.fromkeys(sorted(targets), Unanswered(self._failure(sorted(targets), fault.message, fault)))
        return replies
