"""A service, an environment, or all that can be asked for → one screen."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any

from kforge.domain.document import pod_spec
from kforge.domain.origin import paths_of
from kforge.domain.spec.raw import dotted
from kforge.domain.topic_names import BUILD, PROBES, PROCESS, RESOURCES, ROLLOUT
from kforge.explanations.environment_changes import ADDED, REMOVED, EnvironmentChange
from kforge.explanations.explainer import Explainer
from kforge.output.explained import ExplainedText
from kforge.output.layout import Line, Part, Span, Table, rows
from kforge.output.service_summary import source_words
from kforge.output.text import count
from kforge.output.value_words import words

# What tells most of a decision; the others are a question away.
HEADLINES = {
    BUILD: ("recipe", "base", "runtime"),
    PROCESS: ("command", "ports", "user"),
    PROBES: ("readiness", "liveness", "startup"),
    RESOURCES: ("memory", "cpu"),
    ROLLOUT: ("strategy", "gracePeriod", "deadline", "retries"),
}


def service_screen(known: Explainer, name: str, text: ExplainedText) -> tuple[Part, ...]:
    """The decisions of a service with their values and reasons, what the spec says of it, and where its files are."""
    block = known.raw.dig(("services", name))
    made_of = ", ".join((text.value(known.source(name)), *_read_off(known, name)))
    place = text.place(known.raw.key_place(("services", name)))
    title = Line((Span(name, "name"), Span(f"  {made_of}  "), Span(place, "dim")))
    table = Table(rows(*_decisions(known, name, text), styles=("name",)), ("FIELD", "VALUE", "WHY"))
    keys = [key for key in (block if isinstance(block, dict) else ()) if key not in ("source", "image")]
    files = sorted(path for path, file in known.outcome.files.items() if file.service == name)
    environments = [each for each in known.environments if known.said(("environments", each, "services", name))]
    told = [
        ("the spec says", ", ".join(keys)),
        ("changed in", ", ".join(environments)),
        ("files", f"{len(files)}, among them {_main_files(files)}" if files else ""),
    ]
    return title, table, Table(rows(*((label, value) for label, value in told if value), styles=("dim",)))


def _read_off(known: Explainer, name: str) -> list[str]:
    """Language and framework of a source."""
    return source_words(known.outcome, name)


def _main_files(files: list[str]) -> str:
    """The workload and the Dockerfile, or the first."""
    names = ("Dockerfile", "deployment.yaml", "statefulset.yaml", "job.yaml", "cronjob.yaml")
    found = [path for path in files if path.endswith(names) and "overlays" not in path and "rendered" not in path]
    return " and ".join((found or files)[:2])


def _decisions(known: Explainer, name: str, text: ExplainedText) -> Iterator[tuple[str, str, str]]:
    """The main fields of each decision; a field that says what the one before says is left out."""
    for topic, fields in HEADLINES.items():
        decision = known.decisions.get((name, topic))
        seen = set[str]()
        reason = ""
        for field in fields:
            if decision is None or field not in decision.value:
                continue
            every = known.decision(f"{name}/{topic}", field)
            value = _short(decision.value[field], field)
            if value not in seen:
                seen.add(value)
                why = text.reason(every)
                yield f"{topic}.{field}", words(value, 80), "" if why == reason else why
                reason = why


def _short(value: Any, field: str) -> str:
    """A value in few words: of a probe what it asks, and how often."""
    if not (isinstance(value, Mapping) and "type" in value and "period" in value):
        return f"{words(value, 0, field)}{' s' if field in ('gracePeriod', 'deadline') else ''}"
    port = value.get("port")
    how = {
        "http": f"GET {value.get('path')} on {port}",
        "tcp": f"connects to {port}",
        "grpc": f"asks gRPC health on {port}",
    }
    asked = how.get(str(value["type"]), words(value.get("command") or value["type"], 0, "command"))
    return f"{asked}, every {value['period']} s"


def environment_screen(
    known: Explainer, environment: str, changes: Sequence[EnvironmentChange], text: ExplainedText, service: str = ""
) -> Sequence[Part]:
    """What an environment changes, from what to what, and the line that says so."""
    place = text.place(known.raw.key_place(("environments", environment)))
    what = f" of `{service}`" if service else ""
    lines, number = list[Line](), 0
    for why, held in groupby(
        sorted(changes, key=lambda each: _rank(known, each)), key=lambda each: _why(known, each, text)
    ):
        lines += [Line(), Line.of(why)]
        for (targets, how), same in groupby(held, key=lambda each: (_targets(each), _how(each))):
            fields = ", ".join(each.field for each in map(_near, same) if each.field)
            lines.append(Line((Span(targets, "name"), Span(f" {fields}" if fields else ""), Span(f"  {how}")), 2))
            number += 1
    told = f"  changes {count(number, 'thing') if number else 'nothing'}{what}  "
    return [Line((Span(environment, "name"), Span(told), Span(place, "dim"))), *lines]


def _rank(known: Explainer, change: EnvironmentChange) -> tuple[int, int, str]:
    """In the order of the spec's lines."""
    place = known.raw.place(change.causes[0]) if change.causes else change.explained.where
    return (place.line, place.column, _targets(change)) if place else (0, 0, _targets(change))


def _targets(change: EnvironmentChange) -> str:
    return ", ".join(change.targets) if len(change.targets) <= 3 else f"{len(change.targets)} objects"


def _near(change: EnvironmentChange) -> EnvironmentChange:
    """With the field as `explain` understands it below the object: without the container."""
    return replace(change, field=re.sub(r"^containers\[name=[^\]]*\]\.", "", change.field))


def _how(change: EnvironmentChange) -> str:
    if change.before in (ADDED, REMOVED):
        return str(change.before)
    before, after = (words(value, 60, change.field) for value in (change.before, change.after))
    return f"{before} → {after}"


def _why(known: Explainer, change: EnvironmentChange, text: ExplainedText) -> str:
    """The line of the spec behind a change, and the key that it has."""
    item = change.explained
    if change.causes:
        return f"{text.place(known.raw.place(change.causes[0]))} {_own_key(dotted(change.causes[0]))}"
    if item.where is None:
        return item.note or text.sentence(item)
    return f"{text.place(item.where)} {_own_key(item.why)}"


def _own_key(key: str) -> str:
    """A key of an environment without what leads to it."""
    return re.sub(r"^environments\.[^.]+\.(?:services\.[^.]+\.)?", "", key)


def everything_screen(known: Explainer) -> tuple[Part, ...]:
    """What can be asked for, and how."""
    services = [
        (name, ", ".join(topic for owner, topic in known.decisions if owner == name) or "no decision")
        for name in known.services
    ]
    return (
        Table(rows(*services, styles=("name",)), ("SERVICE", "DECISIONS")),
        *((Line.of(f"environments: {', '.join(known.environments)}"),) if known.environments else ()),
        Line.of("for instance:"),
        *(Line.of(f"kforge explain {each}", indent=2) for each in _examples(known)),
    )


def _examples(known: Explainer) -> Iterator[str]:
    """Words that name something here, one of each form."""
    first = next(iter(known.services))
    yield first
    yield from [f"{owner}/{topic}" for owner, topic in known.decisions if owner == first][-1:]
    for document in known.outcome.documents[""].objects():
        fields = [path for path in paths_of(document.data) if path.endswith(".limits.memory")]
        if document.service == first and pod_spec(document) and fields:
            found = known.field(document, fields[0])[0]
            yield f"{found.target} limits.memory"
            yield from [f"{found.file}:{found.line}"] if found.line else []
    yield from known.environments[:1]
