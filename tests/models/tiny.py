"""A real llama.cpp server on a model made here: half a megabyte of random weights, the same bytes every time.

The weights know nothing, so answers mean nothing; under a JSON schema's grammar they are valid all the same. The
vocabulary is bytes and printable characters: a character is about a token.
"""

from __future__ import annotations

import gc
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

NAME = "kforge-tiny"
CONTEXT = 32768
LAYERS, DIM, HEADS, FORWARD = 2, 64, 4, 128
TEMPLATE = (
    "{% for m in messages %}<|{{ m['role'] }}|>\n{{ m['content'] }}\n{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>\n{% endif %}"
)


def _vocabulary():
    """Tokens, scores, types: three control tokens, every byte, the space mark, every printable character."""
    from gguf import TokenType as Type

    printable = ["\u2581", *(chr(code) for code in range(33, 127))]
    entries = [(b"<unk>", 0.0, Type.UNKNOWN), (b"<s>", 0.0, Type.CONTROL), (b"</s>", 0.0, Type.CONTROL)]
    entries += [(f"<0x{byte:02X}>".encode(), 0.0, Type.BYTE) for byte in range(256)]
    entries += [(char.encode(), -float(index), Type.NORMAL) for index, char in enumerate(printable)]
    tokens, scores, types = zip(*entries, strict=True)
    return list(tokens), list(scores), [int(kind) for kind in types]


def _prior(tokens, types):
    """How much each token is favoured, so that output is readable and strings end."""
    import numpy as np
    from gguf import TokenType as Type

    prior = np.full(len(tokens), -14.0, np.float32)  # raw bytes, newline and tab among them: hardly ever
    for index, token in enumerate(tokens):
        if types[index] == int(Type.NORMAL):
            char = token.decode()
            prior[index] = 2.0 if char.islower() else 1.0 if char.isalnum() else 0.0
            if char in '"}],:':
                prior[index] = 2.5
            if char == "\u2581":
                prior[index] = -6.0  # else JSON runs on in white space
            if char in "`\\":
                prior[index] = -14.0  # no fences, which llama.cpp would strip; no escapes
    prior[2] = 3.0  # the end, as soon as the grammar allows it
    prior[0] = prior[1] = -20.0
    return prior


def build(path: Path, seed: int = 1234) -> str:
    """Write the model; its sha256. Takes 20 ms and is the same on every machine."""
    import gguf
    import numpy as np

    random = np.random.default_rng(seed)
    tokens, scores, types = _vocabulary()

    def matrix(rows, columns, spread=0.05):
        return random.normal(0, spread, (rows, columns)).astype(np.float32)

    def writes(rows, columns, spread):
        held = matrix(rows, columns, spread)
        held[0] = 0.0  # dimension 0 carries the prior: no block writes it
        return held

    file = gguf.GGUFWriter(str(path), "llama")
    _describe(file, gguf, tokens, scores, types)
    embedding = matrix(len(tokens), DIM, 1.0)
    embedding[:, 0] = 12.0
    norm = np.full(DIM, 2.0, np.float32)
    norm[0] = 0.0  # and none reads it
    file.add_tensor("token_embd.weight", embedding)
    for layer in range(LAYERS):
        block = f"blk.{layer}."
        file.add_tensor(block + "attn_norm.weight", norm)
        for name in ("attn_q", "attn_k", "attn_v"):
            file.add_tensor(f"{block}{name}.weight", matrix(DIM, DIM, 0.15))
        file.add_tensor(block + "attn_output.weight", writes(DIM, DIM, 0.15))
        file.add_tensor(block + "ffn_norm.weight", norm)
        for name in ("ffn_gate", "ffn_up"):
            file.add_tensor(f"{block}{name}.weight", matrix(FORWARD, DIM, 0.1))
        file.add_tensor(block + "ffn_down.weight", writes(DIM, FORWARD, 0.1))
    file.add_tensor("output_norm.weight", np.ones(DIM, np.float32))
    output = matrix(len(tokens), DIM, 0.3)
    output[:, 0] = _prior(tokens, types) / 5.0  # after the last norm, dimension 0 is 4 to 5
    file.add_tensor("output.weight", output)
    file.write_header_to_file()
    file.write_kv_data_to_file()
    file.write_tensors_to_file()
    file.close()
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _describe(file, gguf, tokens, scores, types):
    file.add_name(NAME)
    file.add_context_length(CONTEXT)
    file.add_embedding_length(DIM)
    file.add_block_count(LAYERS)
    file.add_feed_forward_length(FORWARD)
    file.add_head_count(HEADS)
    file.add_head_count_kv(HEADS)
    file.add_layer_norm_rms_eps(1e-5)
    file.add_rope_dimension_count(DIM // HEADS)
    file.add_vocab_size(len(tokens))
    file.add_file_type(int(gguf.LlamaFileType.ALL_F32))
    file.add_tokenizer_model("llama")
    file.add_token_list(tokens)
    file.add_token_scores(scores)
    file.add_token_types(types)
    file.add_bos_token_id(1)
    file.add_eos_token_id(2)
    file.add_unk_token_id(0)
    file.add_add_bos_token(True)
    file.add_add_space_prefix(False)
    file.add_chat_template(TEMPLATE)


@contextmanager
def serve(path: Path, context: int = CONTEXT, slots: int = 1) -> Iterator[str]:
    """A llama-server in this process on a free port; its base URL, `http://127.0.0.1:…/v1`."""
    import xllamacpp

    settings = xllamacpp.CommonParams()
    settings.model.path = str(path)
    settings.model_alias = [NAME] if isinstance(settings.model_alias, (list, set)) else NAME
    settings.n_ctx, settings.n_parallel = context, slots
    settings.warmup = False
    settings.cpuparams.n_threads = settings.cpuparams_batch.n_threads = 1
    settings.cpuparams.poll = settings.cpuparams_batch.poll = 0
    settings.n_gpu_layers = settings.cache_ram_mib = 0
    settings.hostnames = "127.0.0.1" if isinstance(settings.hostnames, str) else ["127.0.0.1"]
    settings.port = 0
    settings.verbosity = -1
    server = xllamacpp.Server(settings)
    try:
        yield f"{server.listening_address}/v1"
    finally:
        del server  # it has no `close`: its destructor stops it
        gc.collect()


def needs_llama() -> None:
    """Skip by name where the server or what makes the model is not installed."""
    for package in ("xllamacpp", "gguf", "numpy"):
        pytest.importorskip(package, reason=f"{package} is not here: no real llama.cpp server")


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory) -> Path:
    """The model's file."""
    needs_llama()
    path = tmp_path_factory.mktemp("models") / "kforge-tiny.gguf"
    build(path)
    return path


@pytest.fixture(scope="session")
def tiny_server(tiny_model) -> Iterator[str]:
    """Base URL of a server with the tiny model, one slot."""
    with serve(tiny_model) as url:
        yield url
