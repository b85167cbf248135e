"""An HTTP response as values: status, headers and body."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class HttpReply:
    """Header names in lower case; the body is whole and no longer compressed. Status 0: no answer came."""

    status: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def server(self) -> str:
        """The program that answers, in lower case, "" where it does not say."""
        return self.headers.get("server", "").strip().lower()

    @property
    def json(self) -> Any:
        """The body of a 200 as JSON, None where it is none."""
        try:
            return json.loads(self.body) if self.status == 200 else None
        except (ValueError, RecursionError):
            return None
