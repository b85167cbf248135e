"""Explanations → screens: a field with its value and one sentence, a decision as a table, details where they are wanted."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile

from kforge.domain.near_words import listed
from kforge.errors import Place
from kforge.output.layout import Line, Part, Span, Table, rows
from kforge.output.value_words import words
from kforge.stages.explain import DEFAULT, Explanation
from kforge.stages.object_fields import short_field

_POD = re.compile(r"spec(?:\.template)?|(?:containers|initContainers)\[[^\]]*\]")  # most of an object lies there
Shown = Callable[[str], str]  # a path of the project → as it is seen from here


@dataclass(frozen=True, slots=True)
class ExplainedText:
    """How explanations are told: with paths as they are seen from the working directory."""

    shown: Shown

    def one(self, item: Explanation) -> tuple[Part, ...]:
        """A field: its value, why, and where it stands."""
        field = short_field(item.field)
        title = [Span(item.target, "name"), *([Span(" "), Span(field, "name")] if field else ())]
        value = [] if item.value is None and not item.decision else [Span("  "), Span(self.value(item), "bold")]
        return (
            Line((*title, *value)),
            *(Line.of(text, indent=2) for text in (self.sentence(item), item.note) if text),
            *(Line.of(text, "dim", 2) for text in (self._stands(item),) if text),
        )

    def value(self, item: Explanation, most: int = 400) -> str:
        """The value in words."""
        return words(item.value, most, item.field)

    def sentence(self, item: Explanation) -> str:
        """Why a value is what it is."""
        if item.decided == "pinned":
            follows = f"follows from `{item.follows}`, " if item.follows else ""
            return f"{follows}pinned in {self.place(item.where)}"
        if item.decided == "spec":
            key = "" if item.why == item.field else f": {item.why}"
            return f"the spec says it in {self.place(item.where)}{key}"
        fixed = item.decided == "kforge" and not item.why.startswith(DEFAULT)
        return f"fixed by kforge: {item.why}" if fixed else item.why

    def reason(self, items: Sequence[Explanation]) -> str:
        """Why something that holds fields is what it is: which of them are pinned, where the others are decided."""
        pinned = [item for item in items if item.decided == "pinned" and not item.follows]
        if not pinned or all(item.decided == "pinned" for item in items):
            return self.sentence((pinned or items)[0])
        names = listed([item.field.rpartition(".")[2] for item in pinned])
        return f"{names} pinned in {self.place(pinned[0].where)}, the rest is decided"

    def place(self, where: Place | None) -> str:
        """File and line, without the column."""
        return str(Place(self.shown(where.file), where.line)) if where else "the spec"

    def file(self, item: Explanation) -> str:
        """The file in which a value stands."""
        return str(Place(self.shown(item.file), item.line)) if item.file else ""

    def _stands(self, item: Explanation) -> str:
        """The decision behind a value, who made it, and the file that has it."""
        target, field = item.settled
        told = []
        if item.decision and (item.target, item.field) != (target, field):
            told.append(f"{target} {field}")
        if item.decision and item.decided != "pinned":
            sure = f" (reliability {item.reliability.score} of 100)" if item.reliability else ""
            told.append(f"decided by {item.decided}{sure}")
        if item.taken:
            told.append(f"from {item.taken}")
        stands = f"in {self.file(item)}" if item.file else ""
        return "; ".join(filter(None, (", ".join(told), stands)))

    def details(self, item: Explanation, last: bool) -> tuple[Part, ...]:
        """All that is known of a field; its inputs where it is the last, since fields of one decision share them."""
        cells = [
            ("value", self.value(item, 100_000)),
            ("decision", item.decision),
            ("decided", self._decided(item)),
            (
                "identity",
                words({key: held for key, held in item.decider.items() if key != "by"})
                if len(item.decider) > 1
                else "",
            ),
            ("reliability", str(item.reliability or "")),
            ("from", item.taken),
            ("why", item.why),
            ("note", item.note),
            ("file", self.file(item)),
        ]
        named = item.inputs if last else ()
        inputs = [
            ("" if number else "inputs", f"{name} = {words(value, 100, name)}")
            for number, (name, value) in enumerate(named)
        ]
        title = Line((Span(item.target, "bold"), Span("  "), Span(item.field, "bold")))
        return title, Table(rows(*(cell for cell in (*cells, *inputs) if cell[1]), styles=("name",)), indent=2, least=8)

    def _decided(self, item: Explanation) -> str:
        pinned = item.where and item.decided in ("pinned", "spec")
        return (
            f"{item.decided} in {self.shown(item.where.file)}:{item.where.line}:{item.where.column}"
            if pinned and item.where
            else item.decided
        )

    def decision(self, items: Sequence[Explanation]) -> tuple[Part, ...]:
        """Fields of one decision: those with one reason in one row, and a reason once."""
        deciders = dict.fromkeys(item.decided for item in items if item.decided != "pinned")
        head = Line(
            (
                Span(items[0].target, "name"),
                Span(f"  decided by {' and '.join(deciders)}" if deciders else "  all of it is pinned"),
            )
        )
        return head, Table(rows(*_folded(self._rows(items)), styles=("name",)), ("FIELD", "VALUE", "WHY"))

    def _rows(self, items: Sequence[Explanation]) -> Iterator[tuple[str, str, str]]:
        groups: dict[str, list[Explanation]] = {}
        for item in items:
            groups.setdefault(item.field.partition(".")[0], []).append(item)
        for name, held in groups.items():
            if len(held) > 1 and len({self.sentence(item) for item in held}) == 1:
                values = (f"{item.field.partition('.')[2]} {self.value(item)}" for item in held)
                yield name, ", ".join(values), self.sentence(held[0])
            else:
                yield from ((item.field, self.value(item, 200), self.sentence(item)) for item in held)

    def fields(self, title: str, items: Sequence[Explanation]) -> tuple[Part, ...]:
        """Fields of an object or a file: what is decided or said, and how many others kforge writes by itself."""
        told = [item for item in items if item.decided != "kforge"] or items
        held: dict[str, dict[str, list[str]]] = {}
        for item in told:
            value = self.value(item, 80)
            name = short_field(item.field).removeprefix("containers[0].") or item.target  # understood without it
            held.setdefault(self._from(item), {}).setdefault(value, []).append(name)
        table = [row for origin, values in held.items() for row in _of_origin(origin, values)]
        others = len(items) - len(told)
        rest = f"{others} more {'field is' if others == 1 else 'fields are'} fixed by kforge; `-v` shows all of them"
        return (
            Line.of(title, "name"),
            Table(rows(*table, styles=("name",)), ("FIELD", "VALUE", "FROM")),
            *((Line.of(rest, "dim"),) if others else ()),
        )

    def _from(self, item: Explanation) -> str:
        """What is behind a value, in few words."""
        if item.decision and item.decided != "pinned":
            target, field = item.settled
            return f"{target} {field.partition('.')[0]}"
        if item.decided == "kforge":
            return item.why if item.why.startswith(DEFAULT) else f"kforge: {item.why}"
        key = item.why if item.decided == "spec" else item.decision.replace(": ", " ")
        parts = key.split(".")
        short = ".".join(parts[2:]) if parts[0] == "services" and len(parts) > 2 else key
        return f"{self.place(item.where)} {short}"


def _of_origin(origin: str, values: Mapping[str, list[str]]) -> Iterator[tuple[str, str, str]]:
    """Rows of the fields with one origin: one row where something small holds them all."""
    names = [name for held in values.values() for name in held]
    columns = zip(*(name.split(".")[:-1] for name in names), strict=False)
    above = ".".join(parts[0] for parts in takewhile(lambda parts: len({*parts}) == 1, columns))
    if len(values) > 1 and above and not _POD.fullmatch(above):
        said = (f"{name[len(above) + 1 :]} {value}" for value, held in values.items() for name in held)
        yield above, ", ".join(said), origin
        return
    yield from ((_fields(held), value, origin) for value, held in values.items())


def _fields(names: list[str]) -> str:
    return ", ".join(names) if len(names) <= 3 else f"{names[0]} and {len(names) - 1} others"


def _folded(found: Iterable[tuple[str, str, str]]) -> Iterator[tuple[str, str, str]]:
    """Rows in which equal reasons follow each other, the others naming the first; a line of the spec is short enough."""
    by_reason: dict[str, list[tuple[str, str]]] = {}
    for field, value, why in found:
        by_reason.setdefault(why, []).append((field, value))
    for why, held in by_reason.items():
        for number, (field, value) in enumerate(held):
            yield field, value, f"as for {held[0][0]}" if number and not why.startswith("pinned in ") else why


def plain_explanation(item: Explanation) -> Mapping[str, object]:
    """For machines."""
    return {
        "target": item.target,
        "field": item.field,
        "value": item.value,
        "decided": item.decided,
        "decider": {**item.decider} or None,
        "decision": item.decision,
        "why": item.why,
        "note": item.note,
        "where": str(item.where) if item.where else None,
        "from": item.taken,
        "file": item.file,
        "line": item.line or None,
        "inputs": dict(item.inputs),
        "reliability": item.reliability.shown() if item.reliability else None,
    }
