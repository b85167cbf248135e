"""What words name → explanations, one a field."""

from __future__ import annotations

from dataclasses import replace

from kforge.explanations.environment_keys import file_in, key_in
from kforge.explanations.explainer import Explainer
from kforge.explanations.files import ReadText, explain_instruction, explain_line
from kforge.explanations.manifest_lines import absent, caused
from kforge.explanations.words import Asked
from kforge.stages.explain import Explanation


def answers(known: Explainer, what: Asked, disk: ReadText) -> tuple[Explanation, ...]:
    """The explanations of all that is asked for: of a service, of each of its decisions. Raises InputError."""
    if what.file:
        own = file_in(known, what.file, what.line, what.environment, disk) if what.environment else None
        named = what.field and not what.line and what.file in known.dockerfiles
        if own is None and named:
            return explain_instruction(known, what.file, what.field, disk)
        return own if own is not None else explain_line(known, what.file, what.line, disk)
    if what.document is not None:
        return _of_object(known, what)
    if what.keys:
        return (key_in(known, what.keys, what.environment),)
    if what.topic:
        return tuple(
            _in_environment(known, each, what) for each in known.decision(f"{what.service}/{what.topic}", what.field)
        )
    targets = [f"{owner}/{topic}" for owner, topic in known.decisions if owner == what.service]
    return tuple(each for target in targets for each in known.decision(target))


def _of_object(known: Explainer, what: Asked) -> tuple[Explanation, ...]:
    document, environment = what.document, what.environment
    assert document is not None  # noqa: S101 - the caller looked
    if known.outcome.documents[environment].get(document.kind, document.name) is None:
        return (absent(known, document, environment, "", f"`{environment}` has no `{document.target}`"),)
    found = known.field(document, what.field, environment)
    return tuple(caused(known, each, document, environment) if environment else each for each in found)


def _in_environment(known: Explainer, found: Explanation, what: Asked) -> Explanation:
    """With what the environment says of it instead."""
    keys = ("environments", what.environment, "services", what.service, what.topic, *found.field.split("."))
    if not what.environment or not known.said(keys):
        return found
    said = known.key(keys)
    return replace(found, value=said.value, decided="pinned", why=said.why, where=said.where)
