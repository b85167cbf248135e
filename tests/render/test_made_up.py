"""A target is one folder and one entry of the catalog: written, marked, recorded, checked, upgraded, taken out again."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from kforge import catalog, render
from kforge.domain.document import mark
from kforge.stages.compare import sha256
from tests.conftest import contents, edit, run, write
from tests.render.roster.target import TARGET

NAME = TARGET.name
OUTPUTS = "outputs: [dockerfile, kubernetes, roster]\n"
SPEC = f"""apiVersion: kforge.dev/v1
app: shop
{OUTPUTS}services:
  cache: {{image: "docker.io/library/redis:7.4"}}
  queue: {{image: "docker.io/library/rabbitmq:4.1"}}
environments:
  prod: {{services: {{queue: {{omit: true}}}}}}
"""
WRITTEN = {"duty/base.yaml", "duty/prod.yaml", "duty/index.yaml", "duty/phones.yaml"}
EVERY_CHECK = [["check"], ["check", "--full"]]


@pytest.fixture(autouse=True)
def roster(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """`tests/render/roster/` as if it lay in `kforge/render/`, and its word in the catalog."""
    monkeypatch.setattr(render, "__path__", [*render.__path__, str(Path(__file__).parent)])
    monkeypatch.setattr(catalog, "TARGETS", (*catalog.TARGETS, NAME))
    yield
    for module in (f"kforge.render.{NAME}", f"kforge.render.{NAME}.target"):
        sys.modules.pop(module, None)


@pytest.fixture
def built(tmp_path: Path) -> Path:
    folder = write(tmp_path / "shop", {"app.kforge.yaml": SPEC})
    run("build", cwd=folder, code=0)
    return folder


def sums(folder: Path) -> str:
    return (folder / "kforge.sum").read_text()


# ---- written ---------------------------------------------------------------------------------------------------
def test_a_build_writes_its_files(built: Path) -> None:
    assert {path for path in contents(built) if path.startswith("duty/")} == WRITTEN


def test_they_are_made_of_each_environments_documents(built: Path) -> None:
    held = {name: yaml.safe_load((built / f"duty/{name}.yaml").read_text()) for name in ("base", "prod")}
    assert held == {
        "base": {"onDuty": {"cache": "docker.io/library/redis:7.4", "queue": "docker.io/library/rabbitmq:4.1"}},
        "prod": {"onDuty": {"cache": "docker.io/library/redis:7.4"}},
    }


def test_its_aggregate_lists_its_files(built: Path) -> None:
    assert yaml.safe_load((built / "duty/index.yaml").read_text()) == {"rosters": ["duty/base.yaml", "duty/prod.yaml"]}


@pytest.mark.parametrize("path", sorted(WRITTEN - {"duty/phones.yaml"}))
def test_they_bear_the_mark(path: str, built: Path) -> None:
    assert (built / path).read_text().startswith(mark("app.kforge.yaml"))


def test_the_sums_hold_digests_of_its_files_and_names_of_its_aggregate_and_its_seed(built: Path) -> None:
    assert [
        line.removeprefix("#").split() for line in sums(built).splitlines() if "duty/" in line and line[:2] != "##"
    ] == [
        [sha256((built / "duty/base.yaml").read_bytes()), "duty/base.yaml"],
        ["aggregate", "duty/index.yaml"],
        ["seeded", "duty/phones.yaml"],
        [sha256((built / "duty/prod.yaml").read_bytes()), "duty/prod.yaml"],
    ]


def test_a_service_that_narrows_its_outputs_is_in_none_of_its_files(tmp_path: Path) -> None:
    narrow = SPEC.replace('4.1"}', '4.1", outputs: [kubernetes]}')
    run("build", cwd=write(tmp_path, {"app.kforge.yaml": narrow}), code=0)
    assert [*yaml.safe_load((tmp_path / "duty/base.yaml").read_text())["onDuty"]] == ["cache"]


def test_a_spec_that_does_not_name_it_has_none_of_it(tmp_path: Path) -> None:
    run("build", cwd=write(tmp_path, {"app.kforge.yaml": SPEC.replace(OUTPUTS, "")}), code=0)
    assert not (tmp_path / "duty").exists() and "duty" not in sums(tmp_path)


@pytest.mark.parametrize(
    "alone",
    [SPEC.replace(OUTPUTS, "outputs: [roster]\n"), SPEC.replace('"}', '", outputs: [roster]}')],
    ids=["the app's output", "each service's output"],
)
def test_it_may_be_made_of_documents_that_are_not_written(alone: str, tmp_path: Path) -> None:
    run("build", cwd=write(tmp_path, {"app.kforge.yaml": alone}), code=0)
    held = (yaml.safe_load((tmp_path / "duty/base.yaml").read_text()), (tmp_path / "deploy").exists())
    assert held == (
        {"onDuty": {"cache": "docker.io/library/redis:7.4", "queue": "docker.io/library/rabbitmq:4.1"}},
        False,
    )
    assert [run(*words, cwd=tmp_path).code for words in EVERY_CHECK] == [0, 0]


# ---- checked ---------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("words", EVERY_CHECK, ids=" ".join)
def test_what_was_built_is_current(words: list[str], built: Path) -> None:
    assert run(*words, cwd=built).code == 0


@pytest.mark.parametrize("words", EVERY_CHECK, ids=" ".join)
@pytest.mark.parametrize("path", ["duty/base.yaml", "duty/prod.yaml", "duty/index.yaml"])
def test_an_edited_file_is_stale(path: str, words: list[str], built: Path) -> None:
    with (built / path).open("a") as file:
        file.write("# by hand\n")
    told = run(*words, cwd=built, code=1)  # a list of all files belongs to no edit: it is only stale
    assert f"{path} is stale" in told.out or f"{path}` was edited by hand" in told.err


@pytest.mark.parametrize("words", EVERY_CHECK, ids=" ".join)
@pytest.mark.parametrize("path", sorted(WRITTEN))
def test_a_missing_file_is_stale(path: str, words: list[str], built: Path) -> None:
    (built / path).unlink()
    assert path in run(*words, "-v", cwd=built, code=1).out


@pytest.mark.parametrize("words", [*EVERY_CHECK, ["build"]], ids=" ".join)
def test_what_the_user_writes_into_its_seed_makes_nothing_stale(words: list[str], built: Path) -> None:
    (built / "duty/phones.yaml").write_text("phones: [112]\nmore: of it\n")
    run(*words, cwd=built, code=0)
    assert (built / "duty/phones.yaml").read_text() == "phones: [112]\nmore: of it\n"


@pytest.mark.parametrize("words", EVERY_CHECK, ids=" ".join)
def test_a_change_of_the_spec_makes_it_stale(words: list[str], built: Path) -> None:
    edit(built / "app.kforge.yaml", "redis:7.4", "redis:7.2")
    assert "duty/base.yaml" in run(*words, "-v", cwd=built, code=1).out


def test_a_difference_shows_what_a_build_would_change(built: Path) -> None:
    edit(built / "app.kforge.yaml", "redis:7.4", "redis:7.2")
    shown = run("diff", cwd=built, code=1).out
    assert "+++ b/duty/base.yaml" in shown and "+  cache: docker.io/library/redis:7.2" in shown


def test_a_difference_to_a_commit_shows_its_files(built: Path) -> None:
    git = ("git", "-c", "user.name=x", "-c", "user.email=x@example.com", "-C", str(built))
    for words in (["init", "-q"], ["add", "."], ["commit", "-qm", "x"]):
        subprocess.run([*git, *words], check=True)
    edit(built / "app.kforge.yaml", "redis:7.4", "redis:7.2")
    run("build", cwd=built, code=0)
    assert "duty/base.yaml" in run("diff", "--base", "HEAD", cwd=built, code=1).out


# ---- upgraded --------------------------------------------------------------------------------------------------
@pytest.fixture
def newer(built: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A kforge whose target writes its files in another way."""

    def files(spec, documents, name):  # type: ignore[no-untyped-def]
        return ((path, service, f"{text}again: true\n") for path, service, text in TARGET.files(spec, documents, name))

    module = sys.modules[f"kforge.render.{NAME}.target"]
    monkeypatch.setattr(module, "TARGET", replace(TARGET, files=files, revision=2))
    return built


def test_a_newer_renderer_makes_its_files_outdated_and_not_stale(newer: Path) -> None:
    told = json.loads(run("check", "--format", "json", cwd=newer, code=0).out)
    assert {"duty/base.yaml", "duty/prod.yaml"} == {*told["specs"][0]["outdated"]}


def test_what_an_older_renderer_wrote_proves_nothing_to_a_full_check(newer: Path) -> None:
    told = json.loads(run("check", "--full", "--format", "json", cwd=newer, code=1).out)
    assert told["specs"][0]["unproven"] == ["duty/base.yaml", "duty/prod.yaml"]


def test_an_upgrade_writes_them_anew(newer: Path) -> None:
    before = contents(newer)
    run("build", cwd=newer, code=0)
    kept = contents(newer) == before
    run("build", "--upgrade", "duty/base.yaml", cwd=newer, code=0)
    assert kept and "again: true" in (newer / "duty/base.yaml").read_text()


# ---- taken out -------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("words", EVERY_CHECK, ids=" ".join)
def test_taken_out_of_the_outputs_its_files_are_left_over(words: list[str], built: Path) -> None:
    edit(built / "app.kforge.yaml", OUTPUTS, "")
    assert "duty/base.yaml" in run(*words, "-v", cwd=built, code=1).out


def test_a_build_removes_them_and_leaves_the_users_seed(built: Path) -> None:
    edit(built / "app.kforge.yaml", OUTPUTS, "")
    run("build", cwd=built, code=0)
    assert [path.name for path in (built / "duty").iterdir()] == ["phones.yaml"] and "duty" not in sums(built)


# ---- what is told ----------------------------------------------------------------------------------------------
def test_the_schema_for_editors_takes_its_word() -> None:
    printed = json.loads(run("schema", cwd=Path(), code=0).out)
    assert printed["properties"]["outputs"]["items"]["enum"] == [*catalog.TARGETS] and catalog.TARGETS[-1] == NAME


def test_a_misspelt_word_is_told_with_all_that_there_are(tmp_path: Path) -> None:
    folder = write(tmp_path, {"app.kforge.yaml": SPEC.replace("roster]", "rooster]")})
    told = run("build", cwd=folder, code=2).err
    names = " or ".join(f"`{name}`" for name in catalog.TARGETS)
    assert f"`rooster`, expected {names}" in told and "did you mean `roster`?" in told


def test_reviews_fold_what_it_writes(built: Path) -> None:
    subprocess.run(["git", "init", "-q", str(built)], check=True)
    run("build", "--gitattributes", cwd=built, code=0)
    assert "/duty/** linguist-generated" in (built / ".gitattributes").read_text()


# ---- what knows one target ---------------------------------------------------------------------------------------
ROOT = Path(render.__file__).parents[1]
# What is of one form of output by its nature: images that a bake file builds, what CI put into image components, the
# namespace that kustomize gives to a user's manifests. What explains a line knows the file that it stands in; `docker
# buildx bake` is told where images are built.
MEANT = {
    "explanations/files.py": {"kubernetes.kustomize"},
    "explanations/image_lines.py": {"dockerfile.text"},
    "explanations/kustomization_lines.py": {"kubernetes.kustomize"},
    "fast_check.py": {"dockerfile.built_images"},
    "image_components.py": {"kubernetes.kustomize"},
    "neighbouring_files.py": {"dockerfile.target"},
    "output/next_commands.py": {"dockerfile.built_images"},
    "pipeline.py": {"dockerfile.built_images", "kubernetes.kustomize"},
}


def test_outside_of_the_shelf_what_is_done_for_each_target_loops_over_them() -> None:
    known: dict[str, set[str]] = {}
    for path in ROOT.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            module = node.module or "" if isinstance(node, ast.ImportFrom) else ""
            if module.startswith(("kforge.render.dockerfile", "kforge.render.kubernetes")):
                known.setdefault(path.relative_to(ROOT).as_posix(), set()).add(module.removeprefix("kforge.render."))
    assert {path: names for path, names in known.items() if not path.startswith("render/")} == MEANT
