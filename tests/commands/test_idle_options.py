"""A build says in one line that an option about the model, or about what is older, had nothing to act on."""

import json
from pathlib import Path

import pytest

from tests.conftest import run, write

PLAIN = "apiVersion: kforge.dev/v1\napp: shop\nservices:\n  web: {image: docker.io/library/nginx:1.29.1, port: 8080, user: 101}\n"
NO_MODEL = "no spec here has a `model` block"
NOT_OPEN = "no question is open for the model"


@pytest.fixture
def built(tmp_path: Path) -> Path:
    write(tmp_path, {"app.kforge.yaml": PLAIN})
    run("build", cwd=tmp_path, code=0)
    return tmp_path


@pytest.mark.parametrize(
    ("words", "note"),
    [
        (["--ask", "web/rollout"], f"note: `--ask`: {NO_MODEL}, so no model is asked"),
        (["--fallback", "heuristics", "--keep-stale"], f"note: `--fallback`, `--keep-stale`: {NO_MODEL}"),
        (["--model", "small"], f"note: `--model` asks nothing: {NO_MODEL}"),
        (["--upgrade"], "note: nothing to upgrade: nothing here is by an older kforge"),
        (["--upgrade", "web/rollout"], "note: nothing to upgrade: nothing of `web/rollout` is by an older kforge"),
    ],
)
def test_an_option_without_effect_is_said(built: Path, words: list[str], note: str) -> None:
    assert note in run("build", *words, cwd=built, code=0).err
    assert note in run("build", "-n", *words, cwd=built, code=0).err
    for also in ([], ["-n"]):
        said = json.loads(run("build", *also, *words, "--format", "json", cwd=built, code=0).out)["notes"]
        assert [one for one in said if f"note: {one}".startswith(note)] == said != []


@pytest.mark.parametrize("words", [["--model", "small"], ["--upgrade"]])
def test_a_plan_says_the_same(built: Path, words: list[str]) -> None:
    (said,) = json.loads(run("plan", *words, "--format", "json", cwd=built, code=0).out)["notes"]
    assert run("plan", *words, cwd=built, code=0).err.count(f"note: {said}") == 1
    assert json.loads(run("plan", "--format", "json", cwd=built, code=0).out)["notes"] == []


def test_a_model_that_has_no_question_is_said_and_needs_no_server(built: Path) -> None:
    with (built / "app.kforge.yaml").open("a") as spec:
        spec.write("model: {name: small, decides: [build]}\n")
    ended = run("build", "--model", "other", "--ask", "web", cwd=built, code=0)
    assert ended.err.count(NOT_OPEN) == 1
    assert f"`--ask`, `--model`: {NOT_OPEN}" in ended.err


@pytest.mark.parametrize("words", [[], ["--upgrade"]])
def test_a_build_that_writes_says_nothing_of_it(tmp_path: Path, words: list[str]) -> None:
    write(tmp_path, {"app.kforge.yaml": PLAIN})
    err = run("build", *words, cwd=tmp_path, code=0).err
    assert (NO_MODEL in err, NOT_OPEN in err, "nothing to upgrade" in err) == (False, False, False)
