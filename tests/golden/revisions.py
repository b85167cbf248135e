"""The golden files → `revisions.txt`: what every revision of a detector, topic and artifact gives.

    python -m tests.golden.revisions                    append new revisions, refuse to change one that is recorded
    python -m tests.golden.revisions --before-release   nobody has used them yet: record what is there

A line is SORT NAME REVISION INPUTS OUTPUTS. Outputs may move where inputs did (an example, or what comes before); with
equal inputs they must not, unless the revision rises: users' locks and sums hold it.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from kforge import catalog
from kforge.domain.digest import canonical
from kforge.domain.facts import NAMES
from kforge.render.kubernetes.target import TARGET
from tests.conftest import SPECS, contents
from tests.golden.examples import EXAMPLES, files, outcome

PATH = Path(__file__).parent / "revisions.txt"
HEAD = "# SORT NAME REVISION INPUTS OUTPUTS, by `python -m tests.golden.revisions`. A recorded line never changes after a release.\n"


class Line(NamedTuple):
    sort: str
    name: str
    revision: int
    inputs: str
    outputs: str

    @property
    def key(self) -> tuple[str, str, int]:
        return self.sort, self.name, self.revision


def recorded() -> list[Line]:
    """The lines of the file."""
    if not PATH.exists():
        return []
    rows = (line.split() for line in PATH.read_text().splitlines() if line and not line.startswith("#"))
    return [Line(sort, name, int(revision), inputs, outputs) for sort, name, revision, inputs, outputs in rows]


def now() -> list[Line]:
    """What this kforge gives. An artifact that no example shows has no line."""
    return [*_detectors(), *_topics(), *_artifacts()]


def moved(old: list[Line], new: list[Line]) -> list[Line]:
    """Lines of today that give something else than recorded, from the same inputs and at the same revision."""
    held = {line.key: line for line in old}
    return [
        line
        for line in new
        if (was := held.get(line.key)) and was.inputs == line.inputs and was.outputs != line.outputs
    ]


def merged(old: list[Line], new: list[Line]) -> list[Line]:
    return sorted({**{line.key: line for line in old}, **{line.key: line for line in new}}.values())


def render(lines: list[Line]) -> str:
    return HEAD + "".join(f"{' '.join(map(str, line))}\n" for line in sorted(lines))


def _digest(value: Any) -> str:
    return hashlib.sha256(canonical(value)).hexdigest()[:16]


def _facts() -> dict[str, dict[str, Any]]:
    """Facts by example and service."""
    return {
        f"{name}/{service}": {fact: source.facts.value(fact) for fact in NAMES}
        for name in EXAMPLES
        for service, source in outcome(name).loaded.sources.items()
    }


def _detectors() -> Iterator[Line]:
    facts = _facts()
    for detector in catalog.detectors():
        found, read = {}, {}
        for name in EXAMPLES:
            for service, source in outcome(name).loaded.sources.items():
                if source.facts.detector == detector.name:
                    found[f"{name}/{service}"] = facts[f"{name}/{service}"]
                    read[f"{name}/{service}"] = _digest(_source(name, source.path))
        if found:
            yield Line("detector", detector.name, detector.revision, _digest(read), _digest(found))


def _source(name: str, path: str) -> dict[str, str]:
    """Digests of a source's files, less what kforge writes there."""
    written = files(name).keys()
    return {
        file: hashlib.sha256(content).hexdigest()
        for file, content in contents(SPECS / name / path).items()
        if f"{path}/{file}" not in written and "node_modules" not in file
    }


def _topics() -> Iterator[Line]:
    inputs = _digest([_facts(), {name: outcome(name).loaded.raw.data for name in EXAMPLES}])
    for topic in catalog.topics():
        found = {
            f"{name}/{service}": dict(decision.locked)
            for name in EXAMPLES
            for (service, subject), decision in outcome(name).settled.decisions.items()
            if subject == topic.name
        }
        if found:
            yield Line("topic", topic.name, topic.revision, inputs, _digest(found))


def _artifacts() -> Iterator[Line]:
    values = {
        name: {
            f"{service}/{topic}": decision.value
            for (service, topic), decision in outcome(name).settled.decisions.items()
        }
        for name in EXAMPLES
    }
    inputs = _digest([_facts(), {name: outcome(name).loaded.raw.data for name in EXAMPLES}, values])
    makers = {
        f"{name}/{document.path}": document.artifact
        for name in EXAMPLES
        for document in outcome(name).documents[""].items
    }
    texts = {f"{name}/{path}": text for name in EXAMPLES for path, text in files(name).items()}
    for artifact in catalog.artifacts():
        found = {path: texts[path] for path, maker in makers.items() if maker == artifact.name}
        if found:
            yield Line("artifact", artifact.name, artifact.revision, inputs, _digest(found))
    overlays = {path: text for path, text in texts.items() if "/overlays/" in path and path.count("/") > 4}
    yield Line("artifact", "overlay", TARGET.revision, inputs, _digest(overlays))


def main(words: list[str]) -> int:
    old, new = recorded(), now()
    wrong = moved(old, new)
    if wrong and "--before-release" not in words:
        for line in wrong:
            print(
                f"{line.sort} {line.name} gives other bytes at revision {line.revision}: raise the revision",
                file=sys.stderr,
            )
        return 1
    PATH.write_text(render(merged(old, new)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
