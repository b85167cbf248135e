"""Documents + rules + waivers → Findings. Unaware of what a rule means and of what day it is.

Rules rely on the types of fields, so what looks at types looks first, and alone where one is wrong.

A waiver counts up to its last day; one that has ended, covers nothing, or is for a rule that cannot be waived is a
finding itself. Findings come in one order: environment, file, field, rule, message.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Protocol

from kforge.domain.document import Document, Documents
from kforge.domain.fieldpath import PathError, ancestors
from kforge.domain.finding import Finding, Hit, Level, Rule
from kforge.domain.natural_order import natural
from kforge.domain.near_words import near_words
from kforge.domain.spec.waivers import covers
from kforge.errors import InputError, Place

Locate = Callable[[Document, str], Place | None]  # a document and an origin of its → the spec line behind it
LOOKED = 50_000  # fields that rules find wrong: those of ten thousand objects, and a pull request may make millions
TOLD = 300  # findings of one rule
COMPARED = 2_000_000  # targets with waivers: a second
_SPEC = Document(path="", artifact="waiver", lines=())
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

    A waiver is unused when it covers nothing in any of them. Rules look at no more than LOOKED fields that they find
    wrong, and no more than TOLD findings of a rule are told; that there are more is an error, and the rule's finding.
    """
    known = tuple(rules)
    judging = _Judging(_Waived(waivers, known, today, locate), locate)
    for documents in sorted(environments, key=lambda each: each.environment):
        judging.look(documents, known)
    found = judging.findings()
    for index, waiver in enumerate(waivers):
        found += _of_waiver(index, waiver, known, index in judging.waived.used or not judging.whole, today, locate)
    return tuple(sorted(found, key=_order))


class _Judging:
    """What the rules find, one environment after the other. `whole`: all rules have looked at everything."""

    def __init__(self, waived: _Waived, locate: Locate) -> None:
        self.waived, self.whole = waived, True
        self._locate = locate
        self._found: list[Finding] = []
        self._said: set[tuple[str, str, str, str]] = set()
        self._told: Counter[Rule] = Counter()
        self._looked = 0

    def look(self, documents: Documents, rules: Collection[Rule]) -> None:
        """Rules that look at types come first: where a type is wrong, no other rule looks."""
        sound = True
        for rule in sorted(rules, key=lambda each: not each.types):
            if not (sound or rule.types):
                self.whole = False
                return
            for hit in rule.check(documents):
                sound = sound and not hit.misfit
                self._looked += 1
                if self._looked > LOOKED and not rule.types:
                    self.whole = False
                    return
                self._judge(rule, hit, documents.environment)

    def _judge(self, rule: Rule, hit: Hit, environment: str) -> None:
        about = hit.document.target
        # The name of a job ends in a digest of its pod, which an environment may change.
        lasting = hit.document.path if hit.document.kind == "Job" and hit.document.service else about
        same = (rule.id, lasting, hit.field, hit.message)
        if same in self._said or self.waived.covers(rule, about):
            return
        self._told[rule] += 1
        if self._told[rule] <= TOLD:
            self._said.add(same)
            self._found.append(_finding(rule, hit, environment, self._locate))

    def findings(self) -> list[Finding]:
        """What was found, and what was left out of it."""
        where = self._locate(_SPEC, "app.services")
        file = where.file if where else ""
        more = f"this rule has more findings: the first {TOLD} are shown"
        hint = "fix these first, or write one waiver for all of them"
        rest = [
            Finding(rule.id, rule.level, more, file, "", hint, where) for rule in self._told if self._told[rule] > TOLD
        ]
        if not self.whole and self._looked > LOOKED:
            message = f"more than {LOOKED} fields are wrong, so not everything was checked"
            rest.append(Finding("unfinished", "error", message, file, "", "fix what is shown first", where))
        return self._found + rest


class _Waived:
    """Waivers by rule → which targets they cover, each target looked up once."""

    def __init__(self, waivers: Sequence[WaiverLike], rules: Iterable[Rule], today: date, locate: Locate) -> None:
        self.used: set[int] = set()
        self._locate = locate
        refused = {rule.id for rule in rules if not rule.waivable}
        self._alive: dict[str, list[tuple[int, WaiverLike]]] = {}
        for index, waiver in enumerate(waivers):
            if not _ended(waiver, today) and waiver.rule not in refused:
                self._alive.setdefault(waiver.rule, []).append((index, waiver))
        self._known: dict[tuple[str, str], bool] = {}
        self._compared = 0

    def covers(self, rule: Rule, target: str) -> bool:
        """Raises InputError where there are too many waivers for so many targets."""
        alive = self._alive.get(rule.id)
        if alive is None:
            return False
        if (rule.id, target) not in self._known:
            self._compared += len(alive)
            if self._compared > COMPARED:
                raise InputError(
                    f"too many waivers of rule `{rule.id}` for so many objects",
                    self._locate(_SPEC, f"app.waivers.{alive[0][0]}"),
                    "write one waiver for several objects: `target: Deployment/*`",
                )
            covering = [index for index, waiver in alive if covers(waiver.rule, waiver.target, rule.id, target)]
            self.used.update(covering)
            self._known[rule.id, target] = bool(covering)
        return self._known[rule.id, target]


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
        service=hit.document.service,
    )


def _origin(document: Document, field: str) -> str:
    """Origin of the field or of the nearest one around it; "" where none is recorded."""
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
    if head == "services":
        return origin
    if head == "spec":
        return f"services.{service}.{rest}"
    return f"{service}/{origin}"


def _order(finding: Finding) -> tuple[object, ...]:
    return finding.environment, finding.file, natural(finding.field), finding.rule, finding.message


# --- waivers ---


def _ended(waiver: WaiverLike, today: date) -> bool:
    return waiver.until is not None and waiver.until < today.isoformat()


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
        message, hint = f"rule `{waiver.rule}` cannot be waived", "remove the waiver and fix what it covers"
    elif _ended(waiver, today):
        name, message, hint = "expired-waiver", f"{what} ended on {waiver.until}", "fix it, or change `until`"
    elif not used:
        near = near_words(waiver.rule, by_id) if rule is None else []
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
