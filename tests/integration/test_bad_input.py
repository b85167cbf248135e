"""Bad input gets a message with its place and the way out, and nothing is written: 2 for the input, 3 for the world."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conftest import BUILT, CURRENT, SPECS, contents, edit, memory_folder, run, write
from tests.growth import ENDLESS
from tests.system.builds import unprivileged
from tests.system.test_crash import mounted

SPEC = "app.kforge.yaml"
DOORS = (
    ["build"],
    ["check"],
    ["check", "--full"],
    ["plan"],
    ["diff"],
    ["explain", "web/process"],
    ["pin", "web/process", "user"],
)
HEAD = "apiVersion: kforge.dev/v1\napp: hello\nregistry: ghcr.io/acme\n"


@dataclass(frozen=True)
class Bad:
    """`spoil` makes a built project bad; every door must say `says` and end with `code`."""

    name: str
    spoil: Callable[[Path], object]
    says: tuple[str, ...]
    code: int = 2
    doors: tuple[list[str], ...] = DOORS


def no_source(folder: Path) -> None:
    shutil.rmtree(folder / "web")


def emptied(folder: Path) -> None:
    no_source(folder)
    (folder / "web").mkdir()


def spec(text: str | bytes) -> Callable[[Path], object]:
    return lambda folder: write(folder, {SPEC: text})


def swap(old: str, new: str) -> Callable[[Path], object]:
    return lambda folder: edit(folder / SPEC, old, new)


def put(path: str, text: str | bytes) -> Callable[[Path], object]:
    return lambda folder: write(folder, {path: text})


def linked(folder: Path) -> None:
    (folder / "web").rename(folder / "real")
    (folder / "web").symlink_to("real")


def linked_above(folder: Path) -> None:
    (folder / "real").mkdir()
    (folder / "web").rename(folder / "real" / "web")
    (folder / "apps").symlink_to("real")
    edit(folder / SPEC, "./web", "./apps/web")


def binary(folder: Path) -> None:
    emptied(folder)
    write(folder / "web", {"program": b"\x7fELF" + bytes(range(256)) * 200, "app.py": b"\0\1\2" * 100})


BAD = (
    Bad("a source that is missing", no_source, ("source `web` does not exist", f"{SPEC}:6:17", "name a folder")),
    Bad("a source that is empty", emptied, ("source `web` is empty, or everything in it is ignored", f"{SPEC}:6")),
    Bad("a source that holds only binaries", binary, ("nothing in `./web` shows how it starts", f"{SPEC}:6")),
    Bad(
        "a source that is a file",
        lambda folder: (no_source(folder), write(folder, {"web": "x"})),
        ("source `web` is not a folder",),
    ),
    Bad("a source that is a link", linked, ("source `web` is reached through a symbolic link",)),
    Bad("a source below a link", linked_above, ("source `apps/web` is reached through a symbolic link",)),
    Bad(
        "a source outside of the repository",
        swap("./web", "../web"),
        ("`../web` lies outside the repository", f"{SPEC}:6:17"),
    ),
    Bad("a source that is absolute", swap("./web", "/web"), ("/web",)),
    Bad("a spec of 50 MB", spec(b"a: b\n" * 10_000_000), ("47.7 MiB", "8 MiB", "--max-spec-size")),
    Bad("a spec of nothing", spec(""), ("the spec is empty", "apiVersion: kforge.dev/v1")),
    Bad("a spec of a comment", spec("# nothing\n"), ("the spec is empty",)),
    Bad("a spec that is a list", spec("- a\n"), ("list",)),
    Bad("a spec that is no UTF-8", spec(b"apiVersion: kforge.dev/v1\napp: h\xe9llo\n"), ("UTF-8", f"{SPEC}:2")),
    Bad("a spec in UTF-16", spec(HEAD.encode("utf-16")), ("UTF-",)),
    Bad("a spec with NUL", spec(HEAD.encode() + b"\0"), (SPEC,)),
    Bad(
        "a spec with conflict markers",
        put(SPEC, "<<<<<<< ours\n" + HEAD + "=======\n>>>>>>> theirs\n"),
        ("conflict", SPEC),
    ),
    Bad(
        "a spec that is a folder", lambda folder: ((folder / SPEC).unlink(), (folder / SPEC).mkdir()), (".kforge.yaml",)
    ),
    Bad(
        "a spec that is a dead link",
        lambda folder: ((folder / SPEC).unlink(), (folder / SPEC).symlink_to("gone")),
        (SPEC,),
    ),
    Bad("a spec that is a pipe", lambda folder: ((folder / SPEC).unlink(), os.mkfifo(folder / SPEC)), (SPEC,)),
    Bad(
        "two specs in one folder",
        put("b.kforge.yaml", HEAD + "services: {web: {source: ./web}}\n"),
        ("in one folder", "so one spec"),
        doors=(["build"], ["check"]),
    ),
    Bad(
        "a lock with conflict markers",
        put("kforge.lock", "lock: 2\n<<<<<<< ours\n=======\n>>>>>>> theirs\n"),
        ("kforge.lock:2", "conflict markers"),
    ),
    Bad(
        "an older lock with conflict markers",
        put("kforge.lock", "{\n<<<<<<< ours\n=======\n>>>>>>> theirs\n}\n"),
        ("kforge.lock:2", "conflict markers"),
    ),
    Bad(
        "a lock from a newer kforge", put("kforge.lock", "# x\nlock: 3\n"), ("newer kforge", "install the newer kforge")
    ),
    Bad(
        "an older lock from a newer kforge",
        put("kforge.lock", '{"lock": 2}\n'),
        ("newer kforge", "install the newer kforge"),
    ),
    Bad(
        "a lock that is none",
        put("kforge.lock", "lock: 2\nservices: {}\n"),
        ("kforge.lock:1", "`kforge.lock` is damaged", "git checkout HEAD -- kforge.lock"),
    ),
    Bad(
        "an older lock that is not JSON",
        put("kforge.lock", "{"),
        ("`kforge.lock` is damaged", "git checkout HEAD -- kforge.lock"),
    ),
    Bad(
        "a lock with a line that says nothing",
        lambda folder: edit(folder / "kforge.lock", "    probes:\n", "    probes:\n      nothing\n"),
        ("kforge.lock:14", "`kforge.lock` is damaged: this line is neither a topic nor a field"),
    ),
    Bad("a lock that is binary", put("kforge.lock", b"\xff\xfe\0"), ("kforge.lock", "UTF-8")),
    Bad(
        "a lock that is a folder",
        lambda folder: ((folder / "kforge.lock").unlink(), (folder / "kforge.lock").mkdir()),
        ("kforge.lock", "folder"),
    ),
    Bad(
        "sums with conflict markers",
        put("kforge.sum", "<<<<<<< ours\n=======\n>>>>>>> theirs\n"),
        ("kforge.sum:1", "conflict markers"),
        doors=(
            ["check"],
            ["check", "--full"],
            ["explain", "web/process"],
            ["pin", "web/process", "user"],
        ),  # a build ends it
    ),
    Bad("sums that are damaged", put("kforge.sum", "nonsense\n"), ("`kforge.sum` is damaged",)),
    Bad("sums that list a file outside", put("kforge.sum", f"{'0' * 64}  /etc/passwd\n"), ("/etc/passwd",)),
)


@pytest.fixture(scope="session")
def hello_template(tmp_path_factory):
    """The smallest example, built once."""
    folder = tmp_path_factory.mktemp("bad") / "hello"
    shutil.copytree(SPECS / "hello", folder, ignore=shutil.ignore_patterns(*BUILT))
    run("build", cwd=folder, code=0)
    return folder


@pytest.fixture
def hello(hello_template, tmp_path):
    return Path(shutil.copytree(hello_template, tmp_path / "hello", ignore=shutil.ignore_patterns(".kforge")))


@pytest.mark.parametrize("bad", [pytest.param(bad, id=bad.name.replace(" ", "-")) for bad in BAD])
def test_every_door_refuses_and_writes_nothing(bad: Bad, hello: Path, plain_environment: None) -> None:
    bad.spoil(hello)
    before = contents(hello)
    for words in bad.doors:
        ended = run(*words, cwd=hello)
        assert (ended.code, ended.out) == (bad.code, ""), (words, ended)
        assert ended.err.startswith("error: "), ended.err
        missing = [text for text in bad.says if text not in ended.err]
        assert not missing, (words, missing, ended.err)
        assert "\n  --> " in ended.err and "\n  help: " in ended.err, (words, ended.err)
        assert contents(hello) == before


def test_a_source_of_a_hundred_thousand_files(hello: Path) -> None:
    with memory_folder() as folder:
        shutil.copytree(hello, folder, dirs_exist_ok=True)
        no_source(folder)
        for number in range(100):
            (folder / "web" / f"d{number}").mkdir(parents=True)
            for name in range(1000):
                os.close(os.open(f"{folder}/web/d{number}/f{name}", os.O_CREAT | os.O_WRONLY))
        before = contents(folder / "deploy")
        for command in ("build", "check"):
            err = run(command, cwd=folder, code=2).err
            assert "nothing in `./web` shows how it is built" in err
            assert "more than 20000 files: the rest was not looked at" in err
        assert contents(folder / "deploy") == before


def test_a_lost_lock_is_stale_and_a_build_settles_the_same_again(hello: Path) -> None:
    before = contents(hello)
    (hello / "kforge.lock").unlink()
    assert "there is no `kforge.lock`" in run("check", cwd=hello, code=1).out
    run("build", cwd=hello, code=0)
    assert contents(hello) == before


def test_lost_sums_are_stale_and_a_build_writes_the_same_again(hello: Path) -> None:
    before = contents(hello)
    (hello / "kforge.sum").unlink()
    assert "kforge.sum is missing" in run("check", cwd=hello, code=1).out
    run("build", cwd=hello, code=0)
    assert contents(hello) == before


def test_without_sums_the_mark_says_whose_a_file_is(hello: Path) -> None:
    before = contents(hello)
    path = hello / "deploy/kubernetes/web/service.yaml"
    path.write_text(path.read_text() + "# mine\n")
    (hello / "kforge.sum").unlink()
    run("build", cwd=hello, code=0)
    assert contents(hello) == before
    path.write_text("# mine\n")
    (hello / "kforge.sum").unlink()
    assert (
        "`deploy/kubernetes/web/service.yaml` exists already and is not kforge's" in run("build", cwd=hello, code=2).err
    )
    assert path.read_text() == "# mine\n"


@pytest.mark.parametrize(
    "words",
    [
        ["biuld"],
        ["build", "--nonsense"],
        ["check", "--format", "xml"],
        ["build", "-j", "0"],
        ["build", "-j", "many"],
        ["detect"],
        [],
    ],
    ids=" ".join,
)
def test_words_that_kforge_does_not_know(words: list[str], hello: Path) -> None:
    before = contents(hello)
    ended = run(*words, cwd=hello)
    assert (ended.code, ended.out, contents(hello)) == (2, "", before)
    assert "Traceback" not in ended.err and ended.err


def test_an_evaluation_is_of_the_models_that_models_names(hello: Path) -> None:
    assert (
        "name it in `--models`: `--models tiny`"
        in run("evaluate", "--models", "small", "--model", "tiny", cwd=hello, code=2).err
    )
    assert "--model " not in run("evaluate", "--help", cwd=hello, code=0).out


def test_a_mistyped_command_is_guessed(hello: Path) -> None:
    assert "did you mean `kforge build`?" in run("biuld", cwd=hello, code=2).err


@pytest.mark.parametrize("words", DOORS, ids=" ".join)
def test_a_folder_without_a_spec(words: list[str], tmp_path: Path) -> None:
    ended = run(*words, cwd=tmp_path, code=2)
    assert "no `*.kforge.yaml`" in ended.err and "help: " in ended.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("path", ["gone", "gone/app.kforge.yaml", "web"])
def test_a_path_without_a_spec(path: str, hello: Path) -> None:
    for command in ("build", "check", "diff"):
        assert f"`{path}`" in run(command, path, cwd=hello, code=2).err


def test_a_file_that_is_no_spec(hello: Path) -> None:
    before = contents(hello)
    for command in ("build", "check", "diff"):
        assert "error: " in run(command, "web/app.py", cwd=hello, code=2).err
    assert contents(hello) == before


def test_a_folder_that_is_no_source(hello: Path) -> None:
    for path, words in (("gone", "does not exist"), (SPEC, "is not a folder")):
        ended = run("detect", path, cwd=hello, code=2)
        assert f"`{path}` {words}" in ended.err and "help: " in ended.err


def test_an_empty_source_has_no_facts(tmp_path: Path) -> None:
    ended = run("detect", ".", cwd=tmp_path, code=0)
    assert (ended.out, ended.err) == (
        "nothing was recognised\n",
        "note: no files: it is empty, or everything in it is ignored\n",
    )


@contextmanager
def as_nobody(hello: Path) -> Iterator[Path]:
    """A copy in which the rights of files count."""
    held = contents(hello)
    with unprivileged() as folder:
        yield write(folder / "hello", held)


def test_a_read_only_folder(hello: Path) -> None:
    with as_nobody(hello) as folder:
        edit(folder / SPEC, "app: hello", "app: bye")
        for path in (folder, *(path for path in folder.rglob("*") if path.is_dir())):
            path.chmod(0o555)
        before = contents(folder)
        ended = run("build", cwd=folder, code=3)
        assert "permission denied" in ended.err and "help: " in ended.err
        assert contents(folder) == before
        assert run("check", cwd=folder).code == 1
        for path in (folder, *(path for path in folder.rglob("*") if path.is_dir())):
            path.chmod(0o755)


def test_one_folder_that_is_read_only_leaves_all_as_it_was(hello: Path) -> None:
    with as_nobody(hello) as folder:
        edit(folder / SPEC, "app: hello", "app: bye")
        (folder / "deploy/kubernetes/web").chmod(0o555)
        before = contents(folder)
        ended = run("build", cwd=folder, code=3)
        assert "deploy/kubernetes/web" in ended.err and "permission denied" in ended.err
        assert contents(folder) == before
        (folder / "deploy/kubernetes/web").chmod(0o755)


@pytest.mark.parametrize("path", [SPEC, "kforge.lock", "kforge.sum", "deploy/kubernetes/web/service.yaml"])
def test_a_file_without_the_right_to_read(path: str, hello: Path) -> None:
    with as_nobody(hello) as folder:
        (folder / path).chmod(0)
        for words in (["build"], ["check"], ["check", "--full"]):
            ended = run(*words, cwd=folder, code=3)
            assert "permission denied" in ended.err and path in ended.err


def test_a_source_without_the_right_to_read(hello: Path) -> None:
    with as_nobody(hello) as folder:
        (folder / "web").chmod(0)
        for words in (["build"], ["check"], ["detect", "web"]):
            assert "permission denied" in run(*words, cwd=folder).err
        (folder / "web").chmod(0o755)


def test_an_output_folder_without_the_right_to_read(hello: Path) -> None:
    with as_nobody(hello) as folder:
        (folder / "deploy/kubernetes/web").chmod(0)
        for words in (["build"], ["check"], ["check", "--full"]):
            assert "permission denied" in run(*words, cwd=folder, code=3).err
        (folder / "deploy/kubernetes/web").chmod(0o755)


def test_a_full_disk(hello: Path, tmp_path: Path) -> None:
    with mounted(tmp_path / "disk", "-o", "size=200k") as disk:
        folder = Path(shutil.copytree(hello, disk / "hello"))
        edit(folder / SPEC, "app: hello", "app: bye")
        ballast = disk / "ballast"
        with pytest.raises(OSError, match="No space"), ballast.open("wb", buffering=0) as file:
            while True:
                file.write(b"x" * 4096)
        before = contents(folder)
        ended = run("build", cwd=folder, code=3)
        assert "no space left on device" in ended.err and "help: " in ended.err
        assert contents(folder) == before
        assert run("check", cwd=folder).code == 1
        ballast.unlink()
        run("build", cwd=folder, code=0)
        run("check", "--full", cwd=folder, code=0)


def test_a_read_only_disk(hello: Path, tmp_path: Path) -> None:
    with mounted(tmp_path / "disk") as disk:
        folder = Path(shutil.copytree(hello, disk / "hello"))
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
        assert CURRENT.fullmatch(run("check", cwd=folder, code=0).err)
        assert "read-only file system" in run("build", cwd=folder, code=3).err


def started(*words: str, cwd: Path, **options: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "kforge", *words],
        cwd=cwd,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **options,
    )


def test_an_interrupt_ends_with_130_and_no_traceback(hello: Path) -> None:
    """The build waits for another kforge, so that the interrupt meets it at work."""
    from kforge.system.project import ProjectLock

    before = contents(hello)
    with ProjectLock([hello]):
        process = started("build", cwd=hello)
        assert process.stderr and "waiting until it is done" in process.stderr.readline()
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=ENDLESS)
    assert (process.returncode, err) == (130, "interrupted: no file is half written\n")
    assert contents(hello) == before


@pytest.mark.parametrize(
    "words", [["schema"], ["plan"], ["plan", "--format", "json"], ["--help"], ["diff"]], ids=" ".join
)
def test_a_reader_that_goes_away_is_no_error(words: list[str], hello: Path) -> None:
    edit(hello / SPEC, "app: hello", "app: bye")
    read, wrote = os.pipe()
    os.close(read)
    process = subprocess.Popen(
        [sys.executable, "-m", "kforge", *words], cwd=hello, stdout=wrote, stderr=subprocess.PIPE, text=True
    )
    os.close(wrote)
    _, err = process.communicate(timeout=ENDLESS)
    assert (
        process.returncode == (words == ["diff"])
        and "Traceback" not in err
        and "BrokenPipe" not in err
        and "bug" not in err
    ), err


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["build"], 2),
        (["build", "--keep-going"], 2),
        (["build", "--format", "json"], 2),
        (["check"], 2),
        (["plan"], 2),
        (["biuld"], 2),
        (["--help"], 0),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_went_wrong_stays_the_exit_code_though_nobody_reads_it(words: list[str], code: int, hello: Path) -> None:
    """As `kforge build 2>&1 | head -1`, with a reader who has left before the first word."""
    edit(hello / SPEC, "app: hello", "app: bye\nlables: {}")
    assert unheard(*words, cwd=hello) == code


def test_an_answer_that_is_no_stays_one_though_nobody_reads_it(hello: Path) -> None:
    edit(hello / SPEC, "app: hello", "app: bye")
    assert unheard("check", cwd=hello) == 1


def unheard(*words: str, cwd: Path) -> int:
    """The exit code where whoever read both streams has gone."""
    read, wrote = os.pipe()
    os.close(read)
    done = subprocess.run(
        [sys.executable, "-m", "kforge", *words], cwd=cwd, stdout=wrote, stderr=wrote, check=False, timeout=ENDLESS
    )
    os.close(wrote)
    return done.returncode


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="/dev/full is not here: it is Linux's")
def test_output_that_finds_no_room_is_told(hello: Path) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "kforge", "schema"],
            cwd=hello,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert (done.returncode, done.stderr) == (3, "error: standard output cannot be written: no space left on device\n")


def test_a_closed_standard_output_is_no_traceback(hello: Path) -> None:
    done = subprocess.run(
        ["/bin/sh", "-c", f"exec {sys.executable} -m kforge plan >&-"],
        cwd=hello,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Traceback" not in done.stderr and done.returncode in (0, 1, 3), done.stderr


@pytest.mark.parametrize(
    "words", [*DOORS, ["detect", "."], ["doctor"], ["init"], ["check", "/etc"], ["approve"]], ids=" ".join
)
def test_a_working_directory_that_was_deleted_is_no_bug(words: list[str], tmp_path: Path) -> None:
    (tmp_path / "here").mkdir()
    script = 'rmdir "$PWD" && exec "$@"'
    done = subprocess.run(
        ["/bin/sh", "-c", script, "sh", sys.executable, "-m", "kforge", *words],
        cwd=tmp_path / "here",
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr.startswith("error: the folder that this runs in was deleted\n  help: ")
    assert list(tmp_path.iterdir()) == []


def test_what_needs_no_working_directory_works_without_one(tmp_path: Path) -> None:
    (tmp_path / "here").mkdir()
    done = subprocess.run(
        ["/bin/sh", "-c", 'rmdir "$PWD" && exec "$@"', "sh", sys.executable, "-m", "kforge", "schema"],
        cwd=tmp_path / "here",
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
