"""What a model answered about a service stands when the service is called otherwise."""

from __future__ import annotations

import pytest

from tests.conftest import edit, run
from tests.llm.server import MODEL
from tests.llm.test_model_session import decisions


@pytest.fixture
def built(model, hello):
    """An example that a model decided, its answers in the lock alone."""
    run("build", cwd=hello, code=0)
    run("cache", "clear", "--model", MODEL, "--yes", cwd=hello, code=0)
    model.forget()
    return hello


def test_a_new_name_asks_a_model_nothing(model, built):
    before = {topic: each["decider"] for topic, each in decisions(built).items()}
    assert before["build"]["by"] == "model"
    edit(built / "app.kforge.yaml", "\n  web:", "\n  site:")
    assert "~ web → site: decisions kept; " in run("build", cwd=built, code=0).out
    assert model.targets == []
    assert {topic: each["decider"] for topic, each in decisions(built, "site").items()} == before
    run("check", "--full", cwd=built, code=0)


def test_a_question_of_which_more_changed_than_the_name_is_asked(model, built):
    edit(built / "app.kforge.yaml", "\n  web:", "\n  site:")
    edit(built / "app.kforge.yaml", "300 MiB is a guess", "400 MiB is a guess")
    run("build", cwd=built, code=0)
    assert model.targets
