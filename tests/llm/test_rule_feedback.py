"""What the rules refuse of a model's answers goes back to it; services that run one image do not disagree about it."""

import pytest

from kforge import catalog
from kforge.domain.finding import Hit, Rule
from tests import wishes
from tests.conftest import contents, edit, run
from tests.llm.conftest import asking
from tests.llm.server import other, target, usual
from tests.llm.test_model_session import deciders, decisions

MEMORY = "spec.template.spec.containers[0].resources.requests.memory"


@pytest.fixture
def strict(monkeypatch):
    """One rule more: nobody asks for 300Mi."""
    known = catalog.rules()

    def hits(documents):
        for document in documents.objects():
            if document.kind == "Deployment" and "memory: 300Mi" in str(document.data).replace("'", ""):
                yield Hit(document, MEMORY, "300Mi are too much")

    monkeypatch.setattr(catalog, "rules", lambda: (*known, Rule("no-300", "error", "ask for less", hits)))


def greedy(times):
    """The usual answer, but for the memory so many times."""
    left = [times]

    def answer(body):
        if target(body) != "web/resources" or not left[0]:
            return usual(body)
        left[0] -= 1
        return other(body, **{wishes.MEMORY: "memory"})

    return answer


def test_what_a_rule_refuses_goes_back_to_the_model(model, hello, strict):
    model.answer = greedy(1)
    ended = run("build", cwd=hello, code=0)
    bodies = [body for body in model.bodies if target(body) == "web/resources"]
    assert len(bodies) == 2
    assert "300Mi are too much" in bodies[1]["messages"][-1]["content"]
    assert "4 at first try, 1 after a repair" in ended.err
    assert decisions(hello)["resources"]["value"]["memory"] != "300Mi"


def test_what_a_rule_refuses_three_times_fails_and_names_the_decision(model, hello, strict):
    model.answer = greedy(9)
    before = contents(hello)
    ended = run("build", cwd=hello, code=3)
    assert "`web/resources` has no answer from model" in ended.err
    assert "300Mi are too much" in ended.err
    assert "kforge pin web/resources" in ended.err
    assert (model.targets.count("web/resources"), contents(hello)) == (3, before)


def test_what_a_rule_refuses_three_times_is_left_to_the_heuristics_where_that_is_allowed(model, hello, strict):
    model.answer = greedy(9)
    run("build", "--fallback", "heuristics", cwd=hello, code=0)
    assert model.targets.count("web/resources") == 3
    assert decisions(hello)["resources"]["decider"]["by"] == "heuristics"
    assert deciders(hello)["process"] == "model"


def test_services_that_build_from_one_folder_run_one_image_whatever_a_model_says(model, tmp_path):
    model.answer = lambda body: other(body, ffmpeg="packages", var_things="folders")
    shop = asking(tmp_path / "shop", "shop")
    run("build", cwd=shop, code=0)
    assert "nightly/build" not in model.targets
    assert {"catalog/build", "catalog/process", "nightly/process"} <= set(model.targets)
    catalog_, nightly = decisions(shop, "catalog"), decisions(shop, "nightly")
    assert nightly["build"]["value"] == catalog_["build"]["value"]
    assert nightly["build"]["value"]["packages"] == ["ffmpeg"]
    assert all("/var/things" in one["process"]["value"]["writable"] for one in (nightly, catalog_))
    assert nightly["build"]["reasons"]["base"] == "builds from the folder of `catalog`, and so runs its image"
    run("check", "--full", cwd=shop, code=0)


def test_a_decision_that_the_spec_pins_altogether_is_nobodys_question(model, tmp_path):
    hello = asking(tmp_path / "hello", decides="resources")
    pins = "{cpu: 100m, memory: 128Mi, cpuLimit: 1000m, memoryLimit: 128Mi, storage: 64Mi}"
    edit(hello / "app.kforge.yaml", "source: ./web", f"source: ./web, resources: {pins}")
    run("build", cwd=hello, code=0)
    assert (model.bodies, model.looks) == ([], 0)
    ended = run("plan", "--prompts", "web/resources", cwd=hello, code=2)
    assert "no model is asked about `web/resources`: no wish is about what is open there" in ended.err
