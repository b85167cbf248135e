"""What is shown without asking says that it is the heuristics' preview, and blames only inputs that changed."""

import json
import re

import pytest

from tests import wishes
from tests.conftest import edit, run
from tests.llm.conftest import asking
from tests.llm.server import other, target, usual

ALL = ["web/build", "web/probes", "web/process", "web/resources", "web/rollout"]


@pytest.fixture
def described(model, tmp_path):
    """A project that a model decided; since then its owner wishes something else, which the heuristics do not read."""
    folder = asking(tmp_path / "hello", decides="build, probes, process, resources, rollout")
    model.answer = lambda body: (
        other(body, **{wishes.MEMORY: "memory"}) if target(body) == "web/resources" else usual(body)
    )
    run("build", cwd=folder, code=0)
    edit(folder / "app.kforge.yaml", "is harmless", "is welcome")
    model.forget()
    yield folder
    assert model.bodies == []


def causes(text):
    return [line for line in text.splitlines() if line.startswith("web: ")]


@pytest.mark.parametrize("words", [[], ["--full"]], ids=["check", "full"])
def test_only_the_input_that_changed_is_blamed(words, described):
    assert causes(run("check", *words, cwd=described, code=1).out) == [
        "web: requirements changed; 1 file to rebuild",
        "web: a build asks a model about build, probes, process, resources, rollout; what is shown here is the heuristics' preview",
    ]


def test_annotations_blame_nothing_else(described):
    said = run("check", "--format", "github", cwd=described, code=1).out
    assert "web: changed: spec.requirements" in said and said.count("spec.") == 1


def test_the_plan_marks_what_is_a_preview(described):
    ended = run("plan", "--all", cwd=described, code=0)
    assert sorted(re.findall(r"^~ (\S+) \(preview\)", ended.out, re.MULTILINE)) == ALL
    assert re.findall(r"^  (\S+)  stale \(preview\), ", ended.out, re.MULTILINE) == ALL
    assert re.search(r"^deploy/kubernetes/web/deployment.yaml +\w+ \(preview\)$", ended.out, re.MULTILINE)
    assert "preview: a build asks `obedient-1` there" in ended.err
    told = json.loads(run("plan", "--format", "json", cwd=described, code=0).out)
    assert [one["target"] for one in told["decisions"] if one["preview"]] == ALL


def test_a_difference_says_that_a_model_is_asked_again(described):
    rows = json.loads(run("diff", "--format", "json", cwd=described, code=1).out)["specs"][0]["decisions"]
    assert {row["target"] for row in rows} == {*ALL}
    assert {row["who"] for row in rows} == {"heuristics for now: a build asks the model"}
    assert {name for row in rows for name in row["inputs"] if "decisions." not in name} == {"spec.requirements"}


def test_what_the_heuristics_decide_for_good_is_no_preview(model, tmp_path):
    folder = asking(tmp_path / "hello", decides="resources")
    ended = run("plan", cwd=folder, code=0)
    assert re.findall(r"^\+ (\S+) \(preview: (\w+)\)", ended.out, re.MULTILINE) == [("web", "resources")]
    run("build", cwd=folder, code=0)
    assert "preview" not in "".join(run(word, cwd=folder, code=0).out for word in ("plan", "check"))


def test_what_leaves_nothing_to_choose_is_no_preview(tmp_path):
    """A service that builds from another's folder runs its image: nobody is asked how to build it."""
    folder = asking(tmp_path / "hello", decides="build")
    edit(folder / "app.kforge.yaml", "services:\n", "services:\n  worker: {source: ./web}\n")
    decisions = json.loads(run("plan", "--format", "json", cwd=folder, code=0).out)["decisions"]
    assert [one["target"] for one in decisions if one["preview"]] == ["web/build"]


def test_without_a_model_block_nothing_is_a_preview(described):
    text = (described / "app.kforge.yaml").read_text()
    (described / "app.kforge.yaml").write_text(re.sub("^model: .*$", "", text, flags=re.MULTILINE))
    shown = causes(run("check", "-v", cwd=described, code=1).out)
    assert shown[-1] == "web: changed: spec.requirements" and "preview" not in "".join(shown)


@pytest.mark.parametrize("answer", [usual, lambda body: other(body, **{wishes.MEMORY: "memory"})])
def test_a_plan_promises_nothing_that_a_model_may_answer_otherwise(answer, model, tmp_path):
    folder = asking(tmp_path / "hello", decides="resources")
    spec = folder / "app.kforge.yaml"
    whole = spec.read_text()
    spec.write_text(re.sub(r"(?m)^model:.*\n", "", whole))
    run("build", cwd=folder, code=0)
    spec.write_text(whole)
    assert "up to date" in run("plan", cwd=folder, code=0).err  # the heuristics' answer stands
    told = run("plan", "--upgrade", cwd=folder, code=0).err
    assert re.search(r"hello: no file would change \(\d+\) if the model answers as is shown here\n", told), told
    model.answer = answer
    assert "is now decided by model" in run("build", "--upgrade", cwd=folder, code=0).err
    for command in ("plan", "build"):
        assert "hello: up to date" in run(command, "--upgrade", cwd=folder, code=0).err
