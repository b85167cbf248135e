"""An approval is bound to the value, survives what leaves the answer alone, and `check --approved` asks for it every
time.
"""

import json
import os
import shutil
import subprocess

import pytest

from kforge.domain.digest import digest
from tests import locks
from tests.conftest import contents, copied, edit, run
from tests.test_layers import HEAVY, loaded_by

SPEC = "app.kforge.yaml"
MODEL = "model: {name: tiny, decides: [build, resources]}\n"
HERE = ("--offline", "--fallback", "heuristics")
TINY = {"by": "model", "provider": "openai", "model": "tiny"}


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    folder = copied("hello", tmp_path_factory.mktemp("approve") / "hello")
    with (folder / SPEC).open("a") as spec:
        spec.write(MODEL)
    run("build", *HERE, cwd=folder, code=0)
    for topic in ("build", "resources"):
        change(folder, topic, decider={"by": "heuristics"})
    return folder


@pytest.fixture
def hello(template, tmp_path):
    """The example with two decisions in its lock that a model made."""
    folder = shutil.copytree(template, tmp_path / "hello", ignore=shutil.ignore_patterns(".kforge"))
    change(folder, "build", decider=TINY)
    change(folder, "resources", decider=TINY)
    return folder


def lock(folder):
    return locks.read(folder)


def change(folder, topic, **changes):
    with locks.edited(folder) as held:
        held["services"]["web"]["decisions"][topic] |= changes


def decision(folder, topic):
    return lock(folder)["services"]["web"]["decisions"][topic]


def test_a_models_decisions_want_approval_and_the_heuristics_do_not(hello):
    ended = run("check", "--approved", cwd=hello, code=1)
    assert [line.split()[0] for line in ended.out.splitlines()] == ["web/build", "web/resources"]
    assert "2 decisions" in ended.err
    run("check", cwd=hello, code=0)


def test_what_is_remembered_as_current_is_not_remembered_as_approved(hello):
    run("check", cwd=hello, code=0)
    run("check", cwd=hello, code=0)
    run("check", "--approved", cwd=hello, code=1)
    run("check", "--approved", "--full", cwd=hello, code=1)
    run("approve", "--all", cwd=hello, code=0)
    run("check", "--approved", cwd=hello, code=0)
    run("check", "--approved", "--full", cwd=hello, code=0)
    change(hello, "build", approved="0" * 16)
    run("check", "--approved", cwd=hello, code=1)


@pytest.mark.parametrize(
    ("words", "left"),
    [(["web/build"], ["web/resources"]), (["web"], []), (["--all"], []), (["web/build", "web/resources"], [])],
)
def test_targets_are_decisions_services_or_all(hello, words, left):
    run("approve", *words, cwd=hello, code=0)
    ended = run("check", "--approved", "--format", "json", cwd=hello, code=1 if left else 0)
    assert json.loads(ended.out)["specs"][0]["unapproved"] == left


def test_approving_shows_value_and_reasons_and_writes_no_name_and_no_time(hello):
    before = decision(hello, "build")
    ended = run("approve", "web/build", cwd=hello, code=0)
    after = decision(hello, "build")
    assert "web/build: decided by model tiny" in ended.out
    assert all(f"{field}:" in ended.out for field in before["value"])
    assert after.keys() - before.keys() == {"approved"}
    assert len(after.pop("approved")) == 16
    assert after == before


def test_all_of_a_value_is_seen_before_it_is_approved(hello):
    steps = [["make", f"step-{number}"] for number in range(200)] + [["sh", "-c", "curl  x\x1b[8m | sh ##[error]"]]
    change(hello, "build", value={**decision(hello, "build")["value"], "steps": steps, "base": "x" * 1000})
    said = run("approve", "web/build", "--dry-run", cwd=hello, code=0).out
    assert '["make", "step-199"], ["sh", "-c", "curl  x' in said and "x" * 1000 in said
    assert "\x1b" not in said and "##[" not in said


def test_a_rebuild_that_asks_nothing_keeps_approvals(hello):
    run("approve", "--all", cwd=hello, code=0)
    before = decision(hello, "build")
    edit(hello / "app.kforge.yaml", "app: hello\n", "app: hello\nlabels: {team: one}\n")
    run("build", cwd=hello, code=0)
    assert decision(hello, "build")["approved"] == before["approved"]
    run("check", "--approved", cwd=hello, code=0)


def test_a_new_answer_has_no_approval_even_where_it_is_the_same(hello):
    run("approve", "--all", cwd=hello, code=0)
    run("build", "--ask", "web/build", *HERE, cwd=hello, code=0)
    assert "approved" not in decision(hello, "build")
    assert "approved" in decision(hello, "resources")


def test_another_value_under_an_old_approval_is_not_approved(hello):
    run("approve", "--all", cwd=hello, code=0)
    value = decision(hello, "resources")["value"]
    change(hello, "resources", value={**value, "memory": "3Gi"})
    assert "web/resources" in run("check", "--approved", cwd=hello, code=1).out


def test_what_the_spec_pins_whole_needs_no_approval(hello):
    run("pin", "web/resources", cwd=hello, code=0)
    run("approve", "web/build", cwd=hello, code=0)
    run("build", cwd=hello, code=0)
    for field in [
        name for name in decision(hello, "resources")["value"] if name not in decision(hello, "resources")["pinned"]
    ]:
        assert decision(hello, "resources")["value"][field] is None, "only what is nothing stays unpinned"


def test_an_unknown_target_is_refused_with_what_waits(hello):
    ended = run("approve", "web/bild", cwd=hello, code=2)
    assert "`web/bild`" in ended.err
    assert "`web/build`, `web/resources`" in ended.err


def test_without_a_target_nothing_is_written(hello):
    before = (hello / "kforge.lock").read_bytes()
    assert "2 decisions without approval" in run("approve", cwd=hello, code=1).err
    run("approve", "--all", "--dry-run", cwd=hello, code=0)
    assert (hello / "kforge.lock").read_bytes() == before
    assert not os.path.lexists(hello / ".kforge" / "lock")


def test_annotations_name_what_is_not_approved(hello):
    ended = run("check", "--approved", "--format", "github", cwd=hello, code=1)
    assert ended.out.count("was decided by a model or is a proposal, and is not approved yet") == 2


def test_a_damaged_approval_is_no_lock(hello):
    approved = digest(decision(hello, "build")["value"])
    change(hello, "build", approved=approved)
    edit(hello / "kforge.lock", f'approved: "{approved}"', "approved: 7")
    assert "`kforge.lock` is damaged: `approved` has an unexpected value" in run("check", cwd=hello, code=2).err


def test_a_reason_cannot_speak_to_the_terminal(hello):
    change(hello, "build", reasons={"base": "fine\x1b[2J\nweb/x: decided by nobody"})
    assert "\x1b" not in run("approve", cwd=hello, code=1).out


def test_what_waits_for_approval_is_listed_without_anything_heavy(template):
    outside = {name.partition(".")[0] for name in loaded_by("approve", cwd=template)}
    assert not outside & set(HEAVY)


@pytest.mark.parametrize(
    "decider", [{"by": "heuristics"}, {"by": "heuristics", "instead of": "tiny"}], ids=["plain", "instead"]
)
@pytest.mark.parametrize("way", [("--full",), ("--approved",)])
def test_a_value_that_only_bears_the_heuristics_name_is_seen_through(hello, decider, way):
    """A pull request could carry lock, files and sums that fit each other, and so escape a review."""
    held = decision(hello, "resources")
    value, reasons = held["value"], held["reasons"]
    change(hello, "build", decider={"by": "heuristics"})
    change(hello, "resources", value={**value, "memory": "3Gi"}, reasons={**reasons, "memory": "it sorts pictures"})
    run("build", cwd=hello, code=0)
    change(hello, "resources", decider=decider)
    run("check", cwd=hello, code=0)  # all digests fit
    ended = run("check", *way, cwd=hello, code=1)
    assert "web/resources is stale: the lock says that heuristics gave this answer, but theirs is another" in ended.out
    run("build", *HERE, cwd=hello, code=0)
    assert decision(hello, "resources")["value"] == value
    assert "3Gi" not in (hello / "deploy/kubernetes/web/deployment.yaml").read_text()
    run("check", *way, cwd=hello, code=0)


def test_an_approval_of_an_older_lock_is_written_in_the_form_of_today(hello, tmp_path):
    older = shutil.copytree(hello, tmp_path / "older")
    (older / "kforge.lock").write_text(json.dumps(lock(hello)))
    for folder in (hello, older):
        run("approve", "--all", cwd=folder, code=0)
    assert contents(older) == contents(hello)


def test_an_approval_covers_up_no_edit_by_hand(hello):
    memory = decision(hello, "resources")["value"]["memory"]
    edit(hello / "kforge.lock", f'memory: "{memory}"', 'memory: "3Gi"')
    run("check", cwd=hello, code=1)
    run("approve", "--all", cwd=hello, code=0)
    assert "web/resources is stale" in run("check", cwd=hello, code=1).out


def test_an_approval_of_a_lock_without_sums_leaves_its_answers_stale(hello):
    (hello / "kforge.sum").unlink()
    run("approve", "--all", cwd=hello, code=0)
    told = run("check", cwd=hello, code=1).out.splitlines()
    assert told[0].startswith("web: build decided by model tiny → ")
    assert told[1:] == ["web: kforge.sum does not say what its answers were made of"]


def test_an_approval_that_the_base_lacks_is_told(hello):
    """Whoever may change the lock may approve: a pull request could bring its own."""
    for words in (("init", "-q", "-b", "main"), ("add", "-A"), ("commit", "-qm", "base")):
        subprocess.run(["git", "-c", "user.name=x", "-c", "user.email=x@example.com", *words], cwd=hello, check=True)
    run("approve", "--all", cwd=hello, code=0)
    ended = run("check", "--approved", "--base", "main", cwd=hello, code=0)
    assert "`web/build` was approved since `main`: look who did" in ended.err
    subprocess.run(
        ["git", "-c", "user.name=x", "-c", "user.email=x@example.com", "commit", "-qam", "approved"],
        cwd=hello,
        check=True,
    )
    assert "was approved since" not in run("check", "--approved", "--base", "main", cwd=hello, code=0).err
