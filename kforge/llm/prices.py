"""Model and tokens → US dollars, where a price is known. A small table with its sources: prices change, so each has a
date.

Unaware of discounts for batches and cached prompts.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from kforge.domain.model.request import Endpoint

_ANTHROPIC = "https://platform.claude.com/docs/about-claude/models"
_OLDER = "https://docs.rs/cogito-claude, after the vendor's page"
_OPENAI = "https://docs.rs/openai-cost, after https://openai.com/api/pricing"
_GITHUB = "https://github.com/github/docs: data/tables/copilot/models-and-pricing.yml"


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars for a million tokens, as the source said on the day."""

    input: float
    output: float
    source: str
    date: str


PRICES = {
    "claude-opus-5": Price(5.0, 25.0, _ANTHROPIC, "2026-11"),
    "claude-sonnet-5": Price(2.0, 10.0, _ANTHROPIC, "2026-11"),
    "claude-sonnet-4-5": Price(3.0, 15.0, _OLDER, "2025-11"),
    "claude-haiku-4-5": Price(1.0, 5.0, _ANTHROPIC, "2026-11"),
    "gpt-5": Price(1.25, 10.0, _OPENAI, "2026-06"),
    "gpt-5-mini": Price(0.25, 2.0, _GITHUB, "2026-11"),
    "gpt-5.2": Price(1.75, 14.0, _GITHUB, "2026-11"),
    "gpt-4.1": Price(2.0, 8.0, _GITHUB, "2026-11"),
}
FREE = Price(0.0, 0.0, "it runs on this machine", "")
_DATED = re.compile(r"-\d{4}-?\d{2}-?\d{2}$")


def price_of(endpoint: Endpoint) -> Price | None:
    """Price of the endpoint's model, `FREE` for a local one; None where this table does not have it."""
    if endpoint.local:
        return FREE
    if endpoint.server not in ("openai", "anthropic"):
        return None  # a reseller has prices of its own
    return PRICES.get(_DATED.sub("", endpoint.model.name))
