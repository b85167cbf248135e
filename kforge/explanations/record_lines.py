"""A line of kforge.lock, of kforge.sum or of the spec → the explanation of the decision, the file or the key."""

from __future__ import annotations

import re
from dataclasses import replace

from kforge.domain.own_files import LOCK_FILE
from kforge.domain.spec.pins import leaves
from kforge.domain.spec.raw import Path
from kforge.domain.topic_names import PROCESS, TOPIC_NAMES
from kforge.explanations.explainer import Explainer
from kforge.explanations.line_paths import line_paths
from kforge.stages.explain import Explanation

_SUM = re.compile(r"[0-9a-f]{64}  (?P<path>.+)")
_ANSWER = re.compile(r"# answer (?P<target>\S+/\S+) ")
_OF_SERVICE = re.compile(r"# (?:service|read|files) (?P<service>\S+)")


def lock_line(known: Explainer, text: str, line: int) -> tuple[Explanation, ...]:
    """The decision that a line of the lock records."""
    at = line_paths(text).nearest(line)
    service, topic, field = (*map(str, at[1:4]), "", "", "")[:3]
    decision = known.decisions.get((service, topic))
    if decision is not None:
        held = field if field in decision.value else ""
        return known.decision(f"{service}/{topic}", held)
    if service in known.services:
        return (known.service(service, LOCK_FILE, f"what is settled for `{service}`"),)
    return (
        known.fixed(
            LOCK_FILE, "lock", at[0] if at else None, "a build writes it, so that reviewers see what is settled"
        ),
    )


def sums_file(text: str, line: int) -> tuple[str, str]:
    """What a line of the sums is about: the path of a file and "", or "" and a decision or service."""
    lines = text.split("\n")
    said = lines[line - 1] if 0 < line <= len(lines) else ""
    if found := _SUM.match(said):
        return found["path"], ""
    if found := _ANSWER.match(said):
        return "", found["target"]
    found = _OF_SERVICE.match(said)
    return "", found["service"] if found else ""


def spec_line(known: Explainer, line: int) -> tuple[Explanation, ...]:
    """What a line of the spec says, and which decision it pins."""
    marks = known.raw.marks
    here = [path for held in (marks.keys, marks.values) for path, mark in held.items() if mark.line == line]
    if not here:
        return ()
    keys = min(here, key=len)
    return pinned_by(known, keys) or (known.key(keys),)


def pinned_by(known: Explainer, keys: Path) -> tuple[Explanation, ...]:
    """The fields of decisions that a key of the spec pins."""
    if len(keys) < 3 or keys[0] != "services":
        return ()
    service, head = str(keys[1]), str(keys[2])
    topic, field = (head, keys[3:]) if head in TOPIC_NAMES else (PROCESS, ("ports" if head == "port" else head,))
    decision = known.decisions.get((service, topic))
    path = ".".join(map(str, field))
    if decision is None or not any(
        f"{leaf}.".startswith(f"{path}." if path else "") for leaf in leaves(decision.value)
    ):
        return ()
    found = known.decision(f"{service}/{topic}", path)
    return tuple(replace(each, note="") for each in found if each.decided == "pinned") or found
