"""Who is asked: a table of what is wished, said and found, and what follows."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest

from kforge.domain.model.machine import GIB, Gpu, Machine, ModelServer, Offer, Setting, Settings, Surroundings, Weights
from kforge.domain.model.request import ServedModel
from kforge.errors import Place
from kforge.llm.model_match import best, meet, same
from kforge.llm.selection import choose, refusal

CODER = Offer(ServedModel("qwen2.5-coder:14b", "sha256:aa", True, 0, 14_800_000_000, 9 * GIB), quantization="Q4_K_M")
SMALL = Offer(ServedModel("qwen2.5-coder:7b", "sha256:bb", True, 0, 7_600_000_000, 5 * GIB))
EMBED = Offer(ServedModel("nomic-embed-text:latest", "sha256:cc", True, 0, 137_000_000), chats=False)
CLOUD = Offer(ServedModel("gpt-oss:120b-cloud", "gpt-oss:120b", parameters=117_000_000_000), elsewhere=True)
OLLAMA = ModelServer("ollama", "ollama", "http://127.0.0.1:11434", "0.12", (CODER, SMALL, EMBED, CLOUD))
VLLM = ModelServer(
    "vllm",
    "openai",
    "http://127.0.0.1:8000/v1",
    "0.12",
    (Offer(ServedModel("coder", "Qwen/Qwen2.5-Coder-32B"), loaded=True),),
)
LOADING = ModelServer("llama-server", "openai", "http://127.0.0.1:8080/v1", problem="is loading its model")
LOCKED = ModelServer("openai-compatible", "openai", "http://127.0.0.1:8000/v1", problem="wants a key")
FILE = Weights("qwen-file", "/m/qwen.gguf", 5 * GIB)
BIG = Machine((Gpu("nvidia", "H100", 80 * GIB),), 128 * GIB)
ALL = ("*",)
WISH = Setting("qwen2.5-coder:14b", "app.kforge.yaml", Place("app.kforge.yaml", 12, 15))
AUTO = Setting("auto", "app.kforge.yaml")


def said(value: str, by: str = "KFORGE_X") -> Setting:
    return Setting(value, by)


def keys(*vendors: str) -> dict[str, tuple[str, str]]:
    return {vendor: (f"{vendor.upper()}_API_KEY", f"key-of-{vendor}") for vendor in vendors}


def here(*servers: ModelServer, **more: Any) -> Surroundings:
    return Surroundings(BIG, servers, parallel={"openai": 16, "anthropic": 16, "gemini": 16, "ollama": 1}, **more)


CHOSEN = {
    "a local server that has the model": (WISH, {}, here(OLLAMA), "ollama", "qwen2.5-coder:14b", "http://127.0.0.1:11434"),
    "the local server before a remote API": (WISH, {"keys": keys("openai"), "consent": ALL}, here(OLLAMA), "ollama", "qwen2.5-coder:14b", "http://127.0.0.1:11434"),
    "the second server, where the first lacks it": (said("coder"), {}, here(OLLAMA, VLLM), "openai", "coder", "http://127.0.0.1:8000/v1"),
    "the user's model before the spec's": (WISH, {"model": said("qwen2.5-coder:7b")}, here(OLLAMA), "ollama", "qwen2.5-coder:7b", "http://127.0.0.1:11434"),
    "auto: the largest that fits": (AUTO, {}, here(OLLAMA), "ollama", "qwen2.5-coder:14b", "http://127.0.0.1:11434"),
    "no wish is auto": (None, {}, here(OLLAMA), "ollama", "qwen2.5-coder:14b", "http://127.0.0.1:11434"),
    "auto over several servers": (AUTO, {}, here(replace(OLLAMA, offers=(SMALL,)), replace(VLLM, offers=(replace(CODER, loaded=True),))), "openai", "qwen2.5-coder:14b", "http://127.0.0.1:8000/v1"),
    "the server that the user's provider names": (AUTO, {"provider": said("vllm")}, here(OLLAMA, VLLM), "openai", "coder", "http://127.0.0.1:8000/v1"),
    "the embedded one where no server has it": (said("qwen-file"), {}, here(OLLAMA, embedded=True, files=(FILE,)), "embedded", "qwen-file", "/m/qwen.gguf"),
    "the embedded one by name": (AUTO, {"provider": said("embedded")}, here(OLLAMA, embedded=True, files=(FILE,)), "embedded", "qwen-file", "/m/qwen.gguf"),
    "a remote API by its models' names": (said("claude-x"), {"keys": keys("anthropic", "openai"), "consent": ALL}, here(OLLAMA), "anthropic", "claude-x", "https://api.anthropic.com"),
    "consent to one host is enough for it": (said("gpt-5"), {"keys": keys("openai"), "consent": ("api.openai.com",)}, here(), "openai", "gpt-5", "https://api.openai.com/v1"),
    "a vendor by name takes any model": (WISH, {"provider": said("openai"), "keys": keys("openai"), "consent": ALL}, here(OLLAMA), "openai", "qwen2.5-coder:14b", "https://api.openai.com/v1"),
    "an address of the user's, recognised": (WISH, {"base_url": said("http://127.0.0.1:9000")}, here(named=replace(OLLAMA, base_url="http://127.0.0.1:9000")), "ollama", "qwen2.5-coder:14b", "http://127.0.0.1:9000"),
    "an address of the user's that lists nothing": (WISH, {"base_url": said("http://127.0.0.1:9000/v1")}, here(named=ModelServer("unknown", "openai", "http://127.0.0.1:9000/v1")), "openai", "qwen2.5-coder:14b", "http://127.0.0.1:9000/v1"),
    "an address elsewhere, with consent": (WISH, {"base_url": said("https://gpu.lan/v1"), "consent": ALL}, here(), "openai", "qwen2.5-coder:14b", "https://gpu.lan/v1"),
    "auto elsewhere, where one model is listed": (AUTO, {"base_url": said("https://gpu.lan/v1"), "consent": ALL}, here(named=replace(VLLM, base_url="https://gpu.lan/v1")), "openai", "coder", "https://gpu.lan/v1"),
    "a cloud model behind Ollama, with consent": (said("gpt-oss:120b-cloud"), {"consent": ALL}, here(OLLAMA), "ollama", "gpt-oss:120b-cloud", "http://127.0.0.1:11434"),
    "Ollama elsewhere": (WISH, {"urls": {"ollama": said("https://gpu.lan:443")}, "consent": ALL}, here(), "ollama", "qwen2.5-coder:14b", "https://gpu.lan:443"),
    "a vendor's own variable leads to a local server": (said("coder"), {"provider": said("openai"), "urls": {"openai": said("http://127.0.0.1:8000/v1")}}, here(VLLM, gateways={"openai": VLLM}), "openai", "coder", "http://127.0.0.1:8000/v1"),
    "a vendor's own variable leads to a gateway of this machine": (said("claude-x"), {"urls": {"anthropic": said("http://127.0.0.1:4000")}, "keys": keys("anthropic")}, here(gateways={"anthropic": ModelServer("unknown", "openai", "http://127.0.0.1:4000")}), "anthropic", "claude-x", "http://127.0.0.1:4000"),
    "a gateway that speaks more than one protocol is spoken to as its vendor": (said("claude-x"), {"urls": {"anthropic": said("http://127.0.0.1:8000/v1")}, "keys": keys("anthropic")}, here(VLLM, gateways={"anthropic": VLLM}), "anthropic", "claude-x", "http://127.0.0.1:8000/v1"),
    "Ollama, where another vendor's variable leads to it": (WISH, {"urls": {"openai": said("http://127.0.0.1:11434/v1")}, "keys": keys("openai")}, here(OLLAMA, gateways={"openai": replace(OLLAMA, base_url="http://127.0.0.1:11434")}), "ollama", "qwen2.5-coder:14b", "http://127.0.0.1:11434"),
    "Ollama by name, where another vendor's variable leads to it": (AUTO, {"provider": said("ollama"), "urls": {"openai": said("http://127.0.0.1:11434/v1")}, "keys": keys("openai")}, here(OLLAMA, gateways={"openai": OLLAMA}), "ollama", "qwen2.5-coder:14b", "http://127.0.0.1:11434"),
    "a gateway that wants the vendor's key": (said("gpt-5"), {"urls": {"openai": said("http://127.0.0.1:8000/v1")}, "keys": keys("openai")}, here(LOCKED, gateways={"openai": LOCKED}), "openai", "gpt-5", "http://127.0.0.1:8000/v1"),
}  # fmt: skip

REFUSED = {
    "a key of nobody's": (said("gpt-5"), {"key": said("hunter2", "KFORGE_API_KEY"), "consent": ALL}, here(), "input", "the provider of KFORGE_API_KEY is not known"),
    "nothing at all": (None, {}, here(), "world", "no model can be asked: no server answers"),
    "a name that nobody has": (said("qwen2.5-coder:15b"), {}, here(OLLAMA), "input", "no server has the model `qwen2.5-coder:15b`"),
    "a model that does not chat": (said("nomic-embed-text"), {}, here(OLLAMA), "input", "is not a chat model"),
    "no consent to a remote API": (said("gpt-5"), {"keys": keys("openai")}, here(), "input", "needs your consent"),
    "consent to another host": (said("gpt-5"), {"keys": keys("openai"), "consent": ("api.anthropic.com",)}, here(), "input", "needs your consent"),
    "no consent to an address of the user's": (WISH, {"base_url": said("https://gpu.lan/v1")}, here(), "input", "needs your consent"),
    "no consent to a cloud model behind Ollama": (said("gpt-oss:120b-cloud"), {}, here(OLLAMA), "input", "on another machine"),
    "in the clear, whatever is consented": (WISH, {"base_url": said("http://gpu.lan:11434"), "consent": ALL}, here(), "input", "without https"),
    "Ollama elsewhere in the clear": (WISH, {"urls": {"ollama": said("http://gpu.lan:11434")}, "consent": ALL}, here(), "input", "without https"),
    "nothing at the address that the user names": (WISH, {"base_url": said("http://127.0.0.1:9000")}, here(OLLAMA), "outage", "nothing answers at the address"),
    "a provider that does not answer": (WISH, {"provider": said("ollama")}, here(VLLM), "outage", "no ollama answers on this machine"),
    "a model that is being loaded": (WISH, {}, here(LOADING), "outage", "is loading its model"),
    "no key for the vendor that is named": (WISH, {"provider": said("anthropic"), "consent": ALL}, here(), "world", "ANTHROPIC_API_KEY is not set"),
    "auto at a vendor": (AUTO, {"provider": said("openai"), "keys": keys("openai"), "consent": ALL}, here(), "input", "chooses only among models of servers of your own"),
    "a file that is not there": (said("qwen-file"), {}, here(embedded=True, files=(replace(FILE, problem="the file does not exist"),)), "input", "the file does not exist"),
    "xllamacpp missing": (said("qwen-file"), {}, here(files=(FILE,)), "world", "xllamacpp is not installed"),
    "an address for the embedded one": (WISH, {"provider": said("embedded"), "base_url": said("http://127.0.0.1:1")}, here(), "input", "has no address"),
    "Azure without its resource": (WISH, {"provider": said("azure"), "keys": keys("azure"), "consent": ALL}, here(), "input", "AZURE_OPENAI_ENDPOINT is not set"),
    "a key that is wanted at the user's address": (AUTO, {"base_url": said("http://127.0.0.1:8000")}, here(named=LOCKED), "world", "wants a key"),
}  # fmt: skip


@pytest.mark.parametrize("case", CHOSEN.values(), ids=CHOSEN)
def test_what_is_chosen(case: Any) -> None:
    wish, settings, found, provider, model, url = case
    choice = choose(wish, Settings(**settings), found)
    assert choice.endpoint and (choice.endpoint.provider, choice.endpoint.model.name, choice.endpoint.base_url) == (
        provider,
        model,
        url,
    )


@pytest.mark.parametrize("case", REFUSED.values(), ids=REFUSED)
def test_what_is_refused_and_why(case: Any) -> None:
    wish, settings, found, kind, words = case
    held = Settings(**settings)
    choice = choose(wish, held, found)
    assert choice.endpoint is None
    told, problem = refusal(choice, wish, held, found)
    assert told == kind and words in problem.message and problem.hint


@pytest.mark.parametrize("case", [*CHOSEN.values(), *REFUSED.values()], ids=[*CHOSEN, *REFUSED])
def test_nothing_beyond_loopback_is_chosen_without_consent(case: Any) -> None:
    wish, settings, found, *_ = case
    endpoint = choose(wish, Settings(**{**settings, "consent": ()}), found).endpoint
    assert endpoint is None or endpoint.local


def test_a_spec_that_names_a_model_that_nobody_has_is_told_its_line_and_a_way_out() -> None:
    wish = replace(WISH, value="qwen2.5-coder:15b")
    settings, found = Settings(), here(OLLAMA)
    _, problem = refusal(choose(wish, settings, found), wish, settings, found)
    assert problem.where == WISH.where and problem.hint == "did you mean `qwen2.5-coder:14b`?"


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("https://api.openai.com/v1", "key-of-openai"), ("https://eu.api.openai.com/v1", "key-of-openai"),
        ("https://proxy.acme.com/v1", ""), ("https://api.openai.com.evil.com/v1", ""), ("http://127.0.0.1:9000/v1", ""),
    ],
)  # fmt: skip
def test_a_vendors_key_goes_to_the_vendor_only(url: str, key: str) -> None:
    settings = Settings(model=said("gpt-5"), base_url=said(url), keys=keys("openai"), consent=ALL)
    endpoint = choose(
        None, settings, here(named=ModelServer("unknown", "openai", url) if "127" in url else None)
    ).endpoint
    assert endpoint and endpoint.key == key


def test_the_users_own_key_goes_where_the_user_points_and_not_to_a_server_that_was_only_found() -> None:
    key = said("own")
    pointed = choose(
        None, Settings(model=said("gpt-5"), base_url=said("https://gpu.lan/v1"), key=key, consent=ALL), here()
    ).endpoint
    found = choose(WISH, Settings(key=key), here(OLLAMA)).endpoint
    assert pointed and found and (pointed.key, found.key) == ("own", "")


def test_a_vendors_variable_sends_its_key_where_it_points() -> None:
    settings = Settings(
        model=said("gpt-5"), urls={"openai": said("https://gateway.acme.com/v1")}, keys=keys("openai"), consent=ALL
    )
    endpoint = choose(None, settings, here()).endpoint
    assert endpoint and (endpoint.base_url, endpoint.key) == ("https://gateway.acme.com/v1", "key-of-openai")


@pytest.mark.parametrize("case", [name for name in CHOSEN if "gateway" in name])
def test_a_gateway_of_this_machine_gets_the_key_of_its_vendor_and_of_no_other(case: str) -> None:
    wish, settings, found, provider, *_ = CHOSEN[case]
    endpoint = choose(wish, Settings(**{**settings, "keys": keys("openai", "anthropic", "gemini")}), found).endpoint
    assert endpoint and (endpoint.key, endpoint.local) == (f"key-of-{provider}", True)


def test_a_local_server_is_asked_one_at_a_time_unless_the_user_says_otherwise() -> None:
    remote = Settings(model=said("gpt-5"), keys=keys("openai"), consent=ALL)
    endpoints = [
        choose(WISH, Settings(), here(OLLAMA)).endpoint,
        choose(WISH, Settings(parallel=4), here(OLLAMA)).endpoint,
        choose(None, remote, here()).endpoint,
    ]
    assert [endpoint and endpoint.parallel for endpoint in endpoints] == [1, 4, 16]


def test_the_users_context_is_taken() -> None:
    endpoint = choose(WISH, Settings(context=8192), here(OLLAMA)).endpoint
    assert endpoint and endpoint.model.context == 8192


def test_an_endpoint_says_how_its_server_speaks() -> None:
    held = Settings(model=said("m"), keys=keys("mistral"), consent=ALL, provider=said("mistral"))
    assert [
        choose(wish, settings, found).endpoint.dialect
        for wish, settings, found in (
            (said("coder"), Settings(), here(VLLM)),
            (WISH, Settings(), here(OLLAMA)),
            (None, held, here()),
        )
    ] == [  # type: ignore[union-attr]
        "vllm",
        "",
        "mistral",
    ]


def test_ways_that_are_not_taken_are_told() -> None:
    choice = choose(WISH, Settings(keys=keys("openai")), here(VLLM, OLLAMA))
    assert [each.what for each in choice.passed] == ["vllm 0.12 at http://127.0.0.1:8000/v1", "openai"]
    assert choice.why == "ollama 0.12 at http://127.0.0.1:11434; named by app.kforge.yaml"


@pytest.mark.parametrize(
    ("asked", "told", "meant"),
    [
        ("a", "a:latest", True), ("a:latest", "a", True), ("A:7b", "a:7b", True), ("smollm2", "ai/smollm2:latest", True),
        ("qwen", "/models/Qwen.gguf", True), ("qwen", "C:\\models\\qwen.gguf", True), ("qwen.gguf", "qwen", True),
        ("a:7b", "a:14b", False), ("other/a", "ai/a", False), ("a", "ab", False), ("qwen", "qwen2", False),
    ],
)  # fmt: skip
def test_names_that_mean_the_same(asked: str, told: str, meant: bool) -> None:
    assert same(asked, told) == meant


def test_the_same_spelling_goes_before_the_same_meaning() -> None:
    offers = [Offer(ServedModel("ai/a")), Offer(ServedModel("a"))]
    assert meet("a", offers) is offers[1]


@pytest.mark.parametrize(
    ("machine", "name"),
    [
        (BIG, "qwen2.5-coder:14b"), (Machine((Gpu("nvidia", "T4", 8 * GIB),), 16 * GIB), "qwen2.5-coder:7b"),
        (Machine((), 64 * GIB), "qwen2.5-coder:7b"), (Machine((), 2 * GIB), ""),
    ],
    ids=["a large GPU", "a small GPU", "no GPU: what a processor bears", "nothing fits"],
)  # fmt: skip
def test_auto_takes_the_largest_that_runs_well(machine: Machine, name: str) -> None:
    chosen = best([(OLLAMA, offer) for offer in OLLAMA.offers], machine)
    assert (chosen[1].model.name if chosen else "") == name


def test_where_no_model_is_at_hand_no_vendor_is_named_that_nobody_asked_for() -> None:
    settings, found = Settings(), here()
    _, problem = refusal(choose(WISH, settings, found), WISH, settings, found)
    assert not re.search(r"ollama|openai|anthropic|gemini|llama-server", f"{problem.message} {problem.hint}".lower())
