"""Outcome and service → what it will be, in one line: language, command, ports, probe, memory."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from kforge.domain.framework_titles import framework_title
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
    if image := outcome.loaded.world.spec.services[service].image:
        yield image
    yield from source_words(outcome, service)


def source_words(outcome: Outcome, service: str) -> list[str]:
    """Language and framework of a service's source, as their authors write them: `Python`, `FastAPI`."""
    facts = outcome.loaded.world.facts.get(service)
    if facts is None:
        return []
    language = outcome.loaded.world.languages.named(facts.value("language"))
    framework = framework_title(facts.value("framework") or "")
    return [word for word in (language.title if language else "", framework) if word]


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
