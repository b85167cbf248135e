"""What `diff` shows is what kforge made: any other file that a pull request names is named, and nothing of it shown."""

from __future__ import annotations

import json
import os
import shutil
from contextlib import suppress
from itertools import product
from pathlib import Path

import pytest

from kforge.changes_since import BaseRevision, held_at
from kforge.domain.document import is_of_a_kind, mark
from kforge.domain.own_files import LOCK_FILE, SUMS_FILE
from kforge.domain.spec.project import Project
from kforge.errors import InputError
from kforge.output.difference import FORMATS
from kforge.stages.file_diff import FileChange, FileSide, file_change, files_since, side
from kforge.system.paths import odd
from tests import locks
from tests.conftest import copied, edit, run
from tests.integration.conftest import commit, git
from tests.integration.test_review import SPAN
from tests.mutations import SPEC
from tests.trials import sample

SECRET = "npm_PLANTED0123456789"
MARKED = f"{mark('app.kforge.yaml')}\n".encode()
SEED = "deploy/images/prod/kustomization.yaml"
UNMARKED = "not shown: it does not carry kforge's mark"
OTHER = "not shown: it is not a file that kforge writes"


@pytest.fixture(scope="module")
def committed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A built example in a folder of a repository, committed."""
    top = tmp_path_factory.mktemp("committed")
    folder = copied("hello", top / "app")
    (top / ".gitignore").write_text(".kforge/\n")
    git(top, "init", "-q", "-b", "main")
    with (folder / SPEC).open("a") as spec:
        spec.write("environments:\n  prod: {}\n")
    run("build", cwd=folder, code=0)
    commit(top)
    return top


@pytest.fixture
def app(committed: Path, tmp_path: Path) -> Path:
    """A test's own copy of the committed example; beside the repository lies a secret."""
    shutil.copytree(committed, tmp_path / "top", symlinks=True)
    (tmp_path / "secret").write_text(f"token={SECRET}\n")
    return tmp_path / "top/app"


def listed(folder: Path, path: str, sort: str = "aggregate") -> None:
    with (folder / SUMS_FILE).open("a") as sums:
        sums.write(f"{'0' * 64}  {path}\n" if sort == "file" else f"# {sort} {path}\n")


def files(folder: Path, *words: str, code: int = 1) -> dict[str, dict[str, str]]:
    """What JSON says of each file, after no form of the difference has shown the secret."""
    for form in ("text", "markdown", "json"):
        ended = run("diff", *words, "--format", form, cwd=folder)
        assert SECRET not in ended.out + ended.err and "\0" not in ended.out
        assert ended.code == code, ended.out + ended.err
    (spec,) = json.loads(ended.out)["specs"]
    return {file["path"]: file for file in spec["files"]}


FOREIGN = (
    ".env",
    ".npmrc",
    "web/id_rsa",
    "../.env",
    "deploy/kubernetes/web/secret.yaml",
    "values.json",
    "kustomization.yaml",
)
SORTS = ("aggregate", "seeded", "file", "revision 2")


@pytest.mark.parametrize(("name", "sort"), sample(product(FOREIGN, SORTS), 3))
def test_a_file_without_the_mark_is_named_and_not_shown(name: str, sort: str, app: Path) -> None:
    (app / name).write_text(f"token={SECRET}\n" * 7)
    if sort.startswith("revision"):
        listed(app, name, "file")
    listed(app, name, sort)
    change = files(app, "--base", "main")[name]
    assert change == {
        "path": name,
        "status": "created",
        "added": 0,
        "removed": 0,
        "diff": "",
        "note": UNMARKED if is_of_a_kind(name) else OTHER,
    }


def test_a_file_without_the_mark_that_the_base_has_too_is_told_where_it_changed(app: Path) -> None:
    for name in ("same.yaml", "other.yaml"):
        (app / name).write_text(f"token={SECRET}\n")
        listed(app, name)
    commit(app)
    (app / "other.yaml").write_text(f"token={SECRET}{SECRET}\n")
    change = files(app, "--base", "HEAD")
    assert {path: (each["status"], each["note"]) for path, each in change.items()} == {
        "other.yaml": ("changed", UNMARKED)
    }


@pytest.mark.parametrize(
    "path", ["../../secret", "../../../../../../../../../proc/self/environ", "../../../../../../../../../etc/passwd"]
)
def test_a_path_that_leaves_the_repository_is_not_looked_at(path: str, app: Path) -> None:
    listed(app, path)
    assert files(app, "--base", "main")[path]["note"] == "not shown: it lies outside the repository"


@pytest.mark.parametrize("path", ["../.git/config", "../.git/HEAD", "../.GIT/config", "web/.git/config"])
def test_a_path_in_gits_folder_is_not_looked_at(path: str, app: Path) -> None:
    for config in (app.parent / ".git/config", app / "web/.git/config"):
        config.parent.mkdir(exist_ok=True)
        with config.open("ab") as file:
            file.write(MARKED + f"[x]\n\ttoken = {SECRET}\n".encode())
    listed(app, path)
    if path.startswith("web"):
        shutil.rmtree(app / "web/.git")
    said = run("diff", "--base", "main", cwd=app, code=2).err
    assert f"`{path}` lies in git's own folder" in said and SECRET not in said


def planted(app: Path, kind: str) -> str:
    """Something that is no file of the repository, in the place of an output that is."""
    path = "deploy/kubernetes/web/deployment.yaml"
    place, outside = app / path, app.parents[1]
    (outside / "marked.yaml").write_bytes(MARKED + f"token={SECRET}\n".encode())
    place.unlink()
    if kind == "a link":
        place.symlink_to(outside / "marked.yaml")
    elif kind == "a link in the middle":
        shutil.rmtree(place.parent)
        (outside / "elsewhere").mkdir()
        (outside / "marked.yaml").rename(outside / "elsewhere/deployment.yaml")
        place.parent.symlink_to(outside / "elsewhere")
    elif kind == "a device":
        place.symlink_to("/dev/zero")
    elif kind == "a pipe":
        os.mkfifo(place)
    elif kind == "a folder":
        place.mkdir()
    elif kind == "too large":
        with place.open("wb") as file:
            file.write(MARKED + SECRET.encode())
            file.truncate(9 << 20)
    return path


@pytest.mark.parametrize(
    ("kind", "why"),
    [
        ("a link", "is a symbolic link"), ("a link in the middle", "passes through"), ("a device", "is a symbolic link"),
        ("a pipe", "is not a regular file"), ("a folder", "is a folder"), ("too large", "is larger than 8 MiB"),
    ],
)  # fmt: skip
def test_what_stands_in_an_outputs_place_is_told_and_not_read(kind: str, why: str, app: Path) -> None:
    path = planted(app, kind)
    change = files(app, "--base", "main")[path]
    assert why in change["note"] and change["note"].startswith("the new content is not shown: ")
    assert (change["status"], change["added"]) == ("changed", 0) and change["diff"].startswith(f"--- a/{path}\n")


def test_a_link_and_a_large_file_of_the_base_are_told(app: Path) -> None:
    paths = [planted(app, "a link"), "web/Dockerfile"]
    (app / "web/Dockerfile").write_bytes(MARKED + SECRET.encode() * (1 << 20))
    commit(app)
    for path in paths:
        (app / path).unlink()
        (app / path).write_bytes(MARKED + b"new\n")
    found = files(app, "--base", "HEAD")
    assert [found[path]["note"] for path in paths] == [
        "the old content is not shown: it is a symbolic link",
        "the old content is not shown: it is larger than 8 MiB",
    ]
    assert [found[path]["added"] for path in paths] == [2, 2]


def test_each_side_shows_its_own_mark(app: Path) -> None:
    (app / "web/Dockerfile").write_text(f"FROM x\nENV TOKEN={SECRET}\n")
    change = files(app, "--base", "main")["web/Dockerfile"]
    assert change["note"] == "the new content is not shown: it does not carry kforge's mark"
    assert (change["added"], change["removed"] > 3) == (0, True)


def test_a_file_that_a_change_lists_no_more_is_compared_all_the_same(app: Path) -> None:
    sums = (app / SUMS_FILE).read_text().splitlines(keepends=True)
    (app / SUMS_FILE).write_text("".join(line for line in sums if "web/Dockerfile" not in line))
    with (app / "web/Dockerfile").open("a") as file:
        file.write("USER 0\n")
    change = files(app, "--base", "main")["web/Dockerfile"]
    assert (change["status"], change["added"]) == ("changed", 1)


def test_the_component_of_images_is_shown_where_the_layout_puts_it(app: Path) -> None:
    edit(app / SEED, "images: []", "images: []\nresources: [evil.yaml]")
    for unlisted in (False, True):
        if unlisted:
            edit(app / SUMS_FILE, f"# seeded {SEED}\n", "")
        change = files(app, "--base", "main")[SEED]
        assert (change["status"], change["added"], change["note"], "+resources: [evil.yaml]" in change["diff"]) == (
            "changed",
            1,
            "",
            True,
        )


PRIVATE = (
    "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n"
    f"secretGenerator:\n- name: db\n  literals: [password={SECRET}]\nimages:\n- name: a.example/b\n  newTag: '1'\n"
)


@pytest.mark.parametrize(
    "text", [PRIVATE, PRIVATE.partition("secret")[0] + f"images: [{{name: {SECRET}}}]\n", f"a: {SECRET}\n"]
)
@pytest.mark.parametrize("folder", ["../private", "private", "deploy/images"])
def test_an_untracked_file_in_a_components_place_is_not_shown(folder: str, text: str, app: Path) -> None:
    """A pull request says where components lie."""
    if folder != "deploy/images":
        with (app / SPEC).open("a") as spec:
            spec.write(f"paths: {{images: {folder}}}\n")
        commit(app)
    git(app.parent, "rm", "-q", "-r", "--cached", "app/deploy/images")
    for name in ("base", "prod"):
        (app / folder / name).mkdir(parents=True, exist_ok=True)
        (app / folder / name / "kustomization.yaml").write_text(text)
    change = files(app, "--base", "HEAD")[f"{folder}/prod/kustomization.yaml"]
    assert (
        change["note"].endswith("not shown: it is neither tracked by git nor written by kforge") and not change["added"]
    )
    for words in (["check"], ["check", "--full"], ["plan"], ["build"]):
        ended = run(*words, cwd=app, code=1)
        assert "error[image-component]" in ended.err and SECRET not in ended.out + ended.err


def test_of_a_tracked_component_without_its_head_the_images_are_shown(app: Path) -> None:
    (app / SEED).write_text(PRIVATE)
    commit(app)
    (app / SEED).write_text(PRIVATE.replace("'1'", "'2'"))
    change = files(app, "--base", "HEAD")[SEED]
    assert (change["added"], change["removed"], '+  newTag: "2"' in change["diff"], change["note"]) == (
        1,
        1,
        True,
        "not shown: its content other than images",
    )


def test_a_component_that_changes_in_nothing_that_is_shown_is_told(app: Path) -> None:
    (app / SEED).write_text(PRIVATE)
    commit(app)
    (app / SEED).write_text(PRIVATE + f"patches: [{SECRET}]\n")
    change = files(app, "--base", "HEAD")[SEED]
    assert (change["status"], change["diff"], change["note"]) == (
        "changed",
        "",
        "not shown: its content other than images",
    )


@pytest.mark.parametrize("text", [f"a: *{SECRET}\n", f"{SECRET}: [\n", f"[{SECRET}]\n", f"{SECRET}\n" * 200_000])
def test_a_tracked_component_that_is_none_is_not_shown(text: str, app: Path) -> None:
    (app / SEED).write_text(text)
    commit(app)
    (app / SEED).unlink()
    assert UNMARKED in files(app, "--base", "HEAD")[SEED]["note"]


@pytest.mark.parametrize(
    "path",
    [
        "web/kustomization.yaml",
        "deploy/images/other/kustomization.yaml",
        "deploy/images/prod/secret.yaml",
        "deploy/images/kustomization.yaml",
    ],
)
def test_a_seed_elsewhere_is_not_shown(path: str, app: Path) -> None:
    (app / path).parent.mkdir(exist_ok=True)
    (app / path).write_text(f"token: {SECRET}\n")
    listed(app, path, "seeded")
    assert files(app, "--base", "main")[path]["note"] == UNMARKED


PATHS = ("{images: ../../..}", "{images: /etc}", "[1, 2]", "{images: {a: b}}", '{images: "a\\nb"}', "x")
ENVIRONMENTS = ("{../../x: {}, prod: {}}", '{"a\\nb": {}}', "[a]", "{1: {}}", "x")


@pytest.mark.parametrize(("paths", "environments"), sample(product(PATHS, ENVIRONMENTS), 4))
def test_no_layout_of_a_spec_leads_outside(paths: str, environments: str, app: Path) -> None:
    text = (app / SPEC).read_text().partition("environments:")[0]
    (app / SPEC).write_text(f"{text}environments: {environments}\npaths: {paths}\n")
    for name in ("kustomization.yaml", "base/kustomization.yaml", "prod/kustomization.yaml"):
        for folder in (app.parents[1], app.parents[2]):
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_text(f"token: {SECRET}\n")
    for form in ("text", *FORMATS):
        ended = run("diff", "--base", "main", "--format", form, cwd=app)
        assert (ended.code < 3, SECRET in ended.out + ended.err) == (True, False), ended.err


def test_a_build_would_overwrite_what_it_does_not_show(app: Path) -> None:
    foreign = app / "deploy/kubernetes/extra"
    edit(app / SPEC, "{source: ./web}", "{source: ./web}\n  extra: {image: 'docker.io/library/redis:8.8.3'}")
    foreign.mkdir()
    (foreign / "deployment.yaml").write_text(f"token: {SECRET}\n" * 9)
    (foreign / "service.yaml").write_bytes(b"")
    change = files(app)["deploy/kubernetes/extra/deployment.yaml"]
    assert (change["removed"], change["added"] > 9, change["note"]) == (
        0,
        True,
        "the old content is not shown: it does not carry kforge's mark",
    )


def test_a_removed_spec_shows_no_foreign_file_either(app: Path) -> None:
    (app / "other.yaml").write_text(f"token: {SECRET}\n")
    listed(app, "other.yaml")
    listed(app, "../../secret")
    commit(app)
    (app / SPEC).unlink()
    for path in ("web/Dockerfile", "other.yaml"):
        (app / path).unlink()
    (app / "other.yaml").symlink_to(app.parents[1] / "secret")
    found = files(app, "--base", "HEAD")
    assert found["web/Dockerfile"]["status"] == "removed" and "other.yaml" in found["other.yaml"]["note"]
    assert found["../../secret"]["note"] == "not shown: it lies outside the repository"


DAMAGE = {
    "conflict": b"<<<<<<< ours\na\n=======\nb\n>>>>>>> theirs\n", "binary": b"\xff\xfe\0", "torn": b"{", "nothing": b"", "a list": b"[1]\n",
    "deep": b"[" * 100_000, "newer": b'{"lock": 99, "app": {"inputs": {}}, "services": {}}\n', "alias": b"a: &a [*a, *a]\n", "half": b'{"\\ud800": 1}',
}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "kind", "side"), sample(product((SPEC, LOCK_FILE, SUMS_FILE), DAMAGE, ("here", "at the base")), 5)
)
def test_a_text_that_cannot_be_read_is_named(name: str, kind: str, side: str, app: Path) -> None:
    kept = (app / name).read_bytes()
    (app / name).write_bytes(DAMAGE[kind])
    commit(app)
    if side == "at the base":
        (app / name).write_bytes(kept)
    ended = run("diff", "--base", "HEAD" if side == "at the base" else "HEAD~1", cwd=app)
    if (name, kind) in ((SUMS_FILE, "nothing"), (SPEC, "newer")):
        assert ended.code in (0, 1)  # no file is listed, no service named
        return
    assert (ended.code, name in ended.err) == (2, True), ended.err
    assert ("at `HEAD`: " in ended.err) == (side == "at the base")


@pytest.mark.parametrize("name", [SPEC, LOCK_FILE, SUMS_FILE])
@pytest.mark.parametrize("target", ["/etc/passwd", "/dev/zero", "../../secret"])
def test_a_link_in_the_place_of_a_text_is_not_followed(name: str, target: str, app: Path) -> None:
    kept = (app / name).read_bytes()
    (app / name).unlink()
    (app / name).symlink_to(target)
    commit(app)
    here = run("diff", "--base", "HEAD~1", cwd=app, code=2)
    (app / name).unlink()
    (app / name).write_bytes(kept)
    there = run("diff", "--base", "HEAD", cwd=app, code=2)
    assert f"`{name}` is a symbolic link" in here.err and f"at `HEAD`: `{name}` is a symbolic link" in there.err


VALUES = (
    {"ports": [3]},
    {"ports": {"a": 1}},
    {"ports": "x"},
    {"command": {"a": {"b": []}}},
    {"": None},
    {"a.b": 1, "a": {"b": 2}},
)
BLOCKS = (
    "{source: ./web}",
    "{source: ./web, port: 80}",
    "[1]",
    "x",
    "{1: 2, process: {1: 2, ports: [x]}}",
    "{source: ./web, process: [1]}",
    "{ports: {a: 1}}",
)


@pytest.mark.parametrize(("value", "block"), sample(product(VALUES, BLOCKS), 5))
def test_shapes_that_no_build_writes_are_no_crash(value: object, block: str, app: Path) -> None:
    edit(app / SPEC, "{source: ./web}", block)
    lock = locks.read(app)
    lock["services"]["web"]["decisions"]["process"]["value"] = value
    codes = []
    with suppress(InputError):  # the form of today has no line for some of them
        locks.write(app, lock)
        codes.append(run("diff", "--base", "HEAD", cwd=app).code)
    (app / LOCK_FILE).write_text(json.dumps(lock))  # as kforge 0.1 wrote it
    codes.append(run("diff", "--base", "HEAD", cwd=app).code)
    assert {*codes} <= {1, 2}


NAMES = (
    b"\n::error::x\x1b[2J.kforge.yaml",
    b"\xff.kforge.yaml",
    b"`|<img src=x>.kforge.yaml",
    b"-x.kforge.yaml",
    b":x.kforge.yaml",
    b".kforge.yaml",
    "\u202e\u200b.kforge.yaml".encode(),
)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("gone", [True, False])
def test_the_name_of_a_spec_is_text_whatever_it_is(
    name: bytes, gone: bool, app: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    spec = app.parent / "odd" / os.fsdecode(name)
    spec.parent.mkdir()
    shutil.copy(app / SPEC, spec)
    shutil.copy(app / LOCK_FILE, spec.parent)
    if gone:
        commit(app)
        shutil.rmtree(spec.parent)
    for form in ("text", *FORMATS):
        ended = run("diff", "--base", "main", "--format", form, cwd=app)
        assert ended.code == (2 if not gone and odd(spec.name) else 1)  # a spec that is here has to be renamed
        out = ended.out + ended.err
        out.encode()  # half a character could not be written
        assert (
            "\n::error" not in out
            and "\x1b" not in out
            and "<img" not in (SPAN.sub("", out) if form == "markdown" else "")
        )


def test_a_folder_that_became_a_link_holds_no_spec(app: Path) -> None:
    app.rename(app.parents[1] / "elsewhere")
    app.symlink_to(app.parents[1] / "elsewhere")
    out = run("diff", "--base", "main", cwd=app.parent, code=1).out
    assert "the spec was removed" in out


def test_lock_and_sums_of_the_base_can_be_had(app: Path) -> None:
    project = Project(app / SPEC, app.parent)
    lock, sums = held_at(project, BaseRevision("main"))
    assert (list(lock.services), "web/Dockerfile" in sums) == (["web"], True)
    lock, sums = held_at(Project(app / "none" / SPEC, app.parent), BaseRevision("main"))
    assert (lock.lost, sums.lost) == (True, True)


def test_two_sides_that_are_not_shown_are_equal_by_their_content() -> None:
    assert files_since({"x": side(b"a")}, {"x": side(b"a")}) == ()
    assert files_since({"x": side(b"a")}, {"x": side(b"b")}) == (FileChange("x", "changed", 0, 0, "", UNMARKED),)


def test_an_empty_file_has_nothing_to_hide() -> None:
    assert file_change("x", "changed", side(b""), FileSide(MARKED)).note == ""


def test_a_line_feed_alone_ends_a_line() -> None:
    change = file_change("x", "created", FileSide(b""), FileSide(MARKED + "a\x0cb\u2028c\rd\n".encode()))
    assert (change.added, change.diff.count("\n")) == (2, 5)
