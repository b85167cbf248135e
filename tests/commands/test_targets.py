"""A target that nothing has is a mistake of whoever typed it, and no reason to say "up to date"."""

import pytest

from tests import wishes
from tests.conftest import contents, copied, edit, run
from tests.models.talking import MODEL, talking


@pytest.fixture
def hello(tmp_path):
    folder = copied("hello", tmp_path / "hello")
    run("build", cwd=folder, code=0)
    return folder


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (
            ["--ask", "nope/build"],
            "error: `nope/build` is neither a service nor a decision\n  help: did you mean `web/build`?",
        ),
        (["--ask", "web/nope"], "error: `web/nope` is neither a service nor a decision\n"),
        (["--ask", "web/Dockerfile"], "error: `web/Dockerfile` is neither a service nor a decision\n"),
        (
            ["--ask", "x"],
            "help: services are `web`; decisions of each are `build`, `process`, `probes`, `resources`, `rollout`",
        ),
        (
            ["--ask", "web/build", "--ask", "wbe", "--ask", "web/"],
            "error: `wbe` is neither a service nor a decision\n  help: did you mean `web`?\nerror: `web/` is",
        ),
        (["--upgrade", "x"], "error: `x` is not a service, decision or file of kforge's\n  help: services are `web`"),
        (["--upgrade", "web/bild"], "help: did you mean `web/build`?"),
        (["--upgrade", "web/Dockerfil"], "help: did you mean `web/Dockerfile`?"),
        (["--upgrade="], "error: `` is not a service, decision or file of kforge's\n"),
    ],
)
def test_a_build_refuses_a_target_that_nothing_has(words, told, hello):
    edit(hello / "app.kforge.yaml", "app: hello", "app: bye")
    before = contents(hello)
    assert told in run("build", *words, cwd=hello, code=2).err
    assert contents(hello) == before


@pytest.mark.parametrize(
    "words", [["plan"], ["plan", "--prompts", "web/build"], ["refine", "web/build", "be small", "--yes"]]
)
def test_so_does_whatever_else_upgrades(words, hello):
    edit(hello / "app.kforge.yaml", "app: hello\n", f"app: hello\nmodel: {{name: {MODEL}}}\n")
    before = contents(hello)
    assert "did you mean `web/build`?" in run(*words, "--upgrade", "web/bild", cwd=hello, code=2).err
    assert contents(hello) == before


@pytest.mark.parametrize("target", ["web", "web/rollout", "web/Dockerfile", "docker-bake.hcl", "*"])
def test_services_decisions_and_files_can_be_upgraded(target, hello):
    named = "here" if target == "*" else f"of `{target}`"
    note = f"note: nothing to upgrade: nothing {named} is by an older kforge\n"
    assert run("build", "--upgrade", target, cwd=hello, code=0).err == f"hello: up to date (9 files)\n{note}"


def test_it_is_enough_that_one_of_several_specs_has_the_target(hello, tmp_path):
    other = copied("hello", tmp_path / "other")
    edit(other / "app.kforge.yaml", "  web:", "  site:")
    run("build", "hello", "other", "--ask", "site/build", "--upgrade", "web/Dockerfile", cwd=tmp_path, code=0)
    assert "did you mean `site`?" in run("build", "hello", "other", "--ask", "sit", cwd=tmp_path, code=2).err


def test_the_lock_is_upgraded_and_never_asked(hello):
    run("build", "--upgrade", "kforge.lock", cwd=hello, code=0)
    assert (
        "`kforge.lock` is neither a service nor a decision"
        in run("build", "--ask", "kforge.lock", cwd=hello, code=2).err
    )


def test_a_spec_that_is_none_is_told_before_what_it_might_name(hello):
    edit(hello / "app.kforge.yaml", "app: hello", "app: hello: no")
    assert "app.kforge.yaml:" in run("build", "--ask", "nope", cwd=hello, code=2).err


@pytest.mark.parametrize("words", [["--ask", "web"], ["--ask", "nope"], ["--upgrade", "web"]])
def test_a_spec_without_services_is_told_before_what_it_might_name(words, hello):
    edit(hello / "app.kforge.yaml", "services:", "servises:")
    told = run("build", *words, cwd=hello, code=2).err
    assert "servises" in told and "is no service" not in told


def test_a_service_alone_means_all_its_decisions(tmp_path, monkeypatch):
    with talking() as model:
        for name, value in model.environment(tmp_path / "caches").items():
            monkeypatch.setenv(name, value)
        folder = copied("hello", tmp_path / "hello")
        wishes.wish(folder / "app.kforge.yaml")
        edit(
            folder / "app.kforge.yaml",
            "app: hello\n",
            f"app: hello\nmodel: {{name: {MODEL}, decides: [resources, rollout]}}\n",
        )
        run("build", cwd=folder, code=0)
        model.prompts.clear()
        run("cache", "clear", "--model", MODEL, "--yes", cwd=folder, code=0)
        run("build", "--ask", "web", cwd=folder, code=0)
        assert {wishes.topic_of(prompt) for prompt in model.prompts} == {"resources", "rollout"}
