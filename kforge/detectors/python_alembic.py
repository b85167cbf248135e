"""Alembic's own file → the variables that a migration reads. It is no code of the program, which may read none of them.

https://alembic.sqlalchemy.org/en/latest/tutorial.html#the-migration-environment
"""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

from kforge.detectors import environment
from kforge.detectors.python_dialect import DIALECT
from kforge.detectors.settings_knowledge import knowledge
from kforge.domain.source.sightings import Sightings
from kforge.syntax import python as syntax
from kforge.syntax.program import program

if TYPE_CHECKING:
    from kforge.detectors.python_project import PythonProject
    from kforge.domain.artifact import Tree

_CONFIGURATION = "alembic.ini"
_PLACE = re.compile(r"^[ \t]{0,9}script_location[ \t]{0,9}=[ \t]{0,9}(?:%\(here\)s/)?(\S{1,200})", re.MULTILINE)


def scan(tree: Tree, project: PythonProject, seen: Sightings) -> None:
    """Sees the variables of the file that `alembic upgrade` runs."""
    found = (
        _PLACE.search(tree.text(_CONFIGURATION)) if _CONFIGURATION in tree.files and project.needs("alembic") else None
    )
    path = f"{posixpath.normpath(found[1])}/env.py" if found else ""
    if path not in tree.files:
        return
    own = Sightings()
    environment.scan(program([syntax.read(path, tree.text(path))], DIALECT), knowledge("python"), own)
    for fact in own.env():
        seen.see("env", fact.value, fact.evidence[0].file, fact.evidence[0].line)
