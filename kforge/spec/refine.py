"""A sentence about a service or one of its decisions → the spec's new text, and the decisions to ask again.

A sentence that no model would read is refused, with the field to pin in its place.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from kforge.domain.decision import Topic
from kforge.domain.spec.raw import Raw
from kforge.domain.spec.refinements import about, addressed, last
from kforge.domain.wishes.heard import asked_for
from kforge.domain.wishes.readings import readings
from kforge.errors import InputError
from kforge.spec.edit_list import append_item, drop_item
from kforge.spec.tolerant import listing, mapping, one_of

LONGEST = 2000  # characters of a sentence: what a prompt shows of one


@dataclass(frozen=True, slots=True)
class Refinement:
    """The text of the spec with the sentence, or without the last one, and the decision it concerns: `web/build`."""

    text: str
    targets: tuple[str, ...]


def refinement(raw: Raw, target: str, sentence: str, topics: Iterable[Topic]) -> Refinement:
    """The sentence added to its list; with none, the last one to the target is taken back.

    Raises InputError for an unknown target, for a sentence that is no line, and where no model would read it.
    """
    service, _, topic = target.partition("/")
    known = {each.name: each for each in topics}
    if service not in mapping(raw.data, "services"):
        raise InputError(
            f"there is no service `{service}`",
            raw.place(("services",)),
            one_of(service, mapping(raw.data, "services"), "there are"),
        )
    if (topic or target != service) and topic not in known:
        raise InputError(f"`{topic}` is not a decision", hint=one_of(topic, known, "decisions are"))
    decided = _decided(raw, known)
    path = ("services", service, "refine")
    said = [each for each in listing(raw.data, *path) if isinstance(each, str)]
    if not sentence:
        index = last(said, topic)
        if index is None:
            raise InputError(f"no sentence was given to `{target}`", raw.place(path), "there is nothing to undo")
        whose = about(said[index])[0]
        return Refinement(
            drop_item(raw.text, path, index, raw.file),
            tuple(f"{service}/{name}" for name in decided if whose in ("", name)),
        )
    kept = addressed(topic, sentence)
    whose = about(kept)[0]  # said to `web`, `probes: be patient` is for the probes alone
    readers = [name for name in decided if whose in ("", name)]
    if not readers:
        raise _unread(raw, service, whose, sentence, known)
    if len(sentence) > LONGEST or any(ord(char) < 32 for char in sentence):
        raise InputError(
            "the sentence has more than one line"
            if len(sentence) <= LONGEST
            else f"the sentence has more than {LONGEST} characters",
            hint="give one short sentence at a time",
        )
    return Refinement(append_item(raw.text, path, kept, raw.file), tuple(f"{service}/{name}" for name in readers))


def _decided(raw: Raw, known: Iterable[str]) -> list[str]:
    """Topics that a model decides, in order."""
    model = mapping(raw.data, "model")
    named = listing(raw.data, "model", "decides")
    return [name for name in known if model and (name in named or not named)]


def _unread(raw: Raw, service: str, topic: str, sentence: str, known: dict[str, Topic]) -> InputError:
    about = [known[topic]] if topic else list(known.values())
    fields = _meant(sentence, about)
    read = (asked_for(reading) for reading in readings(sentence) if topic in ("", reading.topic))
    pins = [
        f"`services.{service}.{found.pin}`" + (f" (`{command}`)" if (command := found.command(service)) else "")
        for found in read
        if found
    ]
    if pins:
        hint = f"pin what it asks for instead: {', '.join(pins)}"
    else:
        hint = f"pin the field instead: {', '.join(f'`services.{service}.{field}`' for field in fields)} (`kforge pin {service}/{fields[0].partition('.')[0]} …` writes what is settled)"
    if raw.data.get("model") is None:
        return InputError("no model would read this: the spec has no `model` block", hint=hint)
    whole = f"`{service}/{topic}` is settled by the heuristics: `model.decides` does not list `{topic}`"
    return InputError(whole, raw.place(("model", "decides")), hint)


def _meant(sentence: str, topics: Sequence[Topic]) -> list[str]:
    """Fields that the sentence seems to be about, best first; the first topic's otherwise."""
    words = {word.rstrip("s") for word in re.findall(r"[a-z]{3,}", sentence.lower())}
    scored = []
    for topic in topics:
        for name, meaning in topic.fields.items():
            own = {word.lower().rstrip("s") for word in re.findall(r"[A-Z]?[a-z]+", name)}
            far = {word.rstrip("s") for word in re.findall(r"[a-z]{4,}", meaning.lower())}
            scored.append((3 * len(words & own) + len(words & far), f"{topic.name}.{name}"))
    best = sorted((score, field) for score, field in scored if score > 0)
    ordered = [field for _, field in sorted(best, key=lambda item: (-item[0], item[1]))]
    return (ordered or [field for _, field in scored])[:4]
