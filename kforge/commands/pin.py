"""Write a settled value into the spec, comments and layout kept: nothing decides
it again.

examples:
  kforge pin web/resources memory       one field
  kforge pin web/resources              the whole decision
  kforge pin web/resources memory --dry-run
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

from kforge.commands import options as shared
from kforge.domain.topic_names import PROCESS
from kforge.output.layout import Diff, show
from kforge.output.text import say

if TYPE_CHECKING:
    from kforge.domain.spec.project import Project
    from kforge.outcome import Outcome


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("target", metavar="TARGET", help="SERVICE/TOPIC of a decision")
    parser.add_argument(
        "field", metavar="FIELD", nargs="?", default="", help="field of the decision; all of it otherwise"
    )
    parser.add_argument("--dry-run", action="store_true", help="show the change to the spec and write nothing")
    shared.one_spec(parser)


def run(options: argparse.Namespace) -> int:
    from kforge.system.project import ProjectLock

    project = shared.project(options)
    with nullcontext() if options.dry_run else ProjectLock([project.folder], say):
        service, topic, fields = _pinned(project, options)
    if options.dry_run:
        say("nothing was written")
    else:
        say(
            f"pinned {', '.join(f'`{topic}.{field}`' for field in fields)} of `{service}`; `kforge build` brings the lock up to date"
        )
    return 0


def _pinned(project: Project, options: argparse.Namespace) -> tuple[str, str, list[str]]:
    """Service, topic and fields, after showing the change to the spec and making it, unless nothing is to be written."""
    from kforge.domain.spec.pins import leaves
    from kforge.errors import InputError
    from kforge.pipeline import read_spec
    from kforge.spec.edit import set_value
    from kforge.spec.tolerant import one_of
    from kforge.stages.line_diff import hunks
    from kforge.system.files import replace

    outcome = shared.compute(project, options)
    service, _, topic = options.target.partition("/")
    decision = outcome.settled.decisions.get((service, topic))
    if decision is None:
        names = [f"{name}/{subject}" for name, subject in sorted(outcome.settled.decisions)]
        raise InputError(f"there is no decision `{options.target}`", hint=one_of(options.target, names, "there are"))
    open_fields = [
        field
        for field in leaves(decision.value)
        if field not in decision.pinned and _dig(decision.value, field) is not None
    ]
    fields = [field for field in open_fields if not options.field or f"{field}.".startswith(f"{options.field}.")]
    if not fields:
        what = f"no open field `{options.field}`" if options.field else "no open field"
        hint = one_of(options.field, open_fields, "open are") if open_fields else "the spec says all of it already"
        raise InputError(f"`{options.target}` has {what}", hint=hint)
    service = _owner(outcome, service, topic)
    before = read_spec(project).text
    after = before
    for field in fields:
        value = _pin(topic, field, _dig(decision.value, field))
        after = set_value(after, ("services", service, topic, *field.split(".")), value, project.name)
    changed = [*hunks(before.splitlines(True), after.splitlines(True))]
    show(Diff("".join([f"--- a/{project.name}\n", f"+++ b/{project.name}\n", *changed])))
    if not options.dry_run:
        replace(project.spec, after.encode(), project.root)
    return service, topic, fields


def _owner(outcome: Outcome, service: str, topic: str) -> str:
    """Whose block a pin belongs to: how an image is built is said once, by the service that owns it."""
    from kforge.domain.topic_names import BUILD
    from kforge.domain.view import links_of

    world = outcome.loaded.world
    return links_of(world.spec, world.facts).sharers(service)[0] if topic == BUILD else service


def _dig(value: Mapping[str, Any], field: str) -> Any:
    held: Any = value
    for key in field.split("."):
        held = held.get(key) if isinstance(held, Mapping) else None
    return held


def _pin(topic: str, field: str, value: Any) -> Any:
    """A value in the spec's form: a port's variable is read off the source and has no key."""
    if (topic, field) == (PROCESS, "ports"):
        return [{key: port[key] for key in ("name", "port", "protocol")} for port in value]
    return value
