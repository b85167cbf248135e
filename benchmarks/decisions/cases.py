"""Case files → cases: a small service, what is asked for or shown, and the decision that is right.

A file of `cases/` is a list. A case has `name`, `half`, `kind`, `topic` (one or several), and either `files` or
`from`, a small source of `sources.yaml` over which `files` are laid; `spec` is the service's block, `service` its name,
`app` what stands beside the services. `expect` says what must hold (`benchmarks/decisions/expectation.py`); every other
field of the topics stays as the heuristics have it, but for those that `free` names.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).parent
KINDS = ("wish", "fact", "keep", "refuse")
HALVES = ("tuned", "held")
_KEYS = {"name", "half", "kind", "topic", "from", "files", "service", "spec", "app", "expect", "free", "why"}


@dataclass(frozen=True, slots=True)
class Case:
    """One small service and the right decision about it. `why` tells a reviewer what makes it right."""

    name: str
    half: str  # tuned: prompts may be tuned on it; held: never looked at while tuning
    kind: str
    topics: tuple[str, ...]
    files: Mapping[str, str]  # below the service's source
    service: str
    block: Mapping[str, Any]
    app: Mapping[str, Any]
    expect: Mapping[str, Any]
    free: tuple[str, ...]
    why: str

    def spec(self, model: str = "") -> str:
        """The text of `app.kforge.yaml`; a model, where one is named, decides the case's topics."""
        block = dict(self.block)
        if self.files:
            block = {"source": f"./{self.service}", **block}
        held = {"apiVersion": "kforge.dev/v1", "app": "shop", **self.app}
        if model:
            held["model"] = {"name": model, "decides": list(self.topics)}
        held["services"] = {self.service: block, **held.pop("services", {})}
        return yaml.safe_dump(held, allow_unicode=True, sort_keys=False)

    def write(self, folder: Path, model: str = "") -> Path:
        """Make the small project in a folder, and return its spec."""
        for name, text in self.files.items():
            path = folder / self.service / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        folder.mkdir(parents=True, exist_ok=True)
        spec = folder / "app.kforge.yaml"
        spec.write_text(self.spec(model), encoding="utf-8")
        return spec

    def wishes(self) -> tuple[str, ...]:
        """What the owner says, as the spec has it."""
        return (*filter(None, (self.block.get("requirements"),)), *self.block.get("refine", ()))


def load(folder: Path = HERE / "cases") -> tuple[Case, ...]:
    """All cases, in order of files. Raises ValueError for one that cannot be read."""
    sources = _read(HERE / "sources.yaml")
    cases = tuple(_case(row, sources, path.name) for path in sorted(folder.glob("*.yaml")) for row in _read(path))
    names = [case.name for case in cases]
    if doubled := sorted({name for name in names if names.count(name) > 1}):
        raise ValueError(f"two cases have the name {', '.join(doubled)}")
    return cases


def _read(path: Path) -> Any:
    # libyaml's own: PyYAML's takes seconds for these files.
    return yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader)


def _case(row: Mapping[str, Any], sources: Mapping[str, Mapping[str, str]], file: str) -> Case:
    name = row.get("name", "?")
    if odd := set(row) - _KEYS:
        raise ValueError(f"{file}: {name}: unknown keys {', '.join(sorted(odd))}")
    if row["kind"] not in KINDS or row.get("half") not in HALVES:
        raise ValueError(f"{file}: {name}: kind `{row['kind']}`, half `{row.get('half')}`")
    topics = row["topic"] if isinstance(row["topic"], list) else [row["topic"]]
    return Case(
        name=name,
        half=row["half"],
        kind=row["kind"],
        topics=tuple(topics),
        files={**sources.get(row.get("from", ""), {}), **row.get("files", {})},
        service=row.get("service", "web"),
        block=row.get("spec", {}),
        app=row.get("app", {}),
        expect=row.get("expect", {}),
        free=tuple(row.get("free", ())),
        why=row.get("why", ""),
    )
