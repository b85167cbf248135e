"""Files and decisions that are not current → what is said of each, in a report, in JSON and in annotations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kforge.output.plan_text import LEFT, UNUSED
from kforge.written_images import judged

if TYPE_CHECKING:
    from kforge.domain.change import Change
    from kforge.domain.decision import Decision
    from kforge.domain.image_updates import EditedLine
    from kforge.outcome import Outcome

SHOWN = 12  # lines of a file that was edited, and refusals
WIDEST = 160  # characters of such a line: an image with its digest
TAKEN = "an update of its base image, taken over once nothing else differs"
STALE = {
    "created": "would be new",
    "changed": "is stale",
    "removed": "is no longer generated; a build removes it",
    "missing": "is missing; a build restores it",
    "edited": "was edited by hand",
    "foreign": "is not kforge's",
    "left": LEFT,
    "shared": "is a file of another spec as well",
}
UNPROVEN = "is by an older kforge, and nothing here confirms it"
PROVE = "`kforge check --full --base REV` takes what is made of the same at the word of a commit that you trust, `kforge build --upgrade` makes it anew"


def stale_file(change: Change) -> str:
    """What is said of a file that is not as it should be; `change.status` is in STALE."""
    if change.yours:
        return "is yours from now on"
    if change.status == "removed" and change.before is None:
        return "is no longer generated, and gone already; a build strikes it off the list"
    if change.unused:
        return UNUSED
    return STALE[change.status] + (f": `{change.other}`" if change.other else "")


def edited(outcome: Outcome, change: Change) -> list[str]:
    """What is said of each line of a Dockerfile that was edited: a bot's update of an image, or none; and why not."""
    file = outcome.files.get(change.path)
    lines = judged(change, file, outcome.loaded.lock) if file else ()
    said = [
        f"{change.path}:{each.number}: `{_cut(each.text)}`{_objection(each)}"
        if each.number
        else f"{change.path}: `{_cut(each.text)}` is missing"
        for each in lines[:SHOWN]
    ]
    return said + ([f"{change.path}: and {len(lines) - SHOWN} more lines"] if len(lines) > SHOWN else [])


def _objection(line: EditedLine) -> str:
    """Only a `FROM` line could be an update."""
    return f": {line.why or TAKEN}" if line.text[:5].upper() == "FROM " else " was written by hand"


def _cut(line: str) -> str:
    return line if len(line) <= WIDEST else f"{line[:WIDEST]}…"


def stale(outcome: Outcome) -> list[Decision]:
    """Decisions whose locked answer no longer stands, in order."""
    return [decision for _, decision in sorted(outcome.settled.decisions.items()) if decision.state == "stale"]
