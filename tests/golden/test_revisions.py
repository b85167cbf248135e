"""A golden file moves only with a revision: users' locks and sums hold revisions, and `check` goes by them."""

from __future__ import annotations

from importlib import import_module

from kforge import catalog
from kforge.domain.target import OUTPUTS
from tests.golden.examples import EXAMPLES, outcome
from tests.golden.revisions import Line, merged, moved, now, recorded

RENEW = "run `python -m tests.golden.revisions`"


def test_nothing_moves_without_a_revision() -> None:
    wrong = [f"{line.sort} {line.name}" for line in moved(recorded(), now())]
    assert wrong == [], (
        "raise the revision of what gives other bytes than before, in its module and in kforge/catalog.py"
    )


def test_what_is_recorded_is_what_is_here() -> None:
    missing = [" ".join(map(str, line)) for line in now() if line not in recorded()]
    assert missing == [], RENEW


def test_no_revision_goes_back() -> None:
    newest: dict[tuple[str, str], int] = {}
    for line in recorded():
        newest[line.sort, line.name] = max(line.revision, newest.get((line.sort, line.name), 0))
    assert [line.name for line in now() if line.revision < newest.get((line.sort, line.name), 0)] == []


def test_every_topic_and_every_artifact_that_is_written_unasked_is_in_an_example() -> None:
    shown = {(line.sort, line.name) for line in now()}
    every = {("topic", topic.name) for topic in catalog.topics()} | {
        ("artifact", each.name)
        for each in catalog.artifacts()
        if each.output in OUTPUTS  # others: tests/targets
    }
    assert every - shown == set()


def test_the_catalog_names_the_revisions_that_the_modules_have() -> None:
    assert {topic.name: topic.revision for topic in catalog.topics()} == catalog.TOPICS
    modules = {
        name: import_module(f"kforge.detectors.{name}").DETECTOR for name in [*catalog.LANGUAGES, *catalog.COMPLETING]
    }
    assert {name: (each.name, each.revision) for name, each in modules.items()} == {
        name: (name, revision) for name, revision in catalog.revisions().detectors.items()
    }


def test_the_catalog_knows_the_files_of_artifacts_past_their_first_revision() -> None:
    """`check` sees by a file's name that an older kforge rendered it."""
    revisions = {each.name: each.revision for each in catalog.artifacts()}
    names = {
        document.path.rpartition("/")[2]: revisions[document.artifact]
        for name in EXAMPLES
        for document in outcome(name).documents[""].items
        if revisions.get(document.artifact, 1) > 1
    }
    assert {name: revision for name, revision in names.items() if catalog.REVISED.get(name) != revision} == {}


def test_other_bytes_from_equal_inputs_are_noticed() -> None:
    old = [Line("topic", "build", 1, "a", "b")]
    assert moved(old, [Line("topic", "build", 1, "a", "c")])
    assert not moved(old, [Line("topic", "build", 1, "other", "c")])
    assert not moved(old, [Line("topic", "build", 2, "a", "c")])
    assert merged(old, [Line("topic", "build", 2, "a", "c")]) == [*old, Line("topic", "build", 2, "a", "c")]
