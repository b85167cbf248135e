"""No tool of `kforge mcp` reaches beyond its root or asks anybody, whatever a client or a repository says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.agent import ask, data, problems
from tests.conftest import contents, copied, edit
from tests.models import fakes

MARK = "held-outside-of-the-root"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A root with links that lead out of it, beside an application that is none of its business."""
    beyond = Path(copied("hello", tmp_path / "beyond"))
    (beyond / "web/requirements.txt").write_text(f"flask==3.1.2\n{MARK}==1.0\n")
    inside = Path(copied("hello", tmp_path / "inside"))
    (inside / "way").symlink_to(beyond)
    (inside / "deep").mkdir()
    (inside / "deep/way").symlink_to(beyond / "web")
    (inside / "linked.kforge.yaml").symlink_to(beyond / "app.kforge.yaml")
    (inside / ".git").mkdir()
    return inside


OUTSIDE = ("..", "../beyond", "web/../../beyond", "way", "way/web", "deep/way", ".git", ".git/hooks", "web\0", "linked.kforge.yaml", "BEYOND", "")  # fmt: skip


@pytest.mark.parametrize("repository", [True, False], ids=["git", "no git"])
def test_no_path_leads_outside(root: Path, repository: bool) -> None:
    if not repository:
        (root / ".git").rmdir()
    beyond = root.parent / "beyond"
    before, calls = contents(beyond), list[tuple[str, dict[str, Any]]]()
    for path in (each if each != "BEYOND" else str(beyond) for each in OUTSIDE if each):
        for folder in {path, f"{path}/web"}:
            calls.append(("detect", {"folder": folder}))
        for tool in ("plan", "check", "build"):
            calls.append((tool, {"path": path, **({"dry_run": False} if tool == "build" else {})}))
        calls.append(("pin", {"target": "web/resources", "dry_run": False, "path": path}))
        calls.append(("explain", {"target": "web/resources", "path": path}))
    results = ask(root, *calls)
    assert [call for call, result in zip(calls, results, strict=True) if not result.is_error] == []
    assert MARK not in str(results)
    assert contents(beyond) == before


@pytest.mark.parametrize("source", ["../beyond/web", "./way/web", "./deep/way"])
def test_a_spec_leads_no_tool_outside(root: Path, source: str) -> None:
    edit(root / "app.kforge.yaml", "./web", source)
    before = contents(root.parent / "beyond")
    results = ask(root, ("plan", {"path": "app.kforge.yaml"}), ("build", {"path": "app.kforge.yaml", "dry_run": False}))
    assert all(result.is_error for result in results)
    assert (MARK in str(results), contents(root.parent / "beyond")) == (False, before)


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("explain", {"target": "--help"}),
        ("explain", {"target": "web/resources", "field": "--spec=../beyond"}),
        ("explain", {"target": "web/resources", "environment": "x --spec ../beyond"}),
        ("pin", {"target": "--spec=../beyond", "field": "web/resources", "dry_run": False}),
        ("plan", {"upgrade": "web --prompts web/build"}),
        ("build", {"upgrade": "kubernetes=1.37", "dry_run": False}),
        ("detect", {"folder": "--format=text"}),
    ],
)
def test_a_text_is_never_an_option(root: Path, tool: str, arguments: dict[str, Any]) -> None:
    (root / "linked.kforge.yaml").unlink()
    before = contents(root)
    (result,) = ask(root, (tool, arguments))
    assert problems(result) and contents(root) == before


def test_a_model_that_a_spec_names_is_asked_only_where_the_server_was_started_so(root: Path) -> None:
    (root / "linked.kforge.yaml").unlink()
    edit(root / "app.kforge.yaml", "{source: ./web}", "{source: ./web, requirements: it needs 2 GiB of memory}")
    model = "model: {name: qwen2.5-coder:14b, decides: [resources]}\n"
    (root / "app.kforge.yaml").write_text(f"{(root / 'app.kforge.yaml').read_text()}{model}")
    asked: list[str] = []
    with fakes.serving(fakes.OLLAMA, asked) as url:
        env = {"OLLAMA_HOST": url}
        every = [
            ("plan", {}),
            ("check", {}),
            ("build", {}),
            ("build", {"dry_run": False}),
            ("explain", {"target": "web/resources"}),
        ]
        ask(root, *every, env=env)
        alone = list(asked)
        ask(root, ("build", {"dry_run": False}), words=["--ask-models"], env=env)
    assert (alone, asked != []) == ([], True)


def test_where_a_model_may_not_be_asked_the_way_to_allow_it_is_said(root: Path) -> None:
    (root / "linked.kforge.yaml").unlink()
    edit(root / "app.kforge.yaml", "{source: ./web}", "{source: ./web, requirements: it needs 2 GiB of memory}")
    model = "model: {name: qwen2.5-coder:14b, decides: [resources]}\n"
    (root / "app.kforge.yaml").write_text(f"{(root / 'app.kforge.yaml').read_text()}{model}")
    (refused,) = ask(root, ("build", {"dry_run": False}))
    assert problems(refused) == [
        "`web/resources` has no answer from model `qwen2.5-coder:14b`: was not asked: start the server with `--ask-models`"
    ]


def test_a_path_that_can_be_none_is_the_client_s_mistake(root: Path) -> None:
    for tool, name in (("plan", "path"), ("build", "path"), ("detect", "folder")):
        (refused,) = ask(root, (tool, {name: "web\0"}))
        assert problems(refused) == ["`web\N{REPLACEMENT CHARACTER}` cannot be looked at: it is no path"]


def test_what_no_reader_sees_is_shown(root: Path) -> None:
    (result,) = ask(root, ("explain", {"target": "we\u202eb", "path": "app.kforge.yaml"}))
    assert "\u202e" not in str(data(result)) + str(result.content)
