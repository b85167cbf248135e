"""A command that eats memory before it does anything: for the test of the bound."""

from __future__ import annotations

from typing import Any


def begin(settings: dict[str, Any]) -> bytearray:
    return bytearray(2 << 30) if settings.get("memory") else bytearray()


def end(held: bytearray) -> int:
    return len(held)
