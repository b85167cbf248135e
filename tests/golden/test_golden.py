"""Every file of every example, as it was. What moves here moves in every user's repository: raise a revision.

`python -m pytest tests/golden/test_golden.py --snapshot-update` renews the snapshots, then
`python -m tests.golden.revisions` says which revisions must rise.
"""

from __future__ import annotations

import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode

from tests.conftest import SPECS
from tests.golden.examples import EXAMPLES, files, outcome


class Golden(SingleFileSnapshotExtension):
    """One file a file."""

    _write_mode = WriteMode.TEXT
    file_extension = "txt"


def every_file() -> list[object]:
    """Example and path. An example that cannot be worked out is one test that fails, not a collection that does."""
    found = []
    for name in EXAMPLES:
        try:
            paths = sorted(files(name))
        except Exception:  # the test says which
            paths = [""]
        found += [pytest.param(name, path, id=f"{name}~{path.replace('/', '~')}") for path in paths]
    return found


@pytest.mark.parametrize(("name", "path"), every_file())
def test_every_file_is_as_it_was(name: str, path: str, snapshot: SnapshotAssertion) -> None:
    assert files(name)[path] == snapshot(extension_class=Golden)


@pytest.mark.parametrize("name", EXAMPLES)
def test_no_example_has_a_finding_that_is_an_error_or_a_warning(name: str) -> None:
    assert [f"{item.file}: {item.message}" for item in outcome(name).findings if item.level != "info"] == []


@pytest.mark.parametrize("name", EXAMPLES)
def test_what_is_committed_beside_an_example_is_what_it_writes(name: str) -> None:
    """The generated files in `specs/` are read as documentation."""
    if not (SPECS / name / "kforge.lock").exists():
        pytest.skip(f"{name} is committed without its files")
    seeds = outcome(name).changes.sums.seeds
    wrong = [
        path
        for path, text in files(name).items()
        if not (held := SPECS / name / path).exists() or (held.read_text() != text and path not in seeds)
    ]
    assert wrong == []
