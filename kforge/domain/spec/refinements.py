"""The sentences of `refine`: each is about the whole service, or, as `build: …`, about one decision alone.

A sentence about one decision is no input of the others, so it asks nothing else again.
"""

from __future__ import annotations

from collections.abc import Sequence

from kforge.domain.topic_names import TOPIC_NAMES


def about(sentence: str) -> tuple[str, str]:
    """The topic that a sentence is about, "" for all, and what it says."""
    topic, colon, rest = sentence.partition(":")
    return (topic, rest.strip()) if colon and topic in TOPIC_NAMES and rest[:1] == " " else ("", sentence)


def concerning(sentences: Sequence[str], topic: str) -> list[str]:
    """What is said to a topic, in order."""
    return [said for whose, said in map(about, sentences) if whose in ("", topic)]


def alone(sentences: Sequence[str], topic: str) -> list[str]:
    """What is said to a topic and to no other, in order."""
    return [said for whose, said in map(about, sentences) if whose == topic]


def addressed(topic: str, sentence: str) -> str:
    """A sentence as the spec keeps it."""
    return f"{topic}: {sentence}" if topic else sentence


def last(sentences: Sequence[str], topic: str) -> int | None:
    """Index of the last sentence to a topic alone; of the very last one for "". None where there is none."""
    found = [index for index, sentence in enumerate(sentences) if not topic or about(sentence)[0] == topic]
    return found[-1] if found else None
