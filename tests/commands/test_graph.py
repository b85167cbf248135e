"""`kforge graph`: forms, files that it may write over, and what it says to wrong words."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kforge.commands.graph import ENDINGS, FORMATS
from tests.conftest import SPECS, copied, edit, run

ROOT = Path(__file__).parents[2]
SHOP = SPECS / "shop"


@pytest.mark.parametrize("form", FORMATS)
def test_a_file_holds_what_the_command_prints(form: str, tmp_path: Path) -> None:
    printed = run("graph", str(SHOP), "--format", form, cwd=tmp_path, code=0).out
    run("graph", str(SHOP), "--format", form, "-o", "x", cwd=tmp_path, code=0)
    assert (tmp_path / "x").read_text() == printed


@pytest.mark.parametrize("ending", ENDINGS)
def test_the_ending_of_a_file_says_its_form(ending: str, tmp_path: Path) -> None:
    run("graph", str(SHOP), "-o", f"x{ending.upper()}", cwd=tmp_path, code=0)
    wanted = run("graph", str(SHOP), "--format", ENDINGS[ending], cwd=tmp_path, code=0).out
    assert (tmp_path / f"x{ending.upper()}").read_text() == wanted


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_graph_may_be_drawn_again(ending: str, tmp_path: Path) -> None:
    for _ in range(2):
        assert run("graph", str(SHOP), "-o", f"x{ending}", cwd=tmp_path, code=0).err == f"wrote `x{ending}`\n"


def test_a_graph_of_files_may_be_drawn_again(tmp_path: Path) -> None:
    for _ in range(2):
        run("graph", str(SHOP), "--files", "-o", "x.dot", cwd=tmp_path, code=0)


def test_a_file_that_is_no_graph_stays(tmp_path: Path) -> None:
    (tmp_path / "x.svg").write_text("<svg/>")
    assert "`x.svg` is no graph by kforge" in run("graph", str(SHOP), "-o", "x.svg", cwd=tmp_path, code=2).err
    assert (tmp_path / "x.svg").read_text() == "<svg/>"
    run("graph", str(SHOP), "-o", "x.svg", "--force", cwd=tmp_path, code=0)
    assert "kforge graph" in (tmp_path / "x.svg").read_text()


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("NOTES.md", "# Ours\nDraw it with `kforge graph`.\n"),
        ("draw.dot", "#!/bin/sh\nkforge graph -o x.svg\n"),
        ("page.md", "```\n%% made by `kforge graph`\n```\n"),
        ("x.svg", "<svg><!-- made by `kforge graph` --></svg>\n"),
    ],
)
def test_a_file_that_only_speaks_of_graphs_stays(name: str, text: str, tmp_path: Path) -> None:
    folder = copied("hello", tmp_path / "hello")
    (folder / name).write_text(text)
    run("graph", "-o", name, "--format", "mermaid", cwd=folder, code=2)
    assert (folder / name).read_text() == text


def test_a_link_leads_a_graph_nowhere(tmp_path: Path) -> None:
    (tmp_path / "x.svg").symlink_to("y.svg")
    ended = run("graph", str(SHOP), "-o", "x.svg", "--force", cwd=tmp_path, code=2)
    assert "x.svg` is a symbolic link" in ended.err and not (tmp_path / "y.svg").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["-e", "prd"], "there are: `prod`"),
        (["-o", "x.png"], "names no form"),
        (["-o", "docs/x.svg"], "there is no folder `docs`"),
        (["--files", "--format", "svg"], "has no form `svg`"),
        (["--files", "-e", "prod"], "the same in every environment"),
    ],
)
def test_wrong_words_have_a_way_out(words: list[str], said: str, tmp_path: Path) -> None:
    ended = run("graph", str(SHOP), *words, cwd=tmp_path, code=2)
    assert said in ended.err and "help: " in ended.err and ended.out == ""


def test_where_there_are_several_specs_the_line_that_draws_one_is_said(tmp_path: Path) -> None:
    for name in ("a", "b c"):
        copied("hello", tmp_path / name)
    ended = run("graph", cwd=tmp_path, code=2)
    assert "help: choose one: `kforge graph --spec a`" in ended.err
    run("graph", "a/app.kforge.yaml", cwd=tmp_path, code=0)
    assert "choose one: `kforge pin --spec a …`" in run("pin", "web/resources", cwd=tmp_path, code=2).err


def test_the_old_option_says_where_it_went() -> None:
    assert "kforge graph --files" in run("plan", "--graph", "mermaid", cwd=SHOP, code=2).err


def test_a_graph_is_of_one_spec(tmp_path: Path) -> None:
    for app in ("one", "two"):
        copied("hello", tmp_path / app)
    words = ("--files", "--format", "dot")
    assert "takes no further words: `two`" in run("graph", "one", "two", *words, cwd=tmp_path, code=2).err
    assert "digraph" in run("graph", "one", *words, cwd=tmp_path, code=0).out


def test_a_spec_whose_files_are_refused_still_has_a_graph(tmp_path: Path) -> None:
    folder = Path(copied("shop", tmp_path / "shop"))
    edit(folder / "app.kforge.yaml", "redis:8.8.3", "redis:latest")
    run("check", "--full", cwd=folder, code=1)
    assert "cache  Redis latest" in run("graph", cwd=folder, code=0).out


def test_json_names_every_end_of_every_call() -> None:
    held = json.loads(run("graph", "--format", "json", cwd=SHOP, code=0).out)
    names = {each["name"] for each in held["services"]}
    assert {each[end] for each in held["calls"] for end in ("from", "to")} <= names
    assert held["entrances"][0] == {
        "by": "Ingress traefik", "host": "shop.example.com", "path": "/", "port": None, "service": "web"
    }  # fmt: skip


def test_the_picture_in_the_readme_is_what_the_command_draws() -> None:
    drawn = run("graph", "--format", "svg", cwd=SHOP, code=0).out
    assert drawn == (ROOT / "docs/shop.svg").read_text(), "run `kforge graph specs/shop -o docs/shop.svg`"
    assert "(docs/shop.svg)" in (ROOT / "README.md").read_text()


def test_the_documented_tree_is_what_the_command_prints() -> None:
    page = (ROOT / "docs/graph.md").read_text(encoding="utf-8")
    assert f"```\n{run('graph', cwd=SHOP, code=0).out}```\n" in page
