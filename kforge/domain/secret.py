"""A key that is in use → texts without it. Whoever is given the key may say it back, whole, cut or encoded."""

from __future__ import annotations

import base64
import re
from urllib.parse import quote

from kforge.domain.source_secrets import HIDDEN

_SHORT = 16  # shorter ones are hidden only where they stand whole: `ollama` and `none` are keys, too
_BEGINNING = 10


class Secret:
    """Holds a key, shows it to nobody by accident."""

    __slots__ = ("_pattern", "value")

    def __init__(self, value: str) -> None:
        self.value = value
        forms = {value, quote(value, safe=""), value.replace("/", "\\/"), base64.b64encode(value.encode()).decode().rstrip("=")}
        parts = [re.escape(form) for form in sorted(forms, key=lambda form: (-len(form), form))]
        if len(value) >= _SHORT:
            parts.append(re.escape(value[:_BEGINNING]) + r"[\w.~+/=*…-]*")
        self._pattern = re.compile("|".join(parts), re.IGNORECASE) if value else None

    def __repr__(self) -> str:
        return f"Secret({HIDDEN})"

    def odd(self) -> str:
        """Why the key can be none, "" where it can."""
        if self.value.isascii() and self.value.isprintable() and self.value == self.value.strip():
            return ""
        return "the key holds a blank at an end, a line break or a letter beyond ASCII, which no header can carry"

    def inside(self, text: str) -> bool:
        return self._pattern is not None and self._pattern.search(text) is not None

    def without(self, text: str) -> str:
        return self._pattern.sub(HIDDEN, text) if self._pattern else text

    def out_of(self, content: bytes) -> bytes:
        return self.without(content.decode("latin-1")).encode("latin-1") if self._pattern else content
