"""A GGUF file → its sha256, worked out once and remembered in the user's cache by path, size, times and inode."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

from kforge.domain.model.machine import Weights
from kforge.errors import WorldError

_MAGIC = b"GGUF"
_FOLDER = "weights"


def installed() -> bool:
    """Whether the embedded provider can run: found without importing what it needs."""
    return find_spec("xllamacpp") is not None


def look(weights: Weights, cache: Path | None) -> Weights:
    """The file's size, its digest where that is remembered, and what is wrong with it. Hashes nothing."""
    path = Path(weights.path)
    try:
        if not path.is_file():
            return replace(
                weights, problem="the file does not exist" if not path.exists() else "it is not a regular file"
            )
        with path.open("rb") as stream:
            if stream.read(4) != _MAGIC:
                return replace(weights, problem="it is not a GGUF file")
        return replace(weights, size=path.stat().st_size, identity=remembered(path, cache))
    except OSError as error:
        return replace(weights, problem=f"the file cannot be read: {(error.strerror or 'error').lower()}")


def remembered(path: Path, cache: Path | None) -> str:
    """`sha256:…` of a file that looks as it did when it was hashed, "" where it does not."""
    try:
        held = json.loads(_note(path, cache).read_bytes()) if cache else {}
        return f"sha256:{held['sha256']}" if held.get("seen") == _seen(path) and len(held["sha256"]) == 64 else ""
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return ""  # a damaged note is none


def identify(path: Path, cache: Path | None) -> str:
    """`sha256:…` of a file, remembered for the next time. Raises WorldError where it cannot be read."""
    known = remembered(path, cache)
    if known:
        return known
    try:
        seen = _seen(path)
        with path.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        if cache and seen == _seen(path):  # else it was written to meanwhile
            with suppress(OSError):  # a cache that cannot be written costs time, nothing else
                _keep(_note(path, cache), {"path": str(path), "seen": seen, "sha256": digest})
    except OSError as error:
        raise WorldError(f"`{path}` cannot be read: {(error.strerror or 'error').lower()}") from error
    return f"sha256:{digest}"


def _seen(path: Path) -> list[int]:
    status = path.stat()
    return [status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino, status.st_dev]


def _note(path: Path, cache: Path) -> Path:
    return cache / _FOLDER / f"{hashlib.sha256(os.fsencode(path.absolute())).hexdigest()[:32]}.json"


def _keep(note: Path, held: Mapping[str, object]) -> None:
    """Several processes may write the same note: each writes its own file and puts it into place."""
    note.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle, name = tempfile.mkstemp(dir=note.parent, prefix=".note-")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            json.dump(held, stream)
        Path(name).replace(note)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise
