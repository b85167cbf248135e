"""A settled decision against what a case expects of it, and against what the heuristics say.

`expect` maps `topic.field`, or a part of it such as `probes.liveness.type` and `process.ports.0.port`, to a value that
it equals, or to a mapping: `atLeast`, `atMost`, `oneOf`, `contains` and `lacks` (words of a list, parts of a text),
`matches` (a pattern found in a text, or in the words with blanks between), `absent` (null, empty, a probe of type
none). `patience` of a probe is its
period times its failures, in seconds.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

from kforge.domain.kubernetes.quantity import number

Decided = Mapping[str, Mapping[str, Any]]  # topic → field → value
_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?(?:m|Ki|Mi|Gi|Ti|M|G)?")
_PATIENCE = "patience"


def unmet(expect: Mapping[str, Any], decided: Decided) -> Iterator[str]:
    """Every expectation that does not hold, with what is there instead."""
    for path, wanted in expect.items():
        found = at(decided, path)
        checks = wanted if isinstance(wanted, Mapping) else {"is": wanted}
        failed = [f"{how} {value}" for how, value in checks.items() if not _CHECKS[how](found, value)]
        if failed:
            yield f"{path}: {found}, wanted {' and '.join(failed)}"


def moved(expect: Mapping[str, Any], free: Sequence[str], decided: Decided, usual: Decided) -> Iterator[str]:
    """Every field that differs from the heuristics' and that neither `expect` nor `free` names."""
    named = tuple(_meant(path) for path in (*expect, *free))
    for topic in decided:
        before, after = _leaves(topic, usual.get(topic, {})), _leaves(topic, decided[topic])
        for path in sorted(before.keys() | after.keys()):
            if _same(before.get(path), after.get(path)) or any(_within(path, one) for one in named):
                continue
            yield f"{path}: {before.get(path)} became {after.get(path)}"


def at(decided: Decided, path: str) -> Any:
    """The value at a path; None where there is none."""
    held: Any = decided
    for part in path.split("."):
        if part == _PATIENCE:
            return (held.get("period") or 0) * (held.get("failures") or 0)
        if isinstance(held, Mapping):
            held = held.get(part)
        elif isinstance(held, Sequence) and not isinstance(held, str) and part.isdigit():
            held = held[int(part)] if int(part) < len(held) else None
        else:
            return None
    return held


# ---- how a value is held against what is wanted ---------------------------------------------------------------
def _plain(value: Any) -> Any:
    """A number, also of a quantity's or a number's text, so that 1Gi is 1024Mi; anything else as it is."""
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        return number(value)
    return Fraction(value) if type(value) in (int, float) else value


def _same(found: Any, wanted: Any) -> bool:
    return bool(_plain(found) == _plain(wanted))


def _least(found: Any, wanted: Any) -> bool:
    return found is not None and bool(_plain(found) >= _plain(wanted))


def _most(found: Any, wanted: Any) -> bool:
    return found is not None and bool(_plain(found) <= _plain(wanted))


def _holds(found: Any, wanted: Any) -> bool:
    return all(one in (found or ()) for one in _several(wanted))


def _lacks(found: Any, wanted: Any) -> bool:
    return not any(one in (found or ()) for one in _several(wanted))


def _matches(found: Any, wanted: Any) -> bool:
    return bool(re.search(wanted, _text(found)))


def _text(value: Any) -> str:
    """Words with blanks between; commands, a list of such, one a line."""
    if isinstance(value, list):
        return ("\n" if value and isinstance(value[0], list) else " ").join(map(_text, value))
    return "" if value is None else str(value)


def _absent(found: Any, wanted: Any) -> bool:
    empty = found in (None, "", [], {}) or (isinstance(found, Mapping) and found.get("type") == "none")
    return empty is bool(wanted)


def _several(wanted: Any) -> Sequence[Any]:
    return wanted if isinstance(wanted, list) else [wanted]


_CHECKS: Mapping[str, Callable[[Any, Any], bool]] = {
    "is": _same,
    "atLeast": _least,
    "atMost": _most,
    "oneOf": lambda found, wanted: any(_same(found, one) for one in wanted),
    "contains": _holds,
    "lacks": _lacks,
    "matches": _matches,
    "absent": _absent,
}
CHECKS = tuple(_CHECKS)


def _meant(path: str) -> str:
    """What a path lets move: patience is made of two parts, and a type brings parts of its own."""
    *above, last = path.split(".")
    return ".".join(above) if last in (_PATIENCE, "type") or last.isdigit() or above[-1:] == ["0"] else path


def _within(path: str, named: str) -> bool:
    return path == named or path.startswith(f"{named}.")


def _leaves(path: str, value: Any) -> dict[str, Any]:
    if isinstance(value, Mapping):
        return {name: leaf for key in value for name, leaf in _leaves(f"{path}.{key}", value[key]).items()}
    if (
        isinstance(value, list)
        and all(isinstance(one, str) for one in value)
        and not path.endswith((".command", ".steps"))
    ):
        return {path: sorted(value)}
    return {path: value}
