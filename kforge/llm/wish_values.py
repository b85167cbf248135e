"""What a model says for a setting → its value, held to the wish: what the wish does not say is no value.

A model that reads a wish may only repeat it: an amount whose number stands in the wish, a path or a package that it names,
a phrase of the list. So an invented value has no way into a decision, whatever a model says.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from kforge.domain.wishes.amounts import amounts, numbers
from kforge.llm.wish_settings import Setting

_PATH = re.compile(r"/[A-Za-z0-9._~/-]{0,100}")
_NEVER = re.compile(r"\b(?:never|not|no|nie|jamais|nunca|root)\b")
_ONCE = re.compile(r"\b(?:once|first|one|einmal|une fois|una vez)\b")


def grounded(setting: Setting, said: Any, wishes: Sequence[str]) -> Any:
    """The value in the unit of the decision (bytes, cores, seconds, a number, a text, a list), None where no wish says it."""
    spoken = "\n".join(wishes)
    if setting.kind == "choice":
        return setting.choices.get(str(said))
    if setting.kind in ("folders", "names"):
        found = [each for item in said if (each := _repeated(str(item), spoken))] if isinstance(said, list) else []
        return list(dict.fromkeys(found)) or None
    text = str(said).strip()
    if setting.kind == "path":
        return text if _PATH.fullmatch(text) and text in spoken else None
    if setting.kind == "version":
        return text.lstrip("v") if re.search(rf"(?<![0-9.]){re.escape(text.lstrip('v'))}(?![0-9])", spoken) else None
    return _amount(setting, text.lower(), spoken.lower())


def _repeated(name: str, spoken: str) -> str:
    """A name as the wish has it, in lower case; "" where it does not."""
    plain = name.strip().rstrip("/") if name.startswith("/") else name.strip().lower()
    end = r"(?![\w.-]*\w)" if not plain.startswith("/") else r"(?![\w-])"
    return plain if plain and re.search(rf"(?<![\w.-]){re.escape(plain)}{end}", spoken if plain[0] == "/" else spoken.lower()) else ""


def _amount(setting: Setting, text: str, spoken: str) -> Fraction | str | None:
    """An amount that the wish has as well, by its value or by its number."""
    share = re.fullmatch(r"([0-9]{1,3}) ?%", text)
    if setting.kind == "share" and share:
        return f"{share[1]}%" if re.search(rf"(?<![0-9]){share[1]} ?(?:%|percent|prozent|pour cent|por ciento)", spoken) else None
    own = next((one for one in amounts(text) if one.kind == setting.kind), None)
    number = next(iter(sorted(numbers(text))), None)
    if own is None and number is None:
        return None
    said = own.value if own else number if setting.kind in ("count", "share", "cpu", "time") else None
    if said is None:
        return None
    heard = {one.value for one in amounts(spoken) if one.kind == setting.kind}
    if said in heard or (number in numbers(spoken) and (own is None or not heard)):
        return said
    if setting.kind in ("count", "share"):
        if said == 0 and _NEVER.search(spoken):
            return said
        if said == 1 and _ONCE.search(spoken):
            return said
    return None
