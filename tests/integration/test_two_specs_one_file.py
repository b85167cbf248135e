"""Two specs that want one file: the second is refused and names both, and no check calls it current."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.conftest import contents, run, write
from tests.integration.test_odd_specs import SERVER
from tests.mutations import SPEC

TEXT = "apiVersion: kforge.dev/v1\napp: {app}\nregistry: ghcr.io/acme\nservices: {{web: {{source: {source}}}}}\n"
# Where the second lies and what it builds; it has the same name as the first, which is `app/app.kforge.yaml`.
SECOND = {"app/sub": "../web", "app/web": ".", "tools": "../app/web", ".": "./app/web", "app/web/k": ".."}


def spec(app: str, source: str) -> str:
    return TEXT.format(app=app, source=source)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """`app` is built from `app/web`."""
    (tmp_path / ".git").mkdir()
    write(tmp_path, {f"app/web/{file}": text for file, text in SERVER.items()})
    write(tmp_path, {f"app/{SPEC}": spec("first", "./web")})
    run("build", cwd=tmp_path, code=0)
    return tmp_path


@pytest.mark.parametrize("folder", SECOND)
def test_the_second_is_refused_and_both_are_named(repository: Path, folder: str) -> None:
    place = "" if folder == "." else f"{folder}/"
    write(repository, {f"{place}{SPEC}": spec("second", SECOND[folder])})
    ended = run("build", f"{place}{SPEC}", "--force", cwd=repository, code=2)
    assert "Dockerfile` belongs to `app/app.kforge.yaml`, and `app.kforge.yaml` would write it too" in ended.err


@pytest.mark.parametrize("folder", SECOND)
def test_nothing_is_written_for_the_second(repository: Path, folder: str) -> None:
    write(repository, {f"{folder}/{SPEC}": spec("second", SECOND[folder])})
    before = contents(repository)
    run("build", "--keep-going", cwd=repository, code=2)
    assert contents(repository) == before


def test_of_two_that_were_never_built_the_second_is_refused(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    write(tmp_path, {f"web/{file}": text for file, text in SERVER.items()})
    write(tmp_path, {f"{folder}/{SPEC}": spec(folder, "../web") for folder in ("dev", "prod")})
    ended = run("build", "--keep-going", cwd=tmp_path, code=2)
    assert ("belongs to `dev/app.kforge.yaml`" in ended.err, [*tmp_path.glob("*/kforge.lock")]) == (
        True,
        [tmp_path / "dev/kforge.lock"],
    )


@pytest.mark.parametrize("full", [(), ("--full",)])
def test_no_check_calls_a_spec_current_whose_list_has_a_file_of_another(
    repository: Path, full: tuple[str, ...]
) -> None:
    """As a merge of two branches leaves it, or a pull request that brings its own list."""
    first, hidden = repository / "app", repository / "hidden"
    first.rename(hidden)
    write(repository, {f"app/web/{file}": text for file, text in SERVER.items()})
    write(repository, {f"tools/{SPEC}": spec("second", "../app/web")})
    run("build", "tools", cwd=repository, code=0)
    run("check", "tools", cwd=repository, code=0)
    shutil.rmtree(first)
    hidden.rename(first)
    ended = run("check", *full, "tools", cwd=repository, code=1)
    assert "app/web/Dockerfile is a file of another spec as well: `app/app.kforge.yaml`" in ended.out


def test_the_first_stays_current(repository: Path) -> None:
    write(repository, {f"tools/{SPEC}": spec("second", "../app/web")})
    run("build", "tools", cwd=repository, code=2)
    assert run("check", "--full", "app", cwd=repository, code=0).out == ""


def test_two_specs_may_build_neighbouring_folders(repository: Path) -> None:
    write(repository, {f"app/api/{file}": text for file, text in SERVER.items()})
    write(repository, {f"tools/{SPEC}": spec("second", "../app/api")})
    run("build", cwd=repository, code=0)
    assert run("check", "--full", cwd=repository, code=0).err == "up to date: 2 specs\n"
