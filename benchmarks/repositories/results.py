"""Verdicts → the journal that an interrupted run goes on from, and the table of results.md."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path

from benchmarks.repositories.rows import Row
from benchmarks.repositories.trial import Verdict

PAGE = Path(__file__).with_name("results.md")
SHORT = Path(__file__).parents[2] / "docs/real-world.md"
MAX_LINES = 5
# Of the first twelve that were given to kforge 0.1.0, none served as drafted.
FIRST = ("full-stack-fastapi", "otel-demo", "bank-of-anthos", "healthchecks", "umami", "gotify")


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
    tried = listed
    lines = [
        "# Foreign repositories: results",
        "",
        "Written by `python -m benchmarks.repositories`; how, and how they were chosen, stands in [README.md](README.md).",
        "",
        f"kforge {kforge}; rows were tried at that commit or at an earlier one of the same day. Of {len(tried)} repositories {len(drafted)} serve as drafted"
        f" ({_share(len(drafted), len(tried))}), {len(mended)} after at most {MAX_LINES} changed lines"
        f" ({_share(len(mended), len(tried))}).",
        "",
        "| repository | shape | as drafted | after lines | beside the authors' files |",
        "|---|---|---|---|---|",
        *(_line(row, verdicts) for row in listed),
        "",
        "## What does not serve as drafted",
        "",
        *(line for row in listed if row not in drafted for line in _reasons(row, verdicts, "drafted")),
        *_beside(listed, verdicts),
    ]
    return "\n".join(lines).rstrip() + "\n"


def short(rows: Iterable[Row], verdicts: Mapping[tuple[str, str], Verdict]) -> str:
    """The rows of the table in docs/real-world.md, and its first line of counts."""
    listed = sorted(rows, key=lambda row: row.repository.lower())
    tried = listed  # one that was not performed counts as one that does not serve
    drafted = [row for row in tried if _well(verdicts.get((row.name, "drafted")))]
    mended = [row for row in tried if row in drafted or _mended(row, verdicts)]
    lines = [
        f"Of {len(tried)} public repositories, {len(drafted)} serve as drafted ({_share(len(drafted), len(tried))}), and"
        f" {len(mended)} after at most {MAX_LINES} changed lines ({_share(len(mended), len(tried))}). Of the twelve that"
        " 0.1.0 was tried on, none served as drafted, and five after mending the spec.",
        "",
        "| repository | shape | 0.1.0 | now | after lines |",
        "|---|---|---|---|---|",
    ]
    for row in listed:
        now, after = verdicts.get((row.name, "drafted")), verdicts.get((row.name, "edited"))
        more = f"serves, {after.lines}" if after and after.well and not _well(now) else "" if _well(now) else "no"
        before = "no" if row.name in FIRST else ""
        lines.append(
            f"| [{row.repository}](https://github.com/{row.repository}) | {row.shape} | {before} | {_word(now)} | {more} |"
        )
    return "\n".join(lines)


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


def _beside(listed: Iterable[Row], verdicts: Mapping[tuple[str, str], Verdict]) -> list[str]:
    """How many serve beside their authors' files, and why others do not."""
    tried = [row for row in listed if (row.name, "beside") in verdicts]
    well = [row for row in tried if _well(verdicts[row.name, "beside"])]
    unknown = [row for row in tried if _word(verdicts[row.name, "beside"]) == "not performed"]
    if not tried:
        return []
    said = f"Of {len(tried)} repositories, {len(well)} serve with their authors' Dockerfiles, compose files and manifests beside the draft; {len(unknown)} could not be performed, since nothing here plays their images."
    head = ["", "## What does not serve beside the authors' files", "", said, ""]
    return head + [line for row in tried if row not in well for line in _reasons(row, verdicts, "beside")]


def _reasons(row: Row, verdicts: Mapping[tuple[str, str], Verdict], way: str) -> list[str]:
    verdict = verdicts.get((row.name, way))
    if verdict is None:
        return []
    short = [_shortened(one).replace("|", "/") for one in verdict.why + verdict.not_played if one]
    short += [row.note] if row.note and verdict.why else []
    return [f"- **{row.repository}**: {'; '.join(short)}"]


AFTERWORD = re.compile(r"complete log|^note:|^npm error\s*$|--trace|pods: Traceback")
TELLING = re.compile(r"error|cannot|no such|not found|denied|no matching|refused|missing|unable", re.IGNORECASE)


def _shortened(why: str) -> str:
    """What failed, and of what it said the line that tells most."""
    head, *said = why.splitlines()
    command = re.search(r"-e?c (.*?)` ended with \d+", head)
    name = head.partition(":")[0]
    begun = f"{name}: `{command[1][:60]}`" if command else head[:160]
    telling = [line.strip() for line in said if TELLING.search(line) and not AFTERWORD.search(line)]
    return f"{begun}: {telling[-1][:160]}" if telling else begun
