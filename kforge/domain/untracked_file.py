"""UntrackedFile: a file that no build lists, in a place where a tool reads it together with kforge's files."""

from __future__ import annotations

from dataclasses import dataclass

RULE = "merged-file"


@dataclass(frozen=True, slots=True, order=True)
class UntrackedFile:
    """A path relative to the spec's folder, and which tool makes what of the file."""

    path: str
    why: str
    hint: str = ""
