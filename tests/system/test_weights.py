"""A file's digest is worked out once, and again when the file is another."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from kforge.domain.model.machine import Weights
from kforge.errors import WorldError
from kforge.system import weights
from kforge.system.weights import identify, look, remembered


def made(path: Path, content: bytes = b"GGUF and more") -> Path:
    path.write_bytes(content)
    return path


def digest(path: Path) -> str:
    return f"sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}"


def test_a_file_is_known_by_its_sha256(tmp_path: Path) -> None:
    file = made(tmp_path / "a.gguf")
    assert identify(file, tmp_path / "cache") == digest(file)


def test_a_file_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = made(tmp_path / "a.gguf")
    first = identify(file, tmp_path / "cache")
    monkeypatch.setattr(weights.hashlib, "file_digest", lambda *words: pytest.fail("it was read again"))
    assert identify(file, tmp_path / "cache") == first == remembered(file, tmp_path / "cache")


def test_a_changed_file_of_the_same_size_and_time_is_read_again(tmp_path: Path) -> None:
    file = made(tmp_path / "a.gguf")
    identify(file, tmp_path / "cache")
    before = file.stat()
    made(file, b"GGUF and mroe")
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert remembered(file, tmp_path / "cache") == "" and identify(file, tmp_path / "cache") == digest(file)


def test_a_file_that_took_anothers_place_is_read_again(tmp_path: Path) -> None:
    file = made(tmp_path / "a.gguf")
    identify(file, tmp_path / "cache")
    made(tmp_path / "b.gguf", b"GGUF or other").replace(file)
    assert identify(file, tmp_path / "cache") == digest(file)


@pytest.mark.parametrize("note", [b"", b"[]", b'{"seen": 1}', b"{", b"\xff", b'{"seen": [], "sha256": 7}'])
def test_a_damaged_note_is_none(note: bytes, tmp_path: Path) -> None:
    file = made(tmp_path / "a.gguf")
    identify(file, tmp_path / "cache")
    next((tmp_path / "cache" / "weights").glob("*.json")).write_bytes(note)
    assert remembered(file, tmp_path / "cache") == "" and identify(file, tmp_path / "cache") == digest(file)


def test_a_cache_that_cannot_be_written_costs_only_time(tmp_path: Path) -> None:
    made(tmp_path / "cache", b"a file in its way")
    file = made(tmp_path / "a.gguf")
    assert identify(file, tmp_path / "cache") == identify(file, None) == digest(file)


def test_a_look_hashes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = made(tmp_path / "a.gguf")
    monkeypatch.setattr(weights.hashlib, "file_digest", lambda *words: pytest.fail("it was hashed"))
    assert look(Weights("a", str(file)), tmp_path / "cache") == Weights("a", str(file), size=13)


@pytest.mark.parametrize(
    ("content", "problem"),
    [(None, "the file does not exist"), (b"PK", "it is not a GGUF file"), (b"", "it is not a GGUF file")],
)
def test_a_look_tells_what_is_wrong(content: bytes | None, problem: str, tmp_path: Path) -> None:
    if content is not None:
        made(tmp_path / "a.gguf", content)
    assert look(Weights("a", str(tmp_path / "a.gguf")), None).problem == problem


def test_a_folder_and_a_pipe_are_no_files(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.gguf")
    assert [look(Weights("a", str(place)), None).problem for place in (tmp_path, tmp_path / "a.gguf")] == [
        "it is not a regular file"
    ] * 2


def test_a_file_that_vanishes_is_an_error_of_the_world(tmp_path: Path) -> None:
    with pytest.raises(WorldError, match="cannot be read"):
        identify(tmp_path / "gone.gguf", None)
