"""Write a settled value into the spec, comments and layout kept, so that nothing decides it again.

examples:
  kforge pin web/resources memory       one field
  kforge pin web/resources              the whole decision
  kforge pin web/resources memory --dry-run
"""

from __future__ import annotations

import argparse
import difflib
from collections.abc import Mapping
from typing import Any

from kforge.commands import options as shared
from kforge.output.text import emit, say


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("target", metavar="TARGET", help="SERVICE/TOPIC of a decision")
    parser.add_argument("field", metavar="FIELD", nargs="?", default="", help="field of the decision; all of it otherwise")
    parser.add_argument("--dry-run", action="store_true", help="show the change to the spec and write nothing")
    shared.one_spec(parser)


def run(options: argparse.Namespace) -> int:
    from kforge.domain.pins import leaves
    from kforge.errors import InputError
    from kforge.pipeline import read_spec
    from kforge.stages.edit import set_value
    from kforge.system.files import replace

    project = shared.project(options)
    outcome = shared.compute(project, options)
    service, _, topic = options.target.partition("/")
    decision = outcome.settled.decisions.get((service, topic))
    if decision is None:
        names = ", ".join(f"`{name}/{subject}`" for name, subject in sorted(outcome.settled.decisions)[:8])
        raise InputError(f"there is no decision `{options.target}`", hint=f"there are {names}, …")
    fields = [
        field for field in leaves(decision.value)
        if (not options.field or field == options.field or field.startswith(f"{options.field}."))
        and field not in decision.pinned
    ]  # fmt: skip
    if not fields:
        raise InputError(f"`{options.target}` has no open field `{options.field}`", hint=f"see `kforge explain {options.target}`")
    before = read_spec(project).text
    after = before
    for field in fields:
        value = _dig(decision.value, field)
        if value is not None:
            after = set_value(after, ("services", service, topic, *field.split(".")), _pin(topic, field, value), project.name)
    diff = difflib.unified_diff(before.splitlines(True), after.splitlines(True), f"a/{project.name}", f"b/{project.name}")
    emit("".join(diff))
    if options.dry_run:
        say("nothing was written")
        return 0
    replace(project.spec, after.encode())
    say(f"pinned {', '.join(f'`{topic}.{field}`' for field in fields)} of `{service}`; `kforge build` brings the lock up to date")
    return 0


def _dig(value: Mapping[str, Any], field: str) -> Any:
    held: Any = value
    for key in field.split("."):
        held = held.get(key) if isinstance(held, Mapping) else None
    return held


def _pin(topic: str, field: str, value: Any) -> Any:
    """A value in the spec's form: a port's variable is read off the source and has no key."""
    if (topic, field) == ("process", "ports"):
        return [{key: port[key] for key in ("name", "port", "protocol")} for port in value]
    return value
