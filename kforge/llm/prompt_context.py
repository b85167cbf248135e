"""Question → what its prompt shows: values through the view, by topic; lines of the source that show the facts.

Every value that is shown is read through the view, and so is an input of the decision. Places and excerpts only
explain: a line that moves asks nothing again. Nothing leaves here before credentials and unseen characters are out.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from kforge.domain.facts import Fact
from kforge.domain.invisible_chars import line, visible
from kforge.domain.secrets.redact import redact, redacted
from kforge.domain.topic_names import BUILD, PROBES, PROCESS, RESOURCES, ROLLOUT

if TYPE_CHECKING:
    from kforge.domain.model.question import Question

_RUNS = ("spec.image", "facts.language", "facts.framework", "facts.dependencies")
# Topic → names as a view records them, what matters most first: lines of the source are shown in the same order.
SHOWN: Mapping[str, tuple[str, ...]] = {
    BUILD: (
        "facts.language", "facts.version", "facts.package_manager", "facts.framework", "facts.build", "facts.output",
        "facts.manifests", "facts.lockfile", "facts.packages", "facts.build_packages", "facts.webserver", "facts.dependencies",
    ),
    PROCESS: (
        "spec.image", "spec.schedule", "spec.job", "facts.start", "facts.ports", "facts.writable", "facts.env", "facts.language",
        "facts.framework", "facts.dependencies", "facts.dockerfile", "spec.volumes", "decisions.build.recipe", "decisions.build.runtime",
    ),
    PROBES: (
        "facts.health", "facts.ports", *_RUNS, "spec.volumes", "decisions.build.recipe", "decisions.process.ports",
    ),
    RESOURCES: (*_RUNS, "facts.start", "spec.command", "spec.schedule", "spec.job", "spec.scale", "spec.volumes", "decisions.build.recipe", "decisions.build.runtime"),
    ROLLOUT: (*_RUNS, "facts.start", "spec.command", "spec.schedule", "spec.job", "spec.scale", "spec.volumes", "decisions.build.recipe", "decisions.process.ports"),
}  # fmt: skip
EXCERPTS, EXCERPT_LINES, LINE, AROUND = 12, 40, 200, 6
_VALUE = 1200  # characters of one value
_ITEMS = 60
_WISHES, _WISH = 30, 2000
_MADE = ("?*.lock", "*.min.?*")  # files that a tool wrote, lock files of languages besides


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Consecutive lines of a file, numbered as in it."""

    file: str
    lines: tuple[str, ...]


def names(question: Question) -> tuple[str, ...]:
    """What the topic's prompt shows; for a topic that is not listed, what its heuristics read."""
    listed = SHOWN.get(question.topic.name)
    if listed is not None:
        return listed
    return tuple(name for name in question.view.reads if name.startswith(("spec.", "facts.", "decisions.")))


def wishes(question: Question) -> list[str]:
    """The service's requirements, then its refinements, each a text on one line."""
    view = question.view
    texts = [view.spec("requirements") or "", *view.refinements(question.topic.name)]
    return [line(redact(text), _WISH) for text in texts if text.strip()][:_WISHES]


def spec(question: Question) -> list[tuple[str, str]]:
    """The service's slice of the spec, as JSON: what is not set is left out."""
    view = question.view
    held = [("app", view.app("description"))]
    held += [(name, view.spec(name.partition(".")[2])) for name in names(question) if name.startswith("spec.")]
    return [
        (name.partition(".")[2] or "description", encoded(value))
        for name, value in held
        if value not in (None, "", [], {}, False)
    ]


def decided(question: Question) -> list[tuple[str, str]]:
    """Earlier decisions of this service, as JSON."""
    held = []
    for name in names(question):
        if name.startswith("decisions."):
            _, topic, field = name.split(".")
            held.append((f"{topic}.{field}", question.view.decided(topic, field)))
    return [(name, encoded(value)) for name, value in held if value is not None]


def facts(question: Question) -> list[tuple[str, str, str]]:
    """Name, value as JSON and places of every fact that is there; those with several values have one entry each."""
    shown = []
    for name in _facts(question):
        value = question.view.fact(name)
        if value in (None, []):
            continue
        places = [_places(fact) for fact in _many(question, name)]
        if isinstance(value, list) and value and not isinstance(value[0], str):
            shown += [
                (name, encoded(item), place)
                for item, place in zip(value[:12], [*places, *[""] * len(value)], strict=False)
            ]
        else:
            shown.append((name, encoded(value), places[0] if len(places) == 1 else ""))
    return shown


def excerpts(question: Question) -> list[Excerpt]:
    """The lines that show the facts, each with what stands around it; windows that touch are one."""
    wanted: dict[str, list[tuple[int, int]]] = {}
    for file, at in _seen(question):
        windows = wanted.setdefault(file, [])
        first, last = max(1, at - AROUND), (at or 1) + AROUND
        near = next((index for index, (low, high) in enumerate(windows) if first <= high + 1 and last >= low - 1), None)
        if near is not None:
            low, high = min(windows[near][0], first), max(windows[near][1], last)
            if high - low < EXCERPT_LINES:
                windows[near] = (low, high)
        elif sum(map(len, wanted.values())) < EXCERPTS:
            windows.append((first, last))
    found = (_excerpt(question, file, first, last) for file in wanted for first, last in sorted(wanted[file]))
    return [excerpt for excerpt in found if excerpt.lines]


def encoded(value: Any) -> str:
    """A value as one line of JSON: redacted, everything in it visible, bounded."""
    plain = _shortened(redacted(_plain(value)))
    text = json.dumps(plain, ensure_ascii=False)
    return visible(text if len(text) <= _VALUE else f"{text[:_VALUE]}…")


# ---- parts ----------------------------------------------------------------------------------------------------
def _facts(question: Question) -> Iterator[str]:
    return (name.partition(".")[2] for name in names(question) if name.startswith("facts."))


def _many(question: Question, name: str) -> tuple[Fact, ...]:
    held = getattr(question.facts, name, None)
    return held if isinstance(held, tuple) else (held,) if isinstance(held, Fact) else ()


def _places(fact: Fact) -> str:
    return line(redact(", ".join(str(place) for place in fact.evidence[:3])), LINE)


def _seen(question: Question) -> Iterator[tuple[str, int]]:
    """Places of the facts that are shown, once each, the most telling first."""
    known = (place for name in _facts(question) for fact in _many(question, name) for place in fact.evidence)
    return iter(dict.fromkeys((place.file, place.line) for place in known if not is_made(question, place.file)))


def is_made(question: Question, file: str) -> bool:
    """Whether a tool wrote a file, by its name: its lines say nothing that the facts do not."""
    made = (*_MADE, *(pattern for language in question.view.languages for pattern in language.lock_files))
    name = file.rpartition("/")[2]
    return any(fnmatchcase(name, pattern) for pattern in made)


def _excerpt(question: Question, file: str, first: int, last: int) -> Excerpt:
    # From the first line on, so that a key which began above is seen to be one.
    rows = redact(question.excerpt(file, 1, last), file).split("\n")[:last]
    width = len(str(last))
    lines = tuple(
        f"{number:>{width}} | {visible(row)[:LINE]}".rstrip() for number, row in enumerate(rows, 1) if number >= first
    )
    return Excerpt(line(redact(file), LINE), lines if any(row.strip() for row in rows[first - 1 :]) else ())


def _plain(value: Any) -> Any:
    """Plain data of what a view shows: the spec's models without what is not set."""
    if hasattr(value, "model_dump"):
        return value.model_dump(mode="json", by_alias=True, exclude_none=True)
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, (list, tuple)) else value


def _shortened(value: Any) -> Any:
    if isinstance(value, list):
        more = [f"… and {len(value) - _ITEMS} more"] if len(value) > _ITEMS else []
        return [*map(_shortened, value[:_ITEMS]), *more]
    if isinstance(value, dict):
        return {key: _shortened(item) for key, item in value.items()}
    return line(value, LINE) if isinstance(value, str) else value
