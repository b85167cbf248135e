"""What libraries make of variables, as data beside the detectors: `NAME_settings.json` → tables. Reads no source."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class SettingsKnowledge:
    """What holds for the code of one language."""

    # last name of a call → its arguments that must be there, by position, name, or field of an object that it is given
    needs: Mapping[str, tuple[int | str, ...]]
    methods: bool  # whether a method that is called on nothing fails
    logs: re.Pattern[str]  # calls that only say something
    rest: Mapping[str, Any]  # tables that only the language's own detector reads


@cache
def knowledge(name: str) -> SettingsKnowledge:
    """The tables of a language. FileNotFoundError where there are none."""
    held = json.loads(Path(__file__).with_name(f"{name}_settings.json").read_text(encoding="utf-8"))
    needs = {call: tuple(given) for call, given in held.pop("needs").items()}
    return SettingsKnowledge(needs, held.pop("methods"), re.compile(held.pop("logs")), held)
