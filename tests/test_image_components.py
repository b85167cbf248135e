"""What stands in an image component's place is read only where it is the repository's, and that is looked at each time."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kforge.domain.spec.project import Project
from kforge.fast_check import fast_check
from kforge.image_components import components, side
from kforge.render.kubernetes.kustomize import Layout, seeded, seeds
from tests.conftest import run, settle
from tests.domain.kubernetes.test_image_component import HEAD
from tests.integration.conftest import commit, git

PATH = "deploy/images/prod/kustomization.yaml"
SET = HEAD + "images:\n- name: docker.io/library/redis\n  newTag: 8.8.3\n"
(SEED,) = {*seeds(Layout(), []).values()}


@pytest.fixture
def shop(built_shop: Path) -> Path:
    """The built shop, committed."""
    (built_shop / ".gitignore").write_text(".kforge/\n")
    git(built_shop, "init", "-q", "-b", "main")
    commit(built_shop)
    return built_shop


def project(folder: Path) -> Project:
    return Project(folder / "app.kforge.yaml", folder)


def found(folder: Path) -> tuple[bool, bool, bool]:
    """Whether the one component is seeded and private, and whether anything of it was read."""
    (component,) = components(project(folder), {PATH: SEED.encode()})
    return component.seeded, component.private, bool(component.raw.data)


@pytest.mark.parametrize(
    ("text", "tracked", "git_there", "expected"),
    [
        (SET, True, True, (False, False, True)),
        (SET, False, True, (False, True, False)),
        (SET, False, False, (False, False, True)),
        (SEED.replace("images: []", "images: [{name: a, newTag: '1'}]"), False, True, (True, False, True)),
        ("a: [\n", False, True, (False, True, False)),
    ],
    ids=["tracked", "untracked", "no git", "with its head", "no YAML"],
)
def test_only_what_is_the_repositorys_is_read(
    text: str, tracked: bool, git_there: bool, expected: tuple[bool, bool, bool], shop: Path
) -> None:
    (shop / PATH).write_text(text)
    if not tracked:
        git(shop, "rm", "-q", "--cached", PATH)
    if not git_there:
        shutil.rmtree(shop / ".git")
    assert found(shop) == expected


def test_the_head_of_a_seed_is_known_wherever_a_tool_puts_it() -> None:
    lines = SEED.splitlines()
    assert [seeded(SEED.encode()), seeded("\n".join([*lines[3:], *lines[:3]]).encode()), seeded(SET.encode())] == [
        True,
        True,
        False,
    ]


def test_a_check_notices_that_git_tracks_a_component_no_more(shop: Path) -> None:
    (shop / PATH).write_text(SET)
    commit(shop)
    for _ in range(2):  # the second time, the index knows
        settle()
        run("check", cwd=shop, code=0)
    git(shop, "rm", "-q", "--cached", PATH)
    assert "error[image-component]" in run("check", cwd=shop, code=1).err


def test_the_short_way_knows_a_sound_component_of_the_repository(shop: Path) -> None:
    (shop / PATH).write_text(SET)
    assert fast_check(project(shop), datetime.now(UTC).date()).current


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_seed_is_shown_whole(end: str) -> None:
    content = SEED.replace("\n", end).encode()
    assert (side(PATH, content, public=False).content, side(PATH, content, public=False).hidden) == (content, "")
