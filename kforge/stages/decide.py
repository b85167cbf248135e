"""Plan → Decisions. Unaware of who decides: a pin, a lock, a model, a test's lambda.

Topics are settled one after the other, each for every service, so a topic may read what earlier ones settled, of its
own service and of others, and no circle can arise. The open questions of one topic depend on nothing but earlier
topics, so they are asked together.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from kforge.deciders.staleness import Standing, standing
from kforge.domain.decider import MODEL
from kforge.domain.decision import Decision, Topic
from kforge.domain.edges import Links
from kforge.domain.facts import NOTHING
from kforge.domain.lock import Lock, LockedDecision
from kforge.domain.model.pending_decision import Ask, PendingDecision, Unanswered
from kforge.domain.spec.pins import leaves, pins
from kforge.domain.spec_links import links_of
from kforge.domain.topic_names import BUILD
from kforge.domain.view import View
from kforge.domain.world import World
from kforge.errors import Error, InputError, Problem
from kforge.stages.claims import UNSHOWN, claim
from kforge.stages.inputs import Inputs
from kforge.stages.pinned_bases import standing_images
from kforge.stages.rival_answers import chosen
from kforge.stages.settle import apart, beyond_limits, by_model, settled_decision
from kforge.stages.weighing import weigh

if TYPE_CHECKING:
    from kforge.domain.model.question import Question


@dataclass(frozen=True, slots=True)
class DecideOptions:
    """What the user says of answers that stand: targets to ask again, stale ones to keep, ones the rules refuse."""

    upgrade: Callable[[str], bool] = lambda target: False  # outdated answers, and heuristics' where a model decides
    decides: frozenset[str] = frozenset()  # topics that the spec leaves to a model
    again: Callable[[str], bool] = lambda target: False
    keep_stale: bool = False
    complaints: Mapping[str, str] = field(default_factory=dict)  # target → what the rules found
    spared: frozenset[str] = frozenset()  # services whose facts an older detector read: its answers cannot be repeated
    moved: frozenset[str] = frozenset()  # targets of answers to other facts than today's, where the service is spared
    # targets of answers that nothing shows, of an older kforge by their own account
    doubted: frozenset[str] = frozenset()
    images: Mapping[str, Mapping[str, str]] = field(
        default_factory=dict
    )  # service → base image → what is to stand there
    least: int = 0  # reliability below which the heuristics' answer stands in place of a model's


@dataclass(slots=True)
class Settled:
    """Every decision, the values that artifacts read, and what each question read (also where none was posed)."""

    decisions: dict[tuple[str, str], Decision] = field(default_factory=dict)
    values: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    reads: dict[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)

    def reasons(self) -> dict[str, dict[str, str]]:
        """By service: the reason of each field that is not pinned, under `topic.field`."""
        found: dict[str, dict[str, str]] = {}
        for (service, topic), decision in self.decisions.items():
            value, answer = decision.value, decision.locked
            open_ = {name: why for name, why in decision.reasons.items() if value.get(name) == answer.get(name)}
            found.setdefault(service, {}).update({f"{topic}.{name}": why for name, why in open_.items()})
        return found


def decide(
    world: World, topics: Collection[Topic], lock: Lock, ask: Ask, wishes: DecideOptions = DecideOptions()
) -> Settled:
    """Settle every topic of every service, one topic after the other.

    Raises what kept questions unanswered, with a problem for each, and InputError for those only the user can answer.
    """
    settled = Settled()
    inputs = Inputs(world.raw, world.facts, settled.values)
    links = links_of(world.spec, world.facts)
    problems: list[Problem] = []
    unanswered: list[Error] = []
    failed: set[str] = set()  # one unanswered question a service is enough: what reads it would only fail again
    for topic in topics:
        for names in _waves(topic, sorted(world.spec.services.keys() - failed), links):
            standing_by = []
            for service in names:
                view = View(
                    world.spec,
                    world.facts,
                    settled.values,
                    service,
                    may_read=topic.after.__contains__,
                    links=links,
                    languages=world.languages,
                )
                applies = topic.applies(view)
                settled.reads[service, topic.name] = tuple(view.reads)
                if applies:
                    standing_by.append(_looked_at(world, topic, view, lock, wishes, inputs))
            wanted = [one for one, verdict in standing_by if one.state]
            replies = dict(zip((one.target for one in wanted), ask(wanted) if wanted else (), strict=True))
            for one, verdict in standing_by:
                reply = replies.get(one.target)
                kept = ""
                if isinstance(reply, Unanswered):
                    if not wishes.keep_stale or not _whole(one) or verdict.fault or not _within(world, one):
                        unanswered.append(reply.error)
                        continue
                    kept, reply = reply.error.problems[0].message, None  # its inputs keep saying that it is stale
                if isinstance(reply, InputError):
                    where = world.place(("services", one.view.service, "source"))
                    problems.extend(item if item.where else item.at(where) for item in reply.problems)
                    failed.add(one.view.service)
                    continue
                weighed = None
                if reply is not None and reply[1].by == MODEL:
                    reply, weighed = weigh(apart(world, one), reply, lock, world.raw, wishes.least)
                decision = settled_decision(world, one, verdict, reply, inputs, weighed)
                if topic.name == BUILD:
                    fresh = wishes.images.get(one.view.service, {})
                    decision = replace(decision, images=standing_images(one.view.again(), decision, fresh))
                _keep(settled, replace(decision, kept=kept) if kept else decision)
            inputs.forget(topic.name)
        if unanswered:
            raise type(unanswered[0])(tuple(dict.fromkeys(item for error in unanswered for item in error.problems)))
    if problems:
        raise InputError(tuple(problems))
    return settled


def _waves(topic: Topic, services: list[str], links: Links) -> list[list[str]]:
    """Services to be asked about together: where a topic follows, those that build from another's folder come after it."""
    if not topic.follows:
        return [services]
    first = [name for name in services if links.sharers(name)[0] == name]
    return [first, [name for name in services if name not in set(first)]]


def _keep(settled: Settled, decision: Decision) -> None:
    key = (decision.service, decision.topic)
    settled.decisions[key] = decision
    settled.values[key] = {**decision.value, "images": dict(decision.images)} if decision.images else {**decision.value}
    settled.reads[key] = tuple(decision.inputs)


def _looked_at(
    world: World, topic: Topic, view: View, lock: Lock, wishes: DecideOptions, inputs: Inputs
) -> tuple[PendingDecision, Standing]:
    """A question and how its locked answer stands; `state` is "" where nothing need be asked."""
    pinned = pins(world.raw["services"][view.service], topic.name)
    locked = lock.decision(view.service, topic.name)
    target = f"{view.service}/{topic.name}"
    facts, excerpt = world.facts.get(view.service, NOTHING), partial(world.excerpt, view.service)
    one = PendingDecision(
        topic,
        view,
        pinned,
        locked,
        "",
        wishes.complaints.get(target, ""),
        facts,
        excerpt,
        (),
        world.files(view.service),
    )
    if locked is None:
        return replace(one, state="open"), Standing("open")
    verdict = _standing(world, one, locked, wishes, inputs)
    if rival := lock.rivals.get(target):
        locked, verdict = chosen((locked, verdict), (rival, _standing(world, one, rival, wishes, inputs)), pinned)
        one = replace(one, locked=locked)
    state = ""
    if verdict.state == "stale":
        state = "stale"
    elif wishes.complaints.get(target):
        state = "rejected"
    elif wishes.again(target) or (wishes.upgrade(target) and _may_rise(verdict, locked, topic, wishes)):
        state = "asked"
    elif not _whole(one):
        state = "unpinned"  # only the field that a pin held is open; the rest of the locked answer stays
    return replace(one, state=state), verdict


def _standing(
    world: World, one: PendingDecision, locked: LockedDecision, wishes: DecideOptions, inputs: Inputs
) -> Standing:
    """How an answer to the question stands, what it claims of itself included."""
    verdict = standing(locked, inputs.digests(one.view.service, locked.inputs), one.topic.revision)
    if verdict.state == "stale":
        return verdict
    return _judged(world, replace(one, locked=locked), verdict, wishes, inputs)


def _judged(world: World, one: PendingDecision, verdict: Standing, wishes: DecideOptions, inputs: Inputs) -> Standing:
    """A standing with what the lock claims held against the world. Looks through a window of its own: it is no input."""
    service = one.view.service
    asked = apart(world, one)
    if not one.topic.applies(asked.view):
        return verdict
    older = verdict.state == "outdated" or service in wishes.spared
    judged = claim(asked, wishes.decides, older, lambda name: inputs.digest(service, name), beyond_limits, _choices)
    if one.target in wishes.moved and by_model(one):  # nothing can say what it would answer to today's
        judged = replace(judged, proven=False)
    fault = judged.fault or (UNSHOWN if one.target in wishes.doubted and not judged.proven else "")
    return Standing("stale", fault=fault) if fault else replace(verdict, proven=judged.proven, reads=judged.reads)


def _within(world: World, one: PendingDecision) -> bool:
    """Whether a stale answer is one that may be kept."""
    from kforge.llm.locked_answer import stale_faults  # as below

    try:
        return one.locked is None or not any(stale_faults(apart(world, one).question(), one.locked))
    except InputError:
        return False


def _choices(question: Question) -> object:
    from kforge.llm.answer_schema import asked_fields  # as above

    return asked_fields(question)


def _whole(one: PendingDecision) -> bool:
    """Whether the locked answer has every field. One that was pinned when it was given, and is not now, is missing."""
    return one.locked is not None and not set(one.locked.pinned) - set(leaves(one.pinned))


def _may_rise(verdict: Standing, locked: LockedDecision, topic: Topic, wishes: DecideOptions) -> bool:
    """Whether an upgrade asks again: an outdated answer, or the heuristics' where the spec now names a model."""
    return verdict.state == "outdated" or (topic.name in wishes.decides and locked.decider.by != MODEL)
