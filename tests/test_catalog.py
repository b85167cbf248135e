"""The catalog's own figures agree with the shelves, which it does not import to know them."""

from importlib import import_module

import pytest

from kforge import catalog


class Folder:
    """A source that has files and no content."""

    def __init__(self, *files):
        self.files = tuple(sorted(files))

    def text(self, path):
        return ""


@pytest.mark.parametrize("name", catalog.revisions().detectors)
def test_a_detector_has_the_revision_that_the_catalog_says(name):
    assert import_module(f"kforge.detectors.{name}").DETECTOR.revision == catalog.revisions().detectors[name]


@pytest.mark.parametrize("name", catalog.revisions().detectors)
def test_without_a_file_for_it_a_detector_finds_nothing(name):
    others = Folder("Cargo.lock", "README", "main.rs", "src/app.rb", "index.php", "nginx.conf", "Makefile")
    assert import_module(f"kforge.detectors.{name}").DETECTOR.detect(others) is None


def test_topics_have_the_revisions_that_the_catalog_says():
    assert {topic.name: topic.revision for topic in catalog.topics()} == catalog.TOPICS


def test_artifacts_past_their_first_revision_are_known_by_file_name():
    newer = {artifact.name for artifact in catalog.artifacts() if artifact.revision > 1}
    assert len(catalog.REVISED) >= len(newer)
