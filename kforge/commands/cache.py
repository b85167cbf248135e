"""Look after the completions that models gave and you paid for. Nothing in this
cache expires by itself.

Lies in $XDG_CACHE_HOME/kforge (or ~/.cache/kforge); KFORGE_CACHE_DIR names
another folder.

examples:
  kforge cache info               how many, from which models, where
  kforge cache verify             exit 1: an entry is damaged; --repair drops it
  kforge cache clear --model qwen2.5-coder:14b   forget one model's answers
  kforge cache clear --older-than 90 --yes       in scripts
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from kforge.commands import options as shared
from kforge.output.layout import Table, rows, show
from kforge.output.progress import under_way
from kforge.output.text import count, emit, say

if TYPE_CHECKING:
    from collections.abc import Callable

    from kforge.system.store.rows import Row


def arguments(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    info = verbs.add_parser("info", help="how many completions, from which models, where")
    shared.formats(info, "text", "json")
    clear = verbs.add_parser("clear", help="forget completions")
    clear.add_argument("--model", metavar="NAME", help="only this model's")
    clear.add_argument("--older-than", type=float, metavar="DAYS", help="only what was stored longer ago")
    clear.add_argument("--yes", action="store_true", help="do not ask")
    verify = verbs.add_parser("verify", help="read every entry; exit 1 when one is damaged")
    verify.add_argument("--repair", action="store_true", help="drop what is damaged")


def run(options: argparse.Namespace) -> int:
    import sqlite3  # here, since `--help` needs none of it

    from kforge.errors import InputError, WorldError
    from kforge.system.files import failed
    from kforge.system.store.rows import place

    folder = place()
    if folder is None:
        raise InputError("no folder holds a cache: neither KFORGE_CACHE_DIR nor HOME is set")
    verbs: dict[str, Callable[[argparse.Namespace, Path], int]] = {"info": _info, "clear": _clear, "verify": _verify}
    try:
        return verbs[options.verb](options, folder)
    except sqlite3.Error as error:
        hint = "`kforge cache verify --repair` puts a damaged one aside"
        raise WorldError(f"the cache `{folder}` cannot be read: {error}", hint=hint) from None
    except OSError as error:
        raise failed(options.verb, folder, error) from None


def _info(options: argparse.Namespace, folder: Path) -> int:
    from kforge.system.store.rows import size

    held = _scanned(folder)
    models = Counter(_model(row) for row in held if row.entry)
    damaged = sum(row.entry is None for row in held)
    if options.format == "json":
        from kforge.output.json_text import dump

        listed = [
            {"provider": provider, "model": model, "entries": number}
            for (provider, model), number in sorted(models.items())
        ]
        emit(
            dump(
                {
                    "folder": str(folder),
                    "entries": len(held),
                    "damaged": damaged,
                    "bytes": size(folder),
                    "models": listed,
                }
            )
        )
        return 0
    lines = [
        ("FOLDER", str(folder)),
        ("ENTRIES", str(len(held))),
        ("DAMAGED", str(damaged)),
        ("BYTES", str(size(folder))),
    ]
    lines += [
        ("MODEL", f"{model} ({provider}): {count(number, 'entry', 'entries')}")
        for (provider, model), number in sorted(models.items())
    ]
    show(Table(rows(*lines, styles=("name",))))
    return 0


def _clear(options: argparse.Namespace, folder: Path) -> int:
    import time

    from kforge.errors import InputError
    from kforge.system.store.rows import drop

    before = None if options.older_than is None else time.time() - options.older_than * 86400
    every = options.model is None and before is None
    chosen = [row for row in _scanned(folder) if every or _meant(row, options.model, before)]
    if not chosen:
        say("nothing to clear")
        return 0
    if not options.yes:
        if not sys.stdin.isatty():
            raise InputError(
                f"{count(len(chosen), 'completion')} would be forgotten",
                hint="confirm with `--yes`: they cost a call each",
            )
        sys.stderr.write(f"forget {count(len(chosen), 'completion')} in `{folder}`? [y/N] ")
        sys.stderr.flush()
        if sys.stdin.readline().strip().lower() not in ("y", "yes"):
            say("nothing was cleared")
            return 1
    drop(folder, (row.number for row in chosen))
    say(f"cleared {count(len(chosen), 'completion')}")
    return 0


def _verify(options: argparse.Namespace, folder: Path) -> int:
    from kforge.system.store.rows import drop, faults, set_aside

    with under_way("checking the database", logged=True):
        broken = faults(folder)
    for fault in broken:
        emit(f"{folder}: {fault}")
    if broken:
        say(
            f"the database is put aside as `{set_aside(folder).name}`"
            if options.repair
            else "`--repair` puts the database aside"
        )
        return 0 if options.repair else 1
    rows = _scanned(folder)
    damaged = [row for row in rows if row.entry is None]
    for row in damaged:
        emit(f"entry {row.number}: {row.problem}")
    if damaged and options.repair:
        drop(folder, (row.number for row in damaged))
    end = ", dropped" if options.repair else "; `--repair` drops them"
    say(f"{count(len(rows), 'entry', 'entries')}, {len(damaged)} damaged{end if damaged else ''}")
    return 1 if damaged and not options.repair else 0


def _scanned(folder: Path) -> list[Row]:
    """Every row. Says how many were read where that takes its time."""
    from kforge.system.store.rows import scan

    read = list["Row"]()
    with under_way("reading the entries", logged=True) as line:
        for row in scan(folder):
            read.append(row)
            line.step(f"{count(len(read), 'entry', 'entries')} read")
    return read


def _model(row: Row) -> tuple[str, str]:
    parts = row.entry.key.parts if row.entry else {}
    return str(parts.get("provider", "")), str(parts.get("model", ""))


def _meant(row: Row, model: str | None, before: float | None) -> bool:
    """Whether a row is of the model and older. What is damaged says neither."""
    if row.entry is None:
        return False
    return (model is None or _model(row)[1] == model) and (before is None or row.entry.stored < before)
