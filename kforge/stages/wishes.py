"""Spec + settled values → what owners wish of their services, each with its place, for the rule that holds the two together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kforge.domain.spec.raw import Path
from kforge.domain.spec.refinements import about
from kforge.domain.topic_names import TOPIC_NAMES
from kforge.domain.wishes.heard import Wish
from kforge.domain.world import World


def wishes(world: World, values: Mapping[tuple[str, str], Mapping[str, Any]]) -> tuple[Wish, ...]:
    """Requirements first, then refinements in their order, by service."""
    return tuple(
        Wish(
            service=name,
            topic=topic,
            text=text,
            where=world.place(path),
            settled={each: values[name, each] for each in TOPIC_NAMES if (name, each) in values},
            replicas=service.scale.min if service.scale else 1,
        )
        for name, service in sorted(world.spec.services.items())
        for path, topic, text in _said(name, service.requirements, service.refine)
    )


def _said(name: str, requirements: str | None, refinements: list[str]) -> Iterator[tuple[Path, str, str]]:
    """Place, topic and words of every sentence."""
    if requirements:
        yield ("services", name, "requirements"), "", requirements
    for number, sentence in enumerate(refinements):
        topic, said = about(sentence)
        yield ("services", name, "refine", number), topic, said
