"""Say which value something has, why, who decided it, and where it stands: in the
spec, in a decision, in a file. `-v` adds inputs, deciders and every field.

examples:
  kforge explain                        what can be asked
  kforge explain web                    a service on one screen
  kforge explain web/probes             a decision
  kforge explain web memory             a field of one
  kforge explain deploy/web limits.memory
  kforge explain deploy/kubernetes/web/deployment.yaml:42
  kforge explain prod                   what an environment changes, and why
  kforge explain -e prod hpa/web minReplicas
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from kforge.commands import explained_words
from kforge.commands import options as shared
from kforge.output.layout import Line, Part, show
from kforge.output.text import emit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kforge.explanations.explainer import Explainer
    from kforge.explanations.words import Asked
    from kforge.output.explained import ExplainedText
    from kforge.stages.explain import Explanation


def arguments(parser: argparse.ArgumentParser) -> None:
    explained_words.arguments(parser)
    parser.add_argument("-e", "--environment", default="", metavar="NAME", help="as it is in this environment")
    parser.add_argument("-v", "--verbose", action="store_true", help="add inputs, deciders, and every field")
    shared.one_spec(parser)
    shared.formats(parser, "text", "json")


def run(options: argparse.Namespace) -> int:
    from kforge.explanations.explainer import Explainer
    from kforge.explanations.words import Asked
    from kforge.output.explained import ExplainedText
    from kforge.output.places import shown

    project = shared.project(options, "explain")
    known = Explainer(shared.compute(project, options))
    what = explained_words.read(known, options) if options.target else Asked(environment=options.environment)
    text = ExplainedText(lambda path: shown(project, path))
    if options.format == "json":
        from kforge.output.json_text import dump

        emit(dump(_data(known, what), ordered=False))
    else:
        show(*_screen(known, what, text, options.verbose))
    return 0


def _screen(known: Explainer, what: Asked, text: ExplainedText, verbose: bool) -> Sequence[Part]:
    from kforge.explanations.environment_changes import environment_changes
    from kforge.output.explained_overview import environment_screen, everything_screen, service_screen

    whole = not (what.topic or what.keys or what.document or what.file)
    if whole and what.environment:
        changes = environment_changes(known, what.environment, what.service)
        return environment_screen(known, what.environment, changes, text, what.service)
    if whole and not what.service:
        return everything_screen(known)
    if whole and not verbose:
        return service_screen(known, what.service, text)
    return _fields(_answers(known, what), what, text, verbose)


def _answers(known: Explainer, what: Asked) -> tuple[Explanation, ...]:
    from kforge.explanations.answers import answers

    return answers(known, what, explained_words.disk(known.outcome.project))


def _fields(found: Sequence[Explanation], what: Asked, text: ExplainedText, verbose: bool) -> Sequence[Part]:
    if verbose:  # fields of one decision came from the same inputs: they are listed once, at the end
        ends = [
            after is None or after.settled[0] != item.settled[0]
            for item, after in zip(found, (*found[1:], None), strict=True)
        ]
        return [part for item, last in zip(found, ends, strict=True) for part in (Line(), *text.details(item, last))][
            1:
        ]
    if len(found) == 1:
        return text.one(found[0])
    if what.file and what.field:
        return [part for item in found for part in text.one(item)]
    if len({item.settled[0] for item in found}) == 1 and found[0].target == found[0].settled[0]:
        return text.decision(found)
    title = f"{what.file}:{what.line}" if what.line else what.file or (what.document.target if what.document else "")
    return text.fields(" ".join(filter(None, (title, what.field if what.document else ""))), found)


def _data(known: Explainer, what: Asked) -> Sequence[object]:
    from kforge.explanations.environment_changes import environment_changes
    from kforge.output.explained import plain_explanation

    whole = not (what.topic or what.keys or what.document or what.file)
    if whole and what.environment:
        return [
            {
                **plain_explanation(each.explained),
                "targets": [*each.targets],
                "before": each.before,
                "value": each.after,
            }
            for each in environment_changes(known, what.environment, what.service)
        ]
    if whole and not what.service:
        targets = [f"{service}/{topic}" for service, topic in known.decisions]
        objects = [item.target for item in known.outcome.documents[""].objects()]
        return [{"target": each} for each in (*known.services, *targets, *objects, *known.environments)]
    return [plain_explanation(each) for each in _answers(known, what)]
