"""Waivers and findings → which covers which. Light: `check` asks it on its short way."""

from __future__ import annotations

from fnmatch import fnmatchcase


def covers(waived: str, target: str, rule: str, named: str) -> bool:
    """Whether a waiver of rule `waived` for `target` covers a finding of `rule` about `named`: an object or a path."""
    return waived == rule and fnmatchcase(named, target)
