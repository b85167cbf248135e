"""What words name → the fields of decisions that a pin can settle, or what to do where there are none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from kforge.domain.near_words import listed
from kforge.domain.spec.pins import leaves
from kforge.errors import InputError
from kforge.explanations.answers import answers
from kforge.explanations.explainer import Explainer
from kforge.explanations.files import ReadText
from kforge.explanations.words import Asked
from kforge.stages.explain import DEFAULT, Explanation
from kforge.stages.object_fields import short_field

RECIPE = "recipe"
Pinnable = tuple[str, str]  # a decision, and a field of it: ("web/resources", "memory")


def pinnable(known: Explainer, what: Asked, disk: ReadText) -> tuple[Pinnable, ...]:
    """The open fields behind what is named, whether in a decision, an object or a line. Raises InputError for none."""
    if what.topic:
        return _of_decision(known, what)
    if what.keys:
        raise _said(answers(known, what, disk)[0])
    if what.document is None and not what.file:
        raise _whole(known, what)
    found = answers(known, what, disk)
    named = what.field or what.line
    if found[0].note and found[0].settled[1] == RECIPE:
        hint = (
            f"`kforge pin {found[0].settled[0]} recipe` pins the recipe; for other lines write a Dockerfile of your own"
        )
        raise InputError(f"{found[0].note}, and no decision of its own is behind it", hint=hint)
    open_fields = dict.fromkeys(each.settled for each in found if _is_open(each))
    if not named or len({target for target, _ in open_fields}) > 1:
        raise _several(what, found)
    if not open_fields:
        raise _said(found[0])
    return tuple(open_fields)


def is_one_value(known: Explainer, what: Asked) -> bool:
    """Whether what is named is one value, which has no field of its own."""
    if what.topic and what.field:
        value: Any = known.decisions[what.service, what.topic].value
        for key in what.field.split("."):
            value = value.get(key) if isinstance(value, Mapping) else None
        return not isinstance(value, Mapping)
    return bool(what.line or (what.document is not None and what.field) or what.keys)


def _of_decision(known: Explainer, what: Asked) -> tuple[Pinnable, ...]:
    decision, target = known.decisions[what.service, what.topic], f"{what.service}/{what.topic}"
    open_fields = [each.field for each in known.decision(target) if each.decided != "pinned" and each.value is not None]
    inner = {name for name in leaves(decision.value) if not what.field or f"{name}.".startswith(f"{what.field}.")}
    found = [name for name in open_fields if name in inner]
    if not found and what.field:
        settled = known.decision(target, what.field)
        if all(each.decided == "pinned" for each in settled):
            raise _said(settled[0] if len(settled) == 1 else replace(settled[0], field=what.field))
    if not found:
        told = f"no open field `{what.field}`" if what.field else "no open field"
        hint = f"these are open: {listed(open_fields)}" if open_fields else "the spec says all of it already"
        raise InputError(f"`{target}` has {told}", hint=hint)
    return tuple((target, name) for name in found)


def _whole(known: Explainer, what: Asked) -> InputError:
    if what.service:
        topics = [f"{what.service}/{topic}" for owner, topic in known.decisions if owner == what.service]
        return InputError(f"which decision of `{what.service}`?", hint=f"there are {listed(topics)}")
    message = f"`{what.environment}` is an environment, and pins are of the base"
    return InputError(message, hint=f"write the value under `environments.{what.environment}.services`")


def _several(what: Asked, found: Sequence[Explanation]) -> InputError:
    name = what.file or (what.document.target if what.document else "")
    name = f"{name}:{what.line}" if what.line else " ".join(filter(None, (name, what.field)))
    fields = [each for each in found if _is_open(each)]
    if not fields:
        return InputError(f"no decision is behind `{name}`", hint=f"`kforge explain {name}` says what is")
    ways = [*dict.fromkeys(" ".join(each.settled) for each in fields)]
    told = f"{', '.join(f'`{way}`' for way in ways[:3])}{f' and {len(ways) - 3} more' if len(ways) > 3 else ''}"
    return InputError(f"`{name}` holds several decisions", hint=f"name one, or a line: {told}")


def _is_open(item: Explanation) -> bool:
    return bool(item.decision) and item.decided != "pinned" and item.value is not None


def _said(item: Explanation) -> InputError:
    """What to do instead of pinning: change the line of the spec that says it, or patch what kforge fixes."""
    name = f"{item.target} {short_field(item.field)}".strip()
    if item.decided == "pinned":
        line = f" in {item.where.file}:{item.where.line}" if item.where else ""
        return InputError(f"`{name}` is pinned already{line}", item.where, "change it there")
    if item.decided == "spec":
        return InputError(f"the spec says `{name}` already", item.where, "change it there")
    if item.why.startswith(DEFAULT):
        return InputError(f"`{name}` is no decision", hint=f"it is {item.why}")
    if "/" in item.target and not item.file.endswith(("Dockerfile", ".hcl")) and item.field[:1] not in ("", "$"):
        patch = f"patches: [{{target: {item.target}, path: {item.field}, value: …, reason: …}}]"
        return InputError(
            f"`{name}` is fixed by kforge: no decision is behind it", hint=f"a patch changes it: `{patch}`"
        )
    return InputError(f"`{name}` is fixed by kforge: no decision is behind it", hint=f"it is so because: {item.why}")
