"""Record what a real llama.cpp server with the tiny model answers: `python -m tests.providers.record`."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import httpx

from kforge.domain.model.request import Message, Request
from kforge.providers.openai import ACCENTS, encode
from tests.models import tiny

EXCHANGES = Path(__file__).with_name("exchanges")
LLAMA = ACCENTS[0]
SCHEMA = {
    "type": "object",
    "properties": {"replicas": {"type": "integer", "minimum": 1, "maximum": 9}},
    "required": ["replicas"],
    "additionalProperties": False,
}


def _asked(text: str, **more: Any) -> dict[str, Any]:
    return dict(encode(tiny.NAME, Request("web/rollout", (Message("user", text),), SCHEMA, **more), LLAMA).body)


def main() -> None:
    """Ask each question and write down the answer, less what changes from run to run."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "tiny.gguf"
        tiny.build(path)
        with tiny.serve(path, context=512) as url:
            _record(
                url, "answer", _asked("How many?"), {"text": '{"replicas":5}', "model": tiny.NAME, "usage": [34, 15]}
            )
            _record(url, "length", _asked("How many?", max_tokens=3), {"fault": "cut"})
            _record(url, "context", _asked("x" * 900), {"fault": "overflow"})
            broken = {
                **_asked("How many?"),
                "response_format": {"type": "json_schema", "json_schema": {"schema": {"type": "odd"}}},
            }
            _record(url, "schema", broken, {"fault": "request", "words": "unrecognized type"})
            _record(
                url,
                "other-model",
                {**_asked("How many?"), "model": "nope"},
                {"text": '{"replicas":5}', "model": tiny.NAME, "usage": [34, 15]},
            )
            identity = "n_params=127552, size=510208, ftype=all F32"
            models = {"models": [[tiny.NAME, identity, False, 512]], "server": "llama-server"}
            _record(url, "models", None, models)


def _record(url: str, name: str, body: dict[str, Any] | None, expect: dict[str, Any]) -> None:
    if body is None:
        reply = httpx.get(f"{url}/models", trust_env=False)
    else:
        reply = httpx.post(f"{url}/chat/completions", json=body, timeout=60, trust_env=False)
    told = reply.json()
    for key in ("created", "id", "timings", "system_fingerprint"):
        told.pop(key, None)
    for model in told.get("data", []):
        model.pop("created", None)
    held = {
        "source": "recorded from llama.cpp with the tiny model",
        "where": "xllamacpp",
        "provider": "openai",
        "what": "models" if body is None else "complete",
        "status": reply.status_code,
        "headers": {key: reply.headers[key] for key in ("server", "content-type") if key in reply.headers},
        "body": told,
        "expect": expect,
    }
    (EXCHANGES / f"llama-{name}.json").write_text(json.dumps(held, indent=2, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
