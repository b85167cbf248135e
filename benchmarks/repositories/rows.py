"""rows/*.yaml → Row: a public repository at a commit, and what is right there, read off the authors' own files.

Unaware of kforge: what is right was written down before its draft was looked at.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).with_name("rows")


@dataclass(frozen=True, slots=True)
class Right:
    """One process that the authors run. `role` is server, static, worker, scheduler or once."""

    source: str
    role: str = "server"
    port: int | None = None
    health: str = ""  # a route that answers with success when the program is well
    command: str = ""  # words that the start command must hold, for what has no port
    version: str = ""
    manager: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """`remove` names author's files beyond the usual names; `values` are those of Secrets whose form matters;
    `stores` are servers outside of the application, at the host of their kind's name; `edits` are the lines of the
    spec that a user has to change; `unreached` are variables of the authors' or their framework's own by which a build
    step does without what it would fetch from a host that the trials do not reach, `{file: TEXT}` for the path of a
    file; `note` is what the trials lack, where that decides."""

    name: str
    repository: str
    commit: str
    shape: str
    services: dict[str, Right]
    folder: str = "."
    remove: tuple[str, ...] = ()
    stores: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    values: dict[str, str] = field(default_factory=dict)
    edits: dict[str, Any] = field(default_factory=dict)
    unreached: dict[str, str | dict[str, str]] = field(default_factory=dict)
    note: str = ""


def rows(only: str = "") -> list[Row]:
    """All rows whose name holds `only`, by name. Raises KeyError for a row that lacks what every row has."""
    return [_row(path) for path in sorted(FOLDER.glob("*.yaml")) if only in path.stem]


def _row(path: Path) -> Row:
    raw: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    services = {name: Right(**{"source": ".", **block}) for name, block in raw.pop("services").items()}
    raw |= {key: tuple(raw.get(key, ())) for key in ("remove", "stores", "required")}
    return Row(name=path.stem, services=services, **raw)
