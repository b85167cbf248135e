"""Every line of every file that kforge writes can be asked for, and the answer names what is behind it."""

from __future__ import annotations

from functools import lru_cache

import pytest

from kforge.explanations.explainer import Explainer
from kforge.explanations.files import explain_line
from tests.golden.examples import EXAMPLES, files, outcome
from tests.trials import sample


@lru_cache
def known(name: str) -> Explainer:
    return Explainer(outcome(name))


EVERY = [(name, path) for name in EXAMPLES for path in sorted(files(name))]


def silent_lines(name: str, path: str) -> list[str]:
    """Lines without an answer, or with one that names neither a decision, nor a line of the spec, nor a reason."""
    text, held = files(name)[path], files(name)
    silent = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.lstrip().startswith(("#", "{{- /*")):
            continue
        found = explain_line(known(name), path, number, held.get)
        if not found or not all(
            each.decided and each.why and (each.decided == "kforge" or each.decision or each.where) for each in found
        ):
            silent.append(f"{path}:{number}: {line} {found[:1]}")
    return silent


@pytest.mark.parametrize(("name", "path"), sample(EVERY, 12))
def test_every_line_of_a_file_is_explained(name: str, path: str) -> None:
    assert silent_lines(name, path) == []
