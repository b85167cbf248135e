"""`check` never lies: whatever happens to a project, the index, the fast check and the whole pipeline say the same."""

from __future__ import annotations

import random
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kforge.check_cache import remembered
from kforge.domain.spec.project import Project
from tests.conftest import contents, run, settle, tree
from tests.mutations import MUTATIONS, SOURCE_MUTATIONS, SPEC, SPEC_MUTATIONS, Mutation
from tests.trials import sample

NAMED = [pytest.param(mutation, id=mutation.name.replace(" ", "-")) for mutation in MUTATIONS]
STALE = [each for each in NAMED if each.values[0].code == 1]


def known_current(folder: Path) -> bool:
    """Whether the short way says yes."""
    return remembered(Project(folder / SPEC, folder), datetime.now(UTC).date()) is not None


@pytest.fixture
def warm(built_shop):
    """A built shop whose index holds."""
    (built_shop / ".kforge").mkdir()
    settle()
    run("check", cwd=built_shop, code=0)
    assert (built_shop / ".kforge" / f"index-{SPEC}").exists()
    return built_shop


@pytest.mark.parametrize("mutation", sample(NAMED, 24))
def test_every_way_of_checking_gives_one_verdict(mutation: Mutation, warm: Path, tmp_path: Path) -> None:
    fresh = Path(
        shutil.copytree(warm, tmp_path / "fresh" / "shop", ignore=shutil.ignore_patterns(".kforge"), symlinks=True)
    )
    for folder in (warm, fresh):
        mutation.change(folder)
    before = contents(warm)
    ways = {
        "index": run("check", "-v", cwd=warm),
        "fast check": run("check", "-v", cwd=fresh),
        "full": run("check", "-v", "--full", cwd=fresh),
    }
    assert {way: ended.code for way, ended in ways.items()} == dict.fromkeys(ways, mutation.code), ways["full"]
    assert contents(warm) == before
    for ended in ways.values():
        missing = [name for name in mutation.names if name not in (ended.out + ended.err).replace(str(tmp_path), "")]
        assert not missing or (ended is not ways["full"] and mutation.code == 0), (missing, ended)
    if mutation.code:
        assert (ways["index"].out, ways["fast check"].out) == (ways["full"].out, ways["full"].out)


@pytest.mark.parametrize("mutation", sample(NAMED, 12, 1))
def test_current_means_that_a_build_writes_nothing(mutation: Mutation, built_shop: Path) -> None:
    mutation.change(built_shop)
    before = tree(built_shop)
    build = run("build", cwd=built_shop)
    assert (build.code != 0 or tree(built_shop) != before) == (mutation.code != 0), build


@pytest.mark.parametrize("mutation", sample(STALE, 12, 2))
def test_after_a_build_everything_is_current_and_known_to_be(mutation: Mutation, built_shop: Path) -> None:
    mutation.change(built_shop)
    if run("build", "--force", "--allow-data-loss", cwd=built_shop).code:
        pytest.skip("a state that no build mends")
    full = run("check", "--full", cwd=built_shop, code=0)
    assert known_current(built_shop) or "merged-file" in full.err


@pytest.mark.parametrize("mutation", sample(STALE, 48, 3))
def test_a_change_that_is_taken_back_is_stale_as_well(
    mutation: Mutation, built_shop: Path, built_template: Path
) -> None:
    """The lock was written with the change, so inputs that exist only with it are tried as well."""
    mutation.change(built_shop)
    if run("build", "--force", "--allow-data-loss", cwd=built_shop).code:
        pytest.skip("a state that no build mends")
    shutil.copy(built_template / SPEC, built_shop / SPEC)
    for name in ("web", "catalog", "orders"):
        for path in (built_shop / name).iterdir():
            if path.name not in {each.name for each in (built_template / name).iterdir()}:
                path.unlink()
        for path in (built_template / name).iterdir():
            if not path.name.startswith((".docker", "Dockerfile")):
                shutil.copy(path, built_shop / name / path.name)
    fast = run("check", cwd=built_shop)
    assert fast == run("check", "--full", cwd=built_shop)
    before = tree(built_shop)
    build = run("build", "--allow-data-loss", cwd=built_shop)
    assert (build.code != 0 or tree(built_shop) != before) == (fast.code != 0)


@pytest.mark.full
def test_a_change_upon_a_change_gives_one_verdict(built_template: Path, tmp_path: Path) -> None:
    """Pairs drawn by lot, always the same: what the first one adds to the lock may hide nothing of the second."""
    chance = random.Random(0)
    firsts = [each for each in (*SPEC_MUTATIONS, *SOURCE_MUTATIONS) if each.code == 1]
    tried = 0
    while tried < 25:
        first, second = chance.choice(firsts), chance.choice(MUTATIONS)
        folder = tmp_path / str(chance.random())
        shutil.copytree(built_template, folder, ignore=shutil.ignore_patterns(".kforge"))
        try:
            first.change(folder)
            if run("build", "--force", "--allow-data-loss", cwd=folder).code:
                continue
            second.change(folder)
        except (AssertionError, OSError, KeyError, StopIteration):  # what the second one changes is not there any more
            continue
        tried += 1
        fast, full = run("check", cwd=folder), run("check", "--full", cwd=folder)
        assert (fast.code, fast.out) == (full.code, full.out), (first.name, second.name)
        before = tree(folder)
        build = run("build", cwd=folder)
        assert (build.code != 0 or tree(folder) != before) == (full.code != 0), (first.name, second.name)
