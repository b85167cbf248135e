"""Show the facts read off a source: what a build starts from, each with the lines
that show it.

examples:
  kforge detect ./web
  kforge detect ./web --format json | jq '.ports'
"""

from __future__ import annotations

import argparse
import os
import shlex
from pathlib import Path
from typing import Any

from kforge import catalog
from kforge.commands import options as shared
from kforge.errors import InputError, Place
from kforge.output.layout import Line, Table, rows, show
from kforge.output.progress import under_way
from kforge.output.text import emit, inert, say
from kforge.stages.detect import as_json, detect
from kforge.system.project import root
from kforge.system.tree import SourceTree

JOINED = ("manifests", "dependencies", "packages", "build_packages")


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", metavar="FOLDER", help="the source")
    shared.formats(parser, "text", "json")
    parser.add_argument("-v", "--verbose", action="store_true", help="show every line behind a fact, not three of them")


def run(options: argparse.Namespace) -> int:
    folder = Path(options.folder)
    here = Path(os.path.abspath(folder))  # noqa: PTH100 - resolves no link
    tree = SourceTree(here, root(folder), code=catalog.languages().code)
    if tree.problem:
        raise InputError(f"`{options.folder}` {tree.problem}", Place(options.folder), "name the folder of a source")
    with under_way("reading the source"):
        facts = detect(tree, catalog.detectors())
    found = as_json(facts)
    if options.format == "json":
        from kforge.output.json_text import dump

        emit(dump(found, ordered=False))
        return 0
    cells = [
        row
        for name, held in found.items()
        if name != "notes"
        for row in _rows(name, held, None if options.verbose else 3)
    ]
    show(Table(rows(*cells, styles=("name", "", "dim"))) if cells else Line.of("nothing was recognised"))
    for note in facts.notes:
        say(f"note: {inert(note.value)}")
    return 0


def _rows(name: str, held: Any, most: int | None) -> list[tuple[str, ...]]:
    """A row for each value, with at most so many lines that show it; the values of a fact in JOINED share one."""
    items = [
        item for item in (held if isinstance(held, list) else [held]) if isinstance(item, dict) and "value" in item
    ]
    if name in JOINED and items:
        files = sorted({evidence.partition(":")[0] for item in items for evidence in item["evidence"]})
        return [(name, " ".join(str(item["value"]) for item in items), " ".join(files))]
    return [
        ("" if number else name, _shown(name, item["value"]), " ".join(item["evidence"][:most]))
        for number, item in enumerate(items)
    ]


def _shown(name: str, value: Any) -> str:
    """A value as a person would write it."""
    if name == "ports":
        return f"{value['port']} {value['protocol']}" + (f", or what {value['env']} says" if value["env"] else "")
    if name == "env":
        default = value["default"]
        return (
            f"{value['name']}, required"
            if value["required"]
            else f"{value['name']} = {default}"
            if default
            else str(value["name"])
        )
    if name == "hosts":
        return f"{value['host']}:{value['port']}" if value["port"] else str(value["host"])
    if isinstance(value, list) and all(isinstance(word, str) for word in value):
        return shlex.join(value)
    if isinstance(value, dict):
        return ", ".join(
            f"{key} {_shown('', inner)}" for key, inner in value.items() if inner not in ("", None, [], {}, False)
        )
    return str(value)
