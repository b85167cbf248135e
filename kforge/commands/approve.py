"""Say that a person has looked at what a model decided or kforge only proposes.
The approval lies in the lock, bound to the value.

Another value needs a new approval; what the heuristics settled or the spec pins
needs none. `kforge check --approved` exits 1 while one is missing.

examples:
  kforge approve             what waits for approval, with value and reasons
  kforge approve web/build   one decision
  kforge approve web         everything that waits for a service
  kforge approve --all
"""

from __future__ import annotations

import argparse
import json
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

from kforge.commands import options as shared
from kforge.output.layout import Line, Span, show
from kforge.output.text import count, inert, say

if TYPE_CHECKING:
    from kforge.domain.lock import Lock, LockedDecision


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "targets", nargs="*", metavar="TARGET", help="a service (web) or one of its decisions (web/build)"
    )
    parser.add_argument("--all", action="store_true", help="every decision that waits")
    parser.add_argument("-n", "--dry-run", action="store_true", help="show what would be approved and write nothing")
    shared.one_spec(parser)


def run(options: argparse.Namespace) -> int:
    from kforge import catalog
    from kforge.domain.approval import waiting
    from kforge.domain.own_files import LOCK_FILE, SUMS_FILE
    from kforge.system import locked
    from kforge.system.project import ProjectLock

    project = shared.project(options)
    writes = (options.all or options.targets) and not options.dry_run
    with ProjectLock([project.folder], say) if writes else nullcontext():
        lock, _ = locked.load(project.folder, catalog.revisions(), project.root)
        found = dict(waiting(lock))
        chosen = found if options.all or not options.targets else _chosen(options.targets, lock, found)
        for target, decision in chosen.items():
            show(*_described(target, decision))
        if not options.targets and not options.all:
            say(
                f"{count(len(found), 'decision')} without approval"
                + ("; `kforge approve TARGET` or `--all` approves" if found else "")
            )
            return 1 if found else 0
        if options.dry_run or not chosen:
            say("nothing was written" if chosen else "nothing waits for approval")
            return 0
        locked.rewrite(project.folder, project.root, catalog.revisions(), lambda lock: _with(lock, chosen))
    say(f"approved {count(len(chosen), 'decision')}: commit `{LOCK_FILE}` and `{SUMS_FILE}`")
    return 0


def _chosen(targets: list[str], lock: Lock, found: dict[str, LockedDecision]) -> dict[str, LockedDecision]:
    """What waits among the targets. Raises InputError for a target that the lock does not have."""
    from kforge.errors import InputError, Problem

    every = {
        f"{name}/{topic}" for name, held in lock.services.items() for topic in held.decisions
    } | lock.services.keys()
    names = ", ".join(f"`{target}`" for target in list(found)[:8])
    hint = f"what waits for approval: {names}" if found else "nothing waits for approval"
    unknown = tuple(
        Problem(f"there is no decision `{target}` in the lock", hint=hint) for target in targets if target not in every
    )
    if unknown:
        raise InputError(unknown)
    return {
        target: decision
        for target, decision in found.items()
        if target in targets or target.partition("/")[0] in targets
    }


def _with(lock: Lock, chosen: dict[str, LockedDecision]) -> Lock:
    from dataclasses import replace

    from kforge.domain.approval import approve

    services = {
        name: replace(
            held,
            decisions={
                topic: approve(each) if f"{name}/{topic}" in chosen else each for topic, each in held.decisions.items()
            },
        )
        for name, held in lock.services.items()
    }
    return replace(lock, services=services)


def _whole(value: Any) -> str:
    """A value in full, of any length: a cut one would be approved unread."""
    return "none" if value is None else value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _described(target: str, decision: LockedDecision) -> list[Line]:
    from kforge.domain.invisible_chars import line
    from kforge.domain.secrets.redact import redact

    lines = [Line.of(f"{inert(target)}: decided by {line(str(decision.decider), 120)}", "bold")]
    if decision.reliability:
        lines.append(Line.of(f"reliability {line(str(decision.reliability), 400)}", "dim", 2))
    for field, value in sorted(decision.value.items()):
        lines.append(Line((Span(line(field, 60), "name"), Span(f": {_whole(value)}")), 2))
        if why := line(redact(decision.reasons.get(field, "")[:2000]), 400):
            lines.append(Line.of(why, "dim", 6))
    return lines
