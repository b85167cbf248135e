"""Nouns of asking a model: a request, its wire form, a completion, a fault; what a provider and a model can do.

Everything a model says is untrusted text until `llm/answer.py` has read it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from kforge.domain.decider import Decider

if TYPE_CHECKING:
    from kforge.domain.model.price import Price

SEEDS = 1_000_000  # between two samples: no repair of one has the seed of another


@dataclass(frozen=True, slots=True)
class Message:
    role: Literal["system", "user", "assistant"]
    content: str


@dataclass(frozen=True, slots=True)
class Request:
    """One question in no provider's form. The same request always encodes to the same bytes."""

    target: str  # `web/build`: for messages to people; never sent
    messages: tuple[Message, ...]
    schema: Mapping[str, Any]  # in the dialect that all providers accept
    revision: int = 1  # of the prompt
    attempt: int = 0  # 0 is the first; a repair is another attempt with another seed
    seed: int = 7
    max_tokens: int = 2048
    sample: int = 0  # how often the same was asked before, to see whether the answers agree

    @property
    def temperature(self) -> float:
        """0 for an answer that counts; above for one that is only to agree with it."""
        return 0.7 if self.sample else 0

    @property
    def sampling_seed(self) -> int:
        return self.seed + SEEDS * self.sample


@dataclass(frozen=True, slots=True)
class Wire:
    """An HTTP exchange to be, without address and key: the transport adds those."""

    path: str
    body: Mapping[str, Any]
    headers: Mapping[str, str] = field(default_factory=dict)
    method: str = "POST"


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens, as the provider counted them; 0 where it did not say."""

    input: int = 0
    output: int = 0


@dataclass(frozen=True, slots=True)
class SampledToken:
    """One token of an answer with its probability, and the likeliest tokens in its place, itself among them or not.

    Texts are bytes: a token may end within a character. Probabilities are natural logarithms, as servers give them.
    """

    text: bytes
    logprob: float
    likeliest: tuple[tuple[bytes, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Completion:
    """A finished answer: whole text, the model that the server says gave it, and the cost.

    `confidence` says in percent how sure the model was of what it chose, None where the server tells no probabilities;
    `sampled` is what it is worked out of (`domain/model/confidence.py`) and kept nowhere.
    """

    text: str
    model: str = ""
    usage: Usage = Usage()
    known: bool = field(default=False, compare=False)  # from a cache or a recording: no request was sent
    confidence: int | None = None
    sampled: tuple[SampledToken, ...] = field(default=(), compare=False, repr=False)


FaultKind = Literal[
    "key", "quota", "busy", "outage", "model", "overflow", "refused", "cut", "garbled", "request", "budget"
]
# key       401, 403, an unknown certificate       exit 3, never retried: something has to be set up
# quota     spent, until a person pays             exit 75, never retried, stops the provider for the run
# busy      429, 503 loading, 529                  retried, then exit 75 with the time when it may work
# outage    unreachable, 5xx, timed out            retried, then exit 75
# model     there is no such model                 exit 2
# overflow  longer than the context                asked again only with less; exit 2 names the question
# refused   refusal, content filter                an invalid answer
# cut       stopped by the length limit            an invalid answer
# garbled   no JSON, no choices, an error in a 200 an invalid answer
# request   400, 413, 422 and the like             exit 2 or a bug of ours; never retried
# budget    the user's own limit for this run      exit 75: what was answered is kept, and the next run goes on


class Fault(Exception):
    """What went wrong with one exchange, in the provider's words with every key scrubbed."""

    def __init__(
        self,
        kind: FaultKind,
        message: str,
        retry_after: float | None = None,
        retry: bool | None = None,
        hint: str = "",
        lost: bool = False,
        limited: bool = False,
    ) -> None:
        super().__init__(message)
        self.kind, self.message = kind, message
        self.retry_after = retry_after  # seconds, as the server asked
        self.retry = retry  # the server's own word (`x-should-retry`), where it gave one
        self.hint = hint  # the way out, once the transport has given up
        self.lost = lost  # the request was sent and no whole answer came: it may have been worked on, and billed
        self.limited = limited  # 429: too much was asked, which is no server that loads its model


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a protocol can do; a server may do less, which the canary shows."""

    structured: bool = True  # output constrained by a JSON schema
    seed: bool = True
    temperature: bool = True
    parallel: int = 16  # requests at once by default: 1 for a local server, whose batches change answers


@dataclass(frozen=True, slots=True)
class ServedModel:
    """A model that a server has. `identity` tells the weights apart: a digest where `strong`, else what is known."""

    name: str
    identity: str = ""
    strong: bool = False
    context: int = 0  # tokens; 0: unknown
    parameters: int = 0  # 0: unknown
    size: int = 0  # bytes; 0: unknown
    features: tuple[str, ...] = ()  # as the server lists them: "thinking"


@dataclass(frozen=True, slots=True)
class Provider:
    """One wire protocol. `encode` and `decode` are pure; `decode` raises Fault for a reply that is not a finished answer.

    Servers of one protocol differ in details: `provider.at(endpoint)` is the variant to encode with, so that the bytes
    that are shown, sent and cached are the same.
    """

    name: str  # ollama, openai, anthropic, gemini, embedded
    capabilities: Capabilities
    encode: Callable[[str, Request], Wire]  # (model, request)
    decode: Callable[[int, Mapping[str, str], bytes], Completion]  # (status, headers lower-cased, body)
    models: Wire | None  # how to list models
    decode_models: Callable[[int, Mapping[str, str], bytes], tuple[ServedModel, ...]]
    authorize: Callable[[str], Mapping[str, str]]  # key → headers; {} for ""
    keys: tuple[str, ...] = ()  # variables that may hold the key, first wins
    show: Callable[[str], Wire] | None = None  # how to ask about one model
    # the model, with what was told
    decode_show: Callable[[ServedModel, int, Mapping[str, str], bytes], ServedModel] | None = None
    same: Callable[[str, str], bool] = lambda asked, told: True  # whether a server may call the asked model so
    variant: Callable[[Endpoint], Provider] | None = None  # the protocol as one server speaks it

    def at(self, endpoint: Endpoint) -> Provider:
        """The protocol as this endpoint's server speaks it."""
        return self.variant(endpoint) if self.variant else self


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a run asks: chosen once, shown by `doctor`, recorded in the lock but for its address."""

    provider: str
    model: ServedModel
    base_url: str
    key: str = field(default="", repr=False)
    local: bool = True
    parallel: int = 1
    constrained: bool = True  # False once the canary came back different
    server: str = ""  # "ollama 0.12", "llama.cpp", for people
    dialect: str = ""  # how the server speaks its protocol: "vllm", "azure"; "": told by server or address
    requests_per_minute: int = 0  # that the user grants it; 0: no limit
    tokens_per_minute: int = 0
    together: int = 1  # questions that one request may hold, as the user says
    price: Price | None = None  # of its model's tokens, where it is known
    # more that it wants to be told: an organization; no secrets
    headers: Mapping[str, str] = field(default_factory=dict)

    def decider(self) -> Decider:
        """What the lock says of an answer by this endpoint's model."""
        return Decider("model", self.provider, self.model.name, self.model.identity)
