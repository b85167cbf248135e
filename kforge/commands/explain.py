"""Say who decided a field, which value, why, from which inputs, and at which line
of the spec.

examples:
  kforge explain web/probes             a decision and all its fields
  kforge explain web/resources memory   one of them
  kforge explain Deployment/web spec.template.spec.terminationGracePeriodSeconds
  kforge explain -e prod HorizontalPodAutoscaler/web spec.minReplicas
"""

from __future__ import annotations

import argparse
import json
from typing import Any

from kforge.commands import options as shared
from kforge.output.layout import Line, Part, Span, Table, rows, show
from kforge.output.text import emit


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("target", metavar="TARGET", help="KIND/NAME of an object, or SERVICE/TOPIC of a decision")
    parser.add_argument("field", metavar="FIELD", nargs="?", default="", help="field path")
    parser.add_argument("-e", "--environment", default="", metavar="NAME", help="as it is in this environment")
    shared.one_spec(parser)
    shared.formats(parser, "text", "json")


def run(options: argparse.Namespace) -> int:
    from kforge.domain.spec.raw import MISSING
    from kforge.errors import InputError
    from kforge.stages.explain import Explainable, explain
    from kforge.stages.inputs import Inputs

    outcome = shared.compute(shared.project(options), options)
    if options.environment not in outcome.documents:
        names = ", ".join(f"`{name}`" for name in outcome.documents if name)
        raise InputError(f"there is no environment `{options.environment}`", hint=f"there are {names}" if names else "")
    world = outcome.loaded.world
    inputs = Inputs(world.raw, world.facts, outcome.settled.values)
    known = Explainable(
        documents=outcome.documents[options.environment].items,
        decisions=outcome.settled.decisions,
        place=outcome.loaded.raw.place,
        value=inputs.value,
        said=lambda path: outcome.loaded.raw.dig(path) is not MISSING,
        written=outcome.loaded.raw.written_at,
    )
    found = tuple(
        _in_overlay(item, outcome, options.environment) for item in explain(known, options.target, options.field)
    )
    if options.format == "json":
        from kforge.output.json_text import dump

        emit(dump([_plain(item) for item in found], ordered=False))
    else:
        # Fields of one decision came from the same inputs: they are listed once, at the end.
        show(*[part for item in found for part in (Line(), *_parts(item, last=item is found[-1]))][1:])
    return 0


def _in_overlay(item: Any, outcome: Any, environment: str) -> Any:
    """What an environment says stands in its overlay: in a file of the object's own, else in the kustomization."""
    from dataclasses import replace
    from posixpath import basename, dirname, join

    if not environment or not item.file or not (item.why or "").startswith(f"environments.{environment}."):
        return item
    overlay = join(outcome.loaded.world.spec.paths.overlays, environment)
    own = join(overlay, basename(dirname(item.file)), basename(item.file))
    registry = item.why == f"environments.{environment}.registry"
    names = (join(overlay, "kustomization.yaml"),) if registry else (own, join(overlay, "kustomization.yaml"))
    return replace(item, file=next((name for name in names if name in outcome.files), item.file))


def _plain(item: Any) -> dict[str, Any]:
    return {
        "target": item.target,
        "field": item.field,
        "value": item.value,
        "decided": item.decided,
        "decision": item.decision,
        "why": item.why,
        "where": str(item.where) if item.where else None,
        "from": item.taken,
        "file": item.file,
        "inputs": dict(item.inputs),
        "reliability": item.reliability.shown() if item.reliability else None,
    }


def _parts(item: Any, last: bool) -> tuple[Part, ...]:
    value = (
        item.value
        if isinstance(item.value, str)
        else "none"
        if item.value is None
        else json.dumps(item.value, ensure_ascii=False)
    )
    held = [
        ("value", value),
        ("decision", item.decision),
        (
            "decided",
            f"{item.decided}{f' in {item.where}' if item.where and item.decided in ('pinned', 'spec') else ''}",
        ),
        ("reliability", str(item.reliability or "")),
        ("from", item.taken),
        ("why", item.why),
        ("file", item.file),
    ]
    cells = [(name, text) for name, text in held if text]
    cells += [
        ("" if number else "inputs", f"{name} = {_short(value)}")
        for number, (name, value) in enumerate(item.inputs if last else ())
    ]
    title = Line((Span(item.target, "bold"), Span("  "), Span(item.field, "bold")))
    return title, Table(rows(*cells, styles=("name",)), indent=2, least=8)


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 100 else text[:97] + "..."
