"""A command that is killed at any of its operations leaves whole files, and nothing that a later run takes for a spec."""

from __future__ import annotations

import io
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from kforge.domain.own_files import LOCK_FILE, SUMS_FILE
from kforge.system.temporary import PREFIX
from tests import locks
from tests.commands.test_refine import word
from tests.conftest import contents, copied, edit, run
from tests.llm.conftest import asking
from tests.llm.test_batch_files import REMOTE, answered
from tests.models.talking import MODEL, talking
from tests.system.deadly import Death, dying
from tests.trials import widths

SPEC = "app.kforge.yaml"
Run = Callable[[Path], object]


@pytest.fixture(autouse=True)
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("KFORGE_MODEL", "KFORGE_BASE_URL", "KFORGE_PROVIDER"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("KFORGE_CACHE_DIR", str(tmp_path / "caches"))
    monkeypatch.setattr("sys.stdin", io.StringIO())


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = Path(copied("hello", tmp_path_factory.mktemp("kills") / "hello"))
    run("build", cwd=folder, code=0)
    return folder


@pytest.fixture(params=widths(5))
def every(request: pytest.FixtureRequest) -> int:
    return int(request.param)


def killed(
    template: Path, tmp_path: Path, command: Run, monkeypatch: pytest.MonkeyPatch, every: int
) -> Iterator[tuple[str, Path]]:
    """Copies of a folder in which the command died, one for each `every`-th of its operations and the last, and what that
    was.
    """
    with monkeypatch.context() as patch:
        calls = dying(patch)
        command(Path(shutil.copytree(template, tmp_path / "whole" / template.name)))
    assert calls
    for at, call in enumerate(calls):
        if at % every and at < len(calls) - 1:
            continue
        folder = Path(shutil.copytree(template, tmp_path / str(at) / template.name))
        with monkeypatch.context() as patch, suppress(Death):
            dying(patch, at)
            command(folder)
        yield call, folder


def looked_at(folder: Path) -> list[int]:
    """How the commands that only look end."""
    return [run(*words, cwd=folder).code for words in (["check"], ["check", "--full"], ["plan"], ["diff"])]


def test_a_killed_build(built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, every: int) -> None:
    template = Path(shutil.copytree(built, tmp_path / "hello"))
    edit(template / SPEC, "app: hello", "app: bye")
    for call, folder in killed(template, tmp_path, lambda folder: run("build", cwd=folder, code=0), monkeypatch, every):
        assert not {2, 3} & {*looked_at(folder)}, call
        run("build", cwd=folder, code=0)
        assert contents(folder) == contents(tmp_path / "whole" / "hello"), call


def test_a_killed_pin(built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, every: int) -> None:
    def pin(folder: Path) -> object:
        return run("pin", "web/resources", "memory", cwd=folder, code=0)

    texts = {(built / SPEC).read_bytes()}
    for call, folder in killed(built, tmp_path, pin, monkeypatch, every):
        texts.add((tmp_path / "whole" / "hello" / SPEC).read_bytes())
        assert (folder / SPEC).read_bytes() in texts and not {2, 3} & {*looked_at(folder)}, call
        run("build", cwd=folder, code=0)
        assert not [*folder.rglob(f"{PREFIX}*")], call
    assert len(texts) == 2


def test_a_killed_approval(built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, every: int) -> None:
    template = Path(shutil.copytree(built, tmp_path / "hello"))
    edit(template / SPEC, "app: hello\n", "app: hello\nmodel: {name: tiny, decides: [build]}\n")
    run("build", "--offline", "--fallback", "heuristics", cwd=template, code=0)
    tiny = {"by": "model", "provider": "openai", "model": "tiny"}
    with locks.edited(template) as held:
        held["services"]["web"]["decisions"]["build"]["decider"] = tiny

    def approve(folder: Path) -> object:
        return run("approve", "--all", cwd=folder, code=0)

    for call, folder in killed(template, tmp_path, approve, monkeypatch, every):
        assert 2 not in looked_at(folder), call
        approve(folder)
        run("build", "--offline", cwd=folder, code=0)  # a kill between lock and sums leaves sums that do not fit
        assert recorded(folder) == recorded(tmp_path / "whole" / "hello"), call


def recorded(folder: Path) -> list[bytes]:
    return [(folder / name).read_bytes() for name in (LOCK_FILE, SUMS_FILE)]


@pytest.mark.parametrize("links", [True, False], ids=["a disk with links", "a disk without links"])
def test_a_killed_init(links: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, every: int) -> None:
    template = Path(copied("hello", tmp_path / "hello"))
    (template / SPEC).unlink()

    def init(folder: Path) -> object:
        return run("init", "--offline", cwd=folder, code=0)

    def no_link(*words: object, **options: object) -> None:
        raise OSError(1, "Operation not permitted")

    if not links:
        monkeypatch.setattr(os, "link", no_link)
    for call, folder in killed(template, tmp_path, init, monkeypatch, every):
        whole = (tmp_path / "whole" / "hello" / SPEC).read_bytes()
        if (folder / SPEC).exists():  # without links the name is taken before the content comes
            assert (folder / SPEC).read_bytes() == whole or not links, call
        else:
            init(folder)
            assert (folder / SPEC).read_bytes() == whole, call


def test_a_killed_refinement(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, every: int) -> None:
    with talking(word) as model:
        for name, value in model.environment(tmp_path / "caches").items():
            monkeypatch.setenv(name, value)
        template = Path(copied("hello", tmp_path / "hello"))
        edit(template / SPEC, "app: hello\n", f"app: hello\nmodel: {{name: {MODEL}, decides: [resources]}}\n")
        run("build", cwd=template, code=0)
        before = (template / SPEC).read_bytes()

        def refine(folder: Path) -> object:
            return run("refine", "web/resources", "it needs 700Mi", "--yes", cwd=folder, code=0)

        for call, folder in killed(template, tmp_path, refine, monkeypatch, every):
            whole = tmp_path / "whole" / "hello"
            assert (folder / SPEC).read_bytes() in (before, (whole / SPEC).read_bytes()) and 2 not in looked_at(
                folder
            ), call
            run("build", cwd=folder, code=0)
            assert run("check", "--full", cwd=folder).code == 0 and not [*folder.rglob(f"{PREFIX}*")], call


def test_a_killed_import_of_a_batch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, every: int) -> None:
    template = asking(tmp_path / "hello", model=REMOTE)
    run("batch", "export", "requests.jsonl", cwd=template, code=0)
    answered(template, 1)

    def taken(folder: Path) -> object:
        return run("batch", "import", "results.jsonl", cwd=folder, code=0)

    for call, folder in killed(template, tmp_path, taken, monkeypatch, every):
        assert run("plan", cwd=folder).code != 2, call
        taken(folder)  # the sums are written before the lock, so that an answer is never without what it was made of
        assert recorded(folder) == recorded(tmp_path / "whole" / "hello"), call


@pytest.mark.parametrize("name", [f"{PREFIX}{SPEC}", f"{PREFIX}0123456789abcdef.kforge.yaml"])
def test_what_an_older_kforge_left_half_written_is_no_spec(name: str, built: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(built, tmp_path / "hello"))
    (folder / name).write_bytes((folder / SPEC).read_bytes()[:100])
    assert {
        run(*words, cwd=folder).code
        for words in (["check"], ["build"], ["plan"], ["explain", "web/build"], ["check", "--full"])
    } == {0}
    run("pin", "web/resources", "memory", cwd=folder, code=0)
    (folder / SPEC).unlink()
    run("init", "--offline", cwd=folder, code=0)
