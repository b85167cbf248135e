"""Attempts of earlier runs and of other shards, one JSON object a line → what is still to be tried, and the page."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.hostile.sections import Section, Tried

SHOWN = 500  # broken attempts on the page


@dataclass(frozen=True)
class Entry:
    """An attempt of a section and how it ended."""

    section: str
    attempt: str
    tried: Tried


class Journal:
    """`path` is written while attempts end; the last line of an attempt counts. None: nothing is kept."""

    def __init__(self, path: Path | None, earlier: Iterable[Path] = ()) -> None:
        self._path = path
        self._entries: dict[tuple[str, str], Entry] = {}
        for place in (*earlier, *((path,) if path and path.exists() else ())):
            for line in place.read_text().splitlines():
                data = json.loads(line)
                tried = Tried(data["commands"], tuple(data["broke"]), data["slowest"])
                self._remember(Entry(data["section"], data["attempt"], tried))

    def _remember(self, entry: Entry) -> None:
        self._entries[entry.section, entry.attempt] = entry

    def held(self, section: str, attempt: str) -> bool:
        """Whether an attempt was made and broke nothing; one that broke something is made again."""
        entry = self._entries.get((section, attempt))
        return entry is not None and not entry.tried.broke

    def note(self, section: str, attempt: str, tried: Tried) -> None:
        self._remember(Entry(section, attempt, tried))
        if self._path:
            line = json.dumps({"section": section, "attempt": attempt, **asdict(tried)}, ensure_ascii=True)
            with self._path.open("a") as file:
                file.write(f"{line}\n")

    def broke(self, sections: Iterable[Section]) -> list[str]:
        """What broke, in the order of the sections."""
        return [
            f"{section.name}: {entry.attempt}: {each}"
            for section in sections
            for entry in self._of(section)
            for each in entry.tried.broke
        ]

    def page(self, sections: Iterable[Section]) -> str:
        """The results as they are committed."""
        known = [(section, self._of(section)) for section in sections]
        rows, attempts, commands = [], 0, 0
        for section, entries in known:
            run = sum(entry.tried.commands for entry in entries)
            broken = sum(len(entry.tried.broke) for entry in entries)
            slowest = max((entry.tried.slowest for entry in entries), default=0.0)
            whole = f" of {section.planned}" if len(entries) < section.planned else ""
            rows.append(
                f"| {section.title} | {len(entries)}{whole} | {run} | {broken} | {f'{slowest:.1f} s' if slowest else ''} |"
            )
            attempts, commands = attempts + len(entries), commands + run
        broke = self.broke(section for section, _ in known)
        lines = [
            "# Hostile pull requests",
            "",
            f"`python -m tests.hostile`: {attempts} attempts, {commands} commands; what broke: {len(broke)}.",
            "",
            "| what | attempts | commands | broke | slowest command (CPU) |",
            "|---|---|---|---|---|",
            *rows,
            "",
            *(f"- {each}" for each in broke[:SHOWN]),
        ]
        return "\n".join(lines).rstrip() + "\n"

    def _of(self, section: Section) -> list[Entry]:
        return [entry for entry in self._entries.values() if entry.section == section.name]
