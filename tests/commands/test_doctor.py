"""`kforge doctor` as its users see it: the report, its JSON, its exit codes; and never a key."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from kforge.cli import main
from kforge.domain.model.machine import GIB, Gpu, Machine
from kforge.domain.model.vendors import VENDORS
from kforge.system.gpu import detect
from kforge.system.http import servers
from kforge.system.http.transport import Transport
from tests.models import fakes

SPEC = "apiVersion: kforge.dev/v1\napp: shop\nmodel: {name: qwen2.5-coder:14b}\nservices: {web: {image: docker.io/library/nginx:1.27}}\n"
VARIABLES = [
    "KFORGE_API_KEY",
    "OLLAMA_HOST",
    "OLLAMA_API_KEY",
    "KFORGE_MODEL",
    "KFORGE_PROVIDER",
    "KFORGE_BASE_URL",
    "KFORGE_ALLOW_REMOTE",
]


@pytest.fixture(autouse=True)
def quiet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine with one GPU, no server, no key, and a folder of its own."""
    for name in [*VARIABLES, *(name for vendor in VENDORS for name in (*vendor.keys, *vendor.urls))]:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(servers, "PORTS", ())
    machine = Machine(
        (Gpu("nvidia", "NVIDIA L4", 23 * GIB, 22 * GIB, "550.54.15", "8.9"),), 64 * GIB, 60 * GIB, "container"
    )
    monkeypatch.setattr(detect, "detect", lambda host, wanted: machine)
    (tmp_path / "work" / ".git").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "work")


def told(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, Any]:
    code = main(["doctor", "--format", "json", *words])
    return code, json.loads(capsys.readouterr().out)


def test_where_nothing_is_wished_nothing_is_wrong(capsys: pytest.CaptureFixture[str]) -> None:
    code, report = told(capsys)
    assert (code, report["choice"]["endpoint"], report["choice"]["problem"]["kind"]) == (0, None, "world")


def test_the_report_for_people(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "hunter2")
    Path("app.kforge.yaml").write_text(SPEC)
    with fakes.serving(fakes.OLLAMA) as url:
        monkeypatch.setenv("OLLAMA_HOST", url)
        assert main(["doctor"]) == 0
    out = capsys.readouterr().out
    assert "hunter2" not in out
    lines = [
        " ".join(line.replace(url, "URL").split())
        for line in out.splitlines()
        if not line.startswith(("tools", "missing", "embedded"))
    ]
    assert lines == [
        "machine 64.0 GiB of memory, 60.0 GiB free, container",
        "gpus NVIDIA L4 23.0 GiB, 22.0 GiB free driver 550.54.15, 8.9",
        "servers ollama 0.12.6 at URL",
        "qwen2.5-coder:14b 14.8B 8.4 GiB Q4_K_M, loaded fits NVIDIA L4",
        "nomic-embed-text:latest 0.1B 0.3 GiB F16 answers no questions",
        "gpt-oss:120b-cloud 116.8B MXFP4 on another machine",
        "keys ANTHROPIC_API_KEY",
        "remote not allowed: nothing leaves this machine (`--allow-remote`, KFORGE_ALLOW_REMOTE)",
        "fitting qwen2.5-coder:1.5b needs 1.8 GiB fits NVIDIA L4",
        "qwen2.5-coder:3b needs 2.7 GiB fits NVIDIA L4",
        "qwen2.5-coder:7b needs 5.5 GiB fits NVIDIA L4",
        "qwen2.5-coder:14b needs 11.5 GiB fits NVIDIA L4",
        "qwen2.5-coder:32b needs 22.2 GiB fits the memory, on the CPU, slow",
        "llama3.3:70b needs 43.6 GiB does not fit",
        "(four bits a parameter, 16384 tokens of context)",
        "choice qwen2.5-coder:14b of ollama 0.12.6 at URL; named by app.kforge.yaml; it answers",
        "not anthropic: it has no `qwen2.5-coder:14b`",
    ]


def test_the_report_for_machines(capsys: pytest.CaptureFixture[str]) -> None:
    with fakes.serving(fakes.VLLM) as url:
        code, report = told(capsys, "--base-url", url, "--model", "coder")
    assert code == 0 and report["machine"]["gpus"][0]["name"] == "NVIDIA L4"
    assert [(server["kind"], [model["name"] for model in server["models"]]) for server in report["servers"]] == [
        ("vllm", ["coder"])
    ]
    assert (report["choice"]["endpoint"]["provider"], report["choice"]["endpoint"]["key"]) == ("openai", False)
    assert report["choice"]["capabilities"] == {"structured": True, "seed": True, "temperature": True, "parallel": 1}


def test_a_model_that_nobody_has_is_the_answer_no(capsys: pytest.CaptureFixture[str]) -> None:
    Path("app.kforge.yaml").write_text(SPEC)
    code, report = told(capsys)
    assert code == 1 and report["choice"]["problem"]["where"] == "app.kforge.yaml:3:15"


@pytest.mark.parametrize("name", ["OPENAI_API_KEY", "KFORGE_API_KEY", "ANTHROPIC_AUTH_TOKEN", "MISTRAL_API_KEY"])
def test_keys_are_shown_by_name_and_never_by_value(
    name: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, "hunter2hunter2")
    monkeypatch.setattr(Transport, "healthy", lambda self: True)  # no test asks a vendor
    for form in ("text", "json"):
        assert main(["doctor", "--format", form, "--provider", "openai", "--model", "gpt-5", "--allow-remote"]) in (
            0,
            1,
        )
        out = "".join(capsys.readouterr())
        assert name in out and "hunter2" not in out


def test_a_server_elsewhere_that_does_not_answer_hides_nothing_else(capsys: pytest.CaptureFixture[str]) -> None:
    code, report = told(capsys, "--base-url", "https://gpu.invalid/v1", "--allow-remote")
    assert (code, report["machine"]["gpus"][0]["name"], report["choice"]["problem"]["kind"]) == (
        1,
        "NVIDIA L4",
        "outage",
    )
    assert report["choice"]["problem"]["message"].startswith("https://gpu.invalid/v1: `gpu.invalid` cannot be reached")
    assert "kforge doctor" not in json.dumps(report["choice"])


def test_whoever_would_be_asked_shows_whether_it_takes_the_key(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KFORGE_API_KEY", "hunter2hunter2")
    with fakes.serving(fakes.LOCKED) as url:
        code, report = told(capsys, "--base-url", url, "--model", "coder")
    assert (code, report["choice"]["answers"], report["choice"]["problem"]["kind"]) == (1, False, "key")
    assert "refused the key (401)" in report["choice"]["problem"]["message"]
    assert "KFORGE_API_KEY" in report["choice"]["problem"]["hint"]
    with fakes.serving(fakes.VLLM) as url:
        code, report = told(capsys, "--base-url", url, "--model", "coder")
    assert (code, report["choice"]["answers"], report["choice"]["problem"]) == (0, True, None)


@pytest.mark.parametrize("status", [404, 405, 501])
def test_a_gateway_without_a_list_is_well(status: int, capsys: pytest.CaptureFixture[str]) -> None:
    with fakes.serving({"/v1/models": (status, {"error": {"message": "no list here"}})}) as url:
        code, report = told(capsys, "--base-url", url, "--model", "coder")
    assert (code, report["choice"]["answers"]) == (0, None)


def test_nobody_says_that_a_file_answers_which_only_loading_it_would_show(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("xllamacpp", reason="xllamacpp is not here: the embedded provider")
    (tmp_path / "bad.gguf").write_bytes(b"GGUF but no model")
    code, report = told(capsys, "--model", str(tmp_path / "bad.gguf"))
    assert (code, report["choice"]["endpoint"]["provider"], report["choice"]["answers"]) == (0, "embedded", None)


def test_a_wrong_configuration_is_told_with_its_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "config/kforge").mkdir(parents=True)
    (tmp_path / "config/kforge/config.toml").write_text('model = "a"\napi_key = "hunter2"\n')
    assert main(["doctor"]) == 2
    said = capsys.readouterr().err
    assert "config.toml:2" in said and "hunter2" not in said


def test_a_broken_spec_does_not_hinder_a_doctor(capsys: pytest.CaptureFixture[str]) -> None:
    Path("app.kforge.yaml").write_text("a: [\n")
    assert told(capsys)[0] == 0
    assert main(["doctor", "--spec", "app.kforge.yaml"]) == 2
