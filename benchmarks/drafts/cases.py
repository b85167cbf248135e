"""Case files → cases: a sentence, a small repository beside it or none, and what must be true of the draft.

A file of `cases/` is a list. A case has `name`, `half`, `sentence`, and `from`, names of small sources in `sources.yaml`.
What must be true:

- `services`: name → kind, and no other program. A name may have alternatives (`web|blog`); `*` is any name of that kind
  that is left. Elsewhere a service is named by its first alternative.
- `stores`: keys of known images, and no other store.
- `links`: `web > api`, `api > postgres`: who is told of whom; `apart`: who must not be.
- `schedules`: service → five fields of cron, or a list of which each is right.
- `exposure`: service → host and path, in the base or in an environment; `ports`: service → number. No other host is drafted.
- `scale`: service → fewest replicas, or fewest and most (`2-10`). Nothing else is scaled.
- `environments`: name → service → replicas there; no other environment.
- `said`: words that must be named to the user, since the draft has nothing of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).parent
HALVES = ("tuned", "held")
EXPECTED = ("services", "stores", "links", "apart", "schedules", "exposure", "ports", "scale", "environments", "said")
_KEYS = {"name", "half", "sentence", "from", *EXPECTED}


@dataclass(frozen=True, slots=True)
class DraftCase:
    """One sentence and the right draft. `expect` holds keys of EXPECTED."""

    name: str
    half: str  # tuned: the reader may be tuned on it; held: never looked at while tuning
    sentence: str
    files: Mapping[str, str]  # below the repository's root
    expect: Mapping[str, Any]

    def write(self, folder: Path) -> None:
        """Make the small repository in a folder."""
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in self.files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")


def load(folder: Path = HERE / "cases") -> tuple[DraftCase, ...]:
    """All cases, in order of files. Raises ValueError for one that cannot be read."""
    sources = _yaml(HERE / "sources.yaml")
    cases = tuple(_case(row, sources, path.name) for path in sorted(folder.glob("*.yaml")) for row in _yaml(path))
    names = [case.name for case in cases]
    if doubled := sorted({name for name in names if names.count(name) > 1}):
        raise ValueError(f"two cases have the name {', '.join(doubled)}")
    return cases


def _yaml(path: Path) -> Any:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # four times as fast
    return yaml.load(path.read_text(encoding="utf-8"), loader)


def _case(row: Mapping[str, Any], sources: Mapping[str, Mapping[str, str]], file: str) -> DraftCase:
    name = row.get("name", "?")
    if odd := set(row) - _KEYS:
        raise ValueError(f"{file}: {name}: unknown keys {', '.join(sorted(odd))}")
    if row.get("half") not in HALVES:
        raise ValueError(f"{file}: {name}: half `{row.get('half')}`")
    files = {path: text for source in row.get("from", ()) for path, text in sources[source].items()}
    return DraftCase(name, row["half"], row["sentence"], files, {key: row[key] for key in EXPECTED if key in row})
