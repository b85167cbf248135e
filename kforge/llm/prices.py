"""Model and tokens → US dollars, where a price is known. A small table with its sources: prices change, so each has a
date.

Unaware of discounts for batches and cached prompts.
"""

from __future__ import annotations

import re

from kforge.domain.model.price import Price
from kforge.domain.model.request import Endpoint

_ANTHROPIC = "https://platform.claude.com/docs/about-claude/models"
_OPENAI = "https://docs.rs/openai-cost, after https://openai.com/api/pricing"
_GITHUB = "https://github.com/github/docs: data/tables/copilot/models-and-pricing.yml"
_EARLIER = f"{_GITHUB} at 0c1f32b"
_GOOGLE = "https://github.com/api-evangelist/deepmind: plans/deepmind-plans-pricing.yml, after https://ai.google.dev/gemini-api/docs/pricing"
_MISTRAL = "https://developer.puter.com/tutorials/mistral-api-pricing, after the vendor's page"

# Where a price rises with the length of a prompt, it is that of the shortest: a question of kforge has hundreds of tokens.
PRICES = {
    "claude-opus-5": Price(5.0, 25.0, _ANTHROPIC, "2026-11", "anthropic"),
    "claude-sonnet-5": Price(2.0, 10.0, _ANTHROPIC, "2026-11", "anthropic"),
    "claude-sonnet-4-5": Price(3.0, 15.0, _GITHUB, "2026-11", "anthropic"),
    "claude-haiku-4-5": Price(1.0, 5.0, _ANTHROPIC, "2026-11", "anthropic"),
    "gpt-5": Price(1.25, 10.0, _OPENAI, "2026-06", "openai"),
    "gpt-5-mini": Price(0.25, 2.0, _GITHUB, "2026-11", "openai"),
    "gpt-5.2": Price(1.75, 14.0, _EARLIER, "2026", "openai"),
    "gpt-5.4": Price(2.5, 15.0, _GITHUB, "2026-11", "openai"),
    "gpt-5.4-mini": Price(0.75, 4.5, _GITHUB, "2026-11", "openai"),
    "gpt-4.1": Price(2.0, 8.0, _EARLIER, "2026", "openai"),
    "gemini-2.5-pro": Price(1.25, 10.0, _EARLIER, "2026", "gemini"),
    "gemini-3.1-pro-preview": Price(2.0, 12.0, _GOOGLE, "2026-10", "gemini"),
    "gemini-3.5-flash": Price(1.5, 9.0, _GOOGLE, "2026-10", "gemini"),
    "gemini-3.5-flash-lite": Price(0.3, 2.5, _GOOGLE, "2026-10", "gemini"),
    "codestral-latest": Price(0.3, 0.9, _MISTRAL, "2026-06", "mistral"),
}
FREE = Price(0.0, 0.0, "it runs on this machine", "")
_DATED = re.compile(r"-\d{4}-?\d{2}-?\d{2}$")


def price_of(endpoint: Endpoint) -> Price | None:
    """Price of the endpoint's model, `FREE` for a local one; None where this table does not have it: a reseller has prices
    of its own.
    """
    if endpoint.local:
        return FREE
    found = PRICES.get(_DATED.sub("", endpoint.model.name))
    return found if found and found.vendor == endpoint.server else None
