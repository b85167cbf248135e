"""Who gave the recordings of a folder: what is noted comes back, and nothing else does."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from kforge.domain.model.request import Endpoint, ServedModel
from kforge.errors import InputError
from kforge.system.store.recorded import FILE, note, noted

THINKER = Endpoint(
    "ollama",
    ServedModel("qwen3:8b", "sha256:" + "a" * 64, True, 32768, features=("completion", "thinking")),
    "http://127.0.0.1:11434",
    server="ollama 0.12",
)


def test_all_that_the_keys_depend_on_comes_back_without_the_address(tmp_path: Path) -> None:
    note(tmp_path, "qwen3", THINKER)
    found = noted(tmp_path, "qwen3")
    assert found and (found.provider, found.model, found.base_url) == ("ollama", THINKER.model, "")
    assert "127.0.0.1" not in (tmp_path / FILE).read_text()


def test_one_does_not_pass_for_another(tmp_path: Path) -> None:
    assert noted(tmp_path, "qwen3") is None
    note(tmp_path, "qwen3", THINKER)
    note(tmp_path, "auto", THINKER)
    with pytest.raises(InputError, match="holds no recordings of `gpt-5`") as caught:
        noted(tmp_path, "gpt-5")
    assert "`auto`, `qwen3`" in caught.value.problems[0].hint


def _told(**changed: Any) -> dict[str, Any]:
    told = {
        "provider": "openai",
        "server": "vllm",
        "dialect": "vllm",
        "model": "coder",
        "identity": "",
        "strong": False,
        "context": 0,
        "features": [],
    }
    return {"coder": {**told, **changed}}


@pytest.mark.parametrize(
    "held",
    [
        "no json", "[]", "7", "[" * 100_000, {"coder": 7}, {"coder": {}}, _told(more=1), _told(model="evil\x1b]0;pwned\x07"), _told(model="\ud800"),
        _told(context=-1), _told(context=1e300), _told(context=True), _told(strong=1), _told(features="thinking"), _told(features=[7]),
        _told(server="a\nb"), _told(identity="x" * 1000), {"a\x1b": _told()["coder"]},
    ],
    ids=lambda held: str(held)[-30:].encode("ascii", "replace").decode(),
)  # fmt: skip
def test_what_is_damaged_is_refused(held: Any, tmp_path: Path) -> None:
    (tmp_path / FILE).write_text(held if isinstance(held, str) else json.dumps(held))
    with pytest.raises(InputError, match="is damaged"):
        noted(tmp_path, "coder")


def test_a_number_that_is_none_is_damage(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text(json.dumps(_told()).replace('"context": 0', '"context": 1e999'))
    with pytest.raises(InputError, match="is damaged"):
        noted(tmp_path, "coder")
