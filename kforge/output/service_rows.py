"""Outcome → one row a service: what it is, what it starts, where it listens and is asked, memory, copies, who decided."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kforge.domain.decider import MODEL, PROPOSAL
from kforge.domain.framework_titles import framework_title
from kforge.domain.images import digest, tag
from kforge.domain.port import Port
from kforge.domain.probe import Probe
from kforge.domain.spec.overlaid import overlaid
from kforge.domain.toolchains import toolchains
from kforge.domain.topic_names import BUILD, PROBES, PROCESS, RESOURCES
from kforge.output.layout import Line, Span, Table

if TYPE_CHECKING:
    from kforge.domain.decision import Decision
    from kforge.domain.facts import Facts
    from kforge.domain.spec.service_types import Scale
    from kforge.domain.spec.types import Service, Spec
    from kforge.outcome import Outcome

HEAD = ("SERVICE", "WHAT IT IS", "COMMAND", "LISTENS", "MEMORY", "COPIES", "DECIDED BY")
ROWS = 30  # that a reader looks through; a longer list is asked for by `-v`
_NAMED = 2  # environments whose own values a row shows
_WORDS = 30  # characters of a command, and of an image, in a row


@dataclass(frozen=True, slots=True)
class ServiceRow:
    """What a row says, in words; a cell is "" where there is nothing to say."""

    service: str
    what: str
    command: str
    listens: str
    memory: str
    copies: str
    decided: str
    waits: bool = False  # for a person's approval

    def spans(self) -> tuple[Span, ...]:
        decided = Span(self.decided, "warning" if self.waits else "dim")
        cells = (self.what, self.command, self.listens, self.memory, self.copies)
        return Span(self.service, "name"), *map(Span, cells), decided


def rows(outcome: Outcome, names: Iterable[str] | None = None, whole: bool = False) -> list[ServiceRow]:
    """Rows of these services, else of all, by name. `whole`: a long command is not cut."""
    services = outcome.loaded.world.spec.services
    return [_row(outcome, name, whole) for name in sorted(services if names is None else {*names} & services.keys())]


def table(found: list[ServiceRow], verbose: bool = False) -> tuple[Table | Line, ...]:
    """The rows as a table, of many services the first ones."""
    shown = found if verbose else found[:ROWS]
    parts: list[Table | Line] = [Table(tuple(row.spans() for row in shown), HEAD, words=True)] if shown else []
    if len(found) > len(shown):
        parts.append(Line.of(f"and {len(found) - len(shown)} more services: `-v` shows all", "dim"))
    return tuple(parts)


def _row(outcome: Outcome, name: str, whole: bool) -> ServiceRow:
    world = outcome.loaded.world
    service, facts = world.spec.services[name], world.facts.get(name)
    held = {topic: one for (owner, topic), one in outcome.settled.decisions.items() if owner == name}
    value = {topic: one.value for topic, one in held.items()}
    decided, waits = _deciders(held, service.port is not None)
    return ServiceRow(
        name,
        _image(service.image) if service.image else _built(outcome, facts, value.get(BUILD, {})),
        _command(outcome, service, value, whole),
        _listens(value.get(PROCESS, {}), value.get(PROBES, {}), bool(service.job or service.schedule)),
        _with_environments(str(value.get(RESOURCES, {}).get("memory") or ""), _memories(world.spec, name)),
        _with_environments(_copies(service, service.scale), _scales(world.spec, name)),
        decided,
        waits,
    )


def _image(image: str) -> str:
    """`redis:8.8.3` of `docker.io/library/redis:8.8.3`; the last parts of a longer one, and the beginning of a digest."""
    short = image.removeprefix("docker.io/").removeprefix("library/").partition("@")[0]
    short = short if len(short) <= _WORDS else short.rpartition("/")[2]
    return short if tag(image) or not digest(image) else f"{short}@{digest(image)[:14]}…"


def _built(outcome: Outcome, facts: Facts | None, build: Any) -> str:
    """Language, framework, and what serves a build's files."""
    languages = outcome.loaded.world.languages
    if facts is None:
        return ""
    language, recipe = languages.named(facts.value("language")), languages.recipe(build.get("recipe"))
    title = language.title if language else ""
    if language is None or language.proposed:
        title = _proposed(facts) or title
    server = recipe.server.name if recipe and recipe.server else ""
    own = "own Dockerfile" if facts.dockerfile is not None else ""
    framework = framework_title(facts.value("framework") or "")
    parts = (title, framework if framework.casefold() != title.casefold() else "", server, own)
    return ", ".join(dict.fromkeys(filter(None, parts)))


def _proposed(facts: Facts) -> str:
    found = {toolchains()[each["toolchain"]].title for each in facts.value("proposals")}
    return found.pop() if len(found) == 1 else ""


def _command(outcome: Outcome, service: Service, value: dict[str, Any], whole: bool) -> str:
    words = value.get(PROCESS, {}).get("command")
    if words:
        return shlex.join(map(str, words)) if whole else _cut(words)
    recipe = outcome.loaded.world.languages.recipe(value.get(BUILD, {}).get("recipe"))
    return recipe.server.name if recipe and recipe.server else "the image's own"


def _cut(words: list[str]) -> str:
    """A command's first words; what is left out is told by `…`."""
    shown = shlex.join(words)
    if len(shown) <= _WORDS:
        return shown
    for number in range(len(words) - 1, 0, -1):
        shown = f"{shlex.join(words[:number])} …"
        if len(shown) <= _WORDS and number > 1 + (words[1] == "-c"):  # `sh -c` says nothing of what it runs
            return shown
    return f"{' '.join(words)[: _WORDS - 1]}…"


def _listens(process: Any, probes: Any, job: bool) -> str:
    """`3000 http /readyz, 9090 metrics`: the main port with what readiness asks, then the others by their names."""
    held = [Port.of(each) for each in process.get("ports") or ()]
    if not held:
        return "" if job else "no port"
    main, *others = held
    ready = Probe.of(probes.get("readiness"))
    known = {"none": "(no probe)", main.protocol: "", "http": ready.path or "/"}
    asked = known.get(ready.type, f"({ready.type} probe)")
    first = " ".join(filter(None, (f"{main.number} {main.protocol}", asked)))
    return ", ".join((first, *(f"{port.number} {port.name}" for port in others)))


def _with_environments(text: str, found: Mapping[str, str]) -> str:
    """`2–10 (prod 3–20)`: with what an environment says otherwise, of many how many do."""
    other = {name: said for name, said in found.items() if said != text}
    if not text or not other:
        return text
    said = ", ".join(f"{name} {value}" for name, value in other.items())
    return f"{text} ({said if len(other) <= _NAMED else f'others in {len(other)} environments'})"


def _memories(spec: Spec, name: str) -> dict[str, str]:
    pins = ((each, block.services.get(name)) for each, block in spec.environments.items())
    return {each: str(own.resources.memory) for each, own in pins if own and own.resources and own.resources.memory}


def _scales(spec: Spec, name: str) -> dict[str, str]:
    service = spec.services[name]
    owns = {each: own for each, block in spec.environments.items() if (own := block.services.get(name))}
    found = {each: _copies(service, overlaid(service.scale, own.scale)) for each, own in owns.items()}
    return {each: "none" if own.omit else found[each] for each, own in owns.items()}


def _copies(service: Service, scale: Scale | None) -> str:
    if service.schedule:
        return _when(service.schedule)
    if service.job:
        return f"once, before {', '.join(service.before)}" if service.before else "once"
    if scale is None:
        return "1"
    return f"{scale.min}–{scale.max}" if scale.max and scale.max > scale.min else str(scale.min)


def _when(schedule: str) -> str:
    """`daily 03:00` of `0 3 * * *`; a schedule that no such word fits, as it is."""
    minute, hour, *days = schedule.split()
    rest = days == ["*"] * 3
    if rest and minute.isdigit() and hour.isdigit():
        return f"daily {hour:0>2}:{minute:0>2}"
    if rest and hour == "*" and minute.isdigit():
        return "hourly"
    every = minute.removeprefix("*/")
    return f"every {every} min" if rest and hour == "*" and every.isdigit() and every != minute else schedule


def _deciders(held: dict[str, Decision], port: bool) -> tuple[str, bool]:
    """Who settled a service's decisions, each once, with the number of fields that the spec pins, `port` among them; and
    whether any waits.
    """
    names = sorted({*_names(held.values())}, key=lambda name: (name == "heuristics", name))
    pinned = sum(len(one.pinned) for one in held.values()) + port
    told = [*names, *([f"{pinned} pinned"] if pinned else [])]
    return ", ".join(told), any(one.decider.by == PROPOSAL.by for one in held.values())


def _names(decisions: Iterable[Decision]) -> Iterator[str]:
    for one in decisions:
        yield (one.decider.model or one.decider.by) if one.decider.by == MODEL else one.decider.by
