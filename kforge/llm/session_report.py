"""What became of a run's questions → the one line that says it at the end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kforge.deciders.model import Tally
    from kforge.domain.model.request import Endpoint
    from kforge.system.rate_limits import Spent

WORDS = {"first": "at first try", "repaired": "after a repair", "heuristics": "still heuristics", "": "missing"}
UNHELD = "has a server that does not enforce schemas"
KNOWN = {"replay": "recordings", "store": "the cache", "shared": "another thread"}


def words(tallies: Sequence[Tally], sources: Mapping[str, int], endpoints: Sequence[Endpoint], spent: Spent) -> str:
    """How questions ended, what was used and known, and which models no server holds to schemas; "" without questions."""
    all_ends = [(target, end) for tally in tallies for target, end in tally.ends.items()]
    ends = Counter[str](end for _, end in all_ends)
    if not ends:
        return ""
    fell = sorted(target for target, end in all_ends if end == "heuristics")
    parts = [f"{ends[end]} {said}" for end, said in WORDS.items() if ends[end]]
    if fell:
        parts[-1] += f" ({', '.join(fell)})"
    known = [f"{sources[source]} from {said}" for source, said in KNOWN.items() if sources.get(source)]
    loose = [f"`{one.model.name}` {UNHELD}" for one in endpoints if not one.constrained]
    return "; ".join([f"answers: {', '.join(parts)}", spent.words(), *([", ".join(known)] if known else []), *loose])
