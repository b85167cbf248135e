"""Of an entry script, what its conditions rule out does not run."""

from __future__ import annotations

import pytest

from kforge.draft.entry_scripts import effective


@pytest.mark.parametrize(
    ("condition", "runs"),
    [
        ('[ "$1" = "/venv/bin/uwsgi" ]', False),
        ('[ "$1" = uwsgi ]', True),
        ('[[ "$1" == "uwsgi" ]]', True),
        ("[ \"x$MIGRATE\" = 'xon' ]", False),
        ('[ "$MODE" = "web" ]', True),
        ('[ "${MODE}" = "worker" ]', False),
        ('[ "$1" = uwsgi ] || [ "$MIGRATE" = on ]', True),
        ('[ -n "$MIGRATE" ]', True),
        ('[ "$MODE" = "$OTHER" ]', True),
        ("python check.py", True),
    ],
)
def test_a_branch_runs_where_its_condition_may_hold(condition: str, runs: bool) -> None:
    script = f"#!/bin/sh\nif {condition}; then\n  migrate\nfi\nexec $@\n"
    assert ("migrate" in effective(script, "uwsgi", {"MODE": "web"})) == runs
    assert "exec $@" in effective(script, "uwsgi", {"MODE": "web"})


def test_the_other_branches_and_those_inside_are_looked_at_one_by_one() -> None:
    script = 'if [ "$1" = a ]; then\none\nelif [ "$1" = b ]; then\nif [ "$X" = 1 ]; then\ntwo\nfi\nthree\nelse\nfour\nfi\nfive\n'
    assert effective(script, "b", {}).split() == ["three", "four", "five"]


def test_a_condition_on_one_line_and_an_end_too_many_change_nothing() -> None:
    assert effective('if [ "$1" = a ]; then x; fi\nfi\nmigrate\n', "b", {}) == "migrate"
