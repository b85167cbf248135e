"""The facts of a member of a workspace change with what matters to it, and with nothing else of the repository."""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from kforge import catalog
from kforge.domain.facts import Facts
from kforge.stages.detect import detect
from kforge.system.tree import SourceTree
from tests.detectors.reading import lay
from tests.recipes.test_workspaces_performed import MEMBERS, Member

INNER = sorted(name for name, member in MEMBERS.items() if member.source != ".")
MANIFESTS = ("package.json", "pyproject.toml", "go.mod")


def found(top: Path, member: Member) -> dict[str, Any]:
    """The values of all facts, without the lines that show them: what digests are made of."""
    facts = detect(SourceTree(top / member.source, top), catalog.detectors())
    return {each.name: facts.value(each.name) for each in fields(Facts) if each.name not in ("detector", "revision")}


def laid(tmp_path: Path, member: Member) -> Path:
    (tmp_path / ".git").mkdir()
    return lay(tmp_path, dict(member.files))


def more(path: str, text: str) -> str:
    """A manifest that asks for one more, or code that reads a variable."""
    if path.endswith("package.json"):
        return json.dumps(
            {**json.loads(text), "scripts": {"build": "node more.js"}, "dependencies": {"argon2": "0.41.1"}}
        )
    if path.endswith("pyproject.toml") and "[tool.poetry.dependencies]" in text:
        return text.replace("[tool.poetry.dependencies]\n", '[tool.poetry.dependencies]\npsycopg2 = "*"\n')
    if path.endswith("pyproject.toml"):
        return text.replace("[project]\n", '[project]\ndependencies = ["psycopg2"]\n', 1)
    if path.endswith("go.mod"):
        return f"{text}\nrequire github.com/mattn/go-sqlite3 v1.14.22\n"
    reads = {
        ".py": "import os\nos.environ['MORE']\n",
        ".js": "process.env.MORE.length;\n",
        ".go": 'var More = os.Getenv("MORE")\n',
    }
    text = text.replace("package money\n", 'package money\n\nimport "os"\n')
    return f"{text}\n{reads.get(path[path.rfind('.') :], 'more')}"


def folder_of(member: Member, name: str) -> str:
    return next(path for path in member.files if f"/{name}/" in f"/{path}").partition(f"{name}/")[0] + name


@pytest.mark.parametrize("name", INNER)
def test_nothing_changes_with_what_the_member_does_not_need(name: str, tmp_path: Path) -> None:
    member = MEMBERS[name]
    top = laid(tmp_path, member)
    before = found(top, member)
    others = [path for path in member.files if member.other and path.startswith(folder_of(member, "other"))]
    assert others or not member.other
    for path in others:
        (top / path).write_text(more(path, (top / path).read_text()))
    lay(top, {"README.md": "# more\n", "scripts/more.py": "import os\nos.environ['MORE']\n", "docs/package.json": "{}"})
    assert found(top, member) == before


@pytest.mark.parametrize("name", [name for name in INNER if "vendored" not in name])
def test_something_changes_with_the_manifest_of_what_it_needs(name: str, tmp_path: Path) -> None:
    member = MEMBERS[name]
    top = laid(tmp_path, member)
    before = found(top, member)
    [path] = [each for each in member.files if each in {f"{folder_of(member, 'money')}/{one}" for one in MANIFESTS}]
    (top / path).write_text(more(path, (top / path).read_text()))
    assert found(top, member) != before


@pytest.mark.parametrize("name", [name for name in INNER if "vendored" not in name])
def test_code_of_what_it_needs_matters_by_the_variables_that_it_reads(name: str, tmp_path: Path) -> None:
    member = MEMBERS[name]
    top = laid(tmp_path, member)
    ours = [
        each for each in member.files if each.startswith(folder_of(member, "money")) and not each.endswith(MANIFESTS)
    ]
    path = top / ours[0]
    before = found(top, member)
    path.write_text(f"{path.read_text()}\n{'//' if path.suffix != '.py' else '#'} more\n")
    assert found(top, member) == before
    path.write_text(more(ours[0], path.read_text()))
    assert {one["name"] for one in found(top, member)["env"]} - {one["name"] for one in before["env"]} == {"MORE"}
