"""Marks before a row: one character and one style for each meaning, the same on every screen.

`+ ~ -` are terraform's; what an encoding lacks becomes ASCII in `safe_stream.py`.
"""

from __future__ import annotations

from kforge.output.layout import Span

GOOD, ATTENTION, BAD = Span("✓", "good"), Span("!", "warning"), Span("✗", "error")
ADDED, CHANGED, REMOVED = Span("+", "good"), Span("~", "name"), Span("-", "bad")
