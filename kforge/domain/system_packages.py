"""Names of system packages that programs need at run time or to build: what a model may name without being shown them.

A closed list, because an unchecked name is either a build that fails or a stranger's program. Debian's are those of
bookworm and trixie. Servers, interactive shells and programs that open connections by themselves are left out.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

# Names that are words of a sentence as well.
WORDS = frozenset(
    "at cron dialog expect file host info less locales make patch rename screen time tree units zip".split()  # noqa: SIM905
)


@cache
def known(distribution: str) -> frozenset[str]:
    """Names for `debian` or `alpine`."""
    data = json.loads(Path(__file__).with_suffix(".json").read_text(encoding="utf-8"))
    return frozenset(data[distribution])
