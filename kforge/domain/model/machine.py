"""Nouns of finding a model: the machine's memory, servers and what they offer, the user's settings, and a choice.

Unaware of how any of it was found out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from kforge.domain.model.request import Endpoint, ServedModel
from kforge.errors import Place

GIB = 1 << 30
CONTEXT = 16384  # tokens: what a question of kforge needs, with its answer
GpuVendor = Literal["nvidia", "amd", "intel", "apple"]
FaultKind = Literal["input", "world", "outage"]  # whose fault it is: exit 2, 3 or 75


@dataclass(frozen=True, slots=True)
class Gpu:
    """One device that can hold a model; sizes in bytes, 0 where its driver does not tell."""

    vendor: GpuVendor
    name: str
    total: int = 0
    free: int = 0
    driver: str = ""
    architecture: str = ""  # compute capability `9.0`, `gfx1100`
    uuid: str = ""
    index: int = 0  # as the vendor's tools count
    shared: bool = False  # its memory is the machine's: integrated, Apple, Grace
    part_of: str = ""  # UUID of the GPU that a MIG instance is a slice of
    unusable: str = ""  # why nothing can run on it, "" where nothing speaks against it


@dataclass(frozen=True, slots=True)
class Machine:
    """What a model could run on here."""

    gpus: tuple[Gpu, ...] = ()
    memory: int = 0  # bytes that this process may use: the machine's, or its container's share
    available: int = 0  # of these, free now
    kind: str = ""  # "WSL", "container", "" for neither
    notes: tuple[str, ...] = ()  # what stood in the way of seeing more


@dataclass(frozen=True, slots=True)
class Offer:
    """A model that a server has."""

    model: ServedModel
    chats: bool = True  # False for embeddings, rerankers, speech
    loaded: bool = False
    elsewhere: bool = False  # the server passes the question on to another machine
    file: str = ""  # its weights, where the server names a file
    quantization: str = ""


LOADING = "is loading its model"


@dataclass(frozen=True, slots=True)
class ModelServer:
    """A program that answers on an address, and what it says of itself."""

    kind: str  # ollama, llama-server, vllm, sglang, lmstudio, localai, docker-model-runner, llama-cpp-python, openai
    provider: str  # the protocol that it is asked in
    base_url: str
    version: str = ""
    offers: tuple[Offer, ...] = ()
    problem: str = ""  # LOADING, "wants a key"

    @property
    def title(self) -> str:
        return f"{self.kind} {self.version}".strip()

    @property
    def loads(self) -> bool:
        """Whether it will answer in a while."""
        return self.problem == LOADING


@dataclass(frozen=True, slots=True)
class Weights:
    """A GGUF file of the user's for the embedded provider."""

    name: str  # as specs name the model
    path: str
    size: int = 0
    identity: str = ""  # sha256, "" until it is needed: hashing takes seconds
    problem: str = ""  # why it cannot be used: missing, not a GGUF file, xllamacpp not installed
    where: Place | None = None


@dataclass(frozen=True, slots=True)
class Setting:
    """One value with who said so: `--model`, `KFORGE_MODEL`, the user's configuration, the spec."""

    value: str
    by: str
    where: Place | None = None


@dataclass(frozen=True, slots=True)
class Settings:
    """The user's word, flags before environment before configuration. Nothing of it comes from a spec."""

    provider: Setting | None = None
    model: Setting | None = None
    base_url: Setting | None = None
    key: Setting | None = field(default=None, repr=False)
    gpu: Setting | None = None
    parallel: int = 0  # requests at once: the user says that the server's answers do not depend on its batches
    context: int = 0  # tokens
    requests_per_minute: int = 0  # what the user's account bears
    tokens_per_minute: int = 0
    consent: tuple[str, ...] = ()  # hosts that may be asked; `*`: any
    consent_by: str = ""
    files: tuple[Weights, ...] = ()
    keys: Mapping[str, tuple[str, str]] = field(default_factory=dict, repr=False)  # vendor → variable, its value
    urls: Mapping[str, Setting] = field(default_factory=dict)  # vendor → the address that its own variable names
    accounts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # vendor → headers that are no secret
    together: int = 1  # questions in one request: the user says that the model is large enough


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the surroundings have. `named` is the server at the address that the user named, None where none answers.

    `gateways` are the servers of this machine at the addresses that vendors' own variables name, recognised or not.
    """

    machine: Machine = field(default_factory=Machine)
    servers: tuple[ModelServer, ...] = ()
    named: ModelServer | None = None
    gateways: Mapping[str, ModelServer] = field(default_factory=dict)
    embedded: bool = False  # whether xllamacpp is installed
    files: tuple[Weights, ...] = ()  # those of the settings, looked at
    parallel: Mapping[str, int] = field(default_factory=dict)  # vendor → requests at once that its API bears


@dataclass(frozen=True, slots=True)
class Passed:
    """An endpoint that is not asked, and why."""

    what: str
    why: str
    hint: str = ""
    kind: FaultKind = "world"
    where: Place | None = None
    rank: int = 2  # 0: nearly taken; the lowest is the reason to tell


@dataclass(frozen=True, slots=True)
class Choice:
    """The endpoint to ask, or nothing but reasons; the first reason is the one to tell."""

    endpoint: Endpoint | None
    why: str = ""
    passed: tuple[Passed, ...] = ()
    file: str = ""  # weights that are worth hashing before the first question
