"""A newer kforge changes nothing by itself: what an older one decided and wrote stays, is told, and waits for
`--upgrade`.
"""

from __future__ import annotations

import json
import re
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from kforge import catalog
from kforge.domain.decision import Answer
from kforge.output.stale_text import UNPROVEN
from tests.conftest import CURRENT, Ended, contents, edit, run, tree
from tests.mutations import DEPLOYMENT, SPEC

SERVICE = "deploy/kubernetes/{}/service.yaml"


@pytest.fixture
def newer_topic(monkeypatch):
    """`resources` asks anew, and wants more memory."""
    topics = catalog.topics()

    def more(old):
        def heuristics(view):
            answer = old(view)
            view.fact("version")  # what an older revision did not read
            return Answer({**answer.value, "memory": "777Mi"}, answer.reasons)

        return heuristics

    newer = tuple(
        replace(topic, revision=9, heuristics=more(topic.heuristics)) if topic.name == "resources" else topic
        for topic in topics
    )
    monkeypatch.setattr(catalog, "topics", lambda: newer)
    monkeypatch.setitem(catalog.TOPICS, "resources", 9)


@pytest.fixture
def newer_artifact(monkeypatch):
    """Services get an annotation, and read one more input for it."""
    artifacts = catalog.artifacts()

    def annotated(build):
        def again(view):
            made = build(view)
            documents = made if isinstance(made, tuple) else (made,) if made else ()
            return tuple(
                replace(
                    each,
                    data={
                        **each.data,
                        "metadata": {
                            **each.data["metadata"],
                            "annotations": {"example.com/by": str(view.app("description"))[:5]},
                        },
                    },
                )
                for each in documents
            )

        return again

    newer = tuple(
        replace(each, revision=9, build=annotated(each.build)) if each.name == "service" else each for each in artifacts
    )
    monkeypatch.setattr(catalog, "artifacts", lambda: newer)
    monkeypatch.setattr(catalog, "REVISED", {"service.yaml": 9, "service-headless.yaml": 9})


@pytest.fixture
def newer_detector(monkeypatch):
    """Node sources are read anew: another port, and another service that is called."""
    detectors = catalog.detectors()

    def again(detect):
        def read(tree):
            facts = detect(tree)
            if facts is None:
                return None
            ports = tuple(replace(fact, value={**fact.value, "port": fact.value["port"] + 1}) for fact in facts.ports)
            return replace(facts, revision=9, ports=ports, hosts=(), version=None)

        return read

    newer = tuple(
        replace(each, revision=9, detect=again(each.detect)) if each.name == "node" else each for each in detectors
    )
    monkeypatch.setattr(catalog, "detectors", lambda: newer)
    monkeypatch.setitem(catalog.LANGUAGES, "node", 9)


# --- a topic ---


def written(ended: Ended) -> list[str]:
    """Files that a build with `-v` tells of."""
    return re.findall(r"^(?:changed|created)  (\S+)$", ended.out, re.MULTILINE)


def test_an_outdated_decision_stays_byte_for_byte_and_is_told(built_shop: Path, newer_topic: None) -> None:
    before = tree(built_shop)
    ended = run("check", cwd=built_shop, code=0)
    assert (
        "outdated: `web/resources` is by an older kforge and stays; `kforge build --upgrade web/resources` renews it"
        in ended.err
    )
    told = json.loads(run("check", "--format", "json", cwd=built_shop, code=0).out)["specs"][0]["outdated"]
    assert told == [f"{name}/resources" for name in ("cache", "catalog", "db", "nightly", "orders", "web")]
    assert UNPROVEN in run("check", "--full", cwd=built_shop, code=1).out
    assert run("build", cwd=built_shop, code=0).out == ""
    assert tree(built_shop) == before
    assert "6 answers or files are by an older kforge and stay" in run("plan", cwd=built_shop, code=0).err
    assert run("plan", "--all", cwd=built_shop, code=0).out.count("  outdated, ") == 6


def test_an_upgrade_of_one_decision_renews_that_one(built_shop: Path, newer_topic: None) -> None:
    ended = run("build", "--upgrade", "web/resources", "-v", cwd=built_shop, code=0)
    assert "777Mi" in (built_shop / DEPLOYMENT).read_text()
    assert written(ended) == [DEPLOYMENT]
    err = run("check", cwd=built_shop, code=0).err
    assert "web/resources" not in err and "`catalog/resources` is by an older kforge" in err


def test_an_upgrade_of_a_service_renews_what_was_decided_for_it(built_shop: Path, newer_topic: None) -> None:
    ended = run("build", "--upgrade", "web", "-v", cwd=built_shop, code=0)
    assert written(ended) == [DEPLOYMENT]


def test_an_upgrade_of_everything_renews_all(built_shop: Path, newer_topic: None) -> None:
    run("build", "--upgrade", cwd=built_shop, code=0)
    assert CURRENT.fullmatch(run("check", cwd=built_shop, code=0).err)
    assert "777Mi" in (built_shop / "deploy/kubernetes/orders/deployment.yaml").read_text()


def test_a_decision_is_asked_in_the_new_way_when_its_own_inputs_change(built_shop: Path, newer_topic: None) -> None:
    edit(built_shop / "orders/api.go", "GET /readyz", "GET /ready")
    run("build", cwd=built_shop, code=0)
    assert "777Mi" not in (built_shop / "deploy/kubernetes/orders/deployment.yaml").read_text()
    edit(built_shop / "orders/go.mod", "github.com/jackc/pgx/v5 ", "github.com/example/other ")
    run("build", cwd=built_shop, code=0)
    assert "777Mi" in (built_shop / "deploy/kubernetes/orders/deployment.yaml").read_text()
    assert "777Mi" not in (built_shop / DEPLOYMENT).read_text()


def test_an_older_kforge_refuses_what_a_newer_one_decided(
    built_shop: Path, newer_topic: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("build", "--upgrade", cwd=built_shop, code=0)
    monkeypatch.undo()
    before = tree(built_shop)
    for words in (
        ["build"],
        ["check"],
        ["check", "--full"],
        ["plan"],
        ["diff"],
        ["build", "--upgrade"],
        ["build", "--force"],
    ):
        ended = run(*words, cwd=built_shop, code=2)
        assert (
            "was written by a newer kforge: topic `resources`" in ended.err and "install the newer kforge" in ended.err
        )
    assert tree(built_shop) == before


def committed(folder: Path) -> Path:
    """The folder as a commit `main` of a repository."""
    for words in (("init", "-q", "-b", "main"), ("add", "-A"), ("commit", "-qm", "base")):
        subprocess.run(["git", "-c", "user.name=x", "-c", "user.email=x@example.com", *words], cwd=folder, check=True)
    return folder


def test_a_commit_that_is_trusted_confirms_what_an_older_kforge_left(built_shop: Path, newer_topic: None) -> None:
    committed(built_shop)
    run("check", "--full", cwd=built_shop, code=1)
    run("check", "--full", "--base", "main", cwd=built_shop, code=0)
    report = json.loads(run("check", "--full", "--format", "json", cwd=built_shop, code=1).out)
    assert not report["current"] and "web/resources" in report["specs"][0]["unproven"]
    assert (
        "web/resources is by an older kforge"
        in run("check", "--full", "--format", "github", cwd=built_shop, code=1).out
    )
    assert json.loads(run("check", "--base", "main", "--format", "json", cwd=built_shop, code=0).out)["current"]


def test_an_answer_that_today_would_be_the_same_needs_no_witness(
    built_shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    newer = tuple(replace(topic, revision=9) for topic in catalog.topics())
    monkeypatch.setattr(catalog, "topics", lambda: newer)
    for topic in newer:
        monkeypatch.setitem(catalog.TOPICS, topic.name, 9)
    run("check", "--full", cwd=built_shop, code=0)


# --- an artifact ---


def test_an_outdated_file_stays_byte_for_byte_and_is_told(built_shop: Path, newer_artifact: None) -> None:
    before = tree(built_shop)
    ended = run("check", cwd=built_shop, code=0)
    for name in ("web", "catalog", "orders", "cache", "db"):
        assert f"outdated: `{SERVICE.format(name)}` is by an older kforge and stays" in ended.err
    assert UNPROVEN in run("check", "--full", cwd=built_shop, code=1).out
    assert run("build", cwd=built_shop, code=0).out == ""
    assert tree(built_shop) == before
    assert run("diff", cwd=built_shop, code=0).out == "nothing changed\n"


def test_an_upgrade_of_one_file_renews_its_service(built_shop: Path, newer_artifact: None) -> None:
    ended = run("build", "--upgrade", SERVICE.format("web"), "-v", cwd=built_shop, code=0)
    assert written(ended) == [SERVICE.format("web")]
    assert "example.com/by: Store" in (built_shop / SERVICE.format("web")).read_text()
    assert f"# revision 9 {SERVICE.format('web')}" in (built_shop / "kforge.sum").read_text()
    err = run("check", cwd=built_shop, code=0).err
    assert SERVICE.format("web") not in err and SERVICE.format("catalog") in err


def test_a_file_whose_inputs_change_is_rendered_in_the_new_way(built_shop: Path, newer_artifact: None) -> None:
    edit(built_shop / SPEC, "[python, main.py]", "[python, main.py]\n    port: 8001")
    run("build", cwd=built_shop, code=0)
    assert "example.com/by" in (built_shop / SERVICE.format("catalog")).read_text()
    assert "example.com/by" not in (built_shop / SERVICE.format("cache")).read_text()
    run("check", cwd=built_shop, code=0)


def test_an_outdated_file_that_was_edited_is_refused(built_shop: Path, newer_artifact: None) -> None:
    path = built_shop / SERVICE.format("web")
    path.write_text(path.read_text() + "# mine\n")
    assert "was edited by hand" in run("check", cwd=built_shop, code=1).err
    run("build", cwd=built_shop, code=2)


def test_an_older_kforge_refuses_what_a_newer_one_rendered(
    built_shop: Path, newer_artifact: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("build", "--upgrade", cwd=built_shop, code=0)
    monkeypatch.undo()
    before = tree(built_shop)
    for words in (["build"], ["check", "--full"], ["check"], ["plan"], ["build", "--force"]):
        assert "a newer kforge rendered" in run(*words, cwd=built_shop, code=2).err
    assert tree(built_shop) == before


# --- a detector ---


def test_what_follows_from_outdated_facts_stays_byte_for_byte_and_is_told(
    built_shop: Path, newer_detector: None
) -> None:
    before = tree(built_shop)
    ended = run("check", cwd=built_shop, code=0)
    assert "outdated: `web` is by an older kforge and stays; `kforge build --upgrade web` renews it" in ended.err
    assert UNPROVEN in run("check", "--full", cwd=built_shop, code=1).out
    assert run("build", cwd=built_shop, code=0).out == ""
    assert tree(built_shop) == before


@pytest.mark.parametrize("target", [["web"], []])
def test_an_upgrade_reads_the_facts_anew(target: list[str], built_shop: Path, newer_detector: None) -> None:
    run("build", "--upgrade", *target, cwd=built_shop, code=0)
    assert "containerPort: 3001" in (built_shop / DEPLOYMENT).read_text()
    assert CURRENT.fullmatch(run("check", cwd=built_shop, code=0).err)
    run("check", "--full", cwd=built_shop, code=0)


def test_a_change_of_the_users_takes_todays_facts(built_shop: Path, newer_detector: None) -> None:
    edit(built_shop / SPEC, "max: 10, cpu: 70", "max: 12, cpu: 70")
    assert run("check", cwd=built_shop, code=1).out
    run("build", cwd=built_shop, code=0)
    assert "containerPort: 3001" in (built_shop / DEPLOYMENT).read_text()
    assert CURRENT.fullmatch(run("check", cwd=built_shop, code=0).err)


def test_a_change_of_another_service_leaves_outdated_facts_alone(built_shop: Path, newer_detector: None) -> None:
    before = contents(built_shop)
    edit(built_shop / SPEC, '"0 3 * * *"', '"30 3 * * *"')
    run("build", cwd=built_shop, code=0)
    after = contents(built_shop)
    assert {path for path in before if before[path] != after[path]} == {
        SPEC,
        "kforge.sum",
        "deploy/kubernetes/nightly/cronjob.yaml",
    }
    assert "outdated: `web`" in run("check", cwd=built_shop, code=0).err


def test_an_older_kforge_refuses_what_a_newer_detector_read(
    built_shop: Path, newer_detector: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("build", "--upgrade", cwd=built_shop, code=0)
    monkeypatch.undo()
    assert "was written by a newer kforge: detector `node`" in run("check", cwd=built_shop, code=2).err
