"""Project: one spec in one repository."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Project:
    """A spec file and the top of its repository, above which nothing is read or written."""

    spec: Path
    root: Path

    @property
    def folder(self) -> Path:
        """Where outputs, lock and sums are relative to."""
        return self.spec.parent

    @property
    def name(self) -> str:
        return self.spec.name
