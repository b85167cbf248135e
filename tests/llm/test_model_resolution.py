"""From the user's word and what answers to an endpoint that can be asked, over real sockets."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kforge.domain.model.machine import Setting
from kforge.domain.model.request import Endpoint, Fault, Message, Request
from kforge.errors import InputError, OutageError, Place, WorldError
from kforge.llm.model_client import open_endpoint
from kforge.llm.model_resolution import model_setup, resolve
from kforge.system.http import servers
from kforge.system.rate_limits import Budget, RateLimits
from kforge.system.settings import Flags
from tests.models import fakes, tiny

tiny_model, tiny_server = tiny.tiny_model, tiny.tiny_server  # fixtures
Ask = Callable[..., Endpoint]
SCHEMA = {
    "type": "object",
    "additionalProperties": False,
    "required": ["a"],
    "properties": {"a": {"type": "string", "enum": ["x", "y"]}},
}
REQUEST = Request("web/build", (Message("user", "x or y?"),), SCHEMA, max_tokens=50)
WISH = Setting("kforge-tiny", "app.kforge.yaml", Place("app.kforge.yaml", 3, 9))


@pytest.fixture
def ask(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ask:
    """`resolve` in a home of its own, on a machine whose known ports are silent."""
    monkeypatch.setattr(servers, "PORTS", ())

    def reached(wish: Setting | None = None, flags: Flags | None = None, **environment: str) -> Endpoint:
        return resolve(wish, flags or Flags(), {"XDG_CACHE_HOME": str(tmp_path / "cache"), **environment}, tmp_path)

    return reached


def digest(path: Path) -> str:
    return f"sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}"


def test_a_llama_server_is_known_by_the_digest_of_its_file(ask: Ask, tiny_model: Path, tiny_server: str) -> None:
    endpoint = ask(WISH, KFORGE_BASE_URL=tiny_server)
    assert (endpoint.model.identity, endpoint.model.strong, endpoint.local) == (digest(tiny_model), True, True)
    with open_endpoint(endpoint) as asker:
        assert json.loads(asker.complete(REQUEST).text)["a"] in "xy"


def test_a_file_of_the_users_is_embedded_with_the_same_identity(ask: Ask, tiny_model: Path) -> None:
    endpoint = ask(None, KFORGE_MODEL=str(tiny_model))
    assert (endpoint.provider, endpoint.model.identity, endpoint.model.strong) == ("embedded", digest(tiny_model), True)
    with open_endpoint(endpoint, RateLimits(Budget(requests=2))) as asker:
        assert asker.complete(REQUEST).text == asker.complete(REQUEST).text
        with pytest.raises(Fault) as caught:
            asker.complete(REQUEST)
    assert caught.value.kind == "budget"


def test_files_of_the_configuration_are_found_by_their_names(ask: Ask, tiny_model: Path, tmp_path: Path) -> None:
    (tmp_path / ".config/kforge").mkdir(parents=True)
    (tmp_path / ".config/kforge/config.toml").write_text(f'[files]\n"qwen:14b" = "{tiny_model}"\n')
    assert ask(Setting("qwen:14b", "app.kforge.yaml")).base_url == str(tiny_model)


def test_of_ollamas_models_what_they_can_and_how_much_they_hold_is_asked(ask: Ask) -> None:
    with fakes.serving(fakes.OLLAMA) as url:
        endpoint = ask(Setting("qwen2.5-coder:14b", "app.kforge.yaml"), OLLAMA_HOST=url)
    assert (
        endpoint.provider == "ollama"
        and "thinking" in endpoint.model.features
        and endpoint.model.identity == f"sha256:{fakes.DIGEST}"
    )
    assert endpoint.model.context == 32768  # what it can, not the 8192 that it happens to run with


@pytest.mark.parametrize("told", ["no json", {"error": "try later"}, [], {"model_info": 7}])
def test_an_ollama_that_tells_nothing_of_a_model_is_asked_all_the_same(ask: Ask, told: Any) -> None:
    with fakes.serving({**fakes.OLLAMA, "POST /api/show": told}) as url:
        assert ask(Setting("qwen2.5-coder:14b", "app.kforge.yaml"), OLLAMA_HOST=url).provider == "ollama"


def test_a_gateway_of_this_machine_is_found_by_its_vendors_variable(ask: Ask) -> None:
    with fakes.serving({}) as url:
        endpoint = ask(Setting("claude-x", "app.kforge.yaml"), ANTHROPIC_BASE_URL=url, ANTHROPIC_API_KEY="k")
    assert (endpoint.provider, endpoint.base_url, endpoint.key, endpoint.local) == ("anthropic", url, "k", True)


def test_a_variable_that_leads_to_nobody_keeps_nobody_else_from_being_asked(ask: Ask, tiny_model: Path) -> None:
    found = {"ANTHROPIC_BASE_URL": "http://127.0.0.1:9", "ANTHROPIC_API_KEY": "k"}
    assert ask(KFORGE_MODEL=str(tiny_model), **found).provider == "embedded"
    with pytest.raises(OutageError, match="nothing answers at the address that ANTHROPIC_BASE_URL names"):
        ask(Setting("claude-x", "app.kforge.yaml"), **found)


def test_auto_takes_what_is_there(ask: Ask) -> None:
    with fakes.serving(fakes.OLLAMA) as url:
        assert ask(Setting("auto", "app.kforge.yaml"), OLLAMA_HOST=url).model.name == "qwen2.5-coder:14b"


def test_a_wrong_name_is_told_with_the_line_of_the_spec(ask: Ask, tiny_server: str) -> None:
    with pytest.raises(InputError) as caught:
        ask(Setting("kforge-tinny", "app.kforge.yaml", WISH.where), KFORGE_BASE_URL=tiny_server)
    problem = caught.value.problems[0]
    assert problem.where == WISH.where and problem.hint == "did you mean `kforge-tiny`?"


@pytest.mark.parametrize(
    ("environment", "error", "words"),
    [
        ({}, WorldError, "no model can be asked"),
        ({"KFORGE_BASE_URL": "http://127.0.0.1:9"}, OutageError, "nothing answers"),
        ({"KFORGE_BASE_URL": "https://gpu.invalid/v1"}, InputError, "consent"),
        ({"KFORGE_BASE_URL": "https://gpu.invalid/v1", "KFORGE_ALLOW_REMOTE": "1"}, OutageError, "cannot be reached"),
        ({"KFORGE_MODEL": "/nowhere/a.gguf"}, InputError, "the file does not exist"),
        ({"KFORGE_PROVIDER": "anthropic", "KFORGE_ALLOW_REMOTE": "1"}, WorldError, "ANTHROPIC_API_KEY is not set"),
        ({"KFORGE_PROVIDER": "nobody"}, InputError, "names an unknown provider"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, dict) else "",
)
def test_what_stands_in_the_way_is_told_as_whose_fault_it_is(
    ask: Ask, environment: dict[str, str], error: Any, words: str
) -> None:
    with pytest.raises(error, match=words):
        ask(WISH, **environment)


def test_a_named_server_is_asked_and_no_other_port(ask: Ask, tiny_server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(servers, "PORTS", (1, 2, 3))
    monkeypatch.setattr(servers, "probe", lambda urls: pytest.fail("guessed"))
    assert ask(WISH, KFORGE_BASE_URL=tiny_server).server.startswith("llama-server")


def test_a_key_is_never_sent_to_a_server_that_was_only_found(ask: Ask) -> None:
    asked: list[str] = []
    with fakes.serving(fakes.OLLAMA, asked) as url:
        endpoint = ask(
            Setting("qwen2.5-coder:14b", "x"), OLLAMA_HOST=url, KFORGE_API_KEY="hunter2", OPENAI_API_KEY="hunter2"
        )
    assert endpoint.key == "" and not any("hunter2" in line for line in asked)


def test_doctors_survey_sends_nothing_and_hashes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tiny_model: Path
) -> None:
    monkeypatch.setattr(servers, "PORTS", ())
    monkeypatch.setattr("kforge.system.weights.identify", lambda *words: pytest.fail("hashed"))
    reached = model_setup(None, Flags(), {"OPENAI_API_KEY": "hunter2", "KFORGE_MODEL": str(tiny_model)}, tmp_path)
    assert reached.choice.endpoint and reached.choice.endpoint.provider == "embedded"
    assert reached.found.machine.memory > 0


@pytest.mark.parametrize(
    ("environment", "parallel"),
    [
        ({"KFORGE_PROVIDER": "openai", "OPENAI_API_KEY": "a"}, 16),
        ({"KFORGE_PROVIDER": "mistral", "MISTRAL_API_KEY": "a"}, 16),
        (
            {
                "KFORGE_PROVIDER": "azure",
                "AZURE_OPENAI_API_KEY": "a",
                "AZURE_OPENAI_ENDPOINT": "https://acme.openai.azure.com",
            },
            16,
        ),
        ({"KFORGE_PROVIDER": "anthropic", "ANTHROPIC_API_KEY": "a"}, 16),
        ({"KFORGE_PROVIDER": "gemini", "GEMINI_API_KEY": "a"}, 16),
        ({"KFORGE_PROVIDER": "ollama", "OLLAMA_HOST": "https://gpu.lan"}, 1),
    ],
    ids=lambda value: value.get("KFORGE_PROVIDER") if isinstance(value, dict) else "",
)
def test_a_remote_api_is_asked_side_by_side_and_a_server_of_ones_own_is_not(
    ask: Ask, environment: dict[str, str], parallel: int
) -> None:
    assert ask(WISH, KFORGE_ALLOW_REMOTE="1", **environment).parallel == parallel


def test_a_server_that_loads_its_model_is_waited_for(tmp_path: Path) -> None:
    answers, told = dict(fakes.LOADING), list[str]()

    def tell(line: str) -> None:
        told.append(line)
        answers.clear()
        answers.update(fakes.LLAMA)

    with fakes.serving(answers) as url:
        found = {"KFORGE_BASE_URL": f"{url}/v1", "XDG_CACHE_HOME": str(tmp_path)}
        endpoint = resolve(Setting("qwen.gguf", "the spec"), Flags(), found, tmp_path, tell, patience=30.0)
    assert endpoint.model.name == "qwen.gguf"
    assert told == [f"llama-server at {url}/v1 is loading its model: waiting until it is ready"]


def test_a_server_that_goes_on_loading_is_left_when_patience_ends(tmp_path: Path) -> None:
    with fakes.serving(fakes.LOADING) as url, pytest.raises(OutageError) as caught:
        found = {"KFORGE_BASE_URL": f"{url}/v1", "XDG_CACHE_HOME": str(tmp_path)}
        resolve(Setting("any", "the spec"), Flags(), found, tmp_path, patience=0.7)
    assert "is loading its model" in caught.value.problems[0].message


def test_nobody_waits_for_a_server_that_was_not_named(tmp_path: Path) -> None:
    with fakes.serving(fakes.LOADING), pytest.raises(OutageError):
        nobody = {"KFORGE_BASE_URL": "http://127.0.0.1:9/v1", "XDG_CACHE_HOME": str(tmp_path)}
        resolve(Setting("any", "the spec"), Flags(), nobody, tmp_path, patience=60.0)
