"""Options before and behind commands, and words that kforge does not know: one form of error, with what was meant."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from kforge.cli import COMMANDS
from tests.conftest import edit, run, write
from tests.mutations import SPEC

pytestmark = pytest.mark.usefixtures("plain_environment")

# What is typed, and a part of what is said.
MEANT = (
    ("lint", "`kforge check` does that"),
    ("validate", "`kforge check` does that"),
    ("render", "`kforge build` does that"),
    ("generate", "`kforge build` does that"),
    ("up", "`kubectl apply -k deploy/kubernetes` applies them"),
    ("destroy", "`kubectl delete -k deploy/kubernetes` does"),
    ("status", "`kforge check` says whether the files are current"),
    ("verify", "`kforge check` does that"),
    ("fmt", "formatted already"),
    ("show", "`kforge explain` does that"),
    ("new", "`kforge init` does that"),
    ("create", "`kforge init` does that"),
    ("import", "`kforge init` does that: it drafts"),
    ("apply", "kubectl apply -k"),
    ("biuld", "did you mean `kforge build`?"),
    ("app.kforge.yaml", "`kforge build app.kforge.yaml`"),
    ("--offline build", "options follow their command"),
    ("build --ofline", "did you mean `--offline`?"),
    ("build --upgrad web", "did you mean `--upgrade`?"),
    ("check --dry-run", "`kforge plan` shows"),
    ("build --yes", "leave it out"),
    ("build --output x", "`paths:` in the spec"),
    ("build --format yaml", "`--format` is `yaml`, expected `text` or `json`"),
    ("build --format jsn", "did you mean `json`?"),
    ("build --jobs", "write `--jobs N`"),
    ("build --jobs x", "`x` is no whole number above 0"),
    ("build --offline=3", "`--offline` takes no value"),
    ("detect", "for example `kforge detect ./web`"),
    ("cache inf", "did you mean `kforge cache info`?"),
    ("cache info --fromat json", "did you mean `--format`?"),
    ("completion tcsh", "`SHELL` is `tcsh`, expected `bash`, `zsh` or `fish`"),
    ("schema more words", "takes no further words: `more`, `words`"),
    ("check -x", "`-x` is not an option of `kforge check`"),
    ("-C", "`-C` lacks its value"),
    ("-C nowhere check", "`nowhere` does not exist"),
    ("check -C nowhere", "`nowhere` does not exist"),
)


@pytest.mark.parametrize(("line", "said"), MEANT, ids=[line for line, _ in MEANT])
def test_a_mistake_is_told_with_what_was_meant(line: str, said: str, tmp_path: Path) -> None:
    ended = run(*line.split(), cwd=tmp_path, code=2)
    assert said in ended.err
    assert re.fullmatch(r"error: .+\n(  help: .+\n)?", ended.err)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_takes_the_options_of_all(name: str, tmp_path: Path) -> None:
    said = run(name, "--help", cwd=tmp_path, code=0).out
    assert [option for option in ("-C DIR", "-q, --quiet", "-v, --verbose") if option not in said] == []


@pytest.mark.parametrize(
    "line", ["-C shop check", "check -C shop", "-Cshop check", "-C . -C shop check", "check -C . -C shop"]
)
def test_another_folder_is_run_in(line: str, built_shop: Path) -> None:
    assert run(*line.split(), cwd=built_shop.parent, code=0).err == "shop: up to date (61 files)\n"


@pytest.mark.parametrize(
    "line",
    ["-q check", "check -q", "check --quiet", "-q build", "plan -q", "-q cache info", "cache -q info", "cache info -q"],
)
def test_quiet_leaves_answers(line: str, built_shop: Path) -> None:
    assert run(*line.split(), cwd=built_shop, code=0).err == ""


def test_quiet_leaves_errors_with_all_that_belongs_to_them(tmp_path: Path) -> None:
    write(tmp_path, {SPEC: "apiVersion: kforge.dev/v1\napp: one\nlables: {}\nservices: {web: {image: x}}\n"})
    said = run("build", "-q", cwd=tmp_path, code=2).err
    assert said.startswith("error: `lables`") and "help: did you mean `labels`?" in said
    assert "nothing was written" not in said


def test_quiet_leaves_out_warnings(built_shop: Path) -> None:
    edit(built_shop / SPEC, "max: 10, cpu: 70", "max: 12, cpu: 70")
    ended = run("check", "-q", cwd=built_shop, code=1)
    assert ended.err == "" and ended.out


@pytest.mark.parametrize("line", ["-v explain web/build", "explain -v web/build", "pin -v web/resources --dry-run"])
def test_verbose_says_which_spec_is_looked_at(line: str, built_shop: Path) -> None:
    assert "spec: `app.kforge.yaml`" in run(*line.split(), cwd=built_shop, code=0).err


def test_a_version_is_told_to_people_and_to_machines(tmp_path: Path) -> None:
    told = json.loads(run("version", "--format", "json", cwd=tmp_path, code=0).out)
    assert told.keys() == {"kforge", "python", "kubernetes", "spec", "lock"}
    assert run("--version", cwd=tmp_path, code=0).out == f"kforge {told['kforge']}\n"
    assert told["kubernetes"]["default"] in run("version", cwd=tmp_path, code=0).out
