"""What both forms of kforge.lock have in common: names, JSON values, and words for what is wrong with them."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

# Blocks take more memory than texts do: 400 MB for some 2,000 services.
MAX_BLOCKS = 1_000_000
MAX_DEPTH = 20  # of a value: a list of ports has three levels
# What YAML 1.1 reads as a truth or as nothing where it stands without quotes.
YAML_WORDS = ("false", "n", "no", "null", "off", "on", "true", "y", "yes")
YAML_WORD = f"(?:{'|'.join(YAML_WORDS)})"
SERVICE = "[a-z](?:[-a-z0-9]{0,61}[a-z0-9])?"  # as the spec has it
KEY_FORM = "[A-Za-z][A-Za-z0-9_-]{0,99}"
KEY = re.compile(f"(?!(?i:{YAML_WORD})$){KEY_FORM}")  # of topics, fields and deciders
OWN = ("by", "pinned", "approved", "reliability", "images")  # what a topic's block has beside the topic's fields


def check_value(text: str, value: Any) -> None:
    """Raise ValueError for what no lock holds in the value of a JSON text.

    Half a character: only an escape says one, and no file holds it. Levels without end: what a value is held against
    walks down in all of them.
    """
    if "\\u" in text:
        json.dumps(value, ensure_ascii=False).encode()
    if not shallow(value):
        raise ValueError("it is nested too deeply")


def shallow(value: Any, levels: int = MAX_DEPTH) -> bool:
    """Whether a value has at most so many levels."""
    if type(value) is dict:
        value = value.values()
    elif type(value) is not list:
        return True
    return levels > 0 and all(shallow(each, levels - 1) for each in value)


def plain(error: Exception) -> str:
    """What is wrong, as the rest of our messages would say it."""
    if isinstance(error, json.JSONDecodeError):
        return error.msg.lower()
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    if isinstance(error, UnicodeEncodeError):
        return "it has half of an escaped character"
    return str(error).partition(";")[0][:200].lower()


def _refuse(constant: str) -> Mapping[str, Any]:
    raise ValueError(f"{constant} is not JSON")


def _finite(text: str) -> float:
    value = float(text)
    if value - value != 0:  # infinity or NaN, without importing math
        raise ValueError(f"{text[:40]} is too large")
    return value


DECODER = json.JSONDecoder(parse_constant=_refuse, parse_float=_finite)
