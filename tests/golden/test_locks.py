"""What the examples' kforge.lock is for those who review it: short, in lines that move alone, YAML for every parser; and
what becomes of the locks that kforge 0.1 wrote for the same examples.
"""

from __future__ import annotations

import difflib
import hashlib
import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml
from ruamel.yaml import YAML

from kforge import catalog
from kforge.domain.own_files import LOCK_FILE, SUMS_FILE
from tests import locks
from tests.conftest import CURRENT, SPECS, contents, copied, run
from tests.golden.examples import EXAMPLES, files, outcome

OLDER = Path(__file__).parent / "older"  # as `git show` gives them of the last commit that wrote the form
STAYS = f"outdated: `{LOCK_FILE}` is by an older kforge and stays; `kforge build --upgrade {LOCK_FILE}` renews it\n"


@pytest.fixture(params=[name for name in EXAMPLES if (OLDER / name).is_dir()])  # those that kforge 0.1 had
def older(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """An example as it is committed, with the lock and the sums of kforge 0.1."""
    folder = _without_chart(request.param, tmp_path / request.param)
    _older(request.param, folder)
    return folder


def _without_chart(name: str, folder: Path) -> Path:
    """An example as it is committed, with the outputs that kforge 0.1 knew."""
    shutil.copytree(SPECS / name, folder, ignore=_of_no_commit)
    spec = folder / "app.kforge.yaml"
    text = re.sub(r"^outputs: .*\n", "", spec.read_text(), flags=re.MULTILINE)
    if text != spec.read_text():
        spec.write_text(text)
        run("build", cwd=folder, code=0)
    return folder


def _older(name: str, folder: Path, *only: str) -> None:
    """Lock and sums of kforge 0.1, as if it had written the files that lie there: their bytes have changed since."""
    for path in (OLDER / name).iterdir():
        if not only or path.name in only:
            shutil.copy(path, folder)

    def today(found: re.Match[str]) -> str:
        file = folder / found[2]
        return f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {found[2]}" if file.is_file() else found[0]

    sums = folder / SUMS_FILE
    known = re.compile(r"^([0-9a-f]{64})  (.+)$", re.MULTILINE)
    text = sums.read_text()
    listed = {found[2] for found in known.finditer(text)}
    more = [found[0] for found in known.finditer((SPECS / name / SUMS_FILE).read_text()) if found[2] not in listed]
    for line in more:  # what has come since lies there, too
        heading = f"## {line.partition('  ')[2].rpartition('/')[0]}/\n"
        text = text.replace(heading, f"{heading}{line}\n")
    sums.write_text(known.sub(today, text))


def read_anew(folder: Path) -> list[str]:
    """Services whose sources today's detectors read otherwise than those that the lock names."""
    held = locks.read(folder)["services"]
    found = {name: block.get("detector") for name, block in held.items()}
    return [name for name, one in found.items() if one and one["revision"] < catalog.LANGUAGES.get(one["name"], 1)]


def _but_detectors(held: dict[str, Any]) -> dict[str, Any]:
    services = {name: {**block, "detector": None} for name, block in held["services"].items()}
    return {**held, "services": services}


def _of_no_commit(folder: str, names: list[str]) -> set[str]:
    return {".kforge", "node_modules", "__pycache__", ".venv"} & {*names}


def lines(before: str, after: str) -> list[str]:
    """Lines that are in one of two texts alone, with their sign."""
    every = difflib.ndiff(before.splitlines(), after.splitlines())
    return [line for line in every if line[:2] in ("- ", "+ ")]


@pytest.mark.parametrize(("name", "most"), [("hello", 60), ("shop", 450)])
def test_a_lock_is_short_enough_to_be_read(name: str, most: int) -> None:
    assert len(files(name)[LOCK_FILE].splitlines()) <= most


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_lock_holds_nothing_that_only_the_machine_compares(name: str) -> None:
    words = ("inputs", "revision", "detector", "facts.", "spec.")
    assert [word for word in words if word in files(name)[LOCK_FILE].replace("spec.kforge", "")] == []


@pytest.mark.parametrize(
    ("path", "old", "new", "most"),
    [
        ("web/gunicorn.conf.py", "8000", "8001", 2),
        ("app.kforge.yaml", "{source: ./web}", "{source: ./web, resources: {memory: 1Gi}}", 2),  # a value, a pin
        ("app.kforge.yaml", "{source: ./web}", "{source: ./web, rollout: {gracePeriod: 45}}", 2),
        ("web/app.py", "/healthz", "/ready", 4),  # two answers name the route
    ],
)
def test_a_changed_value_is_two_changed_lines(path: str, old: str, new: str, most: int, tmp_path: Path) -> None:
    folder = copied("hello", tmp_path / "hello")
    run("build", cwd=folder, code=0)
    before = (folder / LOCK_FILE).read_text()
    text = (folder / path).read_text()
    assert old in text
    (folder / path).write_text(text.replace(old, new))
    run("build", cwd=folder, code=0)
    assert 0 < len(lines(before, (folder / LOCK_FILE).read_text())) <= most


@pytest.mark.parametrize(
    ("path", "text"),
    [("app.kforge.yaml", "# nothing\n"), ("web/app.py", "\n# nothing\n"), ("web/requirements.txt", "# nothing\n")],
)
def test_a_comment_changes_neither_lock_nor_sums(path: str, text: str, tmp_path: Path) -> None:
    folder = copied("hello", tmp_path / "hello")
    run("build", cwd=folder, code=0)
    before = contents(folder)
    (folder / path).write_text((folder / path).read_text() + text)
    run("build", cwd=folder, code=0)
    assert {name for name, held in contents(folder).items() if held != before[name]} == {path}


@pytest.mark.parametrize("load", [yaml.safe_load, yaml.CSafeLoader, YAML(typ="safe").load, YAML(typ="rt").load])
@pytest.mark.parametrize("name", EXAMPLES)
def test_every_parser_of_yaml_reads_what_kforge_reads(name: str, load: Any) -> None:
    text = files(name)[LOCK_FILE]
    read = yaml.load(text, load) if isinstance(load, type) else load(text)
    assert read == locks.data(outcome(name).lock)


def test_the_lines_that_the_readme_shows_are_those_of_the_example() -> None:
    shown = re.search(r"a value and its reason:\n\n```\n(.*?)```", (SPECS.parent / "README.md").read_text(), re.DOTALL)
    assert shown and {*shown[1].splitlines()} <= {*files("hello")[LOCK_FILE].splitlines()}


# --- what kforge 0.1 wrote ---


def test_an_older_lock_is_current_and_the_way_to_renew_it_is_told(older: Path) -> None:
    told = STAYS + "".join(
        f"outdated: `{name}` is by an older kforge and stays; `kforge build --upgrade {name}` renews it\n"
        for name in read_anew(older)
    )
    for words in (("check",), ("check", "--full")):
        said = run(*words, cwd=older, code=0).err
        assert said.startswith(told) and CURRENT.fullmatch(said.removeprefix(told))


def test_an_older_lock_is_told_to_machines(older: Path) -> None:
    (checked,) = json.loads(run("check", "--format", "json", cwd=older, code=0).out)["specs"]
    (built,) = json.loads(run("build", "--format", "json", cwd=older, code=0).out)["specs"]
    outdated = [LOCK_FILE, *read_anew(older)]
    assert checked["current"] and (checked["outdated"], built["outdated"]) == (outdated, outdated)


def test_a_build_that_changes_nothing_leaves_an_older_lock_byte_for_byte(older: Path) -> None:
    before = contents(older)
    assert STAYS in run("build", cwd=older, code=0).err
    assert contents(older) == before


@pytest.mark.parametrize("words", [[], [LOCK_FILE]], ids=["all", "the lock alone"])
def test_an_upgrade_writes_the_lock_and_the_sums_of_today_and_nothing_else(words: list[str], older: Path) -> None:
    for one in [[*words], *([name] for name in read_anew(older) if words)]:
        assert "created" not in run("build", "--upgrade", *one, "-v", cwd=older, code=0).err
    assert contents(older) == contents(_without_chart(older.name, older.parent / "today"))
    assert CURRENT.fullmatch(run("check", cwd=older, code=0).err)


def test_a_build_that_changes_the_lock_writes_it_in_the_form_of_today(tmp_path: Path) -> None:
    folders = [copied("hello", tmp_path / name) for name in ("older", "today")]
    for folder in folders:
        run("build", cwd=folder, code=0)
    _older("hello", folders[0])
    for folder in folders:
        (folder / "app.kforge.yaml").write_text((SPECS / "hello/app.kforge.yaml").read_text() + "labels: {team: one}\n")
        run("build", cwd=folder, code=0)
    assert contents(folders[0]) == contents(folders[1])


def test_the_older_and_todays_files_say_the_same(tmp_path: Path) -> None:
    for name in (each.name for each in OLDER.iterdir()):
        today = locks.read(_without_chart(name, tmp_path / name))
        assert _but_detectors(locks.read(OLDER / name)) == _but_detectors(today)


def test_an_edited_older_lock_is_no_older_than_its_claims(tmp_path: Path) -> None:
    folder = copied("hello", tmp_path / "hello")
    run("build", cwd=folder, code=0)
    before = contents(folder)
    _older("hello", folder)
    text = (folder / LOCK_FILE).read_text()
    (folder / LOCK_FILE).write_text(text.replace('"memory": "192Mi"', '"memory": "7Gi"'))
    assert "web/resources is stale" in run("check", cwd=folder, code=1).out
    run("build", cwd=folder, code=0)
    assert contents(folder) == before


def test_sums_of_an_older_form_without_their_lock_are_no_record(tmp_path: Path) -> None:
    """What a merge of two branches may leave: one file of each form."""
    folder = copied("hello", tmp_path / "hello")
    run("build", cwd=folder, code=0)
    before = contents(folder)
    _older("hello", folder, SUMS_FILE)
    run("check", cwd=folder, code=1)
    run("build", cwd=folder, code=0)
    assert contents(folder) == before
