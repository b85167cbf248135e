"""What a line means → the fields of the decision that change, on top of what is usual. Code decides how much.

A fact raises what is usual and never lowers it: a line that says “400 MB” is no reason to take memory away.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from math import ceil
from typing import TYPE_CHECKING, Any

from kforge.domain.commands.read_command import read
from kforge.domain.kubernetes.quantity import number
from kforge.domain.wishes.amounts import cpu_text, size_text
from kforge.llm import wish_effects
from kforge.llm.answer_schema import ports, starts

if TYPE_CHECKING:
    from kforge.domain.model.question import Question

Fields = Mapping[str, Any]
_Effect = Callable[["Question", Fields, Any], dict[str, Any]]
_ROOM = Fraction(5, 4)  # what a program holds beside the memory or files that a line names
_MODULE = re.compile(r"[A-Za-z_][\w.]{0,60}:[A-Za-z_]\w{0,60}(?:\(\))?")  # `shop.app:app`
_GIB = 1 << 30
_LONGEST_ANSWER = 60
_LATE = Fraction(3, 2)  # a start or a run on a slower node


def effect(question: Question, name: str, value: Any, so_far: Fields) -> dict[str, Any]:
    """The fields that change, as a complete answer has them; {} where the decision has no place for it."""
    made = EFFECTS[name](question, so_far, value)
    return {field: new for field, new in made.items() if field in so_far and new != so_far[field]}


def _memory(size: Fraction, so_far: Fields) -> dict[str, Any]:
    if size <= number(str(so_far.get("memory") or "0")):
        return {}
    made = {"memory": _text(size)}
    limit = so_far.get("memoryLimit")
    return made | ({"memoryLimit": _text(size)} if limit is not None and number(str(limit)) < size else {})


def _text(size: Fraction) -> str:
    """A large size in whole gibibytes, as people write it."""
    return size_text(Fraction(ceil(size / _GIB) * _GIB) if size >= 4 * _GIB else size)


def _needs(question: Question, so_far: Fields, size: Fraction) -> dict[str, Any]:
    return _memory(size * _ROOM, so_far)


def _container(question: Question, so_far: Fields, size: Fraction) -> dict[str, Any]:
    return _memory(size, so_far)


def _scratch(question: Question, so_far: Fields, size: Fraction) -> dict[str, Any]:
    return _volume(question, so_far, size * _ROOM)


def _volume(question: Question, so_far: Fields, size: Fraction) -> dict[str, Any]:
    return {"storage": _text(size)} if size > number(str(so_far.get("storage") or "0")) else {}


def _cores(question: Question, so_far: Fields, count: Fraction) -> dict[str, Any]:
    return {"cpu": cpu_text(count)} if count > number(str(so_far.get("cpu") or "0")) else {}


def _stop(question: Question, so_far: Fields, seconds: Fraction) -> dict[str, Any]:
    """The time until a pod is killed holds the drain as well."""
    wanted = ceil(seconds * Fraction(11, 10)) + int(so_far.get("drain") or 0)
    return {"gracePeriod": wanted} if wanted > int(so_far.get("gracePeriod") or 0) else {}


def _run(question: Question, so_far: Fields, seconds: Fraction) -> dict[str, Any]:
    wanted = ceil(seconds * _LATE)
    deadline = so_far.get("deadline")
    return {"deadline": wanted} if deadline is not None and wanted > deadline else {}


def _deadline(question: Question, so_far: Fields, seconds: Fraction) -> dict[str, Any]:
    """What stopped a run until now, be it sooner than usual."""
    return {"deadline": ceil(seconds)} if so_far.get("deadline") is not None and seconds >= 1 else {}


def _grace(question: Question, so_far: Fields, seconds: Fraction) -> dict[str, Any]:
    """What a pod or container was given until now holds the drain already."""
    return {"gracePeriod": ceil(seconds)} if seconds > int(so_far.get("gracePeriod") or 0) else {}


def _drain(question: Question, so_far: Fields, seconds: Fraction) -> dict[str, Any]:
    return {"drain": ceil(seconds)} if seconds > int(so_far.get("drain") or 0) else {}


def _start(question: Question, so_far: Fields, seconds: Fraction) -> dict[str, Any]:
    return _patience(question, so_far, seconds * _LATE)


def _patience(question: Question, so_far: Fields, seconds: Fraction) -> dict[str, Any]:
    startup = so_far.get("startup") or {}
    patience = (startup.get("period") or 0) * (startup.get("failures") or 0)
    return wish_effects.effect(question, "timeToStart", seconds, so_far) if patience and seconds > patience else {}


def _answer(question: Question, so_far: Fields, seconds: Fraction) -> dict[str, Any]:
    if seconds > _LONGEST_ANSWER:  # no probe waits so long: that is no answer to one
        return {}
    made = {}
    for which in ("startup", "readiness", "liveness"):
        probe = so_far.get(which) or {}
        wanted = ceil(seconds * _ROOM)
        if probe.get("type") == "http" and wanted > (probe.get("timeout") or 0):
            made[which] = {**probe, "timeout": wanted, "period": max(probe.get("period") or 1, wanted)}
    return made


def _dependent(question: Question, so_far: Fields, path: str) -> dict[str, Any]:
    """A pod is not restarted because what it asks is away."""
    if (so_far.get("liveness") or {}).get("path") != path:
        return {}
    return wish_effects.effect(question, "aliveBy", "tcp", so_far)


def _silent(question: Question, so_far: Fields, _: Any) -> dict[str, Any]:
    """No port; where the usual command starts a server, the program's own file in its place."""
    command = list(so_far.get("command") or ())
    if not command or read(command).role != "server":
        return {"ports": []}
    other = next((each for each in starts(question) if read(each).role != "server"), None)
    module = next((word.partition(":")[0] for word in command if _MODULE.fullmatch(word)), "")
    language = question.view.language()
    if other is None and module and language:
        other = [language.image.short, module.replace(".", "/") + language.code[0]]
    return {"ports": [], "command": other} if other else {"ports": []}


def _entry(question: Question, so_far: Fields, command: Sequence[str]) -> dict[str, Any]:
    """The start that is deployed, and the port that it names or that stands in its file."""
    started = read(command)
    known = ports(question)
    shown = {
        int(fact.value["port"])
        for fact in question.facts.ports
        if any(place.file == started.file for place in fact.evidence)
    }
    numbers = [int(started.listening.port)] if started.listening.port else sorted(shown & known.keys())
    listed = [known[each].record() for each in numbers if each in known]
    return {"command": list(command)} | ({"ports": listed} if listed else {})


def _writes(question: Question, so_far: Fields, folder: str) -> dict[str, Any]:
    return wish_effects.effect(question, "folders", [folder], so_far)


EFFECTS: Mapping[str, _Effect] = {
    "needs": _needs,
    "container": _container,
    "scratch": _scratch,
    "volume": _volume,
    "cores": _cores,
    "stop": _stop,
    "grace": _grace,
    "drain": _drain,
    "run": _run,
    "deadline": _deadline,
    "final": lambda question, so_far, _: {"retries": 0},
    "alone": lambda question, so_far, _: {"strategy": "recreate"},
    "start": _start,
    "tried": _patience,
    "answer": _answer,
    "dependent": _dependent,
    "silent": _silent,
    "entry": _entry,
    "writes": _writes,
    "runs": lambda question, so_far, name: wish_effects.added("packages")(question, so_far, [name]),
    "builds": lambda question, so_far, name: wish_effects.added("buildPackages")(question, so_far, [name]),
}
