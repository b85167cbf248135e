"""SQLAlchemy's engines that are given one variable → the scheme that its address needs, and where two drivers want two;
what its migrations read.

https://docs.sqlalchemy.org/en/20/dialects/postgresql.html
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kforge.detectors import python_alembic
from kforge.detectors.python_project import PythonProject
from kforge.domain.facts import Evidence
from kforge.domain.source.sightings import Sightings
from kforge.syntax.program import SourceProgram
from kforge.syntax.values import resolve

if TYPE_CHECKING:
    from kforge.domain.artifact import Tree

_ASYNC, _SYNC = "create_async_engine", "create_engine"
# Drivers that only wait, and those that do not; psycopg 3 does both by one scheme.
_DRIVERS = {
    _ASYNC: (("asyncpg", "postgresql+asyncpg"), ("asyncmy", "mysql+asyncmy"), ("aiomysql", "mysql+aiomysql")),
    _SYNC: (("psycopg2", ""), ("psycopg2-binary", ""), ("pg8000", ""), ("mysqlclient", ""), ("pymysql", "")),
}


_ENVIRONMENT = re.compile(r"(?:[^/]+/){1,4}env\.py")  # of Alembic, which lies beside its versions
_CHANGES = re.compile(r"\.replace\(|postgresql(?:\+psycopg2?)?://|mysql(?:\+pymysql)?://|async_engine|drivername|set\(")


def scan(tree: Tree, names: SourceProgram, project: PythonProject, seen: Sightings) -> None:
    """Sees `schemes` of what only asynchronous engines are given, and a doubt where both kinds are."""
    python_alembic.scan(tree, project, seen)
    if not project.needs(*(driver for driver, _ in _DRIVERS[_SYNC])):
        return
    scheme = next((scheme for driver, scheme in _DRIVERS[_ASYNC] if project.needs(driver)), "")
    given: dict[str, dict[str, Evidence]] = {}
    for file in names.files if scheme else ():
        for call in file.calls:
            if call.last in _DRIVERS and call.arguments and (variable := resolve(call.arguments[0], file, names).env):
                given.setdefault(variable, {}).setdefault(call.last, Evidence(file.path, call.line))
    for variable, places in given.items():
        if _ASYNC not in places:
            continue
        place = places[_ASYNC]
        seen.see("schemes", {"env": variable, "scheme": scheme}, place.file, place.line)
        if other := places.get(_SYNC) or _migrates(tree, variable):
            said = f"`{variable}` is given to `{_ASYNC}` ({place}) and to `{_SYNC}` ({other}): one address names one driver"
            hint = f"let one of them change the scheme (`{scheme}://`), or read a variable of its own"
            seen.see("doubts", {"said": said, "hint": hint}, other.file, other.line)


def _migrates(tree: Tree, variable: str) -> Evidence | None:
    """The line of Alembic's own file that reads a variable for an engine which waits, and leaves its scheme as it is."""
    for path in tree.files:
        text = tree.text(path) if _ENVIRONMENT.fullmatch(path) else ""
        if variable in text and "alembic" in text and "engine" in text and not _CHANGES.search(text):
            line = next(number for number, line in enumerate(text.split("\n"), 1) if variable in line)
            return Evidence(path, line)
    return None
