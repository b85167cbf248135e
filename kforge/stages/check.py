"""Documents + rules + waivers → Findings. Unaware of what a rule means and of what day it is.

Rules rely on the types of fields, so what looks at types looks first, and alone where one is wrong.

A waiver counts up to its last day; one that has ended, covers nothing, or is for a rule that cannot be waived is a
finding itself. Findings come in one order: environment, file, field, rule, message.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date
from difflib import get_close_matches
from typing import Protocol

from kforge.domain.document import Document, Documents
from kforge.domain.fieldpath import PathError, ancestors
from kforge.domain.finding import Finding, Hit, Level, Rule
from kforge.domain.spec.waivers import covers
from kforge.errors import Place

Locate = Callable[[Document, str], Place | None]  # a document and an origin of its → the spec line behind it
_SPEC = Document(path="", artifact="waiver", lines=())
_DIGITS = re.compile(r"([0-9]{1,18})")  # Python refuses to read thousands of digits
# Pages of the findings that are about a waiver, as a rule's docstring is its page.
WAIVER_PAGES: Mapping[str, str] = {
    "refused-waiver": (
        "A waiver names a rule that can be waived.\n\nWhat the API server refuses, or what keeps a repository from "
        "reaching beyond itself, takes no exception: remove the waiver and repair what it names. An error."
    ),
    "expired-waiver": (
        "A waiver has not ended.\n\nIt counts up to and with the day in `until`; from then on it says so, and what it "
        "covered is found again. Repair it, or move the date. A warning."
    ),
    "unused-waiver": (
        "A waiver covers something.\n\nOne that covers no finding in any environment names a rule that does not exist, "
        "or an object that is gone or in order. It would hide the next fault: remove it. A warning."
    ),
}


class WaiverLike(Protocol):
    """A rule that does not hold for some targets, as the spec has it."""

    @property
    def rule(self) -> str: ...
    @property
    def target(self) -> str: ...
    @property
    def until(self) -> str | None: ...


def check(
    documents: Documents, rules: Iterable[Rule], waivers: Sequence[WaiverLike], today: date, locate: Locate
) -> tuple[Finding, ...]:
    """Findings of one environment on its own."""
    return check_all((documents,), rules, waivers, today, locate)


def check_all(
    environments: Iterable[Documents], rules: Iterable[Rule], waivers: Sequence[WaiverLike], today: date, locate: Locate
) -> tuple[Finding, ...]:
    """Findings of every environment, base first; what an environment shares with the base is said once.

    A waiver is unused when it covers nothing in any of them.
    """
    known = tuple(rules)
    found: list[Finding] = []
    said: set[tuple[str, str, str, str]] = set()
    used: set[int] = set()
    whole = True
    refused = {rule.id for rule in known if not rule.waivable}
    alive = [index for index, waiver in enumerate(waivers) if not _ended(waiver, today) and waiver.rule not in refused]
    for documents in sorted(environments, key=lambda each: each.environment):
        hits, complete = _hits(documents, known)
        whole = whole and complete
        for finding in (_finding(rule, hit, documents.environment, locate) for rule, hit in hits):
            covering = [index for index in alive if _covers(waivers[index], finding)]
            used.update(covering)
            same = (finding.rule, finding.object or finding.file, finding.field, finding.message)
            if not covering and same not in said:
                found.append(finding)
                said.add(same)
    for index, waiver in enumerate(waivers):
        found += _of_waiver(index, waiver, known, index in used or not whole, today, locate)
    return tuple(sorted(found, key=_order))


def _hits(documents: Documents, rules: Collection[Rule]) -> tuple[list[tuple[Rule, Hit]], bool]:
    """What the rules find, and whether all of them looked: where a type is wrong, only those that look at types do."""
    found = [(rule, hit) for rule in rules if rule.types for hit in rule.check(documents)]
    if any(hit.misfit for _, hit in found):
        return found, False
    return found + [(rule, hit) for rule in rules if not rule.types for hit in rule.check(documents)], True


def _finding(rule: Rule, hit: Hit, environment: str, locate: Locate) -> Finding:
    origin = _origin(hit.document, hit.field)
    return Finding(
        rule=rule.id,
        level=rule.level,
        message=hit.message,
        file=hit.document.path,
        field=hit.field,
        hint=hit.hint or rule.hint,
        where=hit.document.place(hit.field) if hit.document.place else locate(hit.document, origin),
        origin=_named(origin, hit.document.service),
        object=hit.document.target if hit.document.data else "",
        environment=environment,
    )


def _origin(document: Document, field: str) -> str:
    """Where the field, or what is around it, comes from; "" where nobody knows."""
    try:
        return next((document.origins[path] for path in ancestors(field) if path in document.origins), "")
    except PathError:
        return document.origins.get(field, "")


def _named(origin: str, service: str) -> str:
    """An origin as a reader of the spec knows it: `services.web.image`, `registry`, `web/resources.memory`."""
    head, _, rest = origin.partition(".")
    if not rest or ": " in origin:
        return origin
    if head == "app":
        return rest
    if head == "spec":
        return f"services.{service}.{rest}"
    return f"{service}/{origin}"


def _order(finding: Finding) -> tuple[object, ...]:
    return finding.environment, finding.file, _natural(finding.field), finding.rule, finding.message


def _natural(field: str) -> tuple[tuple[int, str], ...]:
    """`[10]` comes after `[2]`."""
    return tuple((int(part) if _DIGITS.fullmatch(part) else -1, part) for part in _DIGITS.split(field))


# --- waivers ---


def _ended(waiver: WaiverLike, today: date) -> bool:
    return waiver.until is not None and waiver.until < today.isoformat()


def _covers(waiver: WaiverLike, finding: Finding) -> bool:
    return covers(waiver.rule, waiver.target, finding.rule, finding.object or finding.file)


def _of_waiver(
    index: int, waiver: WaiverLike, rules: Collection[Rule], used: bool, today: date, locate: Locate
) -> Iterable[Finding]:
    """What is to say of a waiver itself."""
    what = f"the waiver of `{waiver.rule}` for `{waiver.target}`"
    by_id = {rule.id: rule for rule in rules}
    rule = by_id.get(waiver.rule)
    level: Level = "warning"
    if rule is not None and not rule.waivable:
        name, level = "refused-waiver", "error"
        message, hint = f"rule `{waiver.rule}` cannot be waived", "remove the waiver and repair what it names"
    elif _ended(waiver, today):
        name, message, hint = "expired-waiver", f"{what} ended on {waiver.until}", "repair it, or move the date"
    elif not used:
        near = get_close_matches(waiver.rule, sorted(by_id), 1) if rule is None else []
        hint = f"did you mean `{near[0]}`" if near else "remove it"
        name, message = "unused-waiver", f"{what} covers nothing"
    else:
        return
    where = locate(_SPEC, f"app.waivers.{index}")
    yield Finding(
        rule=name,
        level=level,
        message=message,
        file=where.file if where else "",
        field=f"waivers[{index}]",
        hint=hint,
        where=where,
    )
