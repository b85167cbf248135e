"""An answer's value → one spelling for one meaning: the heuristics'. What the source shows of ports and writable folders
is never lost.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from kforge.domain.images import SCRATCH, qualified
from kforge.domain.kubernetes.quantity import number
from kforge.llm.answer_schema import builds, starts
from kforge.llm.guardrails import share_of

if TYPE_CHECKING:
    from kforge.domain.model.question import Question

_AMOUNTS = frozenset(("cpu", "cpuLimit", "memory", "memoryLimit", "storage"))


def bare(value: Mapping[str, Any]) -> dict[str, Any]:
    """Values in their one form, as far as no source is needed: shares as numbers, null for what a probe's type leaves
    out.
    """
    made = dict(value)
    for field in ("surge", "unavailable"):
        share = share_of(made.get(field))
        if share is not None:
            made[field] = share
    for field in ("startup", "readiness", "liveness"):
        if field in made:
            made[field] = _probe(made[field])
    return made


def plain(question: Question, value: Mapping[str, Any]) -> dict[str, Any]:
    """Values as the heuristics spell them: images in full, lists in order, what a probe's type leaves out as null."""
    made = bare(value)
    for field in ("base", "runtime"):
        if field in made and made[field] != SCRATCH:
            made[field] = qualified(made[field])
    for field in ("packages", "buildPackages"):
        if field in made:
            made[field] = sorted(set(made[field]))
    made |= _amounts(made, question.baseline.value)
    if "writable" in made:  # what the source is seen to write to stays writable
        made["writable"] = sorted({*made["writable"], *(question.baseline.value.get("writable") or ())})
    if isinstance(made.get("command"), list):
        made["command"] = _split(made["command"], starts(question))
    if "steps" in made:
        made["steps"] = [_split(step, builds(question)) for step in made["steps"]]
    if "ports" in made:
        made["ports"] = _ports(made["ports"], question.baseline.value.get("ports") or ())
    return made


def _amounts(found: Mapping[str, Any], usual: Mapping[str, Any]) -> dict[str, Any]:
    """Amounts that are the usual ones, in the usual spelling: `0.1` is `100m`."""
    same = {}
    for field in _AMOUNTS & found.keys():
        with suppress(ValueError, TypeError):  # what is no quantity is told later
            if usual.get(field) and number(found[field]) == number(usual[field]):
                same[field] = usual[field]
    return same


def _split(command: list[str], candidates: list[list[str]]) -> list[str]:
    """A known command that was written as one text, as its words."""
    return next((words for words in candidates if " ".join(words) == " ".join(command)), command)


def _ports(found: list[Mapping[str, Any]], usual: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Known ports keep their name and variable, and none is lost: they are facts, and others refer to them."""
    own = {each["port"]: each for each in usual}
    kept = [
        {**port, "name": own[port["port"]]["name"], "env": own[port["port"]]["env"]}
        if port["port"] in own
        else dict(port)
        for port in found
    ]
    return [*kept, *(dict(each) for each in usual if each["port"] not in {port["port"] for port in found})]


def _probe(probe: Mapping[str, Any]) -> dict[str, Any]:
    if probe["type"] == "none":
        return {"type": "none", **dict.fromkeys(("path", "port", "period", "timeout", "failures"))}
    return {**probe, "path": probe["path"] or None if probe["type"] == "http" else None}
