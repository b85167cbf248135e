"""The user's word: flags before environment before configuration, and what is refused there."""

from __future__ import annotations

from pathlib import Path

import pytest

from kforge.domain.model.machine import Settings
from kforge.errors import InputError
from kforge.system.settings import Flags, folder, settle


def configured(home: Path, text: str) -> None:
    (home / ".config" / "kforge").mkdir(parents=True, exist_ok=True)
    (home / ".config" / "kforge" / "config.toml").write_text(text)


NO_FLAGS = Flags()


def settled(home: Path, flags: Flags = NO_FLAGS, **environment: str) -> Settings:
    return settle(flags, environment, home, "Linux")


FILE = 'provider = "ollama"\nmodel = "from-file"\nbase_url = "http://127.0.0.1:1"\nallow_remote = ["api.openai.com"]\nparallel = 4\ncontext = 8192\nrequests_per_minute = 60\ntokens_per_minute = 90000\n'


def test_nothing_said_is_nothing_set(tmp_path: Path) -> None:
    assert settled(tmp_path) == Settings()


def test_the_file_is_heard_where_nobody_else_speaks(tmp_path: Path) -> None:
    configured(tmp_path, FILE)
    told = settled(tmp_path)
    assert told.model and (told.model.value, told.model.by, told.model.where and told.model.where.line) == (
        "from-file",
        "~/.config/kforge/config.toml",
        2,
    )
    assert (told.consent, told.parallel, told.context) == (("api.openai.com",), 4, 8192)
    assert (told.requests_per_minute, told.tokens_per_minute) == (60, 90000)


def test_the_environment_goes_before_the_file_and_a_flag_before_both(tmp_path: Path) -> None:
    configured(tmp_path, FILE)
    told = settled(tmp_path, Flags(model="from-flag"), KFORGE_MODEL="from-environment", KFORGE_PROVIDER="vllm")
    assert [(each.value, each.by) for each in (told.model, told.provider) if each] == [
        ("from-flag", "--model"),
        ("vllm", "KFORGE_PROVIDER"),
    ]


@pytest.mark.parametrize(
    ("variable", "hosts"),
    [
        ("gpu.lan:8443,[fd00::1]:8443, fd00::1", ("gpu.lan:8443", "[fd00::1]:8443", "fd00::1")),
        ("1", ("*",)),
        ("true", ("*",)),
        ("0", ()),
        ("", ()),
        ("no", ()),
        ("api.openai.com, gpu.lan", ("api.openai.com", "gpu.lan")),
    ],
)
def test_consent_of_the_environment_is_yes_no_or_hosts_and_overrules_the_file(
    variable: str, hosts: tuple[str, ...], tmp_path: Path
) -> None:
    configured(tmp_path, "allow_remote = true\n")
    assert settled(tmp_path, KFORGE_ALLOW_REMOTE=variable).consent == hosts


def test_a_file_of_weights_may_stand_for_a_model(tmp_path: Path) -> None:
    told = settled(tmp_path, KFORGE_MODEL="~/models/Qwen-14B.Q4_K_M.gguf")
    assert (told.provider and told.provider.value, told.model and told.model.value) == ("embedded", "Qwen-14B.Q4_K_M")
    assert [file.path for file in told.files] == [str(tmp_path / "models/Qwen-14B.Q4_K_M.gguf")]


@pytest.mark.parametrize("text", ['model = "qwen.gguf"\n', 'files = {qwen = "qwen.gguf"}\n'])
def test_a_relative_file_of_the_configuration_lies_beside_it(text: str, tmp_path: Path) -> None:
    configured(tmp_path, text)
    assert [file.path for file in settled(tmp_path).files] == [str(tmp_path / ".config/kforge/qwen.gguf")]


def test_a_relative_file_of_the_environment_lies_in_the_working_folder(tmp_path: Path) -> None:
    assert [file.path for file in settled(tmp_path, KFORGE_MODEL="models/qwen.gguf").files] == [
        str(Path.cwd() / "models/qwen.gguf")
    ]


def test_a_configuration_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    configured(tmp_path, '\ufeffmodel = "a"\n')
    told = settled(tmp_path)
    assert told.model and (told.model.value, told.model.where and told.model.where.line) == ("a", 1)


@pytest.mark.parametrize(
    "told",
    [
        "off",
        "CPU",
        "auto",
        "nvidia",
        "AMD",
        "0",
        "0, 1",
        "GPU-5a1f",
        "MIG-GPU-1/2/3",
        "00000000-0000-0003",
        "intel,nvidia",
    ],
)
def test_what_may_name_a_gpu_is_taken(told: str, tmp_path: Path) -> None:
    assert (gpu := settled(tmp_path, KFORGE_GPU=told).gpu) and gpu.value == told


def test_keys_come_from_the_environment_each_for_its_vendor(tmp_path: Path) -> None:
    told = settled(
        tmp_path,
        OPENAI_API_KEY="a",
        GEMINI_API_KEY="b",
        GOOGLE_API_KEY="c",
        ANTHROPIC_AUTH_TOKEN="d",
        KFORGE_API_KEY=" e ",
    )
    assert told.keys == {
        "openai": ("OPENAI_API_KEY", "a"),
        "gemini": ("GOOGLE_API_KEY", "c"),
        "anthropic": ("ANTHROPIC_AUTH_TOKEN", "d"),
    }
    assert told.key and told.key.value == "e"


def test_settings_never_show_a_key(tmp_path: Path) -> None:
    assert "hunter2" not in repr(settled(tmp_path, OPENAI_API_KEY="hunter2", KFORGE_API_KEY="hunter2"))


def test_vendors_addresses_and_accounts_are_heard(tmp_path: Path) -> None:
    told = settled(
        tmp_path,
        AZURE_OPENAI_ENDPOINT="https://acme.openai.azure.com/",
        OPENAI_ORG_ID="org-1",
        OLLAMA_HOST="0.0.0.0:8081",
    )
    assert {name: setting.value for name, setting in told.urls.items()} == {
        "azure": "https://acme.openai.azure.com/openai/v1",
        "ollama": "http://127.0.0.1:8081",
    }
    assert told.accounts == {"openai": {"OpenAI-Organization": "org-1"}}


@pytest.mark.parametrize(
    ("environment", "system", "place"),
    [
        ({}, "Linux", ".config/kforge"), ({}, "Darwin", "Library/Application Support/kforge"),
        ({}, "Windows", "AppData/Roaming/kforge"), ({"XDG_CONFIG_HOME": "/x"}, "Darwin", "/x/kforge"),
        ({"APPDATA": "/roaming"}, "Windows", "/roaming/kforge"), ({"XDG_CONFIG_HOME": "cfg"}, "Linux", ".config/kforge"),
    ],
)  # fmt: skip
def test_each_platform_has_its_folder(environment: dict[str, str], system: str, place: str, tmp_path: Path) -> None:
    assert folder(environment, tmp_path, system) == tmp_path / place


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ('model = "a"\napi_key = "hunter2hunter2"\n', 2, "`api_key` must not be in a file"),
        ('model = "a"\n[openai]\ntoken = "hunter2"\n', 2, "`openai` is not a key"),
        ("# note\nTOKEN = 'hunter2'\n", 2, "`TOKEN` must not be in a file"),
        ('model = "a" # ghp_' + "a1B2" * 9 + "\n", 1, "this looks like a GitHub token"),
        ('\nmodle = "a"\n', 2, "`modle` is not a key of the configuration"),
        ("model = 7\n", 1, "`model` has the wrong type"),
        ("allow_remote = [1]\n", 1, "`allow_remote` has the wrong type"),
        ("parallel = 0\n", 1, "`parallel` has the wrong type"),
        ("requests_per_minute = 0\n", 1, "`requests_per_minute` has the wrong type"),
        ("parallel = true\n", 1, "`parallel` has the wrong type"),
        ('[files]\n"q:1" = "/a.gguf"\n"q:2" = "/b.bin"\n', 3, "`files` has no GGUF file for `q:2`"),
        ('model = "a"\nmodel = "b"\n', 2, "the configuration is not valid TOML: cannot overwrite a value"),
        ('model = "a\n', 1, "the configuration is not valid TOML"),
        ('provider = "olama"\n', 1, "names an unknown provider: `olama`"),
        ('\nbase_url = "ftp://a"\n', 2, "is not an http:// or https:// URL"),
        ('base_url = "https://u:hunter2@a/v1"\n', 1, "holds a user or a password"),
        ('allow_remote = ["https://api.openai.com"]\n', 1, "has something that is not a host"),
        ('allow_remote = ["api.openai.com:https"]\n', 1, "has something that is not a host"),
        ('\ngpu = "nvidea"\n', 2, "names an unknown GPU: `nvidea`"),
    ],
)
def test_a_wrong_configuration_is_told_with_its_line_and_no_secret(
    text: str, line: int, words: str, tmp_path: Path
) -> None:
    configured(tmp_path, text)
    with pytest.raises(InputError) as caught:
        settled(tmp_path)
    problem = caught.value.problems[0]
    assert words in problem.message and problem.where and problem.where.line == line
    assert "hunter2" not in str(caught.value) + problem.hint and "ghp_" not in str(caught.value)


def test_every_problem_of_a_file_is_told_at_once(tmp_path: Path) -> None:
    configured(tmp_path, "b = 1\na = 2\nmodel = 3\n")
    with pytest.raises(InputError) as caught:
        settled(tmp_path)
    assert [problem.where and problem.where.line for problem in caught.value.problems] == [1, 2, 3]


@pytest.mark.parametrize("content", [b"\xff\xfe", b"#" * ((1 << 20) + 2)], ids=["not UTF-8", "too large"])
def test_a_file_that_is_no_text_is_refused(content: bytes, tmp_path: Path) -> None:
    configured(tmp_path, "")
    (tmp_path / ".config/kforge/config.toml").write_bytes(content)
    with pytest.raises(InputError):
        settled(tmp_path)


@pytest.mark.parametrize(
    ("environment", "words"),
    [
        ({"KFORGE_PROVIDER": "gpt"}, "KFORGE_PROVIDER names an unknown provider"),
        ({"KFORGE_BASE_URL": "localhost:8080"}, "KFORGE_BASE_URL names is not an http"),
        ({"OPENAI_BASE_URL": "nonsense"}, "OPENAI_BASE_URL names is not an http"),
        ({"KFORGE_ALLOW_REMOTE": "https://a/b"}, "KFORGE_ALLOW_REMOTE has something that is not a host"),
        ({"KFORGE_GPU": "0,sdf"}, "KFORGE_GPU names an unknown GPU: `sdf`"),
    ],
)
def test_a_wrong_variable_is_named(environment: dict[str, str], words: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=words):
        settled(tmp_path, **environment)
