"""Variables that name a folder which a program writes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.detectors.reading import facts, places, values
from tests.detectors.test_named_files import go, node, python


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        (python('os.makedirs(os.environ["NOTES"], exist_ok=True)'), ["NOTES"]),
        (python('os.makedirs(os.path.join(os.environ["NOTES"], "files"))'), ["NOTES"]),
        (python('open(f"{os.environ[\'NOTES\']}/a.md", "a")'), ["NOTES"]),
        (python('os.makedirs(os.environ.get("NOTES", "/srv/notes"))'), []),
        (python('open(os.environ["NOTES"], "w")'), []),
        (python('open(os.path.join(os.environ["NOTES"], "a.md"))'), []),
        (python('print(os.environ["NOTES"] + "/a.md")'), []),
        (node("fs.mkdirSync(process.env.NOTES, { recursive: true })"), ["NOTES"]),
        (node("fs.mkdirSync(process.env.NOTES || 'notes')"), []),
        (go('os.MkdirAll(os.Getenv("NOTES"), 0o755)'), ["NOTES"]),
        (go('os.ReadDir(os.Getenv("NOTES"))'), []),
    ],
)
def test_a_variable_without_a_default_names_a_folder_where_a_call_writes_in_it(
    tmp_path: Path, files: dict[str, str], expected: list[str]
) -> None:
    assert values(facts(tmp_path, files), "named_folders") == expected


def test_its_place_is_where_the_folder_is_written(tmp_path: Path) -> None:
    found = facts(tmp_path, python('path = os.environ["NOTES"]\nos.makedirs(path)'))
    assert places(found, "named_folders") == ["app.py:4"]
