"""An API key in use → texts without it. A server may repeat the key that it is sent: whole, cut or encoded."""

from __future__ import annotations

import base64
import re
from urllib.parse import quote

from kforge.domain.secrets.source_secrets import HIDDEN

_SHORT = 16  # shorter ones are often words, `ollama`, `none`, `1`: hidden where they stand whole, and no leak
_BEGINNING = 10


class Secret:
    """Holds a key and prints as a placeholder, so that no log or traceback shows it."""

    __slots__ = ("_long", "_pattern", "value")

    def __init__(self, value: str) -> None:
        self.value, self._long = value, len(value) >= _SHORT
        forms = {
            value,
            quote(value, safe=""),
            value.replace("/", "\\/"),
            base64.b64encode(value.encode()).decode().rstrip("="),
        }
        parts = [re.escape(form) for form in sorted(forms, key=lambda form: (-len(form), form))]
        if self._long:
            parts.append(re.escape(value[:_BEGINNING]) + r"[\w.~+/=*…-]*")
        whole = "|".join(parts) if self._long else rf"(?<!\w)(?:{'|'.join(parts)})(?!\w)"
        self._pattern = re.compile(whole, re.IGNORECASE) if value else None

    def __repr__(self) -> str:
        return f"Secret({HIDDEN})"

    def odd(self) -> str:
        """Why the key can be none, "" where it can."""
        if self.value.isascii() and self.value.isprintable() and self.value == self.value.strip():
            return ""
        return "the key holds a blank at an end, a line break or a letter beyond ASCII, which no header can carry"

    def inside(self, text: str) -> bool:
        """Whether a text gives the key away: what may as well be a word gives nothing away."""
        return self._long and self._pattern is not None and self._pattern.search(text) is not None

    def without(self, text: str) -> str:
        """A text for people to read."""
        return self._pattern.sub(HIDDEN, text) if self._pattern else text

    def out_of(self, content: bytes) -> bytes:
        """What a server sent, still to be read: a short key stays, since it may be a number or a name of its JSON."""
        return self.without(content.decode("latin-1")).encode("latin-1") if self._long else content
