"""git runs where kforge found `.git`, obeys nothing that a repository's files say, and answers within bounds."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from kforge.errors import InputError, WorldError
from kforge.system.git import run as program
from kforge.system.git.commits import Blob, commit_at
from kforge.system.git.run import Repository, git, repository
from tests.conftest import kforge, run
from tests.growth import ENDLESS, SOON
from tests.integration.conftest import clean_environment, commit, plant_bare
from tests.integration.conftest import git as real

ROOT = Path(__file__).parents[3] / "kforge"
SPEC = "apiVersion: kforge.dev/v1\napp: cache\nservices: {c: {image: 'docker.io/library/redis:8.8.3'}}\n"
# Ways to start a program, by the name that is imported or called.
STARTERS = {
    "subprocess",
    "_posixsubprocess",
    "multiprocessing",
    "ProcessPoolExecutor",
    "pty",
    "create_subprocess_exec",
    "create_subprocess_shell",
    "popen",
    "fork",
    "forkpty",
    "startfile",
}


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with a built spec in a folder, and one change since its only commit."""
    folder = tmp_path_factory.mktemp("template")
    (folder / "app").mkdir()
    (folder / "app/app.kforge.yaml").write_text(SPEC)
    (folder / ".gitignore").write_text(".kforge/\n")
    real(folder, "init", "-q", "-b", "main")
    run("build", cwd=folder, code=0)
    commit(folder)
    with (folder / "app/kforge.sum").open("a") as sums:
        sums.write("# nothing\n")
    manifest = next(folder.glob("app/deploy/kubernetes/c/*.yaml"))
    manifest.write_text(manifest.read_text() + "# edited\n")
    return folder


@pytest.fixture
def top(template: Path, tmp_path: Path) -> Path:
    """A test's own copy of it."""
    return Path(shutil.copytree(template, tmp_path / "top", symlinks=True))


def compared(folder: Path, base: str = "HEAD", code: int = 1, **variables: str) -> str:
    done = kforge("diff", "--base", base, cwd=folder, code=code, env={**clean_environment(), **variables})
    return str(done.stdout + done.stderr)


def starts_programs(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names |= {(node.module or "").partition(".")[0], *(alias.name for alias in node.names)}
        elif isinstance(node, ast.Attribute):
            names.add(node.attr)
            if (
                isinstance(node.value, ast.Name)
                and node.value.id == "os"
                and node.attr.startswith(("exec", "spawn", "posix_spawn", "system"))
            ):
                names.add("fork")
    return names & STARTERS


def test_nothing_but_git_and_the_detectors_of_gpus_starts_a_program() -> None:
    found = {path.relative_to(ROOT).as_posix(): starts_programs(path) for path in sorted(ROOT.rglob("*.py"))}
    assert {path: names for path, names in found.items() if names} == {
        "system/git/run.py": {"subprocess"},
        "system/gpu/host.py": {"subprocess"},
    }


@pytest.mark.parametrize(
    "code",
    [
        "import os\nos.system('x')",
        "import os\nos.execvp('x', [])",
        "from subprocess import run",
        "import multiprocessing.pool",
        "import os\nos.posix_spawn('x', [], {})",
    ],
)
def test_a_program_that_is_started_elsewhere_is_seen(code: str, tmp_path: Path) -> None:
    (tmp_path / "x.py").write_text(code)
    assert starts_programs(tmp_path / "x.py")


def test_one_function_starts_git() -> None:
    tree = ast.parse((ROOT / "system/git/run.py").read_text())
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    starting = {
        function.name
        for function in functions
        for node in ast.walk(function)
        if ast.unparse(node).startswith("subprocess.Popen(")
    }
    assert starting == {"_started"}


def fake(folder: Path, script: str) -> str:
    """A PATH whose first git is this script."""
    folder.mkdir(exist_ok=True)
    (folder / "git").write_text(f"#!/bin/sh\n{script}\n")
    (folder / "git").chmod(0o755)
    return f"{folder}:{os.environ['PATH']}"


def test_git_is_asked_for_names_and_objects_alone_and_never_for_a_name_of_the_repository(
    top: Path, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    path = fake(tmp_path / "bin", f'printf "%s\\n" "$*" >> {log}; exec {shutil.which("git")} "$@"')
    compared(top, PATH=path)
    lines = log.read_text().splitlines()
    words = [line.rpartition("diff.external= ")[2] for line in lines]
    assert {line.split(" ")[0] for line in words} == {"rev-parse", "ls-tree", "cat-file"}
    assert all(line.startswith(f"-C {top} --no-pager ") and "-c safe.bareRepository=explicit" in line for line in lines)
    assert not [line for line in words if "app" in line]


def test_of_the_environment_git_sees_what_configures_the_users_own_git(top: Path, tmp_path: Path) -> None:
    log = tmp_path / "log"
    path = fake(tmp_path / "bin", f'env > {log}; exec {shutil.which("git")} "$@"')
    theirs = {
        "GIT_DIR": "/nonexistent",
        "GIT_INDEX_FILE": "/nonexistent",
        "GIT_WORK_TREE": "/nonexistent",
        "GIT_EXTERNAL_DIFF": "false",
        "GIT_SSH_COMMAND": "false",
        "GIT_EXEC_PATH": "/nonexistent",
        "GIT_CONFIG_PARAMETERS": "'core.bare'='true'",
        "GIT_TRACE": "1",
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "user.name",
        "GIT_CONFIG_VALUE_0": "a",
    }
    assert "# edited" in compared(top, PATH=path, **theirs)
    seen = dict(line.split("=", 1) for line in log.read_text().splitlines() if line.startswith("GIT_"))
    assert not seen.keys() & (theirs.keys() - {"GIT_CONFIG_COUNT", "GIT_CONFIG_KEY_0", "GIT_CONFIG_VALUE_0"})
    assert seen.items() >= {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "user.name", "GIT_CONFIG_VALUE_0": "a"}.items()
    assert (seen["GIT_CEILING_DIRECTORIES"], seen["GIT_ALLOW_PROTOCOL"], seen["GIT_NO_LAZY_FETCH"]) == (
        str(top.parent),
        "none",
        "1",
    )


@pytest.mark.parametrize("path", ["", ".", "bin", "{top}/bin", "{top}/app/../bin", "{top}/../linked"])
def test_a_git_of_the_checkout_is_not_run(path: str, top: Path, tmp_path: Path) -> None:
    (top.parent / "linked").symlink_to(top / "bin")
    for folder in (top, top / "bin"):
        fake(folder, f"touch {tmp_path}/canary")
    assert "# edited" in compared(top, PATH=f"{path.format(top=top)}:{os.environ['PATH']}")
    assert not (tmp_path / "canary").exists()


def test_without_git_the_error_says_so(top: Path, tmp_path: Path) -> None:
    assert "git is not installed" in compared(top, code=3, PATH=str(tmp_path))


@pytest.mark.parametrize("place", ["app", "app/inner", ".", "app/deploy"])
def test_a_folder_that_looks_like_a_bare_repository_runs_nothing(place: str, top: Path, tmp_path: Path) -> None:
    (top / place).mkdir(exist_ok=True)
    plant_bare(top / place, tmp_path / "canary")
    (top / place / "more.kforge.yaml").write_text(SPEC) if place == "app/inner" else None
    (top / ".gitmodules").write_text('[submodule "x"]\n\tpath = app\n\turl = ext::false\n\tupdate = !false\n')
    (top / ".mailmap").symlink_to("/etc/passwd")
    commit(top)
    for folder in (top, top / place, top / "app"):
        for base in ("HEAD~1", "HEAD", "main"):
            done = run("diff", "--base", base, cwd=folder)
            assert (done.code in (0, 1), (tmp_path / "canary").exists()) == (True, False), done.err


@pytest.mark.parametrize("damage", ["HEAD", "objects", "refs", "HEAD is a folder"])
def test_a_damaged_repository_does_not_make_git_read_the_folder_as_a_bare_one(
    damage: str, top: Path, tmp_path: Path
) -> None:
    plant_bare(top, tmp_path / "canary")
    for name in ("objects", "refs"):
        shutil.copytree(top / ".git" / name, top / name, dirs_exist_ok=True)
    broken = top / ".git" / damage.partition(" ")[0]
    shutil.rmtree(broken) if broken.is_dir() else broken.unlink()
    if damage.endswith("folder"):
        broken.mkdir()
    assert "is not in a git repository that can be read" in compared(top, code=2)
    assert not (tmp_path / "canary").exists()


@pytest.mark.parametrize("content", ["", "nonsense", "gitdir:", "gitdir: /nonexistent", "gitdir: .", "gitdir: app"])
def test_a_file_in_the_place_of_git_that_leads_to_no_repository_is_refused(
    content: str, top: Path, tmp_path: Path
) -> None:
    plant_bare(top / "app", tmp_path / "canary")
    shutil.rmtree(top / ".git")
    (top / ".git").write_text(content)
    for folder in ("objects", "refs") if content == "gitdir: ." else ():
        (top / folder).mkdir()
    ended = kforge("diff", "--base", "HEAD", cwd=top, code=2, env=clean_environment())
    assert "error: " in ended.stderr and not (tmp_path / "canary").exists()


def test_git_s_folder_is_not_followed_through_a_link(top: Path, tmp_path: Path) -> None:
    (top / ".git").rename(tmp_path / "elsewhere")
    (top / ".git").symlink_to(tmp_path / "elsewhere")
    assert "is a symbolic link" in compared(top, code=2)


def test_a_nested_repository_s_own_configuration_is_the_user_s(top: Path, tmp_path: Path) -> None:
    """Only a clone or `git init` makes a `.git`; what is in it was written by the user's git."""
    real(top / "app", "init", "-q")
    assert "git does not know the revision" in compared(top / "app", code=2)


def test_a_linked_worktree_a_submodule_and_another_hash_work(top: Path, tmp_path: Path) -> None:
    commit(top)
    real(top, "worktree", "add", "-q", str(tmp_path / "linked"), "-b", "other")
    real(tmp_path, "init", "-q", "super")
    real(tmp_path / "super", "-c", "protocol.file.allow=always", "submodule", "add", "-q", str(top), "sub")
    real(tmp_path, "init", "-q", "--object-format=sha256", "-b", "main", "wide")
    shutil.copytree(top / "app", tmp_path / "wide/app")
    commit(tmp_path / "wide")
    with next(tmp_path.glob("wide/app/deploy/kubernetes/c/*.yaml")).open("a") as file:
        file.write("# edited\n")
    told = [
        compared(tmp_path / "linked", "HEAD~1"),
        compared(tmp_path / "super/sub", "HEAD~1"),
        compared(tmp_path / "wide"),
    ]
    assert [text.count("+# edited") for text in told] == [1, 1, 1]


@pytest.mark.parametrize(
    "revision",
    ["main", "HEAD", "HEAD~1", "HEAD^", "v1", "@{upstream}", "main@{upstream}", "{id}", "{short}", "refs/heads/main~1"],
)
def test_a_revision_is_named_as_git_names_it(revision: str, top: Path) -> None:
    first = real(top, "rev-parse", "HEAD")
    commit(top)
    real(top, "tag", "-a", "-m", "x", "v1", first)
    real(top, "branch", "-q", "old", first)
    real(top, "branch", "-q", "-u", "old", "main")
    name = revision.replace("{id}", first).replace("{short}", first[:9])
    assert commit_at(top, name).id == real(top, "rev-parse", f"{name}^{{commit}}")


@pytest.mark.parametrize(
    "revision",
    [
        "",
        "-x",
        "--output=owned",
        "HEAD\n",
        "a\0b",
        "\ud800",
        "HEAD^{tree}",
        "HEAD:app",
        "nope",
        "a b",
        "..",
        "HEAD..HEAD",
        "$(touch owned)",
        "\udcff",
        "@{99}",
    ],
)
def test_what_names_no_commit_is_refused(revision: str, top: Path) -> None:
    with pytest.raises(InputError) as caught:
        commit_at(top, revision)
    assert caught.value.problems[0].hint and not (top / "owned").exists()


def test_an_empty_base_is_no_base(top: Path) -> None:
    assert "is not a revision" in run("diff", "--base", "", cwd=top, code=2).err


ODD = (
    b"new\nline.txt",
    b"\xff\xfe.txt",
    b"-dash.txt",
    b":colon.txt",
    b'qu"ote\t.txt',
    "caf\u00e9.txt".encode(),
    b"*.txt",
    b" .txt",
    b"x -> y.txt",
    b"a" * 40 + b" blob 3.txt",
)


def test_names_that_would_confuse_a_protocol_are_names(top: Path) -> None:
    for number, name in enumerate(ODD):
        Path(os.fsdecode(os.fsencode(top / "app") + b"/" + name)).write_bytes(b"content %d" % number)
    commit(top)
    at = commit_at(top, "HEAD")
    names = [os.fsdecode(b"app/" + name) for name in ODD]
    assert sorted(at.names(".txt")) == sorted(names)
    assert dict(at.read(names)) == {name: Blob(b"content %d" % number) for number, name in enumerate(names)}


def test_what_is_no_regular_file_there_has_no_content(top: Path) -> None:
    (top / "app/link.kforge.yaml").symlink_to("/etc/passwd")
    real(top, "update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},app/module.kforge.yaml")
    commit(top)
    real(top, "update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},app/module.kforge.yaml")
    real(top, "commit", "-q", "-m", "x")
    at = commit_at(top, "HEAD")
    assert at.names(".kforge.yaml") == ["app/app.kforge.yaml"]
    assert dict(at.read(["app/link.kforge.yaml", "app/module.kforge.yaml", "app", "nothing", ""])) == {
        "app/link.kforge.yaml": Blob(why="is a symbolic link"),
        "app/module.kforge.yaml": Blob(why="is a submodule"),
    }


def test_a_large_file_is_measured_before_it_is_fetched(top: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (top / "large").write_bytes(b"\n" * (3 << 20))
    (top / "same").write_bytes(b"x" * 100)
    (top / "copy").write_bytes(b"x" * 100)
    commit(top)
    at = commit_at(top, "HEAD")
    monkeypatch.setattr("kforge.system.git.commits.BATCH", 150)
    assert dict(at.read(["large", "same", "copy"], 1 << 20)) == {
        "large": Blob(why="is larger than 1 MiB"),
        "same": Blob(b"x" * 100),
        "copy": Blob(b"x" * 100),
    }


def tree_with(top: Path, entries: bytes) -> str:
    """A commit of a tree that git's own commands would not make."""
    done = subprocess.run(
        ["git", "hash-object", "-t", "tree", "-w", "--literally", "--stdin"],
        cwd=top,
        input=entries,
        capture_output=True,
        check=True,
        env=clean_environment(),
    )
    return real(top, "commit-tree", "-m", "odd", done.stdout.decode().strip())


@pytest.mark.parametrize("name", [b"..", b".git", b".", b".GIT"])
def test_a_tree_with_names_that_no_checkout_makes_shows_none_of_them(name: bytes, top: Path) -> None:
    blob = bytes.fromhex(real(top, "hash-object", "-w", "app/app.kforge.yaml"))
    inner = subprocess.run(
        ["git", "mktree", "-z"],
        cwd=top,
        input=b"100644 blob %s\tx.kforge.yaml\0" % blob.hex().encode(),
        capture_output=True,
        check=True,
        env=clean_environment(),
    )
    odd = tree_with(top, b"40000 %s\0%s" % (name, bytes.fromhex(inner.stdout.decode().strip())))
    assert commit_at(top, odd).names(".kforge.yaml") == []


def test_a_partial_clone_fetches_nothing(top: Path, tmp_path: Path) -> None:
    commit(top)
    real(top, "config", "uploadpack.allowFilter", "true")
    real(tmp_path, "clone", "-q", "--no-local", "--filter=blob:none", f"file://{top}", "partial")
    real(tmp_path / "partial", "config", "remote.origin.uploadpack", f"touch {tmp_path}/canary;")
    text = compared(tmp_path / "partial", "HEAD~1", code=3)
    assert "git does not hold every file" in text and not (tmp_path / "canary").exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder to another user")
def test_a_repository_of_another_owner_is_told_with_the_way_out(top: Path) -> None:
    for path in (top, top / ".git"):
        os.chown(path, 12345, 12345)
    text = compared(top, code=2, HOME="/nonexistent")
    assert "belongs to another user" in text and f"git config --global --add safe.directory {top}" in text
    trusted = {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "safe.directory", "GIT_CONFIG_VALUE_0": str(top)}
    assert "+# edited" in compared(top, HOME="/nonexistent", **trusted)


@pytest.mark.parametrize(
    "words", ["detected dubious ownership in repository at '/x'", "unsafe repository ('/x' is owned by someone else)"]
)
def test_what_versions_of_git_say_of_another_owner(words: str, top: Path, tmp_path: Path) -> None:
    assert "belongs to another user" in compared(
        top, code=2, PATH=fake(tmp_path / "bin", f'echo "fatal: {words}" >&2; exit 128')
    )


@pytest.mark.parametrize(
    ("script", "told"),
    [
        ("sleep 90", "longer than"),
        ("exec >&- 2>&-; sleep 90", "longer than"),
        ("yes", "more than"),
        ("yes >&2", "more than"),
        ("sleep 90 & sleep 90", "longer than"),
    ],
    ids=["sleeps", "closes and sleeps", "floods", "complains", "has a child"],
)
def test_a_git_that_does_not_end_is_ended_with_all_that_it_started(
    script: str, told: str, top: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    group = tmp_path / "group"
    monkeypatch.setenv("PATH", fake(tmp_path / "bin", f"echo $$ > {group}\n{script}"))
    monkeypatch.setattr(program, "SECONDS", 2.0 if told == "longer than" else ENDLESS)
    began = time.monotonic()
    with pytest.raises(WorldError, match=told):
        git(Repository(top), "ls-tree", limit=1 << 20)
    assert time.monotonic() - began < SOON
    with pytest.raises(ProcessLookupError):
        for _ in range(100):  # the last of a killed group may take a moment to be reaped by init
            os.killpg(int(group.read_text()), 0)
            time.sleep(0.05)


def test_a_git_that_reads_nothing_is_no_deadlock(top: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", fake(tmp_path / "bin", "exec <&-; head -c 300000 /dev/zero; echo secret >&2; exit 3"))
    assert git(Repository(top), "cat-file", stdin=b"x\n" * 500_000) is None


def test_what_git_complains_of_is_not_told(top: Path, tmp_path: Path) -> None:
    assert "secret" not in compared(top, code=2, PATH=fake(tmp_path / "bin", "echo secret; echo secret >&2; exit 1"))


def test_a_repository_is_where_its_git_is(top: Path) -> None:
    assert repository(top).top == top
    with pytest.raises(InputError, match="is not in a git repository"):
        repository(top / "app")
