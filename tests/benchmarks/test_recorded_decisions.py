"""Recorded answers of a real small model to some cases of `benchmarks/decisions` decide them again, with no model here."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import pytest

from benchmarks.decisions import __main__ as decisions
from benchmarks.decisions.cases import load

FOLDER = Path(__file__).parents[2] / "cache" / "qwen2.5-coder-1.5b"
MODEL = "qwen2.5-coder:1.5b"
NAMES = (
    "reserve-384-burst-to-1gi", "jit-warms-up-for-four-minutes", "thumbs-and-locks", "jq-and-curl-for-a-script",
    "python-three-twelve", "two-uvicorn-workers", "buffers-need-a-minute-and-a-half", "alpine-please",
    "subprocess-of-ffmpeg", "go-drains-for-75-seconds", "alive-asks-mongo", "renderer-takes-six-minutes",
    "alpine-and-half-a-gigabyte", "half-a-gig",
)  # fmt: skip
AGAIN = (
    "the questions changed: record their answers anew with `python -m benchmarks.decisions --provider embedded "
    f"--model {MODEL} --replay {FOLDER.relative_to(FOLDER.parents[1])} --record -k {','.join(NAMES)}`"
)


def test_the_recordings_are_of_the_tuned_half_and_say_who_answered() -> None:
    told = json.loads((FOLDER / "endpoints.json").read_text(encoding="utf-8"))[MODEL]
    assert (told["model"], told["provider"], told["strong"]) == (MODEL, "embedded", True)
    assert {case.half for case in load() if case.name in NAMES} == {"tuned"}


def test_recorded_answers_decide_the_cases_right(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "xllamacpp", None)
    monkeypatch.setenv("KFORGE_CACHE_DIR", str(tmp_path / "caches"))
    shutil.copytree(FOLDER, tmp_path / "recorded")
    options = decisions._options().parse_args(
        ["--model", MODEL, "--offline", "--replay", str(tmp_path / "recorded"), "-k", ",".join(NAMES)]
    )
    cases = [case for case in load() if case.name in NAMES]
    journal, ended = decisions._asked(cases, options)
    assert not ended, f"{ended}; {AGAIN}"
    assert [one.case for one in journal.results.values() if not one.right] == [], AGAIN
    assert all(one.asked and one.end == "first" for one in journal.results.values())
