"""Every bad spec beside this file, and all that kforge says about it. The snapshots are meant to be read."""

from __future__ import annotations

from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode

from kforge.errors import InputError
from kforge.output.findings import problem
from kforge.output.layout import plain
from kforge.spec.read import read
from kforge.spec.resolve import KnownNames, resolve

SPECS = sorted(Path(__file__).parent.glob("*.yaml"))
KNOWN = KnownNames(
    version="0.1.0",
    recipes=("go", "node", "python"),
    rules=("image-tag", "image-digest"),
    kubernetes=("1.33", "1.34"),
    outputs=("dockerfile", "kubernetes"),
)


class Transcript(SingleFileSnapshotExtension):
    """One text file a spec."""

    _write_mode = WriteMode.TEXT
    file_extension = "txt"


def messages(spec: Path) -> str:
    try:
        resolve(read(spec.read_bytes(), spec.name), KNOWN)
    except InputError as error:
        return "\n".join(plain(problem(item)) for item in error.problems) + "\n"
    return "no problem\n"


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.stem)
def test_every_problem_is_told_with_its_place_and_a_way_out(spec: Path, snapshot: SnapshotAssertion) -> None:
    assert messages(spec) == snapshot(extension_class=Transcript)


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.stem)
def test_no_message_repeats_a_secret(spec: Path) -> None:
    told = messages(spec)
    assert not any(secret in told for secret in ("hunter2", "ghp_0123", "AKIAABCD"))
