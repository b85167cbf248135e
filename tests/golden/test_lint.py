"""The Dockerfile of every example source passes hadolint and BuildKit's own checks without a word."""

from __future__ import annotations

from pathlib import Path

import pytest

from kforge.render.dockerfile.text import render
from tests.golden.test_perform import SPECS, settled
from tests.linters import buildkit, hadolint


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    found = []
    for folder in sorted(path.parent for path in SPECS.glob("*/app.kforge.yaml")):
        for document in settled(folder).documents():
            if document.dockerfile:
                file = tmp_path_factory.mktemp(folder.name) / "Dockerfile"
                file.write_text(render(document), encoding="utf-8")
                found.append(file)
    return found


def test_every_source_has_one(files: list[Path]) -> None:
    assert len(files) >= 7


def test_hadolint_has_nothing_to_say(files: list[Path]) -> None:
    assert hadolint(*files) == ""


def test_buildkit_has_nothing_to_say(files: list[Path]) -> None:
    assert buildkit(*files) == []
