"""Write a settled value into the spec, comments and layout kept: nothing decides
it again. VALUE, which is YAML, is written in place of what is settled.

examples:
  kforge pin web/resources memory       one field
  kforge pin web/resources              the whole decision
  kforge pin web/resources memory --dry-run
  kforge pin web resources.memory 2Gi   a value of your own
  kforge pin web scale '{min: 3, max: 3}'
  kforge pin web.port                   the words of `kforge explain`
  kforge pin deploy/kubernetes/web/deployment.yaml:89
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

from kforge.commands import explained_words
from kforge.commands import options as shared
from kforge.domain.topic_names import PROCESS
from kforge.output.layout import Diff, show
from kforge.output.text import say

if TYPE_CHECKING:
    from kforge.domain.spec.project import Project
    from kforge.explanations.explainer import Explainer
    from kforge.explanations.pinnable import Pinnable
    from kforge.outcome import Outcome


def arguments(parser: argparse.ArgumentParser) -> None:
    explained_words.arguments(parser)
    parser.add_argument("value", metavar="VALUE", nargs="?", help="a value of your own, in place of the settled one")
    parser.add_argument("-n", "--dry-run", action="store_true", help="show the change to the spec and write nothing")
    shared.one_spec(parser)


def run(options: argparse.Namespace) -> int:
    from kforge.system.project import ProjectLock

    project = shared.project(options, "pin")
    with nullcontext() if options.dry_run else ProjectLock([project.folder], say):
        service, fields = _changed(project, options)
    if options.dry_run:
        say("nothing was written")
    else:
        say(
            f"pinned {', '.join(f'`{field}`' for field in fields)} of `{service}`; `kforge build` brings the lock up to date"
        )
    return 0


def _changed(project: Project, options: argparse.Namespace) -> tuple[str, list[str]]:
    """Service and fields, after changing the spec."""
    from kforge.errors import InputError
    from kforge.explanations.explainer import Explainer
    from kforge.explanations.pinnable import is_one_value, pinnable
    from kforge.explanations.words import Asked

    if not options.target:
        raise InputError("what is to be pinned?", hint="`kforge explain` alone lists what there is")
    if options.value is not None and (path := _path(project, options.target, options.field)):
        return _given(project, options, path, options.value)
    known = Explainer(shared.compute(project, options))
    value = options.value
    if options.field and value is None:
        alone = argparse.Namespace(**{**vars(options), "field": ""})
        try:
            what = explained_words.read(known, alone)
        except InputError:
            what = Asked()
        if is_one_value(known, what):  # so that the second word can only be a value
            options, value = alone, options.field
    if value is not None and (path := _path(project, options.target, options.field)):
        return _given(project, options, path, value)
    what = explained_words.read(known, options)
    found = pinnable(known, what, explained_words.disk(project))
    if value is None:
        return _pinned(project, options, known, found)
    target, field = found[0]
    return _given(project, options, (*target.split("/"), *field.split(".")), value)


def _path(project: Project, target: str, field: str) -> tuple[str, ...]:
    """Service and keys below it where words name them, () where they name something else."""
    from kforge.domain.spec.types import Service
    from kforge.pipeline import read_spec
    from kforge.spec.tolerant import mapping

    head, *rest = (*filter(None, (*target.replace("/", ".").split("."), *field.split("."))), "")
    keys = tuple(filter(None, rest))
    known = {held.alias or name for name, held in Service.model_fields.items()}
    is_service = head in mapping(read_spec(project).data, "services")
    return (head, *keys) if is_service and keys and keys[0] in known else ()


def _given(project: Project, options: argparse.Namespace, path: tuple[str, ...], value: str) -> tuple[str, list[str]]:
    """Service and fields, after writing a value of the user's: of a mapping each key, so that what stands beside it stays.

    Raises InputError for a value that the spec cannot have.
    """
    from kforge.output.places import told
    from kforge.pipeline import read_spec, valid
    from kforge.spec.edit import set_value

    before = read_spec(project)
    service = _image_owner(project, options, path[0], path[1])
    after, fields = before.text, []
    said = _value(value)
    with told(project):
        for keys, held in _leaves(path[1:], said):
            after = set_value(after, ("services", service, *keys), held, project.name)
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


def _pinned(
    project: Project, options: argparse.Namespace, known: Explainer, found: tuple[Pinnable, ...]
) -> tuple[str, list[str]]:
    """Service and fields, after writing what is settled for them."""
    from kforge.pipeline import read_spec
    from kforge.spec.edit import set_value

    before = read_spec(project).text
    after, owner, fields = before, "", []
    for target, field in found:
        service, _, topic = target.partition("/")
        owner = _owner(known.outcome, service, topic)
        value = _pin(topic, field, _dig(known.decisions[service, topic].value, field))
        after = set_value(after, ("services", owner, topic, *field.split(".")), value, project.name)
        fields.append(f"{topic}.{field}")
    _write(project, options, before, after)
    return owner, fields


def _owner(outcome: Outcome, service: str, topic: str) -> str:
    """Whose block a pin belongs to: how an image is built is said once, by the service that owns it."""
    from kforge.domain.spec_links import links_of
    from kforge.domain.topic_names import BUILD

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
