"""Values that objects show in each environment → those of the chart, what an environment changes, and their text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from kforge.domain.yaml_text import block_lines, scalar
from kforge.render.helm.schema import CHART, SERVICE, subchart

if TYPE_CHECKING:
    from kforge.domain.spec.chart_types import Subchart

Values = dict[str, Any]
_EXACT = frozenset((
    "affinity", "annotations", "config", "env", "labels", "nodeSelector", "podAnnotations", "podLabels", "resources", "secrets",
))  # fmt: skip


def ordered(values: Mapping[str, Any]) -> Values:
    """A service's values in the order in which people read them, and their blocks in that of the schema."""
    out: Values = {}
    for key, definition in SERVICE.items():
        if key in values:
            known = definition.get("properties", {})
            held = values[key]
            blocks = isinstance(held, dict) and known and key not in _EXACT
            out[key] = {name: held[name] for name in known if name in held} if blocks and key != "storage" else held
    return out


def completed(base: Values, others: Iterable[Values]) -> Values:
    """The base's values with those that only an environment shows, for what is switched off in the base."""
    out = dict(base)
    for other in others:
        for key, value in other.items():
            mine = out.setdefault(key, value)
            if (
                key not in _EXACT
                and isinstance(mine, dict)
                and isinstance(value, dict)
                and mine.get("enabled") is False
            ):
                out[key] = {**value, **mine}
    return out


def difference(base: Mapping[str, Any], other: Mapping[str, Any], exact: bool = False) -> Values:
    """What turns the values into others when Helm merges it in: `null` takes an entry out of a mapping of the user's."""
    out: Values = {key: None for key in base if key not in other} if exact else {}
    for key, value in other.items():
        mine = base.get(key)
        if isinstance(mine, dict) and isinstance(value, dict):
            if inner := difference(mine, value, exact or key in _EXACT):
                out[key] = inner
        elif key not in base or mine != value or type(mine) is not type(value):
            out[key] = value
    return out


def whole_text(values: Mapping[str, Any]) -> str:
    """values.yaml below its head: every key of the chart and of a service under a comment that says what it is."""
    lines: list[str] = []
    written: dict[tuple[str, str], tuple[str, ...]] = {}  # most values of services are those of other services
    for key, value in values.items():
        if key == "services":
            lines += ["", "# The services, by name.", "services:"]
            for name, held in value.items():
                lines.append(f"  {scalar(name)}:")
                for inner, said in held.items():
                    each = inner, repr(said)
                    if each not in written:
                        written[each] = tuple(_described({inner: said}, SERVICE, "    "))
                    lines += written[each]
        else:
            lines += ["", *_described({key: value}, CHART, "")]
    return "\n".join(lines) + "\n"


def subcharts_text(subcharts: Iterable[Subchart]) -> str:
    """Their values, below those of the chart."""
    lines: list[str] = []
    for each in subcharts:
        lines += [
            "",
            f"# {subchart(each)['description']}",
            f"{scalar(each.key)}:",
            *block_lines({"enabled": each.enabled}, "  "),
        ]
        lines += block_lines(each.values, "  ") if each.values else []
    return "".join(f"{line}\n" for line in lines)


def _described(values: Mapping[str, Any], known: Mapping[str, Any], pad: str) -> Iterator[str]:
    for key, value in values.items():
        yield f"{pad}# {known[key]['description']}"
        inner = known[key].get("properties") if key not in _EXACT else None
        if isinstance(value, dict) and inner and value:
            yield f"{pad}{key}:"
            for name, held in value.items():
                if not pad and (said := inner[name].get("description")):  # once for all: services have the same keys
                    yield f"  # {said}"
                if isinstance(held, dict) and held and "properties" in inner[name]:  # its keys as people read them
                    yield f"{pad}  {scalar(name)}:"
                    for deeper, said in held.items():
                        yield from block_lines({deeper: said}, pad + "    ")
                else:
                    yield from block_lines({name: held}, pad + "  ")
        else:
            yield from in_order({key: value}, pad)


def in_order(values: Mapping[str, Any], pad: str = "") -> Iterator[str]:
    """Values in the order that they have, but for mappings of the user's own keys, which go by the alphabet."""
    for key, value in values.items():
        if isinstance(value, dict) and value and key not in _EXACT:
            yield f"{pad}{scalar(key)}:"
            yield from in_order(value, pad + "  ")
        else:
            yield from block_lines({key: value}, pad)
