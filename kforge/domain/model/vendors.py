"""Remote APIs as data: which protocol each speaks, where it lives, which variables hold its key, which models it has.

One row is all that an API takes whose protocol is known; a protocol of its own is one more file in `providers/`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from kforge.domain.distribution import installing


@dataclass(frozen=True, slots=True)
class Vendor:
    """One API. `families` are prefixes of its models' names: they tell which vendor has a model without a request."""

    name: str
    provider: str  # its protocol
    base_url: str
    keys: tuple[str, ...]  # variables, the first that is set wins
    urls: tuple[str, ...] = ()
    families: tuple[str, ...] = ()
    suffix: str = ""  # of the address that its variable leaves out
    dialect: str = ""
    accounts: Mapping[str, str] = field(default_factory=dict)  # variable → header, for what is no secret


_GPT = ("gpt-", "chatgpt-", "o1", "o3", "o4", "codex-")
VENDORS = (
    Vendor(
        "anthropic", "anthropic", "https://api.anthropic.com", ("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN"),
        ("ANTHROPIC_BASE_URL",), ("claude-",),
    ),
    Vendor(
        "openai", "openai", "https://api.openai.com/v1", ("OPENAI_API_KEY",), ("OPENAI_BASE_URL",), _GPT,
        accounts={"OPENAI_ORG_ID": "OpenAI-Organization", "OPENAI_PROJECT_ID": "OpenAI-Project"},
    ),
    Vendor(
        "gemini", "gemini", "https://generativelanguage.googleapis.com/v1beta", ("GOOGLE_API_KEY", "GEMINI_API_KEY"),
        ("GOOGLE_GEMINI_BASE_URL",), ("gemini-", "gemma-"),
    ),
    Vendor(
        "mistral", "openai", "https://api.mistral.ai/v1", ("MISTRAL_API_KEY",), (),
        ("mistral-", "ministral-", "codestral-", "devstral-", "magistral-", "pixtral-", "open-mistral-", "open-mixtral-"),
        dialect="mistral",
    ),
    # Whoever sets the endpoint of a resource of their own has deployed the model under a name of their own.
    Vendor("azure", "openai", "", ("AZURE_OPENAI_API_KEY",), ("AZURE_OPENAI_ENDPOINT",), ("",), "/openai/v1", "azure"),
    Vendor(
        "openrouter", "openai", "https://openrouter.ai/api/v1", ("OPENROUTER_API_KEY",), (),
        ("anthropic/", "openai/", "google/", "mistralai/", "qwen/", "meta-llama/", "deepseek/", "x-ai/", "moonshotai/", "z-ai/"),
        dialect="openrouter",
    ),
)  # fmt: skip
BY_NAME = {vendor.name: vendor for vendor in VENDORS}
# What a user may call a provider: the protocols, the vendors, and the servers that speak one of them.
SERVERS = {
    "ollama": "ollama", "llama-server": "openai", "vllm": "openai", "sglang": "openai", "lmstudio": "openai",
    "localai": "openai", "docker-model-runner": "openai", "llama-cpp-python": "openai",
}  # fmt: skip
EMBEDDED = "embedded"
# Every protocol that is spoken: a file of `providers/` each.
PROTOCOLS = (*dict.fromkeys((*SERVERS.values(), *(vendor.provider for vendor in VENDORS))), EMBEDDED)
# Variables that hold keys, by the one vendor or server that gets them.
KEYS = {"ollama": ("OLLAMA_API_KEY",), **{vendor.name: vendor.keys for vendor in VENDORS}}
LLAMA = installing("local")
NAMES = (*BY_NAME, *SERVERS, EMBEDDED)
