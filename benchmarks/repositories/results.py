"""Verdicts → the journal that an interrupted run goes on from, and the table of results.md."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path

from benchmarks.repositories.rows import Row
from benchmarks.repositories.trial import Verdict

PAGE = Path(__file__).with_name("results.md")
MAX_LINES = 5


def read(journal: Path) -> dict[tuple[str, str], Verdict]:
    """Verdicts by row and way; the last one counts."""
    found = {}
    for line in journal.read_text(encoding="utf-8").splitlines() if journal.exists() else ():
        verdict = Verdict(**json.loads(line))
        found[verdict.name, verdict.way] = verdict
    return found


def add(journal: Path, verdict: Verdict) -> None:
    with journal.open("a", encoding="utf-8") as file:
        file.write(json.dumps(asdict(verdict)) + "\n")


def page(rows: Iterable[Row], verdicts: Mapping[tuple[str, str], Verdict], kforge: str) -> str:
    """The Markdown of results.md."""
    listed = sorted(rows, key=lambda row: row.repository.lower())
    drafted = [row for row in listed if _well(verdicts.get((row.name, "drafted")))]
    mended = [row for row in listed if row in drafted or _mended(row, verdicts)]
    tried = [row for row in listed if (row.name, "drafted") in verdicts]
    lines = [
        "# Foreign repositories: results",
        "",
        "Written by `python -m benchmarks.repositories`; how, and how they were chosen, stands in [README.md](README.md).",
        "",
        f"kforge {kforge}. Of {len(tried)} repositories {len(drafted)} serve as drafted"
        f" ({_share(len(drafted), len(tried))}), {len(mended)} after at most {MAX_LINES} changed lines"
        f" ({_share(len(mended), len(tried))}).",
        "",
        "| repository | shape | as drafted | after lines | beside the authors' files |",
        "|---|---|---|---|---|",
        *(_line(row, verdicts) for row in listed),
        "",
        "## What does not serve as drafted",
        "",
        *(line for row in listed if row not in drafted for line in _reasons(row, verdicts)),
    ]
    return "\n".join(lines).rstrip() + "\n"


def _well(verdict: Verdict | None) -> bool:
    return verdict is not None and verdict.well


def _mended(row: Row, verdicts: Mapping[tuple[str, str], Verdict]) -> bool:
    verdict = verdicts.get((row.name, "edited"))
    return verdict is not None and verdict.well and verdict.lines <= MAX_LINES


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.0f} %" if whole else "none tried"


def _line(row: Row, verdicts: Mapping[tuple[str, str], Verdict]) -> str:
    drafted, edited, beside = (verdicts.get((row.name, way)) for way in ("drafted", "edited", "beside"))
    after = "" if _well(drafted) or edited is None else f"{_word(edited)}, {edited.lines}"
    link = f"[{row.repository}](https://github.com/{row.repository}/tree/{row.commit})"
    return f"| {link} | {row.shape} | {_word(drafted)} | {after} | {_word(beside)} |"


def _word(verdict: Verdict | None) -> str:
    if verdict is None:
        return ""
    return "serves" if verdict.well else "no" if verdict.why else "not performed"


def _reasons(row: Row, verdicts: Mapping[tuple[str, str], Verdict]) -> list[str]:
    verdict = verdicts.get((row.name, "drafted"))
    if verdict is None:
        return []
    short = [one.splitlines()[0][:200].replace("|", "/") for one in verdict.why + verdict.not_played if one]
    return [f"- **{row.repository}**: {'; '.join(short)}"]
