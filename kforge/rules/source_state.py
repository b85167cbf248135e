"""What a source shows that keeps its image from being built or from starting, in the words of what read it."""

from __future__ import annotations

from collections.abc import Iterator

from kforge.domain.document import POD_PATHS, Document, Documents
from kforge.domain.facts import Facts
from kforge.domain.finding import Hit, rule

_KINDS = ("Dockerfile", *POD_PATHS)


def _told(documents: Documents, name: str) -> Iterator[Hit]:
    """One hit a fact, on the Dockerfile that builds the source, else on the first workload that runs it."""
    by_facts: dict[int, tuple[Facts, Document]] = {}
    for document in sorted(documents, key=lambda each: each.dockerfile is None):
        facts = documents.facts.get(document.service)
        if facts is not None and (document.dockerfile is not None or document.kind in POD_PATHS):
            by_facts.setdefault(id(facts), (facts, document))  # services of one folder have one object
    for facts, document in by_facts.values():
        for fact in getattr(facts, name):
            field = f"{document.dockerfile.stages[-1].name}.FROM" if document.dockerfile else ""
            yield Hit(document, field, f"{fact.value['said']}{fact.where}", fact.value["hint"])


@rule("source-fault", "error", "fix the source, or pin the value in the spec", kinds=_KINDS)
def source_fault(documents: Documents) -> Iterator[Hit]:
    """A source has all that its image is built of.

    A file that the code embeds and no step makes, a module that lies outside of what is sent to the builder, a version
    that only history could tell: the build would fail, or the program would end as it starts. The finding names the line.
    Where kforge is wrong, because something else brings the missing part, waive it.
    """
    return _told(documents, "faults")


@rule("source-doubt", "warning", "fix the source, or pin the value in the spec", kinds=_KINDS)
def source_doubt(documents: Documents) -> Iterator[Hit]:
    """A source says of itself what holds.

    A range of versions that no image satisfies, a lock file that belongs to another manifest, a file that stays out of
    the image although the code opens it: kforge goes on with the likeliest, and says what it met and where.
    """
    return _told(documents, "doubts")


RULES = (source_fault, source_doubt)
