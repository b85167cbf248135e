"""Perform the first hour and write `docs/first-hour.md`: `python -m tests.first_hour`."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from tests.first_hour.screens import BEFORE, Size, sizes
from tests.first_hour.story import Done, performed

PAGE = Path(__file__).parents[2] / "docs" / "first-hour.md"
HEAD = """\
# The first hour

What somebody who has never used kforge types, and what a terminal of 80 columns shows. `python -m tests.first_hour` performs it, in a folder of its own with git and without a network, and writes this page; a test performs it again and compares. The sources are in [tests/first_hour/app](../tests/first_hour/app).

"""
TABLE = """\
## How much each screen says

Lines and words of the commands on [`specs/shop`](../specs/shop/app.kforge.yaml), through a pipe. `python -m tests.first_hour.screens` counts; the earlier figures are those of commit 33968ca.

| | lines before | lines now | words before | words now |
|---|---:|---:|---:|---:|
"""


def page(story: Iterable[Done], counted: Mapping[str, Size]) -> str:
    """The page: each step with what was typed, edited and shown, then the table of screens."""
    parts = [HEAD]
    for step, shown in story:
        parts.append(f"{step.told}\n\n")
        edits = "".join(f"# {each.path}: `{each.old}` becomes `{each.new}`\n" for each in step.edits)
        if step.words:
            parts.append(f"```console\n{edits}$ kforge {step.words}\n{shown.rstrip()}\n```\n\n")
        else:
            parts.append(f"```diff\n{shown.rstrip()}\n```\n\n")
    rows = [
        f"| {name} | {BEFORE[name].lines} | {size.lines} | {BEFORE[name].words} | {size.words} |\n"
        for name, size in counted.items()
    ]
    return "".join((*parts, TABLE, *rows))


def made() -> str:
    """The page as this kforge writes it."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "parcels"
        folder.mkdir()
        return page(performed(folder, 80), sizes())


if __name__ == "__main__":
    PAGE.write_text(made(), encoding="utf-8")
