"""Show the facts read off a source folder: what a build starts from, each with the lines that show it.

examples:
  kforge detect ./web
  kforge detect ./web --format json | jq '.ports'
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from kforge import catalog
from kforge.commands import options as shared
from kforge.errors import InputError, Place
from kforge.output.text import emit, say, table
from kforge.stages.detect import as_json, detect
from kforge.system.project import root
from kforge.system.tree import SourceTree


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", metavar="FOLDER", help="the source")
    shared.formats(parser, "text", "json")


def run(options: argparse.Namespace) -> int:
    folder = Path(options.folder)
    tree = SourceTree(folder.absolute(), root(folder))
    if tree.problem:
        raise InputError(f"`{options.folder}` {tree.problem}", Place(options.folder), "name the folder of a source")
    facts = detect(tree, catalog.detectors())
    found = as_json(facts)
    if options.format == "json":
        emit(json.dumps(found, indent=2, ensure_ascii=False))
        return 0
    rows = [row for name, held in found.items() for row in _rows(name, held)]
    emit("\n".join(table(rows)) if rows else "nothing was recognised")
    for note in facts.notes:
        say(f"note: {note.value}")
    return 0


def _rows(name: str, held: Any) -> list[tuple[str, ...]]:
    items = held if isinstance(held, list) else [held]
    return [(name, _shown(item["value"]), ", ".join(item["evidence"][:3])) for item in items if isinstance(item, dict) and "value" in item]


def _shown(value: Any) -> str:
    if isinstance(value, list) and all(isinstance(word, str) for word in value):
        return " ".join(value)
    if isinstance(value, dict):
        return ", ".join(f"{key} {_shown(inner)}" for key, inner in value.items() if inner not in ("", None, [], {}))
    return str(value)
