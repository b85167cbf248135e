"""Outcome and service → what it will be, in one line: language, command, ports, probe, memory."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from kforge.domain.topic_names import PROBES, PROCESS, RESOURCES
from kforge.output.value_words import words

if TYPE_CHECKING:
    from kforge.outcome import Outcome


def service_summary(outcome: Outcome, service: str) -> str:
    """`node, express: node server.js, 3000 http, GET /readyz, 128Mi`."""
    what = ", ".join(_what(outcome, service))
    settled = ", ".join(_settled(outcome, service))
    return ": ".join(part for part in (what, settled) if part)


def _what(outcome: Outcome, service: str) -> Iterator[str]:
    facts, spec = outcome.loaded.world.facts.get(service), outcome.loaded.world.spec.services[service]
    if spec.image:
        yield spec.image
    for name in ("language", "framework"):
        if facts and (value := facts.value(name)):
            yield str(value)


def _settled(outcome: Outcome, service: str) -> Iterator[str]:
    values = outcome.settled.values
    process, probes, resources = (values.get((service, topic), {}) for topic in (PROCESS, PROBES, RESOURCES))
    if command := process.get("command"):
        yield f"`{words(command)}`"
    if schedule := outcome.loaded.world.spec.services[service].schedule:
        yield f"at `{schedule}`"
    if ports := process.get("ports"):
        yield " and ".join(map(words, ports))
    readiness = probes.get("readiness") or {}
    if readiness.get("type") in ("http", "grpc"):
        yield words(readiness)
    if memory := resources.get("memory"):
        yield str(memory)
