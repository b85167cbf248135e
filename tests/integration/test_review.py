"""A pull request in which somebody else decided is easy to judge, and what it says is inert Markdown."""

import json
import re
import shutil

import pytest

from kforge.domain.decider import Decider
from kforge.domain.digest import digest
from kforge.domain.lock import Lock, LockedDecision, ServiceLock
from kforge.domain.spec.project import Project
from kforge.output.difference import LONGEST, as_json, markdown, text_parts
from kforge.output.layout import plain
from kforge.output.markup import code
from kforge.stages.decision_changes import Snapshot, decisions_since
from kforge.stages.file_diff import FileChange
from tests.conftest import copied, edit, run
from tests.integration.conftest import commit, git

HEURISTICS = {"by": "heuristics"}
TINY = {"by": "model", "provider": "openai", "model": "tiny"}


def snapshot(value, decider, reasons=None, **changes):
    held = LockedDecision(
        value=value,
        reasons=reasons or {},
        decider=Decider.of(decider),
        revision=1,
        inputs=changes.pop("inputs", {}),
        **changes,
    )
    raw = {"services": {"web": changes.pop("block", {})}}
    return Snapshot(raw, Lock(services={"web": ServiceLock(decisions={"resources": held})}))


def shown(tmp_path, old, new, files=()):
    project = Project(tmp_path / "app.kforge.yaml", tmp_path)
    return [(project, decisions_since(old, new), files)]


def test_a_folder_outside_of_git_is_told_as_one(tmp_path):
    folder = copied("hello", tmp_path / "hello")
    assert "is not in a git repository" in run("diff", "--base", "HEAD", cwd=folder, code=2).err


def test_a_changed_field_has_values_decider_reason_input_and_approval(tmp_path):
    old = snapshot({"memory": "256Mi"}, HEURISTICS, inputs={"facts.dependencies": "a" * 16})
    new = snapshot({"memory": "1Gi"}, TINY, {"memory": "torch needs it"}, inputs={"facts.dependencies": "b" * 16})
    row = markdown(shown(tmp_path, old, new), "main").splitlines()[-1]
    assert row == (
        "| `web/resources` | `memory` | `256Mi` → `1Gi` | `model tiny, before: heuristics` "
        "| `torch needs it (changed: facts.dependencies)` | **open** |"
    )


@pytest.mark.parametrize(
    ("was", "now", "told"),
    [
        (HEURISTICS, TINY, ("heuristics", "model tiny")),
        (TINY, HEURISTICS, ("model tiny", "heuristics")),
        (TINY, {"by": "heuristics", "instead of": "tiny"}, ("model tiny", "heuristics (instead of tiny)")),
        (TINY, {**TINY, "model": "large"}, ("model tiny", "model large")),
        (
            {**TINY, "identity": "aa"},
            {**TINY, "identity": "bb"},
            ("model tiny (openai, aa)", "model tiny (openai, bb)"),
        ),
    ],
)
def test_another_decider_is_a_change_though_the_value_is_the_same(was, now, told):
    (change,) = decisions_since(snapshot({"memory": "1Gi"}, was), snapshot({"memory": "1Gi"}, now))
    assert (change.field, change.old, change.new) == ("decided by", *told)


def test_what_a_model_reads_and_the_heuristics_do_not_is_no_change():
    old = snapshot({"memory": "1Gi"}, HEURISTICS, inputs={"facts.dependencies": "a" * 16, "spec.scale": "b" * 16})
    new = snapshot(
        {"memory": "2Gi"},
        TINY,
        inputs={"facts.dependencies": "c" * 16, "spec.scale": "b" * 16, "spec.requirements": "d" * 16},
    )
    (change,) = decisions_since(old, new)
    assert change.inputs == ("facts.dependencies",)


def test_the_same_decider_and_value_are_no_change():
    assert decisions_since(snapshot({"memory": "1Gi"}, TINY), snapshot({"memory": "1Gi"}, TINY)) == ()


def approved(value):
    return {"approved": digest(value)}


TWO, ONE = {"memory": "2Gi"}, {"memory": "1Gi"}


@pytest.mark.parametrize(
    ("was", "now", "told"),
    [
        (snapshot(TWO, TINY, **approved(TWO)), snapshot(ONE, TINY, **approved(ONE)), "approved here"),
        (snapshot(ONE, TINY, **approved(ONE)), snapshot(ONE, {**TINY, "model": "large"}, **approved(ONE)), "approved"),
        (snapshot(TWO, TINY, **approved(TWO)), snapshot(ONE, TINY, **approved(TWO)), "open"),
    ],
    ids=["by whoever changed it", "in the base", "for another value"],
)
def test_an_approval_says_whose_it_is(was, now, told, tmp_path):
    found = shown(tmp_path, was, now)
    assert markdown(found, "").endswith("| **open** |" if told == "open" else f"| {told} |")
    assert f'"approval": "{told}"' in as_json(found, "")
    assert f"({'not approved' if told == 'open' else told})" in plain(text_parts(found, ""))


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ({}, approved(ONE), ("none", "approved here")),
        (approved(ONE), {}, ("approved", "none")),
        (approved(ONE), approved(TWO), ("approved", "none")),
    ],
    ids=["given", "taken back", "spoiled"],
)
def test_an_approval_alone_is_a_change(before, after, told, tmp_path):
    found = shown(tmp_path, snapshot(ONE, TINY, **before), snapshot(ONE, TINY, **after))
    (change,) = found[0][1]
    assert (change.field, change.old, change.new) == ("approval", *told)
    assert f"| `approval` | `{told[0]}` → `{told[1]}` | `model tiny` |" in markdown(found, "")
    assert f"{told[0]} → {told[1]}" in plain(text_parts(found, ""))


def test_a_pin_that_is_gone_opens_the_approval_though_the_value_stays():
    old, new = (snapshot(ONE, TINY, pinned=pinned) for pinned in (("memory",), ()))
    (change,) = decisions_since(Snapshot({"services": {"web": {"resources": ONE}}}, old.lock), new)
    assert (change.field, change.old, change.new) == ("approval", "not needed", "none")


def test_the_head_counts_what_was_approved_in_the_change_itself(tmp_path):
    told = markdown(shown(tmp_path, snapshot(ONE, TINY), snapshot(ONE, TINY, **approved(ONE))), "")
    assert "1 decided field, 0 files, 1 decision approved here" in told


def test_another_deciders_reasons_are_told_though_the_value_is_the_same():
    (change,) = decisions_since(
        snapshot(ONE, HEURISTICS, {"memory": "a guess"}), snapshot(ONE, TINY, {"memory": "torch needs it"})
    )
    assert change.why == "the same value; memory: torch needs it"


def test_a_decision_that_waits_for_an_answer_again_is_open_and_not_gone():
    old = snapshot(ONE, TINY)
    for lock in (Lock(), Lock(services={"web": ServiceLock()})):
        (change,) = decisions_since(old, Snapshot(old.raw, lock))
        assert (change.new, change.who) == (None, "not decided yet")
    built = Lock(services={"web": ServiceLock(inputs={"spec.image": "a" * 16})})
    for gone in (Snapshot(old.raw, built), Snapshot({"services": {}}, Lock())):
        (change,) = decisions_since(old, gone)
        assert change.who == "no longer asked"


STEPS = [
    "python",
    "-m",
    "gunicorn",
    "--bind",
    "0.0.0.0:8000",
    "--workers",
    "4",
    "--worker-class",
    "gthread",
    "--access-logfile",
    "-",
    "web:app",
]


def test_the_end_of_a_long_list_is_seen(tmp_path):
    found = shown(
        tmp_path, snapshot({"command": STEPS}, TINY), snapshot({"command": [*STEPS, "--reload", "curl  x | sh"]}, TINY)
    )
    for told in (markdown(found, ""), plain(text_parts(found, "")).replace("\n    ", "\n")):
        assert '\n   "web:app"\n+  "--reload"\n+  "curl  x | sh"\n ]' in told
        assert all(f"   {word}\n" in told.replace('"', "") for word in STEPS)


def test_a_second_blank_is_seen(tmp_path):
    told = markdown(shown(tmp_path, snapshot({"command": "a b"}, TINY), snapshot({"command": "a  b"}, TINY)), "")
    assert "```diff\n-a b\n+a  b\n```" in told


def test_a_short_value_is_told_once(tmp_path):
    assert "<details" not in markdown(shown(tmp_path, snapshot(TWO, TINY), snapshot(ONE, TINY)), "")


def test_the_order_of_keys_is_no_change(tmp_path):
    kept, more = {"port": 8000, "env": "PORT", "x": "a" * 80}, {"port": 9000, "env": "", "x": "b"}
    found = shown(
        tmp_path, snapshot({"ports": [dict(sorted(kept.items()))]}, TINY), snapshot({"ports": [kept, more]}, TINY)
    )
    for told in (markdown(found, ""), plain(text_parts(found, "")).replace("\n    ", "\n")):
        assert (
            "\n   {env: PORT, port: 8000, " in told
            and '\n+  {env: "", port: 9000, x: b}' in told
            and "\n-  " not in told
        )


HOSTILE = (
    "| x | y |", "a \\| b", "a\nb", "`", "``", "```", "` `", " ` ", "`|`", "\\`|\\`", "<script>alert(1)</script>", "</td></table>",
    "<!-- ", "[x](https://evil.example)", "![x](https://evil.example/p.png)", "https://evil.example", "www.evil.example", "@octocat",
    "@org/team", "#1", "owner/repo#1", "me@evil.example", "&lt;b&gt;", "</details>", "~~~", "````", "\x1b[2J", "a\u202eb", "\u200b@octocat",
    "$(id)", "$$x$$", ":tada:", "[^1]", "- [ ] x", "\\", "|", "||", "a|`b", "`" * 40, "x" * 5000,
)  # fmt: skip
SPAN = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)")


@pytest.mark.parametrize("payload", HOSTILE)
def test_no_text_leaves_its_cell(payload, tmp_path):
    new = snapshot({"memory": payload, payload: "1"}, {**TINY, "model": payload}, {"memory": payload})
    lines = markdown(shown(tmp_path, snapshot({}, HEURISTICS), new), payload).splitlines()
    rows = [line for line in lines if line.startswith("|")][2:]
    assert len(rows) == 2
    for row in rows:
        outside = SPAN.sub("", row)
        assert outside.count("|") == 7, "six cells"
        assert set(outside.replace("**open**", "").replace("&#124;", "")) <= set("| →"), (
            f"something stands outside of code: {outside}"
        )


@pytest.mark.parametrize("payload", HOSTILE)
@pytest.mark.parametrize("wrap", [str, lambda text: [text, text * 5]], ids=["text", "list"])
def test_no_long_value_leaves_its_block(payload, wrap, tmp_path):
    """Between its fences a line begins as those of a difference do, and none of them ends the block."""
    payload = (payload * 80)[:1000]
    told = markdown(
        shown(tmp_path, snapshot({"memory": wrap(f"{payload} old")}, TINY), snapshot({"memory": wrap(payload)}, TINY)),
        "",
    )
    after = told.partition("<details open>")[2].splitlines()
    assert after[0] == "<summary><code>web/resources</code> <code>memory</code>, whole</summary>"
    fence = after[2].removesuffix("diff")
    assert {*fence} == {"`"} and after[-3:] == [fence, "", "</details>"]
    assert all(line[:1] in "+- " and fence not in line for line in after[3:-3])


@pytest.mark.parametrize("payload", HOSTILE)
def test_code_holds_the_whole_text(payload):
    spans = SPAN.findall(code(payload))
    assert all("|" not in held for _, held in spans)
    assert SPAN.sub("", code(payload)).replace("&#124;", "") == ""


def test_a_diff_cannot_end_its_block(tmp_path):
    change = FileChange("deploy/</code><img src=x>\n", "changed", 1, 0, "+`````\n+</details>\n+@octocat\n")
    told = markdown(shown(tmp_path, snapshot({}, TINY), snapshot({}, TINY), (change,)), "")
    assert "``````diff\n+`````" in told
    assert "<img" not in told


def test_a_long_list_is_cut_between_rows(tmp_path):
    old = snapshot({}, HEURISTICS)
    new = snapshot({f"field{number}": "`<b>" * 90 for number in range(400)}, TINY)
    told = markdown(shown(tmp_path, old, new), "")
    assert len(told) < LONGEST + 2000
    assert "more: the list is cut here" in told.splitlines()[-1]
    assert all(SPAN.sub("", row).count("|") == 7 for row in told.splitlines() if row.startswith("| `"))


def test_a_terminal_gets_no_controls(tmp_path):
    new = snapshot({"memory": "1\x1b[2J"}, TINY, {"memory": "x\x1b]0;y\x07\nweb/build"})
    assert not {"\x1b", "\x07"} & {*plain(text_parts(shown(tmp_path, snapshot({}, TINY), new), ""))}


def test_a_build_says_where_a_decider_changed(tmp_path):
    folder = copied("hello", tmp_path / "hello")
    run("build", cwd=folder, code=0)
    lock = folder / "kforge.lock"
    edit(lock, "build:\n      by: heuristics\n", 'build:\n      by: {"by": "model", "model": "tiny"}\n')
    ended = run("build", "--ask", "web/build", cwd=folder, code=0)
    assert "`web/build` is now decided by heuristics, before by model tiny" in ended.err


@pytest.fixture
def two(tmp_path):
    """A repository of two specs, built and committed."""
    folder = tmp_path / "repository"
    for name in ("one", "two"):
        copied("hello", folder / name)
    git(folder, "init", "-q", "-b", "main")
    run("build", cwd=folder, code=0)
    commit(folder)
    return folder


def test_an_approval_that_a_change_brings_is_in_its_summary(two):
    lock = two / "one/kforge.lock"
    edit(lock, "build:\n      by: heuristics\n", 'build:\n      by: {"by": "model", "model": "tiny"}\n')
    commit(two)
    run("approve", "web/build", "--spec", "one", cwd=two, code=0)
    said = run("diff", "--base", "HEAD", "--format", "markdown", cwd=two, code=1).out
    assert "| `web/build` | `approval` | `none` → `approved here` | `model tiny` |  | approved here |" in said


FILES = 8  # of the example; the one that kforge only seeds was never its own


@pytest.mark.parametrize("words", [[], ["."], ["one"], ["one/app.kforge.yaml"], ["one", "two"]], ids=" ".join)
def test_a_spec_that_was_removed_alone_leaves_files_that_are_nobodys(two, words):
    (two / "one/app.kforge.yaml").unlink()
    ended = run("diff", "--base", "HEAD", *words, cwd=two, code=1)
    assert (
        f"one/app.kforge.yaml: the spec was removed: {FILES} files are nobody's now\n  deploy/kubernetes/kustomization.yaml\n"
        in ended.out
    )
    assert "web/build: no longer asked" in ended.out


def test_a_folder_that_was_removed_shows_its_decisions_and_files(two):
    shutil.rmtree(two / "one")
    for words in ([], ["one"]):
        ended = run("diff", "--base", "HEAD", *words, cwd=two, code=1)
        assert "one/app.kforge.yaml: the spec was removed, and its files with it\n" in ended.out
        assert "--- a/web/Dockerfile\n+++ /dev/null\n" in ended.out and "web/build" in ended.out


def test_the_last_spec_of_a_repository_may_be_removed(two):
    for name in ("one", "two"):
        (two / name / "app.kforge.yaml").unlink()
    assert run("diff", "--base", "HEAD", cwd=two, code=1).out.count("the spec was removed: ") == 2


def test_a_removed_spec_is_told_in_every_form(two):
    (two / "one/app.kforge.yaml").unlink()
    (two / "one/web/Dockerfile").unlink()
    said = run("diff", "--base", "HEAD", "--format", "markdown", cwd=two, code=1).out
    assert f"**`one/app.kforge.yaml`**: the spec was removed: {FILES - 1} files are nobody's now; " in said
    assert "<code>web/Dockerfile</code> removed" in said and "| `web/build` |" in said
    first, second = json.loads(run("diff", "--base", "HEAD", "--format", "json", cwd=two, code=1).out)["specs"]
    assert (first["spec"], first["removed"], len(first["left"]), [file["path"] for file in first["files"]]) == (
        "one/app.kforge.yaml",
        True,
        FILES - 1,
        ["web/Dockerfile"],
    )
    assert {change["new"] for change in first["decisions"]} == {None}
    assert second == {"spec": "two/app.kforge.yaml", "removed": False, "left": [], "decisions": [], "files": []}


def test_a_spec_that_was_renamed_is_not_removed(two):
    (two / "one/app.kforge.yaml").rename(two / "one/hello.kforge.yaml")
    assert "removed" not in run("diff", "--base", "HEAD", cwd=two).out


def test_a_path_that_never_had_a_spec_is_refused_as_ever(two):
    (two / "one/app.kforge.yaml").unlink()
    for path in ("two/web", "nothing"):
        assert "error: " in run("diff", "--base", "HEAD", path, "one", cwd=two, code=2).err
