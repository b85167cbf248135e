"""Write a settled value into the spec, comments and layout kept: nothing decides
it again. VALUE, which is YAML, is written in place of what is settled.

examples:
  kforge pin web/resources memory       one field
  kforge pin web/resources              the whole decision
  kforge pin web/resources memory --dry-run
  kforge pin web resources.memory 2Gi   a value of your own
  kforge pin web scale '{min: 3, max: 3}'
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping
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
    parser.add_argument("target", metavar="TARGET", help="SERVICE/TOPIC of a decision, or SERVICE with a VALUE")
    parser.add_argument(
        "field", metavar="FIELD", nargs="?", default="", help="field of the decision; all of it otherwise"
    )
    parser.add_argument("value", metavar="VALUE", nargs="?", help="a value of your own, in place of the settled one")
    parser.add_argument("--dry-run", action="store_true", help="show the change to the spec and write nothing")
    shared.one_spec(parser)


def run(options: argparse.Namespace) -> int:
    from kforge.system.project import ProjectLock

    project = shared.project(options)
    with nullcontext() if options.dry_run else ProjectLock([project.folder], say):
        service, fields = _pinned(project, options) if options.value is None else _given(project, options)
    if options.dry_run:
        say("nothing was written")
    else:
        say(
            f"pinned {', '.join(f'`{field}`' for field in fields)} of `{service}`; `kforge build` brings the lock up to date"
        )
    return 0


def _given(project: Project, options: argparse.Namespace) -> tuple[str, list[str]]:
    """Service and fields, after writing a value of the user's: of a mapping each key, so that what stands beside it stays.

    Raises InputError for a value that the spec cannot have.
    """
    from kforge.errors import InputError
    from kforge.pipeline import read_spec, valid
    from kforge.spec.edit import set_value
    from kforge.spec.tolerant import mapping, one_of

    service, _, topic = options.target.partition("/")
    before = read_spec(project)
    services = mapping(before.data, "services")
    if service not in services:
        raise InputError(f"there is no service `{service}`", hint=one_of(service, services, "there are"))
    service = _image_owner(project, options, service, (topic or options.field).partition(".")[0])
    path = (*filter(None, [topic]), *options.field.split("."))
    after, fields = before.text, []
    for keys, value in _leaves(path, _value(options.value)):
        after = set_value(after, ("services", service, *keys), value, project.name)
        fields.append(".".join(keys))
    valid(project, after)
    _write(project, options, before.text, after)
    return service, fields


def _image_owner(project: Project, options: argparse.Namespace, service: str, topic: str) -> str:
    from kforge.domain.topic_names import BUILD

    return _owner(shared.compute(project, options), service, topic) if topic == BUILD else service


def _value(text: str) -> Any:
    """A value as YAML has it. Raises InputError for text that is none."""
    from kforge.spec.read import read

    return read(f"value: {text}\n", "VALUE").data["value"]


def _leaves(path: tuple[str, ...], value: Any) -> Iterator[tuple[tuple[str, ...], Any]]:
    if isinstance(value, Mapping) and value:
        for key, inner in value.items():
            yield from _leaves((*path, str(key)), inner)
    else:
        yield path, value


def _write(project: Project, options: argparse.Namespace, before: str, after: str) -> None:
    """Show the change to the spec and make it, unless nothing is to be written."""
    from kforge.stages.line_diff import hunks
    from kforge.system.files import replace

    changed = [*hunks(before.splitlines(True), after.splitlines(True))]
    show(Diff("".join([f"--- a/{project.name}\n", f"+++ b/{project.name}\n", *changed])))
    if not options.dry_run:
        replace(project.spec, after.encode(), project.root)


def _pinned(project: Project, options: argparse.Namespace) -> tuple[str, list[str]]:
    """Service and fields, after writing what is settled for them."""
    from kforge.domain.spec.pins import leaves
    from kforge.errors import InputError
    from kforge.pipeline import read_spec
    from kforge.spec.edit import set_value
    from kforge.spec.tolerant import one_of

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
    _write(project, options, before, after)
    return service, [f"{topic}.{field}" for field in fields]


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
