"""A setting and its value → the fields of the decision, on top of what is usual. Unaware of who said so."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from math import ceil
from typing import TYPE_CHECKING, Any

from kforge.domain.images import SCRATCH, bare, repository, tag
from kforge.domain.kubernetes import names
from kforge.domain.topic_names import BUILD, PROBES, PROCESS, RESOURCES, ROLLOUT
from kforge.domain.wishes.amounts import cpu_text, size_text
from kforge.llm import command_effects
from kforge.llm.guardrails import share_of

if TYPE_CHECKING:
    from kforge.domain.model.question import Question

Fields = Mapping[str, Any]
_Effect = Callable[["Question", Fields, Any], dict[str, Any]]
_FAILURES, _SLOW = 150, 10  # tries of a start, and seconds between them where it takes longer
_ALPINE = "alpine"
_RELEASES = ("trixie", "bookworm", "bullseye")


def effect(question: Question, setting: str, value: Any, so_far: Fields) -> dict[str, Any]:
    """The fields that change, as a complete answer has them; {} where the decision has no place for it."""
    made = _EFFECTS[question.topic.name, setting](question, so_far, value)
    return {name: new for name, new in made.items() if name in so_far and new != so_far[name]}


# ---- resources ------------------------------------------------------------------------------------------------
def _plain(field: str, form: Callable[[Any], Any]) -> _Effect:
    return lambda question, so_far, value: {field: form(value)}


def _share(value: Fraction | str) -> int | str | None:
    return share_of(value if isinstance(value, str) else str(int(value)))


# ---- probes ---------------------------------------------------------------------------------------------------
def _probe(which: str, change: Callable[[Fields, Any], dict[str, Any]]) -> _Effect:
    def made(question: Question, so_far: Fields, value: Any) -> dict[str, Any]:
        probe = so_far.get(which) or {}
        if probe.get("type") in (None, "none"):
            return {}
        return {which: {**probe, **change(probe, value)}}

    return made


def _startup(probe: Fields, seconds: Fraction) -> dict[str, Any]:
    period = probe.get("period") or 1
    if seconds / period > _FAILURES:  # a pod that takes minutes need not be asked every second
        period = _SLOW
    return {"period": period, "failures": max(1, ceil(seconds / period))}


def _asked(which: str) -> _Effect:
    """A probe that asks a route, as often and as long as it is asked already."""

    def made(question: Question, so_far: Fields, path: str) -> dict[str, Any]:
        web = next((port.name for port in names.ports(question.view) if port.web), None)
        probe = so_far.get(which) or {}
        return {which: {**_times(probe), "type": "http", "path": path, "port": web}} if web else {}

    return made


def _by(which: str) -> _Effect:
    def made(question: Question, so_far: Fields, kind: str) -> dict[str, Any]:
        probe = so_far.get(which) or {}
        if kind == "http" or not probe or probe.get("type") == kind:
            return {}  # which route is a setting of its own
        if kind == "none":
            return {which: {**dict.fromkeys(probe), "type": "none"}}
        port = probe.get("port") or next((port.name for port in names.ports(question.view)), None)
        return {which: {**_times(probe), "type": "tcp", "path": None, "port": port}} if port else {}

    return made


def _times(probe: Fields) -> dict[str, Any]:
    usual = {"period": 10, "timeout": 2, "failures": 3}
    return {**probe, **{name: probe.get(name) or value for name, value in usual.items()}}


def _every(question: Question, so_far: Fields, seconds: Fraction) -> dict[str, Any]:
    """Readiness and liveness are asked that often; a start has a patience of its own."""
    made = {}
    for which in ("readiness", "liveness"):
        probe = so_far.get(which) or {}
        if probe.get("period"):
            made[which] = {**probe, "period": max(1, ceil(seconds))}
    return made


def _asked_port(question: Question, so_far: Fields, number: Fraction) -> dict[str, Any]:
    """Every probe asks the port of that number."""
    port = next((one for one in names.ports(question.view) if one.number == number), None)
    if port is None:
        return {}
    made = {}
    for which in ("startup", "readiness", "liveness"):
        probe = so_far.get(which) or {}
        if probe.get("port"):
            made[which] = {**probe, "port": port.name}
    return made


def _answers(*probes: str) -> _Effect:
    """The time for the answer to these probes."""

    def made(question: Question, so_far: Fields, seconds: Fraction) -> dict[str, Any]:
        found, least = {}, max(1, ceil(seconds))
        for which in probes:
            probe = so_far.get(which) or {}
            if probe.get("timeout"):
                found[which] = {**probe, "timeout": least, "period": max(probe.get("period") or 1, least)}
        return found

    return made


# ---- process --------------------------------------------------------------------------------------------------
def _folders(question: Question, so_far: Fields, paths: Sequence[str]) -> dict[str, Any]:
    return {"writable": sorted({*(so_far.get("writable") or ()), *paths})}


# ---- build ----------------------------------------------------------------------------------------------------
def _distribution(question: Question, so_far: Fields, wanted: str) -> dict[str, Any]:
    if final := _final(question, so_far, wanted):
        return final
    return _images(question, so_far, lambda image: _of_distribution(image, wanted))


def _of_distribution(image: str, wanted: str) -> str:
    """The image of the same version on another distribution: `3.13-slim-trixie` is `3.13-alpine`."""
    version, _, rest = tag(image).partition("-")
    if not re.match("[0-9]", version):
        return image
    if wanted == _ALPINE:
        return f"{repository(image)}:{version}-alpine"
    if wanted == "debian":
        return image if _ALPINE not in rest else f"{repository(image)}:{version}-slim"
    release = next((word for word in rest.split("-") if word in _RELEASES), "")
    if _ALPINE in rest or not release:
        return f"{repository(image)}:{version}-slim-{wanted}"
    return f"{repository(image)}:{version}-{rest.replace(release, wanted)}"


def _version(question: Question, so_far: Fields, wanted: Fraction | str) -> dict[str, Any]:
    language = question.view.language()
    if language is None:
        return {}
    parts = str(wanted).split(".")[: language.image.parts]
    short = ".".join(parts)

    def of(image: str) -> str:
        version, dash, rest = tag(image).partition("-")
        own = repository(image) == language.image.repository and re.match("[0-9]", version)
        return f"{repository(image)}:{short}{dash}{rest}" if own else image

    return {name: of(str(so_far[name])) for name in ("base", "runtime") if so_far.get(name)}


def _images(question: Question, so_far: Fields, of: Callable[[str], str]) -> dict[str, Any]:
    """Both images where the language is in both, else the one that builds and what it can run on."""
    language = question.view.language()
    made: dict[str, Any] = {}
    for name in ("base", "runtime"):
        image = str(so_far.get(name) or "")
        if language and repository(image) == language.image.repository:
            made[name] = of(image)
    return made


def added(field: str) -> _Effect:
    """Packages besides those that are there; an image that has no package manager becomes Debian's."""

    def made(question: Question, so_far: Fields, found: Sequence[str]) -> dict[str, Any]:
        more: dict[str, Any] = {field: sorted({*(so_far.get(field) or ()), *found})}
        if field == "packages" and bare(str(so_far.get("runtime") or "")):
            more |= _final(question, so_far, "debian")
        return more

    return made


def _final(question: Question, so_far: Fields, distribution: str) -> dict[str, Any]:
    """A distribution's image in place of a final stage's that has none of the language."""
    recipe = question.view.languages.recipe(str(so_far.get("recipe")))
    final = recipe.final if recipe else None
    if final and distribution == SCRATCH and SCRATCH in final.offered:
        return {"runtime": SCRATCH}
    image = final.distributions.get(distribution) if final else None
    return {"runtime": image} if image else {}


_EFFECTS: Mapping[tuple[str, str], _Effect] = {
    (RESOURCES, "cpu"): _plain("cpu", cpu_text),
    (RESOURCES, "mostCpu"): _plain("cpuLimit", cpu_text),
    (RESOURCES, "memory"): _plain("memory", size_text),
    (RESOURCES, "mostMemory"): _plain("memoryLimit", size_text),
    (RESOURCES, "scratchDisk"): _plain("storage", size_text),
    (ROLLOUT, "replacing"): _plain("strategy", str),
    (ROLLOUT, "extraCopies"): _plain("surge", _share),
    (ROLLOUT, "missingCopies"): _plain("unavailable", _share),
    (ROLLOUT, "timeToFinish"): _plain("gracePeriod", ceil),
    (ROLLOUT, "timeToLeave"): _plain("drain", ceil),
    (ROLLOUT, "leaves"): _plain("drain", int),
    (ROLLOUT, "spreadOver"): _plain("spread", str),
    (ROLLOUT, "triesAgain"): _plain("retries", int),
    (ROLLOUT, "again"): _plain("retries", int),
    (ROLLOUT, "givenUpAfter"): _plain("deadline", ceil),
    (ROLLOUT, "keptFor"): _plain("keep", ceil),
    (PROBES, "timeToStart"): _probe("startup", _startup),
    (PROBES, "startRoute"): _asked("startup"),
    (PROBES, "readyRoute"): _asked("readiness"),
    (PROBES, "aliveRoute"): _asked("liveness"),
    (PROBES, "readyBy"): _by("readiness"),
    (PROBES, "aliveBy"): _by("liveness"),
    (PROBES, "readyEvery"): _probe("readiness", lambda probe, seconds: {"period": max(1, ceil(seconds))}),
    (PROBES, "aliveEvery"): _probe("liveness", lambda probe, seconds: {"period": max(1, ceil(seconds))}),
    (PROBES, "checkEvery"): _every,
    (PROBES, "checkedPort"): _asked_port,
    (PROBES, "readyAnswer"): _answers("readiness"),
    (PROBES, "aliveAnswer"): _answers("liveness"),
    (PROBES, "timeToAnswer"): _answers("startup", "readiness", "liveness"),
    (PROBES, "restartAfter"): _probe(
        "liveness", lambda probe, seconds: {"failures": max(1, ceil(seconds / (probe.get("period") or 10)))}
    ),
    (PROBES, "failuresUntilRestart"): _probe("liveness", lambda probe, count: {"failures": max(1, int(count))}),
    (PROBES, "failuresUntilOut"): _probe("readiness", lambda probe, count: {"failures": max(1, int(count))}),
    (PROCESS, "workers"): command_effects.workers,
    (PROCESS, "threads"): command_effects.threads,
    (PROCESS, "replacedAfter"): command_effects.of_program(
        ("--max-requests", "--max-tasks-per-child", "--limit-max-requests")
    ),
    (PROCESS, "workerKind"): command_effects.of_program(("--worker-class", "--pool")),
    (PROCESS, "logLevel"): command_effects.of_program(("--log-level", "--loglevel")),
    (PROCESS, "keepAlive"): command_effects.of_program(("--keep-alive", "--timeout-keep-alive")),
    (PROCESS, "requestTime"): command_effects.of_program(("--timeout",)),
    (PROCESS, "heap"): command_effects.heap,
    (PROCESS, "options"): command_effects.options,
    (PROCESS, "mainPort"): command_effects.main_port,
    (PROCESS, "user"): _plain("user", int),
    (PROCESS, "folders"): _folders,
    (BUILD, "distribution"): _distribution,
    (BUILD, "version"): _version,
    (BUILD, "packages"): added("packages"),
    (BUILD, "buildPackages"): added("buildPackages"),
}
