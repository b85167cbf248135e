"""What another spec has is told by every list of the repository, and by none that can be talked out of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from kforge.domain.lock import Lock, Sums
from kforge.domain.own_files import SUMS_FILE
from kforge.system import sums
from kforge.system.other_specs import OtherSpecs


def lay(root: Path, folder: str, *paths: str, text: str | None = None) -> None:
    """A spec in a folder, with a list."""
    (root / folder).mkdir(parents=True, exist_ok=True)
    (root / folder / "app.kforge.yaml").touch()
    held = Sums(files=dict.fromkeys(paths, "0" * 64))
    (root / folder / SUMS_FILE).write_text(sums.render(held, Lock()) if text is None else text)


def have(root: Path, own: str, path: str) -> bool:
    (root / own).mkdir(parents=True, exist_ok=True)
    return OtherSpecs(root / own, root).have(path)


@pytest.mark.parametrize(
    ("folder", "listed", "own", "path"),
    [
        ("app", "web/Dockerfile", "app/sub", "../web/Dockerfile"),
        ("app", "deploy/x.yaml", "app/sub/deep", "../../deploy/x.yaml"),
        (".", "x.yaml", "app", "../x.yaml"),
        (".", "app/x.yaml", "app", "x.yaml"),
        ("tools", "../web/Dockerfile", "app", "../web/Dockerfile"),
        ("a/b/c", "../../../web/Dockerfile", "app", "../web/Dockerfile"),
        ("app/sub", "../web/Dockerfile", "app", "web/Dockerfile"),
    ],
)
def test_a_file_that_another_list_names_is_that_specs(
    folder: str, listed: str, own: str, path: str, tmp_path: Path
) -> None:
    lay(tmp_path, folder, listed)
    assert have(tmp_path, own, path)


@pytest.mark.parametrize("path", ["b/deploy/web/service.yaml", "../b/web/Dockerfile", "../b/c/d.yaml"])
def test_what_lies_below_another_spec_is_that_specs_whatever_its_list_says(path: str, tmp_path: Path) -> None:
    lay(tmp_path, f"app/{path[: path.index('b/') + 1]}")
    assert have(tmp_path, "app", path)


@pytest.mark.parametrize(
    "held",
    [
        Sums(files={"web/Dockerfile": "0" * 64}),
        Sums(aggregates=("web/Dockerfile",)),
        Sums(seeds=("web/Dockerfile",)),
    ],
)
def test_every_sort_of_file_counts(held: Sums, tmp_path: Path) -> None:
    lay(tmp_path, "app", text=sums.render(held, Lock()))
    assert have(tmp_path, "app/sub", "../web/Dockerfile")


@pytest.mark.parametrize("folder", ["app", "tools"])
@pytest.mark.parametrize("text", ["damaged\n", "<<<<<<< a\n", "\0", "0" * 64 + "  ../.git/x.yaml\n"])
def test_a_list_that_cannot_be_read_may_name_anything(folder: str, text: str, tmp_path: Path) -> None:
    lay(tmp_path, folder, text=text)
    assert have(tmp_path, "app/sub", "../web/Dockerfile")


def test_a_list_that_is_a_link_may_name_anything(tmp_path: Path) -> None:
    lay(tmp_path, "app")
    (tmp_path / "app" / SUMS_FILE).unlink()
    (tmp_path / "app" / SUMS_FILE).symlink_to("/dev/null")
    assert have(tmp_path, "app/sub", "../web/Dockerfile")


def test_a_spec_above_that_gitignore_hides_counts(tmp_path: Path) -> None:
    lay(tmp_path, "app", "web/Dockerfile")
    (tmp_path / ".gitignore").write_text("app.kforge.yaml\nkforge.sum\n")
    assert have(tmp_path, "app/sub", "../web/Dockerfile")


def rival(root: Path, own: str, path: str, listed: bool) -> str:
    (root / own).mkdir(parents=True, exist_ok=True)
    return OtherSpecs(root / own, root).rival(path, listed)


@pytest.mark.parametrize("listed", [False, True])
@pytest.mark.parametrize(
    ("folder", "names", "own", "path"),
    [
        ("app", "web/Dockerfile", "app/sub", "../web/Dockerfile"),
        ("app", "web/Dockerfile", "app/web", "Dockerfile"),
        (".", "app/web/Dockerfile", "app", "web/Dockerfile"),
        ("app", "web/Dockerfile", "tools", "../app/web/Dockerfile"),
        ("dev", "../web/Dockerfile", "prod", "../web/Dockerfile"),
        ("a/b/dev", "../../../web/Dockerfile", "prod", "../web/Dockerfile"),
    ],
)
def test_a_spec_gives_way_to_another_whose_list_names_a_file(
    folder: str, names: str, own: str, path: str, listed: bool, tmp_path: Path
) -> None:
    lay(tmp_path, folder, names)
    assert rival(tmp_path, own, path, listed) == (Path(folder) / "app.kforge.yaml").as_posix()


@pytest.mark.parametrize(("listed", "says"), [(False, "app/web/app.kforge.yaml"), (True, "")])
def test_a_spec_gives_way_to_one_below_it_only_for_a_file_that_is_new(listed: bool, says: str, tmp_path: Path) -> None:
    lay(tmp_path, "app/web", "Dockerfile")
    assert rival(tmp_path, "app", "web/Dockerfile", listed) == says


@pytest.mark.parametrize("listed", [False, True])
@pytest.mark.parametrize(
    ("own", "path"), [("app", "web/Dockerfile"), ("app", "deploy/x.yaml"), ("app/sub", "../api/Dockerfile")]
)
def test_a_spec_keeps_what_no_list_near_it_names(own: str, path: str, listed: bool, tmp_path: Path) -> None:
    lay(tmp_path, "app", "web/Dockerfile", "deploy/x.yaml")
    lay(tmp_path, "tools", "../app/web/Dockerfile", "../app/deploy/x.yaml")
    assert rival(tmp_path, own, path, listed) == ""


def test_a_list_whose_spec_has_moved_has_nothing(tmp_path: Path) -> None:
    lay(tmp_path, "app", "web/Dockerfile")
    (tmp_path / "app/app.kforge.yaml").unlink()
    assert rival(tmp_path, ".", "app/web/Dockerfile", False) == ""


@pytest.mark.parametrize("text", ["<<<<<<< a\n{line}\n", "damaged\n{line}\n", "# aggregate web/Dockerfile\ndamaged\n"])
def test_a_list_that_cannot_be_read_has_what_it_names(text: str, tmp_path: Path) -> None:
    lay(tmp_path, "app", text=text.format(line=f"{'0' * 64}  web/Dockerfile"))
    assert [rival(tmp_path, "app/sub", path, False) for path in ("../web/Dockerfile", "../api/Dockerfile")] == [
        "app/app.kforge.yaml",
        "",
    ]


@pytest.mark.parametrize("path", ["web/Dockerfile", "../api/Dockerfile", "deploy/z.yaml"])
def test_the_own_list_is_no_others_and_what_none_lists_is_no_others(path: str, tmp_path: Path) -> None:
    lay(tmp_path, "app", "web/Dockerfile", "../api/Dockerfile")
    lay(tmp_path, "tools", "x.yaml")
    lay(tmp_path, ".", "y.yaml")
    assert not have(tmp_path, "app", path)
