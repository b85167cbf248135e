"""Questions of many cases, one topic at a time, in common requests: what a build with `--together` asks of many services.

Each case alone has one question or two, so it could fill no request. The answers are kept as a build keeps them, and the
cases find them there; a question that another answer changed meanwhile is asked alone.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.decisions.cases import Case
from benchmarks.decisions.trial import MODEL, OPTIONS, CountedSession
from kforge import catalog
from kforge.domain.lock import Lock
from kforge.domain.spec.project import Project
from kforge.llm.prompt import prompt
from kforge.pipeline import load
from kforge.prompt_export import Recorder
from kforge.stages.decide import decide

if TYPE_CHECKING:
    from kforge.domain.model.question import Question


def questions(cases: Sequence[Case], folder: Path) -> list[Question]:
    """What a model would be asked of the cases, if the heuristics gave every answer before."""
    found: list[Question] = []
    for case in cases:
        recorder = Recorder()
        loaded = load(Project(case.write(folder / case.name, MODEL), folder / case.name), OPTIONS)
        decide(loaded.world, catalog.topics(), Lock(), recorder.who(loaded.world))
        found.extend(one for _, one in sorted(recorder.found.items()))
    return found


def ask(cases: Sequence[Case], folder: Path, session: CountedSession) -> tuple[int, int]:
    """Ask them together; how many requests that took, and how many questions they held. Raises Fault."""
    joint = session.joint(MODEL)
    requests = held = 0
    for topic in catalog.TOPICS:
        many = [
            one
            for one in questions([case for case in cases if topic in case.topics], folder / topic)
            if one.topic.name == topic
        ]
        for group in joint.groups(many):
            begin = time.monotonic()
            joint.first([many[at] for at in group])
            share = (time.monotonic() - begin) / len(group)
            session.took |= {prompt(many[at]).messages: share for at in group}
            requests, held = requests + 1, held + len(group)
            print(f"{topic}: {len(group)} questions in {share * len(group):.1f} s", flush=True)
    return requests, held
