"""Verdicts → the journal that an interrupted run goes on from, and the table of results.md."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterable, Mapping, Sequence
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


def version() -> str:
    """Which kforge this is, as the pages say it."""
    words = ["git", "rev-parse", "--short", "HEAD"]
    folder = Path(__file__).parent
    return f"at {subprocess.run(words, cwd=folder, capture_output=True, text=True, check=True).stdout.strip()}"


def page(rows: Iterable[Row], verdicts: Mapping[tuple[str, str], Verdict], kforge: str) -> str:
    """The Markdown of results.md."""
    listed = sorted(rows, key=lambda row: row.repository.lower())
    left = [row for row in listed if _unreached(verdicts.get((row.name, "drafted")))]
    drafted = [row for row in listed if _well(verdicts.get((row.name, "drafted")))]
    lines = [
        "# Foreign repositories: results",
        "",
        "Written by `python -m benchmarks.repositories`; how, and how they were chosen, stands in [README.md](README.md).",
        "",
        f"kforge {kforge}; rows were tried at that commit or at an earlier one of the same day."
        f" {_counts(listed, verdicts, 'repositories')}.",
        "",
        "| repository | shape | as drafted | after lines | beside the authors' files |",
        "|---|---|---|---|---|",
        *(_line(row, verdicts) for row in listed),
        "",
        "## What does not serve as drafted",
        "",
        *(
            line
            for row in listed
            if row not in drafted and row not in left
            for line in _reasons(row, verdicts, "drafted")
        ),
        *_beside(listed, verdicts),
    ]
    for title, those in (
        ("What could not be performed here", [line for row in left for line in _reasons(row, verdicts, "drafted")]),
        ("What was left out of a trial", [f"- **{row.repository}**: {row.note}" for row in drafted if row.note]),
    ):
        lines += ["", f"## {title}", "", *those] if those else []
    return "\n".join(lines).rstrip() + "\n"


def short(rows: Iterable[Row], verdicts: Mapping[tuple[str, str], Verdict]) -> str:
    """The rows of the table in docs/real-world.md, and its first line of counts."""
    listed = sorted(rows, key=lambda row: row.repository.lower())
    lines = [
        f"{_counts(listed, verdicts, 'public repositories')}. Of the twelve that 0.1.0 was tried on, none served as drafted,"
        " and five after mending the spec.",
        "",
        "| repository | shape | 0.1.0 | now | after lines |",
        "|---|---|---|---|---|",
    ]
    for row in listed:
        now, after = verdicts.get((row.name, "drafted")), verdicts.get((row.name, "edited"))
        settled = _well(now) or _unreached(now)
        more = f"serves, {after.lines}" if after and after.well and not settled else "" if settled else "no"
        before = "no" if row.name in FIRST else ""
        lines.append(
            f"| [{row.repository}](https://github.com/{row.repository}) | {row.shape} | {before} | {word(now)} | {more} |"
        )
    return "\n".join(lines)


def _counts(rows: Sequence[Row], verdicts: Mapping[tuple[str, str], Verdict], noun: str) -> str:
    """How many serve, of those that could be performed: what a host alone has that is not reached tells nothing of kforge.

    A row that no server here plays counts as one that does not serve.
    """
    tried = [row for row in rows if not _unreached(verdicts.get((row.name, "drafted")))]
    drafted = [row for row in tried if _well(verdicts.get((row.name, "drafted")))]
    mended = [row for row in tried if row in drafted or _mended(row, verdicts)]
    who = (
        f"Of {len(rows)} {noun}, {len(tried)} could be performed: "
        if len(tried) < len(rows)
        else f"Of {len(rows)} {noun}, "
    )
    return (
        f"{who}{len(drafted)} serve as drafted ({_share(len(drafted), len(tried))}), {len(mended)} after at most"
        f" {MAX_LINES} changed lines ({_share(len(mended), len(tried))})"
    )


def _unreached(verdict: Verdict | None) -> bool:
    """Whether all that is missing for a verdict is on a host that the trials do not reach."""
    return verdict is not None and bool(verdict.unreached) and not verdict.why


def _well(verdict: Verdict | None) -> bool:
    return verdict is not None and verdict.well


def _mended(row: Row, verdicts: Mapping[tuple[str, str], Verdict]) -> bool:
    verdict = verdicts.get((row.name, "edited"))
    return verdict is not None and verdict.well and verdict.lines <= MAX_LINES


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.0f} %" if whole else "none tried"


def _line(row: Row, verdicts: Mapping[tuple[str, str], Verdict]) -> str:
    drafted, edited, beside = (verdicts.get((row.name, way)) for way in ("drafted", "edited", "beside"))
    after = "" if _well(drafted) or edited is None else f"{word(edited)}, {edited.lines}"
    link = f"[{row.repository}](https://github.com/{row.repository}/tree/{row.commit})"
    return f"| {link} | {row.shape} | {word(drafted)} | {after} | {word(beside)} |"


def word(verdict: Verdict | None) -> str:
    """The cell of a table: `no` where anything but the machine of the trials is in the way."""
    if verdict is None:
        return ""
    return (
        "serves"
        if verdict.well
        else "no"
        if verdict.why
        else "not performed here"
        if verdict.unreached
        else "not performed"
    )


def _beside(listed: Iterable[Row], verdicts: Mapping[tuple[str, str], Verdict]) -> list[str]:
    """How many serve beside their authors' files, and why others do not."""
    tried = [row for row in listed if (row.name, "beside") in verdicts]
    well = [row for row in tried if _well(verdicts[row.name, "beside"])]
    unknown = [row for row in tried if word(verdicts[row.name, "beside"]).startswith("not")]
    if not tried:
        return []
    said = f"Of {len(tried)} repositories, {len(well)} serve with their authors' Dockerfiles, compose files and manifests beside the draft; {len(unknown)} could not be performed, since nothing here plays what their images need."
    head = ["", "## What does not serve beside the authors' files", "", said, ""]
    return head + [line for row in tried if row not in well for line in _reasons(row, verdicts, "beside")]


def _reasons(row: Row, verdicts: Mapping[tuple[str, str], Verdict], way: str) -> list[str]:
    verdict = verdicts.get((row.name, way))
    if verdict is None:
        return []
    short = [
        _shortened(one).replace("|", "/") for one in (*verdict.why, *verdict.not_played, *verdict.unreached) if one
    ]
    short += [row.note] if row.note and verdict.why else []
    return [f"- **{row.repository}**: {'; '.join(short)}"]


AFTERWORD = re.compile(r"complete log|^note:|^npm error\s*$|--trace|pods: Traceback")
TELLING = re.compile(r"error|cannot|no such|not found|denied|no matching|refused|missing|unable", re.IGNORECASE)


def _shortened(why: str) -> str:
    """What failed, and of what it said the line that tells most."""
    head, *said = why.splitlines()
    command = re.search(r"exec \"\$@\" \S+ .*?-e?c (.*?)` ended with \d+", head)
    name = head.partition(":")[0]
    begun = f"{name}: `{command[1][:60]}`" if command else head[:160]
    telling = [line.strip() for line in said if TELLING.search(line) and not AFTERWORD.search(line)]
    return f"{begun}: {telling[-1][:160]}" if telling else begun
