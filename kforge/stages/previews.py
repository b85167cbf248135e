"""A run that asked no model → the questions that a build would put to one, and inputs by the names that the lock has of
them.

The heuristics stand in for the model: what is shown of such a decision, and of the files that it goes into, is a
preview. They read less than a model does, and a name that only one of them reads is no change.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from functools import partial

from kforge.domain.decider import HEURISTICS, PROPOSAL
from kforge.domain.decision import Topic
from kforge.domain.edges import Links
from kforge.domain.facts import NOTHING
from kforge.domain.lock import Lock
from kforge.domain.model.pending_decision import PendingDecision
from kforge.domain.spec.pins import pins
from kforge.domain.spec_links import links_of
from kforge.domain.view import View
from kforge.domain.world import World
from kforge.stages.decide import Settled

_STANDS = ("locked", "outdated", "pinned")
InputDigests = Callable[[str, Iterable[str]], dict[str, str]]  # service, names of inputs → their digests today


def previews(world: World, topics: Collection[Topic], settled: Settled) -> tuple[str, ...]:
    """Targets that the heuristics answered in a model's place, in order."""
    return _heuristics(world, topics, settled, lambda state: state not in _STANDS)


def untouched(world: World, topics: Collection[Topic], settled: Settled) -> tuple[str, ...]:
    """Targets that the spec leaves to a model and the heuristics settled before: they stand until an upgrade hands them
    over.
    """
    return _heuristics(world, topics, settled, lambda state: state in ("locked", "outdated"))


def _heuristics(
    world: World, topics: Collection[Topic], settled: Settled, wanted: Callable[[str], bool]
) -> tuple[str, ...]:
    decides = frozenset(world.spec.model.decides) if world.spec.model else frozenset[str]()
    if not decides:
        return ()
    from kforge.llm.small_question import for_model  # brings the types of pins; a spec without a model needs none

    links, by_name = links_of(world.spec, world.facts), {topic.name: topic for topic in topics}
    found = [
        key
        for key, one in sorted(settled.decisions.items())
        if wanted(one.state) and one.decider in (HEURISTICS, PROPOSAL) and key[1] in decides
    ]
    opened = [_opened(world, by_name[topic], settled, service, links) for service, topic in found]
    return tuple(one.target for one in opened if for_model(decides, one))


def _opened(world: World, topic: Topic, settled: Settled, service: str, links: Links) -> PendingDecision:
    view = View(
        world.spec,
        world.facts,
        settled.values,
        service,
        may_read=topic.after.__contains__,
        links=links,
        languages=world.languages,
    )
    return PendingDecision(
        topic,
        view,
        pins(world.raw["services"][service], topic.name),
        None,
        "open",
        facts=world.facts.get(service, NOTHING),
        excerpt=partial(world.excerpt, service),
        readable=world.files(service),
    )


def as_locked(old: Lock, new: Lock, digests: InputDigests) -> Lock:
    """The new lock; a decision with another decider than before keeps the inputs that the old answer had read."""
    services = {}
    for service, held in new.services.items():
        decisions = dict(held.decisions)
        for topic, now in held.decisions.items():
            was = old.decision(service, topic)
            if was and was.decider != now.decider:
                decisions[topic] = replace(now, inputs=digests(service, was.inputs))
        services[service] = replace(held, decisions=decisions)
    return replace(new, services=services)
