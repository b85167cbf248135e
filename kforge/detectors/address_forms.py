"""Variables that the program reads where it listens from → the form in which they hold the port: `:8080`, a URL, a number.

The form is that of the variable's default; where it has none, what the code does with it tells.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from kforge.domain.facts import Fact, Many
from kforge.domain.source.sightings import Sightings, Value

_FORM = re.compile(r"((?:[a-z][a-z0-9+]{1,9}://)?(?:\[[0-9a-fA-F:]*\]|[A-Za-z0-9_.*-]*)(?::|$))?(\d{2,5})?(/?)")
_LOOPBACK = re.compile(r"localhost|127\.0\.0\.1|\[::1\]")
_EVERYWHERE = "0.0.0.0"  # noqa: S104  # a container listens on every address: its pod has only one
_WHOLE = f"{_EVERYWHERE}:{{}}"
_NUMBER = "{}"


def note(address: Value, file: str, line: int, seen: Sightings) -> None:
    """Adds the variable of an address that nothing but the variable makes up."""
    shown = "{}" if address.text is None else address.text
    if address.env and (address.text is None or ("{}" not in shown and "PORT" not in address.env.upper())):
        seen.see("address variables", address.env, file, line)


def kept(ports: Many, seen: Sightings) -> Many:
    """The ports without variables that hold a host, so that the number comes from elsewhere."""
    forms = _forms(seen)
    return tuple(
        replace(fact, value={**fact.value, "env": ""}) if forms(fact.value["env"]) == "" else fact for fact in ports
    )


def forms(ports: Many, seen: Sightings) -> Many:
    """`{"env": "LISTEN_ADDR", "form": ":{}"}` for every variable of a port that holds more than its number, and for one that
    holds a host of the pod alone: `{"env": "HOST", "form": "0.0.0.0"}`.
    """
    form = _forms(seen)
    found = [(fact.value["env"], form(fact.value["env"]), fact.evidence) for fact in ports if fact.value["env"]]
    found += [(fact.value, _EVERYWHERE, fact.evidence) for fact in seen.many("open hosts")]
    return tuple(
        Fact({"env": name, "form": shown}, place) for name, shown, place in found if shown not in ("", _NUMBER)
    )


def _forms(seen: Sightings) -> Callable[[str], str]:
    defaults = {fact.value["name"]: fact.value["default"] for fact in seen.env()}
    whole = {fact.value for fact in seen.many("address variables")}
    return lambda variable: _form(defaults.get(variable), variable in whole) if variable else _NUMBER


def _form(default: str | None, whole: bool) -> str:
    """The form, with `{}` for the number; "" where the variable holds no port."""
    if not default:
        return _WHOLE if whole else _NUMBER
    found = None if default.strip().isdigit() else _FORM.fullmatch(default.strip())
    if not found:
        return _NUMBER
    if not found[2]:
        return ""
    return f"{_LOOPBACK.sub(_EVERYWHERE, found[1] or '')}{{}}{found[3]}"
