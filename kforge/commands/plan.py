"""Show every decision and every file: its state, and what a build would do. Writes
nothing and asks no model.

States of a decision: pinned (the spec says it), locked (an earlier answer, its
inputs unchanged), stale (an input changed: asked again), outdated (an older
kforge asked it: stays until --upgrade), heuristics (new, settled offline).
Where a build asks a model, plan shows the heuristics' answer and what it makes
of the files, marked as a preview.

examples:
  kforge plan
  kforge plan --model auto          whom a build with it would ask
  kforge plan --prompts web/build   what a model would be sent: nothing else is
  kforge plan --format json | jq '.decisions[] | select(.state == "stale")'
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from kforge.commands import model_options
from kforge.commands import options as shared
from kforge.errors import InputError
from kforge.output.findings import findings, problem
from kforge.output.layout import Span, Table, show, tell
from kforge.output.text import count, emit, inert, say

if TYPE_CHECKING:
    from kforge.errors import Problem
    from kforge.outcome import Outcome

WOULD = {
    "created": "create", "changed": "change", "missing": "restore", "removed": "remove", "unchanged": "unchanged",
    "kept": "keep (outdated)", "edited": "refuse: edited by hand", "foreign": "refuse: not kforge's", "left": "leave: edited by hand",
    "shared": "refuse: another spec's",
}  # fmt: skip
STYLES = {
    "stale": "warning", "outdated": "warning", "created": "good", "missing": "good", "changed": "name", "removed": "bad",
    "kept": "warning", "edited": "error", "foreign": "error", "left": "warning", "unchanged": "dim", "shared": "error",
}  # fmt: skip


def arguments(parser: argparse.ArgumentParser) -> None:
    shared.one_spec(parser)
    shared.run(parser, offline="as for build; plan asks no model anyway")
    model_options.named(parser)
    shared.together(parser)
    shared.formats(parser, "text", "json")
    shared.verbose(parser)
    parser.add_argument(
        "--prompts", metavar="TARGET", help="print exactly what a model would be sent about web/build, and its size"
    )
    parser.add_argument("--graph", metavar="FORM", help=argparse.SUPPRESS)  # told where it went


def run(options: argparse.Namespace) -> int:
    if options.graph:
        raise InputError(
            "`plan --graph` is a command of its own", hint="`kforge graph --files --format mermaid`, or `dot`"
        )
    if options.prompts:
        from kforge.llm.prompt import show
        from kforge.prompt_export import request_for

        project, most = shared.project(options), model_options.together(options.together)
        request, targets, left = request_for(
            project, shared.pipeline_options(options, [project]), options.prompts, most
        )
        emit(show(request))
        if len(targets) > 1:
            say(f"note: one request for {', '.join(targets)}, in this order; what the cache answers is left out of it")
        if not left:
            say("note: the spec has no `model` block, so a build asks nobody; `kforge evaluate` would send this")
        return 0
    outcome = shared.compute(shared.project(options), options, merges=True)
    if options.format == "json":
        from kforge.output.json_text import dump

        emit(dump(_json(outcome)))
    else:
        _show(outcome, options.verbose, options.model)
    return 1 if outcome.errors else 2 if _refused(outcome) else 0  # as `build`, which refuses nothing before its errors


def _refused(outcome: Outcome) -> tuple[Problem, ...]:
    """What a build would refuse without a flag: files that are not this spec's, and lost data."""
    from kforge.stages.compare import refusals
    from kforge.stages.dataloss import losses

    return (*refusals(outcome.changes), *losses(outcome.changes))


def _show(outcome: Outcome, verbose: bool, model: str) -> None:
    decisions = [decision for _, decision in sorted(outcome.settled.decisions.items())]
    asked = _asked(outcome)
    rows = tuple(
        (
            Span(target),
            Span(one.state + _mark(target in asked), STYLES.get(one.state, "")),
            Span(", ".join(one.pinned)),
            Span(one.why or (f"reliability {one.reliability}" if one.reliability else "")),
        )
        for one in decisions
        for target in [f"{one.service}/{one.topic}"]
    )
    files = tuple(
        (Span(change.path), Span(WOULD[change.status] + _mark(change.path in asked), STYLES[change.status]))
        for change in outcome.changes
    )
    show(Table(rows, ("DECISION", "STATE", "PINNED", "WHY")), Table(files, ("FILE", "A BUILD WOULD")))
    if outcome.findings:
        tell(*findings(outcome.findings, verbose))
    if refused := _refused(outcome):
        tell(*(line for item in refused for line in problem(item)))
        say("a build would refuse this and write nothing")
    _say_whom(outcome, model, bool(asked))
    pending = outcome.changes.pending
    app = outcome.loaded.world.spec.app
    say(
        f"{app}: {count(len(decisions), 'decision')}, {count(len(outcome.files), 'file')}; a build would write {len(pending)}"
    )


def _say_whom(outcome: Outcome, model: str, asked: bool) -> None:
    """Say which model a build would ask, and where there is none to be asked although one is named."""
    block = outcome.loaded.world.spec.model
    if block is None and model:
        say(model_options.unasked(inert(model), "asks"))
    elif block is not None and asked:
        name = model_options.wanted(model, block.name)
        whom = "a model" if name == "auto" else f"`{inert(name)}`"
        say(f"preview: a build asks {whom} there; what is shown is the heuristics' answer")


def _mark(preview: bool) -> str:
    return " (preview)" if preview else ""


def _asked(outcome: Outcome) -> set[str]:
    """Decisions that a build asks a model about, and the files made from them, directly or through other decisions."""
    from kforge import catalog
    from kforge.stages.previews import previews

    targets = previews(outcome.loaded.world, catalog.topics(), outcome.settled)
    services = {target.partition("/")[0] for target in targets}
    read = tuple(f"services.{target.replace('/', '.decisions.')}." for target in targets)
    services |= {
        node.service for node, names in outcome.assembled.reads.items() if any(name.startswith(read) for name in names)
    }
    return {*targets, *(path for path, file in outcome.files.items() if file.service in services)}


def _json(outcome: Outcome) -> dict[str, Any]:
    from kforge.output.json_text import finding as plain
    from kforge.output.json_text import problem as refusal

    asked = _asked(outcome)
    return {
        "decisions": [
            {
                "target": f"{one.service}/{one.topic}",
                "state": one.state,
                "why": one.why,
                "value": one.value,
                "reasons": dict(one.reasons),
                "decider": one.decider.record(),
                "reliability": one.reliability.shown() if one.reliability else None,
                "pinned": list(one.pinned),
                "inputs": dict(one.inputs),
                "preview": f"{one.service}/{one.topic}" in asked,
            }
            for _, one in sorted(outcome.settled.decisions.items())
        ],
        "files": [
            {"path": change.path, "status": change.status, "preview": change.path in asked}
            for change in outcome.changes
        ],
        "artifacts": [
            {
                "service": node.service,
                "artifact": node.artifact,
                "environment": node.environment,
                "files": list(paths),
                "reads": sorted(outcome.assembled.reads[node]),
            }
            for node, paths in sorted(
                outcome.assembled.made.items(),
                key=lambda item: (item[0].environment, item[0].service, item[0].artifact),
            )
            if paths
        ],
        "findings": [plain(item) for item in outcome.findings],
        "problems": [refusal(item) for item in _refused(outcome)],
    }
