"""`docs/real-world.md` and the committed results say the same of every repository that has a row."""

from __future__ import annotations

import re
from pathlib import Path

from benchmarks.repositories.rows import rows

ROOT = Path(__file__).parents[2]
SHORT = (ROOT / "docs/real-world.md").read_text(encoding="utf-8")
RESULTS = (ROOT / "benchmarks/repositories/results.md").read_text(encoding="utf-8")
COUNTS = re.compile(r"(\d+) serve as drafted \((\d+) %\)")


def test_every_repository_with_a_row_is_in_both_tables() -> None:
    wanted = sorted(row.repository for row in rows())
    for text in (SHORT, RESULTS):
        assert sorted(re.findall(r"^\| \[([\w.-]+/[\w.-]+)\]", text, re.MULTILINE)) == wanted


def test_both_tables_count_the_same() -> None:
    assert COUNTS.findall(SHORT) == COUNTS.findall(RESULTS) != []


def test_there_are_two_dozen_repositories_and_the_six_of_the_first_trial_are_among_them() -> None:
    named = {row.repository for row in rows()}
    first = {
        "fastapi/full-stack-fastapi-template",
        "open-telemetry/opentelemetry-demo",
        "GoogleCloudPlatform/bank-of-anthos",
        "healthchecks/healthchecks",
        "umami-software/umami",
        "gotify/server",
    }
    assert len(named) >= 24
    assert first <= named


def test_every_commit_is_a_whole_one() -> None:
    assert [row.name for row in rows() if not re.fullmatch(r"[0-9a-f]{40}", row.commit)] == []
