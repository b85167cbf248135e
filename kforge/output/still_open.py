"""Outcome → what must still be said before its services can run: the last lines of a build, where they are read.

Each of these is a finding or a decision already, with its place. This list stands where a reader looks last.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from kforge.domain.approval import standing
from kforge.domain.commands.read_command import read
from kforge.domain.decider import PROPOSAL
from kforge.domain.kubernetes.objects import WORKLOADS
from kforge.domain.near_words import listed
from kforge.domain.topic_names import PROBES, PROCESS
from kforge.output.grouped_findings import UNSET, service, variable

if TYPE_CHECKING:
    from kforge.domain.facts import Facts
    from kforge.outcome import Outcome

PLACEHOLDER, CONFIG = "image-placeholder", "missing-config-file"  # of `rules/images.py`, `rules/wiring_config_file.py`
DOUBT = "source-doubt"  # of `rules/source_state.py`


def still_open(outcome: Outcome) -> list[str]:
    """One line a lack: variables that nothing sets, a port or probe that is missing or that nothing reaches, a registry
    that is none, a person's word for what was proposed.
    """
    ports = (*_ports(outcome), *_local(outcome), *_probes(outcome))
    waiting = (*_proposals(outcome), *_unreliable(outcome))
    return [*_variables(outcome), *_files(outcome), *ports, *_registry(outcome), *waiting]


def _proposals(outcome: Outcome) -> Iterator[str]:
    """Services with decisions that are proposals and wait for approval."""
    waiting: dict[str, list[str]] = {}
    for (name, topic), decision in sorted(outcome.settled.decisions.items()):
        if decision.decider.by == PROPOSAL.by and standing(decision.record()) == "open":
            waiting.setdefault(name, []).append(topic)
    for name, topics in waiting.items():
        is_one = "is a proposal" if len(topics) == 1 else "are proposals"
        yield f"{name}: {listed(topics)} {is_one}, since no detector reads its source: `kforge approve {name}` once you have looked"


def _unreliable(outcome: Outcome) -> Iterator[str]:
    """Decisions that wait for a person since a model made them less reliably than the spec asks."""
    for target, decision in outcome.unreliable:
        weighed = f"reliability {decision.reliability}" if decision.reliability else "its reliability is not on record"
        yield f"{target}: {weighed}: `kforge approve {target}` once you have looked, or pin it"


def _variables(outcome: Outcome) -> Iterator[str]:
    """Services that lack the same variables share a line."""
    lacking: dict[str, set[str]] = {}
    for item in outcome.findings:
        if item.rule == UNSET:
            lacking.setdefault(service(item), set()).add(variable(item))
    alike: dict[tuple[str, ...], list[str]] = {}
    for name, variables in sorted(lacking.items()):
        alike.setdefault(tuple(sorted(variables)), []).append(name)
    for common, names in alike.items():
        needs = "needs" if len(names) == 1 else "need"
        yield f"{listed(names)} {needs} {listed(common)}: set under `env` or `secrets`"


def _files(outcome: Outcome) -> Iterator[str]:
    for item in outcome.findings:
        if item.rule == CONFIG:
            yield f"`{service(item)}` needs the file `{item.message.split('`')[1]}`: write it under `config`"


def _ports(outcome: Outcome) -> Iterator[str]:
    """Services that answer requests, by their routes or by `expose`, and are not known to listen."""
    spec, facts = outcome.loaded.world.spec, outcome.loaded.world.facts
    for name, one in sorted(spec.services.items()):
        process = outcome.settled.decisions.get((name, PROCESS))
        if process is None or _beside(process.value.get("command"), facts.get(name)):
            continue
        found = facts.get(name)
        own = found is not None and (found.health or found.exposed_by) and _main(process.value.get("command"))
        serves = one.expose is not None or own
        if serves and not process.value.get("ports") and one.ports is None and not (one.job or one.schedule):
            yield _portless(name, found)


def _local(outcome: Outcome) -> Iterator[str]:
    """Services whose code listens for their own pod alone: no probe of theirs succeeds."""
    for item in outcome.findings:
        process = outcome.settled.decisions.get((service(item), PROCESS))
        listens = process is not None and process.value.get("ports")
        if item.rule == DOUBT and listens and "of localhost only" in item.message:
            yield f"`{service(item)}` {item.message}"


def _portless(name: str, facts: Facts | None) -> str:
    if facts is None or not facts.exposed_by:
        return f"`{name}` serves requests, and no port is known: pin `services.{name}.port`"
    told = facts.exposed_by[0]
    return f"`{name}` listens where `{told.value}` says{told.where}, and nothing sets it: write it under `services.{name}.env`"


def _main(words: list[str] | None) -> bool:
    """Whether a command is what answers the source's routes, and not work beside it."""
    return words is None or not (read(words).portless or read(words).aside)


def _probes(outcome: Outcome) -> Iterator[str]:
    """Services that listen and are never asked whether they can serve."""
    for (name, topic), decision in sorted(outcome.settled.decisions.items()):
        process = outcome.settled.decisions.get((name, PROCESS))
        ready = decision.value.get("readiness") if topic == PROBES else None
        asked = ready and (ready.get("type") != "none" or "readiness" in decision.pinned)
        if ready and not asked and process and process.value.get("ports"):
            yield f"`{name}` listens, and nothing asks whether it is ready: pin `services.{name}.probes.readiness`"


def _registry(outcome: Outcome) -> Iterator[str]:
    if _homeless(outcome):
        yield "no `registry` is named, so a cluster cannot pull what is built here: write yours, or load the images into its nodes"
    found = sorted({item.message.split("`")[1] for item in outcome.findings if item.rule == PLACEHOLDER})
    for name in found:
        yield f"`{name}` is no registry: write yours as `registry`, or no cluster can pull the images"


def _homeless(outcome: Outcome) -> bool:
    """Whether images that are built here run somewhere, and no registry holds them."""
    spec = outcome.loaded.world.spec
    registries = [block.registry for block in spec.environments.values()] or [None]
    built = {name for name, service in spec.services.items() if service.source}
    runs = any(item.service in built for item in outcome.documents[""].objects(*WORKLOADS))
    return runs and spec.registry is None and not all(registries)


def _beside(words: list[str] | None, facts: Facts | None) -> bool:
    """Whether a command is a program that is built beside the one that answers the source's routes."""
    starts = [each[0] for each in facts.value("start")] if facts else []
    return bool(words and words[0] in starts[1:] and words[0] != starts[0])
