"""Model servers that only say what real ones say of themselves: small HTTP servers on free loopback ports.

The answers are written after the vendors' documentation; llama-server's were given by a real one.
"""

from __future__ import annotations

import json
import socketserver
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from typing import Any

Answer = str | dict[str, Any] | list[Any] | tuple[int, Any]
DIGEST = "d" * 64

OLLAMA: dict[str, Answer] = {
    "/": "Ollama is running",
    "/api/version": {"version": "0.12.6"},
    "/api/ps": {"models": [{"name": "qwen2.5-coder:14b", "size_vram": 9_500_000_000, "context_length": 8192}]},
    "/api/tags": {
        "models": [
            {
                "name": "qwen2.5-coder:14b", "model": "qwen2.5-coder:14b", "size": 8_988_124_069, "digest": DIGEST,
                "details": {"family": "qwen2", "families": ["qwen2"], "parameter_size": "14.8B", "quantization_level": "Q4_K_M"},
            },
            {
                "name": "nomic-embed-text:latest", "size": 274_302_450, "digest": "e" * 64,
                "details": {"family": "nomic-bert", "families": ["nomic-bert"], "parameter_size": "137M", "quantization_level": "F16"},
            },
            {
                "name": "gpt-oss:120b-cloud", "size": 384, "digest": "f" * 64, "remote_host": "https://ollama.com:443",
                "remote_model": "gpt-oss:120b", "details": {"family": "gptoss", "parameter_size": "116.8B", "quantization_level": "MXFP4"},
            },
        ]
    },
    "POST /api/show": {"capabilities": ["completion", "thinking"], "model_info": {"qwen2.context_length": 32768}, "details": {}},
}  # fmt: skip
DOCKER: dict[str, Answer] = {
    "/": "Docker Model Runner is running",
    "/api/version": {"version": "0.1"},  # as Ollama's
    "/api/tags": {"models": []},
    "/models": [
        {
            "id": f"sha256:{DIGEST}", "tags": ["docker.io/ai/qwen2.5-coder:latest"], "created": 1,
            "config": {"format": "gguf", "quantization": "IQ2_XXS/Q4_K_M", "parameters": "7.62 B", "architecture": "qwen2", "size": "4.36 GiB"},
        }
    ],
}  # fmt: skip
LLAMA: dict[str, Answer] = {
    "server": "llama.cpp",
    "/": (200, "<html>llama.cpp</html>"),
    "/v1/models": {
        "object": "list",
        "data": [
            {
                "id": "qwen.gguf", "object": "model", "owned_by": "llamacpp",
                "meta": {"n_vocab": 354, "n_ctx_train": 32768, "n_embd": 64, "n_params": 14_770_033_664, "size": 8_988_110_688, "ftype": "Q4_K - Medium"},
            }
        ],
    },
    "/props": {"default_generation_settings": {"n_ctx": 16384}, "model_path": "/models/qwen.gguf", "build_info": "b6500-abc"},
}  # fmt: skip
LOADING: dict[str, Answer] = {
    "server": "llama.cpp",
    "/": (503, {"error": {"message": "Loading model", "type": "unavailable_error", "code": 503}}),
    "/v1/models": (503, {"error": {"message": "Loading model", "type": "unavailable_error", "code": 503}}),
}
VLLM: dict[str, Answer] = {
    "/version": {"version": "0.12.1"},
    "/v1/models": {
        "object": "list",
        "data": [
            {
                "id": "coder",
                "object": "model",
                "owned_by": "vllm",
                "root": "Qwen/Qwen2.5-Coder-32B-Instruct",
                "max_model_len": 32768,
            }
        ],
    },
}
SGLANG: dict[str, Answer] = {
    "/get_model_info": {"model_path": "Qwen/Qwen3-8B", "is_generation": True},
    "/v1/models": {
        "object": "list",
        "data": [
            {
                "id": "Qwen/Qwen3-8B",
                "object": "model",
                "owned_by": "sglang",
                "root": "Qwen/Qwen3-8B",
                "max_model_len": 40960,
            }
        ],
    },
}
STUDIO: dict[str, Answer] = {
    "/": {"error": "Unexpected endpoint or method. (GET /)"},
    "/v1/models": {"object": "list", "data": [{"id": "qwen2.5-coder-14b-instruct", "object": "model", "owned_by": "organization_owner"}]},
    "/api/v1/models": {
        "models": [
            {
                "type": "llm", "key": "qwen2.5-coder-14b-instruct", "quantization": {"name": "Q4_K_M", "bits_per_weight": 4}, "size_bytes": 8_988_110_688,
                "params_string": "14B", "max_context_length": 131072, "loaded_instances": [{"id": "x", "config": {"context_length": 16384}}],
            },
            {"type": "embedding", "key": "text-embedding-nomic-embed-text-v1.5", "size_bytes": 84106624, "loaded_instances": []},
        ]
    },
}  # fmt: skip
OLD_STUDIO: dict[str, Answer] = {
    "/v1/models": {
        "object": "list",
        "data": [{"id": "qwen2.5-coder-7b", "object": "model", "owned_by": "organization_owner"}],
    },
    "/api/v0/models": {
        "object": "list",
        "data": [
            {
                "id": "qwen2.5-coder-7b",
                "type": "llm",
                "quantization": "Q4_K_M",
                "state": "loaded",
                "max_context_length": 32768,
                "loaded_context_length": 4096,
            },
            {
                "id": "nomic",
                "type": "embeddings",
                "quantization": "F16",
                "state": "not-loaded",
                "max_context_length": 2048,
            },
        ],
    },
}
LOCALAI: dict[str, Answer] = {
    "/": "<html></html>",
    "/.well-known/localai.json": {"version": "v3.6.0", "endpoints": {}},
    "/v1/models": {
        "object": "list",
        "data": [{"id": "qwen2.5-7b-instruct", "object": "model"}, {"id": "whisper-1", "object": "model"}],
    },
}
PYTHON: dict[str, Answer] = {
    "server": "uvicorn",
    "/v1/models": {
        "object": "list",
        "data": [{"id": "/models/q.gguf", "object": "model", "owned_by": "me", "permissions": []}],
    },
}
OTHER: dict[str, Answer] = {
    "/v1/models": {"object": "list", "data": [{"id": "own-model", "object": "model", "owned_by": "acme"}]}
}
LOCKED: dict[str, Answer] = {"/v1/models": (401, {"error": {"message": "no key"}})}


@contextmanager
def serving(answers: Mapping[str, Answer], asked: list[str] | None = None) -> Iterator[str]:
    """A server with these answers by path (`POST /path` for the other method); its address."""

    class Handler(BaseHTTPRequestHandler):
        server_version, sys_version = str(answers.get("server", "fake")), ""

        def do_GET(self) -> None:
            self.answer(answers.get(self.path))

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("content-length", 0)))
            self.answer(answers.get(f"POST {self.path}"))

        def answer(self, told: Answer | None) -> None:
            if asked is not None:
                asked.append(f"{self.path} {self.headers.get('authorization', '')}".strip())
            status, body = (404, "not found") if told is None else told if isinstance(told, tuple) else (200, told)
            data = body.encode() if isinstance(body, str) else json.dumps(body).encode()
            self.send_response(status)
            self.send_header("content-length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *words: Any) -> None:
            pass

    class Server(socketserver.ThreadingTCPServer):
        allow_reuse_address = daemon_threads = True

        def handle_error(self, request: Any, address: Any) -> None:
            """Whoever hung up has seen enough."""

    with Server(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()
